"""From a red flag to a doctor who has it, on real stores. The clock is moved by SQL."""

import asyncio
import logging

import pytest

from clinic.escalation import service
from clinic.escalation.types import Mine, Theirs
from scheduler import escalations
from tests.integration.escalations.ward import Ward

pytestmark = pytest.mark.server
CHEST = "I have chest pain"


async def test_a_red_flag_is_a_row_of_the_turns_own_transaction(ward: Ward) -> None:
    patient = ward.patient()
    assert "119" in await patient.says(CHEST)
    rows = await ward.rows(
        """select e.source, e.rule, e.level, e.state, e.round, e.next_alert_at <= now(),
                  e.xmin = i.xmin from escalation e, inbound i"""
    )
    assert rows == [("red_flag", "chest_pain", 4, "open", 0, True, True)]
    audit = await ward.rows("select actor_kind, action, detail from audit")
    assert audit == [
        (
            "patient",
            "patient:escalation:raise",
            {"rule": "chest_pain", "level": 4, "source": "red_flag"},
        )
    ]


async def test_a_turn_whose_answer_cannot_be_said_calls_a_doctor_all_the_same(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = ward.patient()
    await patient.starts()
    with monkeypatch.context() as patch:
        patch.setattr("bot.runner.texts.compose", lambda *_: 1 / 0)
        await patient.says(CHEST)
    assert await ward.value("select count(*) from escalation") == 1
    assert await ward.value("select owner from conversation") == "queue"  # a person is called


async def test_the_alert_tells_who_how_grave_why_and_what_was_said(ward: Ward) -> None:
    doctor = await ward.doctor("Sato")
    await ward.on_call(doctor)
    patient = ward.patient()
    await patient.comes_in()
    person = await ward.value(
        """insert into patient (key, name, birth_on, sex)
           values (gen_random_uuid(), 'Hana Yamada', '1948-03-05', 'female') returning id"""
    )
    await ward.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        patient.account_id,
        person,
    )
    await patient.says(f"{CHEST}, it began at noon")
    await ward.sweep()
    (alert,) = await doctor.inbox()
    assert alert.urgent
    assert alert.text.startswith("EMERGENCY NOW (level 4)\nChest pain\nHana Yamada, aged 7")
    assert ", female\n" in alert.text
    assert "it began at noon" in alert.text
    labels = [it.label for it in alert.buttons]
    assert labels == ["I take it", "Call done", "Take over the chat", "Close"]
    row = await ward.rows(
        "select delivery_class, state, escalation_id is not null from outbox where purpose='alert'"
    )
    assert row == [("must_arrive", "sent", True)]


async def test_what_the_patient_said_is_sealed(ward: Ward) -> None:
    await ward.patient().says(f"{CHEST} canary-4711")
    row = await ward.value("select e::text from escalation e")
    assert "canary" not in row
    assert b"canary".hex() not in row


async def test_unanswered_it_climbs_to_the_next_then_to_all_then_every_five_minutes(
    ward: Ward,
) -> None:
    first, second, third = [await ward.doctor(name) for name in ("A", "B", "C")]
    await ward.on_call(first, second)
    await ward.patient().says(CHEST)
    await ward.sweep()
    await ward.sweep()  # nothing is due again
    for _ in range(3):
        await ward.minutes_pass(5)
    rounds = [(round, name) for round, name, _, _ in await ward.alerts()]
    assert rounds == [
        (0, "A"),
        (1, "B"),
        *((2, name) for name in "ABC"),
        *((3, name) for name in "ABC"),
    ]
    assert "Nobody has answered for 15 min." in (await third.inbox())[-1].text


async def test_with_nobody_on_call_all_doctors_are_alerted(ward: Ward) -> None:
    for name in ("A", "B"):
        await ward.doctor(name)
    await ward.patient().says(CHEST)
    await ward.sweep()
    assert [row[:2] for row in await ward.alerts()] == [(0, "A"), (0, "B")]


async def test_with_nobody_to_be_reached_the_ladder_goes_on_until_somebody_is(ward: Ward) -> None:
    await ward.patient().says(CHEST)
    await ward.sweep()
    assert await ward.alerts() == []
    late = await ward.doctor("Late")
    await ward.minutes_pass(5)
    assert [row[1] for row in await ward.alerts()] == [late.staff.name]


async def test_after_a_time_without_any_worker_nobody_begins_from_the_beginning(
    ward: Ward,
) -> None:
    first, second = [await ward.doctor(name) for name in ("A", "B")]
    await ward.on_call(first, second)
    await ward.patient().says(CHEST)
    await ward.minutes_pass(12)
    assert [row[:2] for row in await ward.alerts()] == [(0, "A"), (0, "B")]


async def test_a_lesser_level_alerts_nobody(ward: Ward) -> None:
    await ward.doctor("A")
    patient = ward.patient()
    await patient.starts()
    async with ward.env.database.transaction() as tx:
        raised = service.Raised(
            await tx.fetchval(
                "select id from conversation where account_id = $1", patient.account_id
            ),
            "triage",
            "back_pain",
            2,
        )
        assert await service.raise_escalation(tx, ward.env.keys, patient.account_id, raised)
    await ward.minutes_pass(30)
    assert await ward.alerts() == []


async def test_a_sign_said_again_is_one_escalation_and_a_graver_level_opens_it_again(
    ward: Ward,
) -> None:
    doctor = await ward.doctor("A")
    patient = ward.patient()
    await patient.comes_in()
    await patient.says("I sometimes want to disappear")
    level, rule = (await ward.rows("select level, rule from escalation"))[0]
    assert (level, rule) == (3, "self_harm_thoughts")
    await ward.sweep()
    await doctor.answers("I take it")
    await patient.presses("Yes, now")
    assert await ward.rows("select level, state, owner_id from escalation") == [(4, "open", None)]
    await ward.sweep()
    assert [row[0] for row in await ward.alerts()] == [0, 1]


async def test_of_a_hundred_who_answer_at_once_exactly_one_has_it(ward: Ward) -> None:
    await ward.patient().says(CHEST)
    escalation = await ward.value("select id from escalation")
    staff = [await ward.staff(f"Dr {n}") for n in range(100)]

    async def answer(staff_id: int) -> object:
        async with ward.env.database.transaction() as tx:
            return await service.own(tx, staff_id, escalation)

    outcomes = await asyncio.gather(*(answer(one.id) for one in staff))
    assert outcomes.count(Mine(fresh=True)) == 1
    owner = await ward.value("select s.name from escalation e join staff s on s.id = e.owner_id")
    assert outcomes.count(Theirs("acknowledged", owner)) == 99
    acts = "select count(*) from audit where action = 'staff:escalation:acknowledge'"
    assert await ward.value(acts) == 1


async def test_two_workers_alert_once(ward: Ward) -> None:
    await ward.doctor("A")
    await ward.patient().says(CHEST)
    done = await asyncio.gather(*(escalations.alert_due(ward.env) for _ in range(8)))
    assert sum(done) == 1
    assert len(await ward.alerts()) == 1


async def test_an_alert_that_was_answered_meanwhile_does_not_go_out(ward: Ward) -> None:
    first, second = [await ward.doctor(name) for name in ("A", "B")]
    await ward.patient().says(CHEST)
    await escalations.alert_due(ward.env)
    async with ward.env.database.transaction() as tx:
        await service.own(tx, first.staff.id, await tx.fetchval("select id from escalation"))
    await ward.sweep()
    assert [row[1:] for row in await ward.alerts()] == [
        ("A", "skipped", "escalation_acknowledged"),
        ("B", "skipped", "escalation_acknowledged"),
    ]
    assert "A has taken this: Chest pain" in (await second.inbox())[-1].text


async def test_an_alert_does_not_go_to_a_chat_that_is_no_longer_a_staff_members(
    ward: Ward,
) -> None:
    await ward.doctor("A")
    await ward.patient().says(CHEST)
    await escalations.alert_due(ward.env)
    await ward.execute("update staff set disabled_at = now()")
    await ward.sweep()
    assert [row[2:] for row in await ward.alerts()] == [("skipped", "not_staff")]


async def test_the_owner_is_reminded_after_an_hour_until_it_is_closed(ward: Ward) -> None:
    doctor = await ward.doctor("A")
    await ward.patient().says(CHEST)
    await ward.sweep()
    await doctor.answers("I take it")
    await ward.sweep()
    await ward.minutes_pass(55)
    before = len(await doctor.inbox())
    await ward.minutes_pass(6)
    assert "Still open after 61 min: Chest pain" in (await doctor.inbox())[-1].text
    await doctor.answers("Close")
    await doctor.presses("False alarm")
    await ward.minutes_pass(120)
    assert len(await doctor.inbox()) == before + 1


async def test_an_escalation_whose_alert_fails_holds_up_no_other(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await ward.doctor("A")
    await ward.patient("a").says(CHEST)
    await ward.patient("b").says(CHEST)
    first = await ward.value("select min(id) from escalation")
    alert = escalations.alerts.alert

    async def broken(tx, env, due, to):  # type: ignore[no-untyped-def]  # as the real one
        if due.id == first:
            raise ZeroDivisionError("my chest")
        return await alert(tx, env, due, to)

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(escalations.alerts, "alert", broken)
        await ward.sweep()
    assert len(await ward.alerts()) == 1
    assert "chest" not in caplog.text
    await ward.minutes_pass(1)
    assert len(await ward.alerts()) == 2
