"""What patients do with a plan's messages in the chat, by the real runner and outbox."""

import pytest

from bot.runner import Runner
from bot.turns import Turns
from scheduler.forms import ask_due
from tests.integration.plans.ward import CLIMB, GAD_7, Ward, form, step
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server


@pytest.fixture
async def patient(ward: Ward) -> Patient:
    """Somebody at the web chat whose record is theirs."""
    rig = Rig(ward.env)
    rig.sender, rig.runner = ward.sender, Runner(ward.env, ward.sender)
    rig.turns = Turns(rig.runner)
    patient = rig.patient()
    await patient.comes_in()
    record = await ward.patient()
    await ward.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        patient.account_id,
        record,
    )
    return patient


async def told(ward: Ward, patient: Patient, definition: int) -> None:
    """A plan begins, and its first message stands in the chat."""
    record = await ward.value("select max(id) from patient")
    await ward.enrol(definition, record)
    await ward.sweep()
    await ward.sender.sweep()
    patient.shown = [line.message for line in await patient.lines() if line.message][-1:]


async def test_fine_is_an_answer_and_ends_the_step(ward: Ward, patient: Patient) -> None:
    await told(ward, patient, await ward.definition(step(asks=True, climb=CLIMB)))
    assert patient.shown[0].text == "Hello Maria Ito, this is Hana Clinic."
    message = patient.shown
    assert "Thank you" in await patient.presses("I am fine")
    await ward.sweep()
    assert await ward.ends() == [("ask", "completed", "fine")]
    patient.shown = message
    assert await patient.presses("I am fine")
    assert await ward.ends() == [("ask", "completed", "fine")]


async def test_help_is_a_task_and_a_person_at_once(ward: Ward, patient: Patient) -> None:
    await told(ward, patient, await ward.definition(step(asks=True, climb=CLIMB)))
    await patient.presses("I need help")
    assert await ward.rows("select owner, handoff_reason from conversation") == [
        ("queue", "plan_help")
    ]
    assert await ward.rows("select kind, detail ->> 'reason' from task") == [
        ("plan_alert", "plan_help")
    ]
    assert await ward.ends() == [("ask", "completed", "help")]


async def test_the_questionnaire_opens_from_the_message_and_its_answers_settle_the_step(
    ward: Ward, patient: Patient
) -> None:
    await told(ward, patient, await ward.definition(form(climb=CLIMB)))
    await patient.presses("Answer now")
    for _ in range(20):
        if "Send" in [button.label for button in patient.shown[-1].buttons]:
            break
        await patient.presses_first()
    await patient.presses("Send")
    await ward.sweep()
    assert await ward.ends() == [("ask", "completed", "answered")]
    form_url = await ward.value(
        """select q.url from care_plan_activity a
           join questionnaire_response r on r.id = a.response_id
           join questionnaire q on q.id = r.questionnaire_id"""
    )
    assert form_url == GAD_7
    assert await ward.value("select source from questionnaire_response") == "chat"


async def test_the_bell_of_forms_does_not_ask_a_second_time(ward: Ward, patient: Patient) -> None:
    await told(ward, patient, await ward.definition(form(climb=CLIMB)))
    await ask_due(ward.env)
    assert await ward.value("select count(*) from outbox where purpose = 'form'") == 0


async def test_a_stranger_gets_no_answer_by_anothers_button(ward: Ward, patient: Patient) -> None:
    await told(ward, patient, await ward.definition(step(asks=True, climb=CLIMB)))
    await ward.execute("update link set ended_at = now()")
    await patient.presses("I am fine")
    assert await ward.value("select answer from care_plan_activity") is None
