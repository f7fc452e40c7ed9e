"""R9: what a dead or frozen process had in hand goes on elsewhere; its late word counts nothing."""

import asyncio
import signal
import time

import psutil
import pytest

from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import add_accounts, add_greetings
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import line_event, line_user
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.waiting import Condition, until

MOVES_WITHIN = 15.0  # s
LOCK_TIMEOUT = 5.0  # s, as the product sets it
FREEZE = "tests.e2e.reliability.freeze"


@pytest.mark.parametrize("point", ["outbox_claimed", "inflight_committed"])
async def test_messages_of_a_killed_worker_move_again_within_15_seconds(
    rigs: Rigs, point: str
) -> None:
    async with rigs.open(seed=1) as rig:
        await add_greetings(rig, "line", range(10))
        doomed = await rig.worker(KAYOI_CRASH_AT=point)
        assert await doomed.ended == -signal.SIGKILL
        rig.kills += 1
        await rig.worker()
        took = await until(lambda: len(rig.line.ledger()) == 10, 20, "all were delivered")
        await until(rig.settled, 5, "all is settled")
        books = await close_books(rig)
        note("R9", point=point, moved_within=round(took, 1))
        assert took <= MOVES_WITHIN
        assert books.faults == []


async def test_the_late_word_of_a_frozen_worker_changes_no_row(rigs: Rigs) -> None:
    async with rigs.open(seed=1) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=3.0)
        await add_greetings(rig, "line", range(10))
        late = await rig.worker()
        await until(_inflight(rig, 10), 10, "all calls are under way")
        late.send(signal.SIGSTOP)
        await rig.line.control("faults", rates={})
        other = await rig.worker()
        await until(rig.settled, 20, "another worker has sent them")
        before = await _rows(rig)
        await rig.stop(other)
        late.send(signal.SIGCONT)
        await add_greetings(rig, "line", [10])
        await until(lambda: len(rig.line.ledger()) == 11, 15, "the thawed worker works on")
        await until(rig.settled, 10, "all is settled")
        after = await _rows(rig)
        books = await close_books(rig)
        changed = [id for id in before if before[id] != after[id]]
        note("R9 late writer", changed=len(changed), **books.figures())
        assert {row[0] for row in after.values()} == {"sent"}
        assert changed == []
        assert books.faults == []


async def test_a_process_that_froze_before_its_call_does_not_send_what_another_has_sent(
    rigs: Rigs,
) -> None:
    async with rigs.open(seed=1) as rig:
        frozen = await rig.web(before=FREEZE, RELIABILITY_FREEZE_AT="inflight_committed")
        await rig.connect_platforms()
        await rig.line.act("say", line_user(1), text="hello")
        await until(_stopped(frozen.pid), 5, "the process stands still before its call")
        await rig.worker()
        await until(rig.settled, 20, "another process has answered")
        frozen.send(signal.SIGCONT)
        await rig.line.act("say", line_user(1), text="hello")
        await until(lambda: len(rig.line.ledger()) >= 2, 10, "the thawed process works on")
        await until(rig.settled, 15, "all is settled")
        books = await close_books(rig)
        note("R9 thawed before its call", **books.figures())
        assert books.faults == []


async def test_a_process_that_froze_in_a_turn_does_not_spoil_the_event_for_others(
    rigs: Rigs,
) -> None:
    async with rigs.open(seed=1) as rig:
        await add_accounts(rig, "line", [1])
        frozen = await rig.web(0, before=FREEZE, RELIABILITY_FREEZE_AT="turn_written")
        await rig.web(1)
        taken = [line_event(n, line_user(1), time.time(), "menu") for n in range(2)]
        for number, event in enumerate(taken):
            assert await event.post(rig.line.session, rig.webhook("line", number)) == 200
            if not number:
                await until(_stopped(frozen.pid), 5, "the process stands still in its turn")
        await asyncio.sleep(LOCK_TIMEOUT + 1)  # the other process has waited in vain by then
        await rig.kill(frozen)
        await rig.worker()
        await until(rig.settled, 30, "both events are handled")
        assert await inbound_faults(rig, {"line": {event.event_id for event in taken}}) == []


def _inflight(rig: Rig, number: int) -> Condition:
    async def reached() -> bool:
        query = "select count(*) from outbox where state = 'inflight'"
        return bool(await rig.value(query) == number)

    return reached


def _stopped(pid: int) -> Condition:
    return lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED


async def _rows(rig: Rig) -> dict[int, tuple[str, str]]:
    """State of each message, and the transaction that wrote it last."""
    rows = await rig.rows("select id, state, xmin::text as written_by from outbox")
    return {row["id"]: (row["state"], row["written_by"]) for row in rows}
