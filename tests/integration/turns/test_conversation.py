"""A conversation from event to answer, on real stores."""

import asyncio
from dataclasses import replace

import pytest

from bot import runner, turn_store
from flows import dialogue
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


async def test_consent_is_kept_with_the_version_of_the_notice(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    rows = await rig.rows("select notice_version, given from consent")
    shown = rig.env.settings.clinic.notice_in_force
    assert rows == [(shown, True)]
    assert await rig.value("select consent_version from chat_account") == shown


async def test_the_same_event_twice_is_one_turn(rig: Rig) -> None:
    patient = rig.patient()
    same = "00000000-0000-4000-8000-000000000001"
    await patient.does(event_id=same, kind="start", payload="")
    assert await patient.does(event_id=same, kind="start", payload="") == ""
    assert await rig.value("select turn from conversation") == 1


async def test_a_button_of_a_question_that_is_over_changes_nothing(rig: Rig) -> None:
    patient = rig.patient()
    await patient.starts()
    agree = patient.shown[-1].buttons[0].token
    await patient.presses("Not now")
    await patient.does(kind="press", token=agree, label="I agree")
    assert await rig.value("select count(*) from consent") == 0


async def test_a_button_of_another_patient_changes_nothing(rig: Rig) -> None:
    one, other = rig.patient("a"), rig.patient("b")
    await one.starts()
    await other.starts()
    agree = one.shown[-1].buttons[0].token
    await other.does(kind="press", token=agree, label="I agree")
    assert await rig.value("select count(*) from consent") == 0


@pytest.mark.parametrize("token", ["", "q.1.0", "q.1.0.AAAAAAAAAAAA", "a.c.1.1.AAAAAAAAAAAA", "x"])
async def test_a_forged_button_changes_nothing(rig: Rig, token: str) -> None:
    patient = rig.patient()
    await patient.starts()
    await patient.does(kind="press", token=token or "-", label="")
    assert await rig.value("select count(*) from consent") == 0


async def test_a_bug_in_a_flow_closes_the_session_apologises_and_calls_a_person(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patient = rig.patient()
    await patient.comes_in()

    def broken(*_: object) -> dialogue.Reaction:
        raise ZeroDivisionError("my knee hurts")

    with monkeypatch.context() as patch:
        patch.setattr(runner.dialogue, "receive", broken)
        said = await patient.says("my knee hurts")
    assert said
    assert await rig.rows("select owner, handoff_reason from conversation") == [
        ("queue", "flow_error")
    ]
    assert await rig.value("select count(*) from task where kind = 'flow_error'") == 1
    assert await rig.value("select state from inbound order by id desc limit 1") == "failed"
    assert "knee" not in caplog.text
    assert "ZeroDivisionError at" in caplog.text


async def test_a_red_flag_in_a_turn_that_failed_was_answered_with_an_apology_alone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = rig.patient()
    await patient.comes_in()

    def broken(*_: object) -> dialogue.Reaction:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(runner.dialogue, "receive", broken)
        said = await patient.says("crushing chest pain, I can't breathe")
    assert "119" in said
    assert await rig.rows("select rule, level, state from escalation") == [
        ("chest_pain", 4, "open")
    ]
    assert (await patient.lines())[-3].text == "crushing chest pain, I can't breathe"


async def test_an_apology_that_cannot_be_said_does_not_block_the_conversation(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = rig.patient()
    await patient.starts()
    with monkeypatch.context() as patch:
        patch.setattr(runner.dialogue, "receive", lambda *_: 1 / 0)
        patch.setattr(runner.texts, "compose", lambda *_: 1 / 0)
        assert await patient.says("hello") == ""
    assert await rig.value("select count(*) from inbound where state = 'new'") == 0
    assert await rig.value("select count(*) from task where kind = 'flow_error'") == 1


async def test_a_stored_state_of_no_known_flow_is_closed_with_an_apology(rig: Rig) -> None:
    patient = rig.patient()
    await patient.starts()
    await rig.execute("update conversation set state = '\\x00'")
    assert await patient.says("hello")
    assert await rig.value("select owner from conversation") == "queue"


async def test_events_are_handled_in_the_order_in_which_they_happened(rig: Rig) -> None:
    patient = rig.patient()
    await patient.starts()
    await rig.execute("update inbound set occurred_at = occurred_at + interval '1 hour'")
    # What happened earlier but came in later is still handled; nothing waits for ever.
    await patient.says("1")
    assert await rig.value("select count(*) from inbound where state = 'new'") == 0


async def test_two_processes_handle_one_conversation_one_after_the_other(rig: Rig) -> None:
    other = Rig(rig.env)
    patient = rig.patient()
    await patient.comes_in()
    before = await rig.value("select turn from conversation")
    for _ in range(10):
        await rig.execute(
            """insert into inbound (channel, event_id, account_id, payload, occurred_at)
               select 'webchat', gen_random_uuid()::text, id, null, now() from chat_account"""
        )
    handled = await asyncio.gather(
        *(each.runner.handle_next(patient.account_id) for each in (rig, other) * 10)
    )
    assert sum(map(bool, handled)) == 10
    assert await rig.value("select turn from conversation") == before  # none had a payload


async def test_a_turn_sees_what_whoever_had_the_conversation_just_wrote(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await rig.execute(
        """insert into inbound (channel, event_id, account_id, payload, occurred_at)
           select 'webchat', 'later', id, null, now() from chat_account"""
    )
    held, enough = asyncio.Event(), asyncio.Event()

    async def another_process() -> None:
        async with rig.env.database.transaction() as tx:
            await tx.execute("update conversation set owner = 'queue'")
            held.set()
            await enough.wait()

    other = asyncio.create_task(another_process())
    await held.wait()
    assert not await rig.runner.handle_next(patient.account_id, patiently=False)
    async with rig.env.database.transaction() as tx:
        taking = asyncio.create_task(
            turn_store.take(tx, rig.env.keys, patient.account_id, patiently=True)
        )
        while not await rig.value("select count(*) from pg_locks where not granted"):
            assert not taking.done()
        enough.set()
        loaded = await taking
    await other
    assert loaded is not None
    assert loaded.owner == "queue"


async def test_an_event_that_leads_to_no_turn_marks_its_conversation_too(rig: Rig) -> None:
    # By that mark `take` knows that somebody was there while it looked.
    patient = rig.patient()
    await patient.comes_in()
    await rig.execute(
        """insert into inbound (channel, event_id, account_id, payload, occurred_at)
           select 'webchat', 'later', id, null, now() from chat_account"""
    )
    before = await rig.value("select xmin::text from conversation")
    assert await rig.runner.handle_next(patient.account_id)
    assert await rig.value("select xmin::text from conversation") != before


async def test_a_patient_waits_in_the_queue_and_comes_back(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("I want to talk to a person")
    if await rig.value("select owner from conversation") != "queue":
        await patient.presses("Talk to staff")
    assert await rig.value("select owner from conversation") == "queue"
    said = await patient.says("is anybody there?")
    assert said == "" or await rig.value("select owner from conversation") == "queue"


async def test_stop_is_heard_and_kept(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("stop")
    assert await rig.value("select opted_out_at is not null from chat_account")
    assert (await rig.rows("select given from consent order by id"))[-1] == (False,)


async def test_the_language_of_the_page_is_the_language_of_the_answer(rig: Rig) -> None:
    patient = replace(rig.patient(), language="ru")
    assert "Здравствуйте" in await patient.starts() or "Добро" in patient.shown[0].text


async def test_what_patients_write_is_nowhere_in_plain_text(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("canary-word-4711")
    tables = await rig.rows(
        "select table_name from information_schema.tables where table_schema = 'public'"
    )
    spelt = ("canary-word", b"canary-word".hex())  # bytea shows as hex
    for (table,) in tables:
        for word in spelt:
            query = f"select count(*) from {table} t where strpos(t::text, $1) > 0"
            assert await rig.value(query, word) == 0, table


async def test_a_turn_in_which_nothing_happens_leaves_the_question_waiting(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await patient.presses("Talk to staff")
    before = await rig.rows("select turn from conversation")
    assert await patient.says("are you there?") == ""
    assert await rig.rows("select turn from conversation") == before
