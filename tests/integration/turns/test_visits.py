"""Visits booked in the chat, and their reminders, on real stores."""

import pytest

from clinic.conversation.service import hand_back
from scheduler.reminders import fire_due
from scheduler.sweeps import Sweeps
from tests.integration.booking.clinic import make, quiet_now
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server


@pytest.fixture
async def patient(rig: Rig) -> Patient:
    """Somebody who has just booked a visit."""
    await make(rig.env.database, patients=0, minimum_notice=3 * 24 * 60)
    patient = rig.patient()
    await patient.comes_in()
    await patient.books()
    return patient


async def remind(rig: Rig) -> None:
    """Let the first reminder of each visit be due now, and carry it all the way out."""
    await rig.execute(
        """update appointment set starts_at = now() + interval '23 hours',
             ends_at = now() + interval '24 hours',
             during = tstzrange(now() + interval '23 hours', now() + interval '24 hours')"""
    )
    await rig.execute(
        """update timer set due_at = now() where id = (
             select id from timer where kind = 'reminder' order by due_at limit 1)"""
    )
    await fire_due(rig.env)
    await rig.sender.sweep()


async def reminder_of(patient: Patient) -> None:
    """Look at the newest message of the clinic."""
    patient.shown = [line.message for line in await patient.lines() if line.message][-1:]


@pytest.fixture
def at_any_hour(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """No quiet hours, so that the test does not depend on the time of day."""
    policy = rig.env.settings.policy.model_copy(update={"quiet_hours": ("00:00", "00:00")})
    settings = rig.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(rig.env, "settings", settings)


async def test_a_booking_in_the_chat_takes_its_resources_and_sets_its_reminders(
    rig: Rig, patient: Patient
) -> None:
    booked = await rig.rows(
        """select v.id, l.status from appointment v join allocation l on l.appointment_id = v.id
           where v.status = 'booked'"""
    )
    assert [status for _, status in booked] == ["booked"]
    assert await rig.value("select count(*) from timer where kind = 'reminder'") >= 1
    assert await rig.value("select name from patient") == "Maria Ito"
    assert await rig.value("select provisional from patient")


@pytest.mark.usefixtures("at_any_hour")
async def test_a_reminder_goes_out_once_and_is_confirmed_by_its_button(
    rig: Rig, patient: Patient
) -> None:
    await remind(rig)
    await remind(rig)
    assert await rig.rows("select state from outbox where purpose = 'reminder'") == [("sent",)]
    await reminder_of(patient)
    said = await patient.presses("Yes")
    confirmed = "select confirmed_at is not null from appointment where status = 'booked'"
    assert await rig.value(confirmed), said


@pytest.mark.usefixtures("at_any_hour")
async def test_a_cancelled_visits_reminder_never_goes_out(rig: Rig, patient: Patient) -> None:
    await remind_without_sending(rig)
    await rig.execute("update appointment set status = 'cancelled', version = version + 1")
    await rig.sender.sweep()
    await rig.sender.sweep()
    rows = await rig.rows("select distinct state, reason from outbox where purpose = 'reminder'")
    assert rows == [("skipped", "visit_changed")]


@pytest.mark.usefixtures("at_any_hour")
async def test_a_moved_visits_old_timer_does_nothing(rig: Rig, patient: Patient) -> None:
    await rig.execute("update appointment set version = version + 1")
    await remind(rig)
    assert await rig.value("select count(*) from outbox where purpose = 'reminder'") == 0
    assert await rig.value("select reason from timer where state = 'skipped' and kind = 'reminder'")


@pytest.mark.usefixtures("at_any_hour")
async def test_after_stop_no_reminder_goes_out_and_staff_call(rig: Rig, patient: Patient) -> None:
    await patient.says("stop")
    await remind(rig)
    assert await rig.value("select count(*) from outbox where purpose = 'reminder'") == 0
    assert await rig.rows("select kind, detail from task") == [("call", {"reason": "no_channel"})]


@pytest.mark.usefixtures("at_any_hour")
async def test_who_wants_only_calls_is_called_instead_of_reminded(
    rig: Rig, patient: Patient
) -> None:
    await rig.execute(
        "insert into contact_preference (patient_id, call_only) select id, true from patient"
    )
    await remind(rig)
    assert await rig.value("select count(*) from outbox where purpose = 'reminder'") == 0
    assert await rig.rows("select kind, detail from task") == [("call", {"reason": "call_only"})]


@pytest.mark.usefixtures("at_any_hour")
async def test_a_reminder_goes_by_the_channel_that_is_preferred(rig: Rig, patient: Patient) -> None:
    await rig.execute(
        "insert into contact_preference (patient_id, channel) select id, 'sms' from patient"
    )
    await rig.execute(
        """with a as (insert into chat_account (channel, address_index, address, consent_version)
             values ('sms', 'x', '', '1') returning id)
           insert into link (account_id, patient_id, relation, proof)
           select a.id, p.id, 'self', 'staff' from a, patient p"""
    )
    await remind(rig)
    rows = await rig.rows(
        """select a.channel, o.consent_purpose, o.patient_id is not null from outbox o
           join chat_account a on a.id = o.account_id where o.purpose = 'reminder'"""
    )
    assert rows == [("sms", "reminders", True)]


@pytest.mark.usefixtures("at_any_hour")
async def test_no_reply_to_a_reminder_puts_the_visit_on_the_call_list(
    rig: Rig, patient: Patient
) -> None:
    await remind(rig)
    await rig.execute("update timer set due_at = now() where kind = 'call'")
    await fire_due(rig.env)
    assert await rig.rows("select kind, detail from task") == [("call", {"reason": "unconfirmed"})]


async def test_a_reminder_waits_for_the_end_of_the_quiet_hours(rig: Rig, patient: Patient) -> None:
    policy = rig.env.settings.policy.model_copy(update={"quiet_hours": quiet_now()})
    object.__setattr__(rig.env, "settings", rig.env.settings.model_copy(update={"policy": policy}))
    await remind(rig)
    rows = await rig.rows(
        "select state, reason, send_at > now() from outbox where purpose = 'reminder'"
    )
    assert rows == [("pending", "quiet_hours", True)]


@pytest.mark.usefixtures("at_any_hour")
async def test_a_visit_cancelled_in_the_chat_is_free_again(rig: Rig, patient: Patient) -> None:
    await remind(rig)
    await reminder_of(patient)
    await patient.presses("Cancel")
    for _ in range(6):
        if await rig.value("select count(*) from appointment where status = 'cancelled'"):
            break
        await patient.presses_first()
    assert await rig.value("select count(*) from appointment where status = 'booked'") == 0, (
        patient.shown
    )
    assert await rig.rows("select distinct status from allocation") == [("released",)]


async def test_a_question_nobody_answers_times_out_once_and_can_be_resumed(rig: Rig) -> None:
    await make(rig.env.database, patients=0, minimum_notice=3 * 24 * 60)
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await patient.presses("Book")
    sweeps = Sweeps(rig.env, rig.runner, rig.sender)
    before = await rig.value("select count(*) from outbox")
    await rig.execute("update timer set due_at = now() where kind = 'wait'")
    assert await sweeps.timers() == 1
    assert await rig.value("select count(*) from outbox") == before + 1
    assert await sweeps.timers() == 0
    await reminder_of(patient)
    said = await patient.presses_first()
    assert said


async def test_staff_hand_a_conversation_back_and_the_bot_says_so(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await patient.presses("Talk to staff")
    async with rig.env.database.transaction() as tx:
        conversation = await tx.fetchval("select id from conversation")
        assert await hand_back(tx, conversation)
    assert await Sweeps(rig.env, rig.runner, rig.sender).timers() == 1
    assert await rig.value("select owner from conversation") == "bot"


async def remind_without_sending(rig: Rig) -> None:
    await rig.execute("update timer set due_at = now() where kind = 'reminder'")
    await fire_due(rig.env)
