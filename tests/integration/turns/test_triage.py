"""Triage in the chat on real stores: what is kept of it, who is called, and the day after."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.tokens import Tokens
from clinic.triage.service import check_in_at, replay_run
from scheduler.check_ins import ask_due
from tests.integration.booking.clinic import make
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server
TOKYO = ZoneInfo("Asia/Tokyo")
QUIET = (time(21), time(8))


async def press(patient: Patient, label: str) -> str:
    """Press the button with this label."""
    (button,) = [it for it in patient.shown[-1].buttons if it.label == label]
    return await patient.does(kind="press", token=button.token, label=label)


async def asked(rig: Rig) -> Patient:
    """Somebody who was asked the first question about a headache."""
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await press(patient, "I have symptoms")
    await press(patient, "Me")
    await press(patient, "No")
    await patient.says("36")
    await patient.says("I have had a bit of a headache since this morning")
    await press(patient, "Headache")
    await press(patient, "Male")
    return patient


async def denies(patient: Patient, *, but: str = "") -> str:
    """Deny all that is asked, but the question that has these words; the last answer."""
    said = patient.shown[-1].text
    for _ in range(20):
        labels = [button.label for button in patient.shown[-1].buttons]
        if but and but in said:
            said = await press(patient, "Yes")
        elif "0" in labels:
            said = await press(patient, "0")
        elif "No" in labels:
            said = await press(patient, "No")
        else:
            return said
    raise AssertionError(said)


async def replays(rig: Rig) -> list[bool]:
    """Whether each kept run leads to the same result again."""
    ids = [row[0] for row in await rig.rows("select id from triage_run order by id")]
    async with rig.env.database.transaction() as tx:
        return [(await replay_run(tx, rig.env.keys, run_id)).same for run_id in ids]


@pytest.fixture
def at_any_hour(rig: Rig) -> None:
    """No quiet hours, so that the test does not depend on the time of day."""
    policy = rig.env.settings.policy.model_copy(update={"quiet_hours": ("00:00", "00:00")})
    settings = rig.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(rig.env, "settings", settings)


async def test_an_emergency_keeps_the_run_calls_a_doctor_and_says_the_number(rig: Rig) -> None:
    patient = await asked(rig)
    said = await press(patient, "Yes")
    assert rig.env.settings.clinic.emergency_number in said
    assert await rig.rows("select rule, level, source, state from escalation") == [
        ("triage_headache", 4, "triage", "open")
    ]
    assert await rig.value("select detail->'reasons'->>0 from escalation") == "worst_blow"
    assert await rig.rows("select presentation, level, disposition, reasons from triage_run") == [
        ("headache", 4, "emergency_now", ["worst_blow"])
    ]
    assert await rig.value("select count(*) from outbox where purpose = 'emergency'") == 1
    assert await rig.value("select count(*) from timer where kind = 'check_in'") == 0
    assert await replays(rig) == [True]


async def test_what_was_answered_is_sealed(rig: Rig) -> None:
    await press(await asked(rig), "Yes")
    sealed = await rig.value("select answers from triage_run")
    assert b"worst_blow" not in sealed
    assert b"first_check" not in sealed


async def test_self_care_is_asked_about_the_next_day_and_replays_to_the_same(rig: Rig) -> None:
    patient = await asked(rig)
    assert "tomorrow" in await denies(patient)
    assert await rig.rows("select level, disposition from triage_run") == [(1, "self_care")]
    due = await rig.value(
        """select due_at - now() between interval '23 hours' and interval '36 hours'
           from timer where kind = 'check_in' and state = 'waiting'"""
    )
    assert due
    assert await rig.value("select count(*) from escalation") == 0
    assert await replays(rig) == [True]


@pytest.mark.usefixtures("at_any_hour")
async def test_a_check_in_goes_out_once_and_worse_is_triaged_anew(rig: Rig) -> None:
    patient = await asked(rig)
    await denies(patient)
    await next_day(rig, patient)
    assert await rig.rows("select state from outbox where purpose = 'check_in'") == [("sent",)]
    assert await ask_due(rig.env) == 0
    said = await press(patient, "Worse")
    assert "few questions" in said
    await denies(patient)
    runs = await rig.rows(
        """select level, checked_in, before_id = (select min(id) from triage_run)
           from triage_run order by id"""
    )
    assert runs == [(1, "worse", None), (2, None, True)]
    assert await replays(rig) == [True, True]


@pytest.mark.usefixtures("at_any_hour")
async def test_the_same_is_asked_once_more_and_then_a_visit_is_offered(rig: Rig) -> None:
    patient = await asked(rig)
    await denies(patient)
    await next_day(rig, patient)
    assert "once more tomorrow" in await press(patient, "The same")
    await next_day(rig, patient)
    assert "Shall I book" in await press(patient, "The same")
    waiting = "select count(*) from timer where kind = 'check_in' and state = 'waiting'"
    assert await rig.value(waiting) == 0


@pytest.mark.usefixtures("at_any_hour")
async def test_better_is_noted_and_nothing_more_is_asked(rig: Rig) -> None:
    patient = await asked(rig)
    await denies(patient)
    await next_day(rig, patient)
    assert "glad" in await press(patient, "Better")
    assert await rig.value("select checked_in from triage_run") == "better"


@pytest.mark.usefixtures("at_any_hour")
async def test_a_check_in_that_comes_too_late_is_not_asked(rig: Rig) -> None:
    patient = await asked(rig)
    await denies(patient)
    await rig.execute("update timer set due_at = now() - interval '2 days' where kind = 'check_in'")
    assert await ask_due(rig.env) == 1
    assert await rig.rows("select state, reason from timer where kind = 'check_in'") == [
        ("skipped", "too_late")
    ]


@pytest.mark.usefixtures("at_any_hour")
async def test_a_check_in_that_fails_does_not_hold_up_the_others(rig: Rig) -> None:
    await denies(await asked(rig))
    await rig.execute("update timer set due_at = now() where kind = 'check_in'")
    await rig.execute(
        """insert into timer (key, kind, due_at, conversation_id)
           select 'check_in:broken:0', 'check_in', now() - interval '1 minute', conversation_id
           from timer where kind = 'check_in'"""
    )
    assert await ask_due(rig.env) == 2
    rows = await rig.rows("select state, reason from timer where kind = 'check_in' order by id")
    assert rows == [("fired", None), ("skipped", "failed")]


@pytest.mark.usefixtures("at_any_hour")
async def test_nobody_is_asked_who_does_not_want_it_or_cannot_be_reached_or_came_back(
    rig: Rig,
) -> None:
    patient = await asked(rig)
    await denies(patient)
    for change, undo, reason in (
        (
            "update chat_account set unreachable_at = now()",
            "update chat_account set unreachable_at = null",
            "unreachable",
        ),
        (
            "update chat_account set opted_out_at = now()",
            "update chat_account set opted_out_at = null",
            "opted_out",
        ),
        (
            "update chat_account set consent_version = null",
            "update chat_account set consent_version = '2.1'",
            "no_consent",
        ),
        (
            """with one as (insert into patient (key, name, deceased_on)
                            values (gen_random_uuid(), 'A', now()) returning id)
               update triage_run set patient_id = (select id from one)""",
            "update triage_run set patient_id = null",
            "deceased",
        ),
        (
            """insert into triage_run (key, conversation_id, presentation, rules, answers, level,
                                       disposition, before_id)
               select gen_random_uuid(), conversation_id, presentation, rules, answers, level,
                      disposition, id from triage_run""",
            "delete from triage_run where before_id is not null",
            "asked_anew",
        ),
    ):
        await rig.execute(change)
        await rig.execute("update timer set due_at = now(), state = 'waiting'")
        assert await ask_due(rig.env) == 1
        assert await rig.value("select reason from timer where kind = 'check_in'") == reason
        await rig.execute(undo)


async def test_a_check_in_of_another_chat_tells_and_changes_nothing(rig: Rig) -> None:
    await denies(await asked(rig))
    other = rig.patient("b")
    await other.comes_in()
    run = await rig.value("select id from triage_run")
    token = Tokens(rig.env.keys, other.account_id).standing("w", run, 0)
    said = await other.does(kind="press", token=token, label="Worse")
    assert "That question is over" in said
    assert await rig.value("select checked_in from triage_run") is None


async def test_the_same_day_calls_a_doctor_and_offers_a_time_of_today_or_a_person(
    rig: Rig,
) -> None:
    await make(rig.env.database, patients=0, minimum_notice=0)
    patient = await asked(rig)
    said = await denies(patient, but="a sore scalp?")
    assert "A doctor should see this today" in said
    assert await rig.rows("select rule, level from escalation") == [("triage_headache", 3)]
    owner = await rig.value("select owner from conversation")
    offered = [button for button in patient.shown[-1].buttons if ":" in button.label]
    assert bool(offered) != (owner == "queue")
    assert await replays(rig) == [True]


async def test_silence_after_a_grave_answer_leaves_one_escalation(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await press(patient, "I have symptoms")
    await press(patient, "Me")
    await press(patient, "No")
    await patient.says("36")
    await press(patient, "Chest, breathing")
    await press(patient, "Chest pain")
    while "cough" not in patient.shown[-1].text:
        await press(patient, "No")
    await press(patient, "Yes")
    await patient.says("menu")
    await press(patient, "Continue")
    await patient.says("menu")
    assert await rig.rows("select rule, level, source from escalation") == [
        ("triage_silence_chest_pain", 3, "silence")
    ]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 23, 9, 20), datetime(2026, 11, 24, 9, 20)),
        (datetime(2026, 11, 23, 22, 30), datetime(2026, 11, 25, 8, 0)),
        (datetime(2026, 11, 23, 3, 0), datetime(2026, 11, 24, 8, 0)),
    ],
)
def test_a_check_in_is_due_at_the_same_hour_but_not_in_quiet_hours(
    now: datetime, then: datetime
) -> None:
    due = check_in_at(now.replace(tzinfo=TOKYO), QUIET)
    assert due == then.replace(tzinfo=TOKYO)


async def test_a_run_that_is_not_there_cannot_be_replayed(rig: Rig) -> None:
    async with rig.env.database.transaction() as tx:
        with pytest.raises(KeyError):
            await replay_run(tx, rig.env.keys, 1)


async def next_day(rig: Rig, patient: Patient) -> None:
    """Let the check-in be due now, and carry it all the way out."""
    await rig.execute(
        "update timer set due_at = now() where kind = 'check_in' and state = 'waiting'"
    )
    assert await ask_due(rig.env) == 1
    await rig.sender.sweep()
    patient.shown = [line.message for line in await patient.lines() if line.message][-1:]


async def test_a_triage_begun_anew_within_the_day_forgot_what_had_been_reached(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await press(patient, "I have symptoms")
    await press(patient, "Me")
    await press(patient, "Not sure")  # about a red flag: the same day at least
    await patient.says("menu")
    await press(patient, "I have symptoms")
    await press(patient, "Start over")
    await press(patient, "Me")
    await press(patient, "No")
    await patient.says("36")
    await patient.says("I have had a bit of a headache since this morning")
    await press(patient, "Headache")
    await press(patient, "Male")
    await denies(patient)
    assert await rig.rows("select level, reasons->>0 from triage_run") == [(3, "before")]
    assert await replays(rig) == [True]


async def test_the_kept_run_tells_whether_a_remote_consultation_was_possible(rig: Rig) -> None:
    patient = await asked(rig)
    assert "an online or phone consultation is possible" in await denies(patient)
    run_id = await rig.value("select id from triage_run")
    async with rig.env.database.transaction() as tx:
        assert (await replay_run(tx, rig.env.keys, run_id)).run.against_remote == ()
