"""R5-R13 for campaigns: every recipient once, whoever dies, lies or stops in the middle of it."""

import asyncio
import signal

import pytest

from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability import sabotage
from tests.e2e.reliability.books import Books, campaign_faults, close_books
from tests.e2e.reliability.campaign_rows import add_patients, start_campaign
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import line_user
from tests.e2e.reliability.rig import Rig, Rigs, quiet_hours
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.test_outbound import (
    AMBIGUOUS,
    BAD_ANSWERS,
    SLOW,
    TELEGRAM_BAD_ANSWERS,
)
from tests.e2e.reliability.waiting import Condition, until

# Rows of a lane that a killed worker can have had inflight: those of Telegram are what counts,
# since LINE recognises a second try. Two batches of seven.
BULK_CONCURRENCY = 14
MOVES_WITHIN = 15.0  # s
GOES_ON_WITHIN = 30.0  # s after Valkey is back
TELEGRAM_RATE = 30.0  # a second
STOPS_WITHIN = 10.0  # s


@sizes(Size(patients=60, kills=4), Size(patients=5000, kills=40))
async def test_recipients_get_it_once_while_workers_are_killed(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=SLOW)
        count = await _campaigns(rig, size.patients)
        for _ in range(2):
            await rig.worker()
        for n in range(size.kills):
            await asyncio.sleep(0.6 + chance(seed, "pause", n))
            alive = [one for one in rig.children if one.alive]
            await rig.kill(alive[n % len(alive)])
            await rig.worker()
        took = await until(rig.settled, 60 + size.patients / 5, "everything is sent")
        books = await close_books(rig, concurrency=BULK_CONCURRENCY)
        _note("R5 campaign", rig, books, settled=round(took, 1))
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert await campaign_faults(rig, count) == []
        assert rig.complaints() == []


@sizes(Size(patients=60, kills=1), Size(patients=5000, kills=10))
async def test_recipients_get_it_once_when_platforms_answer_badly(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig:
        slow = 1 - sum(BAD_ANSWERS.values())
        await rig.line.control(
            "faults", rates={**BAD_ANSWERS, "delay": slow}, delay=SLOW, silence=1.0
        )
        await rig.telegram.control("faults", rates=TELEGRAM_BAD_ANSWERS)
        count = await _campaigns(rig, size.patients)
        for _ in range(2):
            await rig.worker()
        for _ in range(size.kills):
            await asyncio.sleep(1.5)
            await rig.kill(rig.children[-1])
            await rig.worker()
        took = await until(rig.settled, 90 + size.patients / 5, "everything is sent")
        found = [(await rig.line.stats())["faults"], (await rig.telegram.stats())["faults"]]
        ambiguous = sum(faults.get(kind, 0) for faults in found for kind in AMBIGUOUS)
        books = await close_books(rig, ambiguous=ambiguous, concurrency=BULK_CONCURRENCY)
        _note("R6 campaign", rig, books, settled=round(took, 1), ambiguous=ambiguous)
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert await campaign_faults(rig, count) == []
        assert (await rig.line.stats())["changed_retries"] == []
        assert rig.complaints() == []


@sizes(Size(patients=400, kills=1), Size(patients=3000, kills=6))
async def test_a_campaign_goes_on_when_valkey_loses_everything(
    own_rigs: Rigs, size: Size, seed: int
) -> None:
    async with own_rigs.open(seed=seed) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=SLOW)
        for _ in range(2):
            await rig.worker()
        count = await _campaigns(rig, size.patients)
        await until(lambda: len(rig.telegram.ledger()) > 10, 30, "it is under way")
        again, waited = 0.0, []
        for n in range(size.kills):
            waited.append(await rig.value(_WAITING))
            down = 0.5 + 3 * chance(seed, "down", n)
            async with rig.stores.valkey_down(down, erase=True):
                pass
            again = max(again, await until(_fewer(rig, waited[-1]), 60, "work goes on"))
        took = await until(rig.settled, 60 + size.patients / 5, "everything is sent")
        books = await close_books(rig)
        times = {"on_again": round(again, 1), "after_valkey": round(took, 1)}
        _note("R7 campaign", rig, books, waited=waited, **times)
        assert again <= GOES_ON_WITHIN
        assert size.kills == 1 or all(waited)  # each time in the middle of it
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert {state.split()[1] for state in books.states} == {"sent"}
        assert await campaign_faults(rig, count) == []


@pytest.mark.parametrize("point", ["outbox_claimed", "inflight_committed", "platform_called"])
@sizes(Size(patients=40, kills=1), Size(patients=200, kills=8))
async def test_what_a_killed_worker_had_of_a_campaign_moves_again_within_15_seconds(
    rigs: Rigs, size: Size, seed: int, point: str
) -> None:
    """`patients` of each kill: half in chunks, half with their own text."""
    async with rigs.open(seed=seed) as rig:
        times = []
        for n in range(size.kills):
            half = size.patients // 2
            for alike in (False, True):
                first = (2 * n + alike) * half
                patients = await add_patients(rig, "line", range(first, first + half))
                await start_campaign(rig, patients, alike=alike)
            doomed = await rig.worker(KAYOI_CRASH_AT=point)
            assert await doomed.ended == -signal.SIGKILL
            rig.kills += 1
            other = await rig.worker()
            times.append(await until(rig.settled, 60, "all is settled"))
            await rig.stop(other)
        books = await close_books(rig)
        _note("R9 campaign", rig, books, point=point, moved_within=round(max(times), 1))
        assert max(times) <= MOVES_WITHIN
        assert books.faults == []
        assert set(books.states) == {"line sent"}
        assert await campaign_faults(rig, size.patients * size.kills) == []


@sizes(Size(patients=120), Size(patients=1000))
async def test_what_fell_due_while_the_worker_was_down_is_sent_or_shown(
    rigs: Rigs, size: Size, seed: int
) -> None:
    """R10: some of it is too late by then, and nothing goes out at night."""
    async with rigs.open(seed=seed, quiet_now=True) as rig:
        count = await _campaigns(rig, size.patients)
        night = await rig.worker()
        await until(_made(rig, count), 30, "all recipients are made")
        await asyncio.sleep(2)
        at_night = len(rig.line.ledger()) + len(rig.telegram.ledger())
        await rig.stop(night)
        await rig.rows("update recipient set due_at = now() - interval '30 min'")
        await rig.rows("update recipient set useful_until = now() where id % 3 = 0")
        rig.quiet_hours = await quiet_hours(rig.database, now=False)
        for _ in range(2):
            await rig.worker()
        await until(rig.settled, 60 + size.patients / 10, "everything has its end")
        books = await close_books(rig)
        ends = {row["state"]: row["count"] for row in await rig.rows(_ENDS)}
        _note("R10 campaign", rig, books, at_night=at_night, ends=ends)
        late = len([None for id in await rig.rows("select id from recipient") if not id["id"] % 3])
        assert at_night == 0
        assert ends == {"sent": count - late, "expired": late}
        assert books.faults == []
        assert await campaign_faults(rig, count) == []


@pytest.mark.parametrize("hours", ["-1", "1"])
async def test_a_worker_whose_clock_is_wrong_sends_the_same(rigs: Rigs, hours: str) -> None:
    """R11: the database's clock decides. `skew` moves the process's own by so many hours."""
    async with rigs.open(seed=1) as rig:
        count = await _campaigns(rig, 60)
        await rig.worker(before="tests.e2e.reliability.skew", RELIABILITY_SKEW=hours)
        await rig.worker()
        await until(rig.settled, 60, "everything is sent")
        books = await close_books(rig)
        _note("R11 campaign", rig, books, hours=hours)
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert {state.split()[1] for state in books.states} == {"sent"}
        assert await campaign_faults(rig, count) == []
        assert rig.complaints() == []


@sizes(Size(patients=60, kills=4), Size(patients=3000, kills=20))
async def test_restarts_in_order_leave_no_recipient_unknown(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=0.4)
        count = await _campaigns(rig, size.patients)
        for _ in range(2):
            await rig.worker()
        stops = []
        for n in range(size.kills):
            await asyncio.sleep(0.3 + chance(seed, "pause", n) * 0.7)
            alive = [one for one in rig.children if one.alive]
            stops.append(await rig.stop(alive[n % len(alive)]))
            await rig.worker()
        await until(rig.settled, 60 + size.patients / 5, "everything is sent")
        books = await close_books(rig)
        unknowns = await rig.value(
            """select (select coalesce(sum(unknowns), 0) from outbox)
                 + (select coalesce(sum(unknowns), 0) from chunk)"""
        )
        _note("R13 campaign", rig, books, slowest_stop=round(max(stops), 2))
        assert max(stops) <= STOPS_WITHIN
        assert unknowns == 0
        assert books.faults == []
        assert {state.split()[1] for state in books.states} == {"sent"}
        assert await campaign_faults(rig, count) == []
        assert rig.complaints() == []


async def test_a_reply_leaves_within_a_second_while_a_campaign_runs(rigs: Rigs) -> None:
    async with rigs.open(seed=1) as rig:
        for channel in ("line", "telegram"):
            patients = await add_patients(rig, channel, range(1000, 1400))
            await start_campaign(rig, patients, alike=False, name=channel)
        await rig.web()
        await rig.line.control("webhook", url=rig.webhook("line"))  # nobody greets on Telegram
        await rig.worker()
        await until(lambda: len(rig.telegram.ledger()) > 20, 20, "it is under way")
        times = []
        for n in range(8):
            before = _to(rig, line_user(n))
            await rig.line.act("say", line_user(n), text="hello")
            more = lambda n=n, before=before: _to(rig, line_user(n)) > before  # noqa: E731
            times.append(await until(more, 5, "a reply leaves"))
        running = await rig.value("select count(*) from recipient where state <> 'sent'")
        pace = await rig.value(_PACE)
        note(
            "reply beside a campaign",
            times=[round(one, 2) for one in times],
            left=running,
            telegram=pace,
        )
        assert running > 0
        assert sorted(times)[-2] <= 1.0  # the machine itself may stand still once


@sizes(Size(patients=60), Size(patients=900))
async def test_telegrams_rate_is_held_and_never_passed(rigs: Rigs, size: Size, seed: int) -> None:
    """R12. On a machine that does something else as well only the upper limit can be asked for."""
    async with rigs.open(seed=seed) as rig:
        patients = await add_patients(rig, "telegram", range(size.patients))
        await start_campaign(rig, patients, alike=False)
        for _ in range(2):
            await rig.worker()
        await until(rig.settled, 60 + size.patients / 10, "everything is sent")
        times = sorted(
            entry["at"] for entry in rig.telegram.ledger() if entry["method"] == "sendMessage"
        )
        pace = (len(times) - 1) / (times[-1] - times[0])
        refused = await rig.value("select count(*) from outbox where attempts > 1")
        books = await close_books(rig)
        _note("R12 campaign", rig, books, pace=round(pace, 1), refused=refused)
        assert refused == 0
        # What the limiter had saved up before the first goes out beyond the rate, once.
        assert pace <= TELEGRAM_RATE * 1.03 + 8 / (times[-1] - times[0])
        assert size.patients < 900 or pace >= TELEGRAM_RATE * 0.97
        assert books.faults == []


@pytest.mark.parametrize("broken", [False, True], ids=["whole", "broken"])
async def test_a_second_call_that_is_not_the_first_is_found_out(rigs: Rigs, broken: bool) -> None:
    """The harness itself: a chunk that is not closed sends its second try to others."""
    async with rigs.open(seed=1) as rig:
        patients = await add_patients(rig, "line", range(20))
        await start_campaign(rig, patients, alike=True)
        await rig.line.control("faults", once=["accept_then_500"])
        way = sabotage.build_a_chunk_anew_at_each_try.__name__
        by = {"before": sabotage.__name__, "RELIABILITY_SABOTAGE": way} if broken else {}
        await rig.worker(**by)
        await until(_tried(rig), 20, "the first try is over")
        await rig.rows(
            """update chat_account set opted_out_at = now()
               where id = (select min(account_id) from recipient)"""
        )
        await until(rig.settled, 30, "everything has its end")
        books = await close_books(rig)
        changed = (await rig.line.stats())["changed_retries"]
        note("harness", way=way, broken=broken, red=len(changed) + len(books.faults))
        assert bool(changed or books.faults) is broken


_PACE = """
  select round(count(*) / extract(epoch from max(settled_at) - min(settled_at)), 1)::float8
  from outbox where lane = 'telegram' and state = 'sent'
"""
_WAITING = "select count(*) from recipient where state in ('pending', 'queued')"
_ENDS = "select state, count(*) from recipient group by state"


async def _campaigns(rig: Rig, patients: int) -> int:
    """A quarter in chunks on LINE, a quarter with their own text there, the rest on Telegram."""
    quarter = patients // 4
    alike = await add_patients(rig, "line", range(quarter))
    own = await add_patients(rig, "line", range(quarter, 2 * quarter))
    far = await add_patients(rig, "telegram", range(2 * quarter))
    await start_campaign(rig, alike, alike=True, name="Alike")
    await start_campaign(rig, own, alike=False, name="Own")
    await start_campaign(rig, far, alike=False, name="Far")
    return 4 * quarter


def _note(figure: str, rig: Rig, books: Books, **found: object) -> None:
    note(figure, seed=rig.seed, kills=rig.kills, **found, **books.figures())


def _to(rig: Rig, user: str) -> int:
    return sum(entry["chat"] == user for entry in rig.line.ledger())


def _made(rig: Rig, count: int) -> Condition:
    async def made() -> bool:
        return bool(await rig.value("select count(*) from recipient") == count)

    return made


def _fewer(rig: Rig, left: int) -> Condition:
    async def fewer() -> bool:
        return not left or bool(await rig.value(_WAITING) < left)

    return fewer


def _tried(rig: Rig) -> Condition:
    async def tried() -> bool:
        return bool(await rig.value("select count(*) from chunk where unknowns > 0"))

    return tried
