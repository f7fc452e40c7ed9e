"""The product broken on purpose: each of the four ways turns the very checks red that the runs use.

Each scenario also runs unbroken, and is then green.
"""

import asyncio
import signal
import time

import pytest

from tests.e2e.reliability import sabotage
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import add_accounts, add_greetings
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import line_event, line_user
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.waiting import until

broken = pytest.mark.parametrize("broken", [False, True], ids=["whole", "broken"])


def _by(way: object, broken: bool) -> dict[str, str]:
    name: str = way.__name__  # type: ignore[attr-defined]  # a function
    return {"before": sabotage.__name__, "RELIABILITY_SABOTAGE": name} if broken else {}


def _judge(way: object, broken: bool, faults: list[str], expected: str) -> None:
    found = [fault for fault in faults if fault.startswith(expected)]
    name: str = way.__name__  # type: ignore[attr-defined]  # a function
    note("harness", way=name, broken=broken, red=len(found))
    assert bool(found) is broken, faults
    assert broken or faults == []


@broken
async def test_an_answer_before_the_insert_is_found_out(rigs: Rigs, broken: bool) -> None:
    way = sabotage.acknowledge_before_the_insert
    async with rigs.open(seed=1) as rig:
        web = await rig.web(**_by(way, broken))
        taken = await _say(rig, 20)
        await rig.kill(web)
        await rig.web()
        await rig.worker()
        await until(rig.settled, 20, "what was stored is handled")
        faults = await inbound_faults(rig, {"line": taken})
    _judge(way, broken, faults, "answered 200, but not stored: 20")


@broken
async def test_a_ledger_without_its_unique_index_is_found_out(rigs: Rigs, broken: bool) -> None:
    way = sabotage.insert_what_is_there_already
    async with rigs.open(seed=1) as rig:
        await add_accounts(rig, "line", range(20))
        if broken:
            await _drop_unique_index(rig)
        await rig.web(**_by(way, broken))
        taken = await _say(rig, 20) | await _say(rig, 20)
        await until(rig.settled, 20, "everything is handled")
        faults = await inbound_faults(rig, {"line": taken})
        doubled = [fault for fault in faults if fault.startswith("conversation")]
    _judge(way, broken, faults, "stored twice: 20")
    assert len(doubled) == (20 if broken else 0)  # the effects tell as well


@broken
async def test_resending_what_may_have_arrived_is_found_out(rigs: Rigs, broken: bool) -> None:
    way = sabotage.resend_what_may_have_arrived
    async with rigs.open(seed=1) as rig:
        await rig.telegram.control("faults", rates={"accept_then_500": 0.5})
        await add_greetings(rig, "telegram", range(20))
        await rig.worker(**_by(way, broken))
        await until(rig.settled, 30, "every greeting has its end")
        ambiguous = (await rig.telegram.stats())["faults"]["accept_then_500"]
        books = await close_books(rig, ambiguous=ambiguous)
    _judge(way, broken, books.faults, "twice: telegram")


@broken
async def test_ticking_off_before_the_call_is_found_out(rigs: Rigs, broken: bool) -> None:
    way = sabotage.say_sent_before_the_call
    async with rigs.open(seed=1) as rig:
        await add_greetings(rig, "line", range(10))
        doomed = await rig.worker(KAYOI_CRASH_AT="inflight_committed", **_by(way, broken))
        assert await asyncio.wait_for(doomed.ended, 10) == -signal.SIGKILL
        rig.kills += 1
        await rig.worker()
        await until(rig.settled, 30, "every row has its end")
        books = await close_books(rig)
    _judge(way, broken, books.faults, "said sent, but not delivered")


async def _say(rig: Rig, number: int) -> set[str]:
    """The same events whenever called; the ids, all of them answered 200."""
    events = [line_event(n, line_user(n), time.time(), "hello") for n in range(number)]
    url = rig.webhook("line")
    statuses = await asyncio.gather(*(event.post(rig.line.session, url) for event in events))
    assert statuses == [200] * number
    return {event.event_id for event in events}


async def _drop_unique_index(rig: Rig) -> None:
    name = await rig.value(
        """select conname from pg_constraint
           where conrelid = 'inbound'::regclass and contype = 'u'"""
    )
    await rig.rows(f'alter table inbound drop constraint "{name}"')
