"""R11: the clock of a machine is wrong, or jumps. PostgreSQL's decides what is due for whom."""

import asyncio
from datetime import date, datetime, timedelta
from itertools import cycle

import pytest

from clinic.campaign import service
from clinic.campaign.types import Campaign, Draft
from tests.e2e.reliability.books import campaign_faults, close_books
from tests.e2e.reliability.campaign_rows import SETTINGS, add_patients, start_campaign
from tests.e2e.reliability.clinic_rows import Visit, add_visits
from tests.e2e.reliability.faketime import WrongClock
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.rig import ZONE, Rig, Rigs
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.waiting import Condition, until

JUMPS = ("+1h", "-1h", "+1d", "-1d", "+370d", "+0")
WITHIN = 60.0  # s of PostgreSQL's time
# A summer time begins and ends under the process, in its own zone.
WRONG = [
    pytest.param("+1h", "UTC", id="an hour ahead"),
    pytest.param("-1h", "UTC", id="an hour behind"),
    pytest.param("+1d", "UTC", id="a day ahead"),
    pytest.param("-1d", "UTC", id="a day behind"),
    pytest.param("@2026-03-08 01:59:56", "America/New_York", id="summer time begins"),
    pytest.param("@2026-11-01 01:59:56", "America/New_York", id="summer time ends"),
]
SOON = timedelta(minutes=30)
BIRTHDAY = {"kind": "birthday", "at": "00:00", "late": "send"}
NEAR_MIDNIGHT = 90  # s, in which "today" may change under a test


@sizes(Size(patients=120), Size(patients=1000))
async def test_a_worker_whose_clock_jumps_to_and_fro_sends_everything_once(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig:
        clock = WrongClock.of(rig, "+0")
        await rig.line.control("faults", rates={"delay": 1.0}, delay=0.15)
        jumping = await rig.worker(**clock.environment())
        await rig.worker()
        assert clock.is_in(jumping.pid)

        async def jump() -> None:
            for at in cycle(JUMPS):
                clock.jump(at)
                await asyncio.sleep(1.0)

        jumps = asyncio.create_task(jump())
        quarter = size.patients // 4
        for channel, numbers, alike in (
            ("line", range(quarter), True),
            ("line", range(quarter, 2 * quarter), False),
            ("telegram", range(2 * quarter), False),
        ):
            patients = await add_patients(rig, channel, numbers)
            await start_campaign(rig, patients, alike=alike, name=f"{channel} {alike}")
        took = await until(rig.settled, 60 + size.patients / 5, "everything is sent")
        jumps.cancel()
        books = await close_books(rig)
        note("R11 jumps", seed=seed, settled=round(took, 1), **books.figures())
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert {state.split()[1] for state in books.states} == {"sent"}
        assert await campaign_faults(rig, 4 * quarter) == []
        assert rig.complaints() == []


@pytest.mark.parametrize(("at", "zone"), WRONG)
async def test_a_reminder_leaves_when_the_database_says_so_whatever_the_worker_believes(
    rigs: Rigs, at: str, zone: str
) -> None:
    async with rigs.open(seed=1) as rig:
        due, early, later = range(10), range(10, 20), range(20, 25)
        await add_visits(rig, "line", [Visit(n) for n in due])
        await add_visits(rig, "line", [Visit(n, due_ago=-SOON) for n in early])
        clock = WrongClock.of(rig, at)
        worker = await rig.worker(**clock.environment(TZ=zone))
        assert clock.is_in(worker.pid)
        took = await until(lambda: len(rig.line.ledger()) == len(due), WITHIN, "what is due leaves")
        await add_visits(rig, "line", [Visit(n) for n in later])
        await until(lambda: len(rig.line.ledger()) == 15, WITHIN, "it has looked once more")
        await until(rig.settled, 30, "all is settled")
        books = await close_books(rig)
        waiting = await rig.value("""select count(*) from timer
                                     where kind = 'reminder' and state = 'waiting'""")
        note("R11 reminders", clock=at, zone=zone, late_by=round(took, 1), **books.figures())
        assert len(rig.line.ledger()) == 15
        assert waiting == len(early)
        assert books.faults == []
        assert rig.complaints() == []


@pytest.mark.parametrize("jumps", [("+1d", "-1d", "+0"), ("-1d", "+1d", "+366d")])
async def test_a_birthday_is_greeted_once_on_its_day_however_the_worker_counts_days(
    rigs: Rigs, jumps: tuple[str, ...]
) -> None:
    async with rigs.open(seed=1) as rig:
        await until(_far_from_midnight(rig), 2 * NEAR_MIDNIGHT, "the day is clear")
        today = await _today(rig)
        of = {
            days: await _born(rig, range(10 * place, 10 * place + 5), today + timedelta(days))
            for place, days in enumerate((-1, 0, 1))
        }
        await _greet(rig, [one for born in of.values() for one in born])
        clock = WrongClock.of(rig, jumps[0])
        first = await rig.worker(**clock.environment())
        await until(lambda: len(rig.line.ledger()) >= len(of[0]), WITHIN, "today's are greeted")
        for at in jumps[1:]:
            clock.jump(at)
            await _look_anew(rig)
        await rig.stop(first)
        await rig.worker(**clock.environment())  # one that begins with a wrong clock
        await _look_anew(rig)
        await until(rig.settled, 30, "all is settled")
        greeted = await rig.rows(
            "select patient_id, count(*) as times from recipient where state = 'sent' group by 1"
        )
        books = await close_books(rig)
        note("R11 birthdays", jumps=jumps, **books.figures())
        assert {row["patient_id"]: row["times"] for row in greeted} == dict.fromkeys(of[0], 1)
        assert len(rig.line.ledger()) == len(of[0])
        assert books.faults == []
        assert rig.complaints() == []


async def _today(rig: Rig) -> date:
    now: datetime = await rig.value("select now()")
    return now.astimezone(ZONE).date()


def _far_from_midnight(rig: Rig) -> Condition:
    async def far() -> bool:
        now: datetime = await rig.value("select now()")
        local = now.astimezone(ZONE)
        second = local.hour * 3600 + local.minute * 60 + local.second
        return NEAR_MIDNIGHT < second < 86400 - NEAR_MIDNIGHT

    return far


async def _born(rig: Rig, numbers: range, day: date) -> list[int]:
    """Patients whose birthday is on that day of the year."""
    patients = await add_patients(rig, "line", numbers)
    # 1984 and 1985: one of them has the day, whether it is of a leap year or not.
    born = day.replace(year=1984 if (day.month, day.day) == (2, 29) else 1985)
    await rig.rows("update patient set birth_on = $2 where id = any ($1)", patients, born)
    return patients


async def _greet(rig: Rig, patients: list[int]) -> None:
    content = {"texts": {"ja": "{name}様、おめでとうございます。", "en": "Many returns, {name}."}}
    draft = Draft("Birthday", "birthday", {"patients": patients}, BIRTHDAY, content)
    async with rig.database.transaction() as tx:
        made = await service.create(tx, draft, None)
        assert isinstance(made, Campaign), made
        begun = await service.start(tx, rig.keys, SETTINGS, made.id, made.version, None)
        assert isinstance(begun, Campaign), begun


async def _look_anew(rig: Rig) -> None:
    """Have birthdays looked for once more, and wait until they were."""
    looked_up_to = await rig.value("select max(made_until) from campaign")
    await rig.rows("update campaign set made_until = made_until - interval '5 minutes'")

    async def looked() -> bool:
        return bool(await rig.value("select max(made_until) >= $1 from campaign", looked_up_to))

    await until(looked, WITHIN, "birthdays are looked for anew")
