"""Patients answer questionnaires that the clinic asks them for, on real stores."""

import json

import pytest

from clinic.questionnaire import codec, service
from scheduler.forms import ask_due
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server


@pytest.fixture
async def patient(clinic: Rig) -> Patient:
    """Somebody who has just booked a visit."""
    patient = clinic.patient()
    await patient.comes_in()
    await patient.books()
    return patient


async def ask(rig: Rig, name: str) -> None:
    """Staff ask the patient for a questionnaire, and it goes out."""
    async with rig.env.database.transaction() as tx:
        asked = await tx.fetchrow(
            """select q.id, p.id as patient from questionnaire q, patient p
               where q.name = $1 order by p.id desc limit 1""",
            name,
        )
        await service.request(tx, f"staff:{name}", asked["id"], asked["patient"])
    await ask_due(rig.env)
    await rig.sender.sweep()


async def open_it(patient: Patient) -> None:
    """Press the button under the newest message of the clinic."""
    patient.shown = [line.message for line in await patient.lines() if line.message][-1:]
    await patient.presses("Answer now")


async def test_a_questionnaire_is_asked_for_answered_and_stored(rig: Rig, patient: Patient) -> None:
    await ask(rig, "gad_7")
    (line,) = [line for line in await patient.lines() if line.message][-1:]
    assert line.message
    assert "gad" not in line.message.text.lower()  # lock-screen safe: not about what
    await open_it(patient)
    for _ in range(20):
        labels = [button.label for button in patient.shown[-1].buttons]
        if "Send" in labels:
            break
        await patient.presses_first()
    assert "→" in patient.shown[-1].text
    said = await patient.presses("Send")
    assert "has your answers" in said
    assert await rig.rows("select state, draft from questionnaire_request") == [("completed", None)]
    scores, sealed, key = (
        await rig.rows("select scores, answers, key from questionnaire_response")
    )[0]
    assert scores == {"total": "0"}
    opened = rig.env.keys.open(sealed, "questionnaire_response.answers", key)
    assert b"not_at_all" in opened
    assert "not_at_all" not in str(sealed)


async def test_a_questionnaire_goes_on_where_it_was_left_after_other_things(
    rig: Rig, patient: Patient
) -> None:
    await ask(rig, "gad_7")
    await open_it(patient)
    await patient.presses_first()
    second = patient.shown[-1].text
    assert second.startswith("2 ")  # of how many is not certain yet
    draft, key = (await rig.rows("select draft, key from questionnaire_request"))[0]
    assert rig.env.keys.open(draft, "questionnaire_request.draft", key)
    await rig.execute("update conversation set state = null")  # even if the session is lost
    await patient.says("menu")
    await patient.presses("Questionnaires")
    assert patient.shown[-1].text.endswith(second.rsplit("\n", 1)[-1])


async def test_a_visit_asks_for_its_questionnaire_once_and_days_before(
    rig: Rig, patient: Patient
) -> None:
    await rig.execute(
        """insert into questionnaire_rule (url, service_id, relation, days)
           select q.url, v.service_id, 'before', 30 from questionnaire q, appointment v
           where q.name = 'infection_screening' and v.status = 'booked'"""
    )
    await ask_due(rig.env)
    await ask_due(rig.env)
    rows = await rig.rows(
        """select q.name, r.state, r.appointment_id is not null from questionnaire_request r
           join questionnaire q on q.id = r.questionnaire_id"""
    )
    assert rows == [("infection_screening", "sent", True)]
    assert await rig.value("select count(*) from outbox where purpose = 'form'") == 1


async def test_a_cancelled_visit_asks_for_nothing(rig: Rig, patient: Patient) -> None:
    await rig.execute(
        """insert into questionnaire_request
             (key, questionnaire_id, patient_id, appointment_id, send_at)
           select 'k', q.id, v.patient_id, v.id, now() - interval '1 hour'
           from questionnaire q, appointment v where q.name = 'gad_7' and v.status = 'booked'"""
    )
    await rig.execute("update appointment set status = 'cancelled'")
    await ask_due(rig.env)
    assert await rig.rows("select state, reason from questionnaire_request") == [
        ("cancelled", "visit_not_booked")
    ]


async def test_another_patients_questionnaire_does_not_open(rig: Rig, patient: Patient) -> None:
    await ask(rig, "gad_7")
    await rig.execute("update link set ended_at = now()")
    await open_it(patient)
    assert "closed" in patient.shown[-1].text
    assert await rig.rows("select state from questionnaire_request") == [("sent",)]


async def test_thoughts_of_death_escalate_at_once_and_the_rest_can_be_answered_later(
    rig: Rig, patient: Patient
) -> None:
    await ask(rig, "phq_9")
    await open_it(patient)
    for _ in range(8):
        await patient.presses("Not at all")
    said = await patient.presses("Several days")
    assert "119" in said
    assert await rig.rows("select source, rule, level, state from escalation") == [
        ("questionnaire", "self_harm_thoughts", 3, "open")
    ]
    whom = await rig.value("select patient_id from escalation")
    assert whom == await rig.value("select patient_id from questionnaire_request")
    draft, key = (await rig.rows("select draft, key from questionnaire_request"))[0]
    kept = codec.load(json.loads(rig.env.keys.open(draft, "questionnaire_request.draft", key)))
    assert len(kept.values) >= 9


async def test_who_cannot_be_reached_is_shown_to_staff(rig: Rig, patient: Patient) -> None:
    await rig.execute("update chat_account set opted_out_at = now()")
    await ask(rig, "gad_7")
    assert await rig.rows("select state, reason from questionnaire_request") == [
        ("cancelled", "no_channel")
    ]


@pytest.mark.parametrize("begun", [False, True])
async def test_what_staff_asked_for_never_expired(rig: Rig, patient: Patient, begun: bool) -> None:
    await ask(rig, "gad_7")
    life = "select useful_until - send_at = interval '14 days' from questionnaire_request"
    assert await rig.value(life)
    if begun:
        await open_it(patient)
        await patient.presses_first()
    await rig.execute("update questionnaire_request set useful_until = now()")
    await ask_due(rig.env)
    assert await rig.rows("select state, draft from questionnaire_request") == [("expired", None)]


async def test_what_was_asked_for_before_requests_had_an_end_expires_too(
    rig: Rig, patient: Patient
) -> None:
    await ask(rig, "gad_7")
    await ask(rig, "phq_9")
    await rig.execute(
        """update questionnaire_request set useful_until = null,
             send_at = now() - case key when 'staff:gad_7' then 15 else 13 end * interval '1 day'"""
    )
    await ask_due(rig.env)
    assert await rig.rows("select state from questionnaire_request order by key") == [
        ("expired",),
        ("sent",),
    ]
