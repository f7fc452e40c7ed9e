"""A plan is carried on by the worker: said, asked, climbed, answered, ended; each end is a row."""

import asyncio
from typing import Any

import pytest

from clinic.message.types import Message
from scheduler import plan_steps, plans
from tests.integration.plans.ward import CLIMB, Ward, form, step

pytestmark = pytest.mark.server


async def test_a_message_is_written_once_and_the_plan_is_completed(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    await ward.enrol(await ward.definition(step()), patient)
    await ward.sweep()
    assert [message.text for _, message in await ward.messages()] == [
        "Hello Maria Ito, this is Hana Clinic."
    ]
    row = (await ward.rows("select purpose, consent_purpose, patient_id, priority from outbox"))[0]
    assert row == ("plan", "care", patient, 3)
    await ward.send()
    await ward.sweep()
    assert await ward.ends() == [("ask", "completed", "sent")]
    assert await ward.value("select state from care_plan") == "completed"


async def test_two_schedulers_at_once_write_it_once(ward: Ward) -> None:
    definition = await ward.definition(step())
    for _ in range(30):
        await ward.enrol(definition, await ward.patient("webchat"))
    await asyncio.gather(*(plans.sweep(ward.env) for _ in range(4)))
    assert await ward.value("select count(*) from outbox") == 30
    assert await ward.value("select count(distinct patient_id) from outbox") == 30


async def test_what_fell_due_while_no_worker_ran_is_said_late_or_ends_as_too_late(
    ward: Ward,
) -> None:
    patient = await ward.patient("webchat")
    definition = await ward.definition(
        step("short", days=1, useful_days=1), step("long", days=1, useful_days=9)
    )
    await ward.enrol(definition, patient)
    await ward.days_pass(4)
    await ward.sweep()
    assert sorted(await ward.ends()) == [("long", "asked", None), ("short", "skipped", "too_late")]


async def test_silence_climbs_again_another_channel_then_a_call(ward: Ward) -> None:
    patient = await ward.patient("line", "webchat")
    await ward.enrol(await ward.definition(form(climb=CLIMB)), patient)
    by = []
    for days in (0, 2, 2):
        await ward.days_pass(days)
        await ward.sweep()
        await ward.send()
        by.append(await ward.value("select account_id from outbox order by id desc limit 1"))
    assert by[0] == by[1] != by[2]
    await ward.days_pass(2)
    await ward.sweep()
    task = await ward.rows("select kind, patient_id, detail ->> 'reason', state from task")
    assert task == [("call", patient, "plan_no_answer", "open")]
    assert await ward.ends() == [("ask", "asked", "plan_no_answer")]
    assert len(await ward.messages()) == 3


async def test_an_answer_after_the_second_try_ends_the_climb(ward: Ward) -> None:
    await ward.enrol(await ward.definition(form(climb=CLIMB)), await ward.patient("webchat"))
    await ward.sweep()
    await ward.send()
    await ward.days_pass(2)
    await ward.sweep()
    await ward.answer()
    await ward.sweep()
    assert await ward.ends() == [("ask", "completed", "answered")]
    assert await ward.value("select state from outbox order by id desc limit 1") == "skipped"
    await ward.days_pass(10)
    await ward.sweep()
    assert await ward.value("select count(*) from task") == 0
    assert await ward.value("select response_id is not null from care_plan_activity")


async def test_an_answer_above_the_threshold_reaches_nurse_doctor_and_an_earlier_time_at_once(
    ward: Ward,
) -> None:
    patient = await ward.patient("webchat")
    at_least = [{"score": "total", "at_least": 10, "do": do} for do in ("nurse", "doctor", "slot")]
    await ward.enrol(await ward.definition(form(thresholds=at_least)), patient)
    await ward.sweep()
    await ward.send()
    await ward.answer(worst=True)
    await plans.sweep(ward.env)
    raised = await ward.rows("select rule, level, patient_id, state from escalation")
    assert raised == [("plan_answer", 3, patient, "open")]
    tasks = await ward.rows("select kind, detail ->> 'reason', patient_id from task")
    assert tasks == [("plan_alert", "plan_nurse", patient)]
    _, offer = (await ward.messages())[-1]
    assert [button.label for button in offer.buttons] == ["Choose a time"]
    await ward.sweep()
    assert len(await ward.rows("select id from escalation")) == 1


async def test_a_good_answer_calls_nobody(ward: Ward) -> None:
    threshold = [{"score": "total", "at_least": 10, "do": "doctor"}]
    definition = await ward.definition(form(thresholds=threshold))
    await ward.enrol(definition, await ward.patient("webchat"))
    await ward.sweep()
    await ward.answer()
    await ward.sweep()
    assert await ward.rows("select id from escalation union all select id from task") == []


@pytest.mark.parametrize(
    ("stands", "ends"),
    [
        ("state = 'leased', lease_until = now() + interval '1 min'", "skipped"),
        ("state = 'unknown', unknowns = 1, send_at = now() + interval '1 min'", "unknown"),
        ("state = 'pending', unknowns = 1", "unknown"),
    ],
)
async def test_a_plan_that_is_stopped_keeps_back_whatever_is_not_under_way(
    ward: Ward, stands: str, ends: str
) -> None:
    patient = await ward.patient("webchat")
    await ward.enrol(await ward.definition(form(climb=CLIMB)), patient)
    await ward.sweep()
    await ward.execute(f"update outbox set {stands}")
    await ward.execute("update patient set deceased_on = current_date where id = $1", patient)
    await ward.sweep()
    assert await ward.rows("select state, reason from outbox") == [(ends, "plan_stopped")]


async def test_what_was_under_way_when_its_plan_was_stopped_is_not_tried_again(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    await ward.enrol(await ward.definition(form(climb=CLIMB)), patient)
    await ward.sweep()
    await ward.execute("update outbox set state = 'inflight', lease_until = now() + '1 min'")
    await ward.execute("update patient set deceased_on = current_date where id = $1", patient)
    await ward.sweep()
    over = "select state, useful_until <= now() from outbox"
    assert await ward.rows(over) == [("inflight", True)]


async def test_a_patient_who_dies_in_the_middle_hears_nothing_more(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    definition = await ward.definition(form(climb=CLIMB), step("later", days=30))
    await ward.enrol(definition, patient)
    await ward.sweep()
    await ward.execute("update patient set deceased_on = current_date where id = $1", patient)
    await ward.sweep()
    assert await ward.ends() == [
        ("ask", "cancelled", "deceased"),
        ("later", "cancelled", "deceased"),
    ]
    assert await ward.rows("select state, reason from care_plan") == [("revoked", "deceased")]
    assert await ward.rows("select state, reason from outbox") == [("skipped", "plan_stopped")]
    assert await ward.value("select state from questionnaire_request") == "cancelled"


async def test_whoever_has_no_chat_is_telephoned_and_the_questionnaire_is_there(
    ward: Ward,
) -> None:
    await ward.enrol(await ward.definition(form(climb=CLIMB)), await ward.patient())
    await ward.sweep()
    assert await ward.rows("select kind, detail ->> 'reason' from task") == [
        ("call", "plan_no_chat")
    ]
    assert await ward.value("select state from questionnaire_request") == "sent"


async def test_a_refused_message_goes_by_another_channel_at_once(ward: Ward) -> None:
    patient = await ward.patient("line", "webchat")
    await ward.enrol(await ward.definition(step()), patient)
    await ward.sweep()
    await ward.send("refused", "blocked")
    await ward.sweep()
    first, second = [account for account, _ in await ward.messages()]
    assert first != second
    await ward.send("refused", "blocked")
    await ward.sweep()
    assert await ward.ends() == [("ask", "skipped", "unreachable")]


async def test_staffs_steps_are_tasks_and_end_when_those_are_closed(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    await ward.enrol(await ward.definition(step("call", "call"), step("plan", "document")), patient)
    await ward.sweep()
    assert await ward.rows("select kind, detail ->> 'reason' from task order by id") == [
        ("call", "plan_call"),
        ("plan_document", "plan_document"),
    ]
    await ward.execute("update task set state = 'closed'")
    await ward.sweep()
    assert {end[1:] for end in await ward.ends()} == {("completed", "by_staff")}


async def test_a_past_point_is_decided_by_staff_and_never_silent(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    definition = await ward.definition(
        step("asked", days=1, past="ask"),
        step("skipped", days=1, past="skip"),
        step("sent", days=1),
    )
    await ward.enrol(definition, patient, ago=2)
    assert sorted(await ward.ends()) == [
        ("asked", "to_decide", "past_at_start"),
        ("sent", "waiting", None),
        ("skipped", "skipped", "past_at_start"),
    ]
    assert await ward.rows("select kind, detail ->> 'reason' from task") == [
        ("plan_decide", "plan_past")
    ]


async def test_readings_that_come_in_settle_the_step_that_asked_for_them(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    asked = step(what="readings", readings=["blood_pressure"], climb=CLIMB)
    await ward.enrol(await ward.definition(asked), patient)
    await ward.sweep()
    _, message = (await ward.messages())[0]
    assert [button.label for button in message.buttons] == ["Send my readings"]
    reading = """insert into observation (patient_id, kind, value, unit, measured_at, source)
                 values ($1, $2, 130, 'mmHg', now(), 'chat')"""
    await ward.execute(reading, patient, "weight")
    await ward.sweep()
    assert await ward.ends() == [("ask", "asked", None)]
    await ward.execute(reading, patient, "blood_pressure")
    await ward.sweep()
    assert await ward.ends() == [("ask", "completed", "answered")]


async def test_a_visit_ends_the_plans_that_say_so(ward: Ward) -> None:
    patient = await ward.patient("webchat")
    await ward.enrol(await ward.definition(step(days=9), stop=["visit"]), patient)
    await ward.enrol(await ward.definition(step(days=9), code="stays"), patient)
    await ward.execute(
        """insert into patient_summary (patient_id, last_visit_on)
           values ($1, current_date + 1)""",
        patient,
    )
    await ward.sweep()
    assert sorted(await ward.rows("select code, state, reason from care_plan")) == [
        ("ours", "revoked", "came"),
        ("stays", "active", None),
    ]


async def test_a_definition_that_fails_keeps_no_other_from_its_turn(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = await ward.patient("webchat"), await ward.patient("webchat")
    await ward.enrol(await ward.definition(step("bad"), code="bad"), bad)
    await ward.enrol(await ward.definition(step("good"), code="good"), good)
    asked = plan_steps.compose

    def compose(*arguments: Any) -> Message:
        if arguments[3].id == "bad":
            raise ZeroDivisionError
        return asked(*arguments)

    monkeypatch.setattr(plan_steps, "compose", compose)
    await ward.sweep()
    assert sorted(await ward.ends()) == [("bad", "skipped", "failed"), ("good", "asked", None)]
    assert await ward.rows("select patient_id, detail ->> 'reason' from task") == [
        (bad, "plan_failed")
    ]


async def test_whoever_opted_out_is_left_out_with_the_reason_and_not_called(ward: Ward) -> None:
    await ward.enrol(await ward.definition(form(climb=CLIMB)), await ward.patient("webchat"))
    await ward.execute("update chat_account set opted_out_at = now()")
    await ward.sweep()
    assert await ward.ends() == [("ask", "skipped", "opted_out")]
    assert await ward.value("select count(*) from task") == 0


async def test_a_closed_call_without_an_answer_ends_the_step_unanswered(ward: Ward) -> None:
    await ward.enrol(await ward.definition(form(climb=CLIMB)), await ward.patient())
    await ward.sweep()
    await ward.execute("update task set state = 'closed'")
    await ward.sweep()
    assert await ward.ends() == [("ask", "unanswered", "by_staff")]
    assert await ward.value("select state from care_plan") == "completed"
    assert await ward.value("select state from questionnaire_request") == "cancelled"
