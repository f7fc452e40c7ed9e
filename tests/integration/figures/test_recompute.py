"""The sums of days are what plain Python counts, however often they are worked out."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.commands.figures import recomputed
from bot.environment import Environment
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.figures.recompute import fold, months_known, next_stale, recompute
from scheduler.figures import bring_up_to_date
from tests.integration.figures import world

pytestmark = pytest.mark.server
KEYS = KeyRing({1: bytes(32)})
ZONE = "Asia/Tokyo"
SETTINGS = Settings(clinic={"name": "x", "phone": "+81312345678"})


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


async def counted(tx: Tx) -> Counter[world.Key]:
    found: Counter[world.Key] = Counter()
    for row in await tx.fetch("select * from figure_day"):
        key = (*(row["on_date"], row["kind"], row["chapter"], row["doctor_id"], row["service_id"]),)
        match row["figure"]:
            case "visit":
                found["visit", *key] += row["n"]
                found["minutes", *key] += row["total"]
            case "kept":
                found["kept", *key] += row["n"]
                found["back", *key] += row["total"]
            case "arrival" | "gap" as figure:
                found[figure, *key] += row["n"]
            case "points":
                found["receipts", row["on_date"]] += row["n"]
                found["points", row["on_date"]] += row["total"]
    return found


@pytest.mark.parametrize("seed", range(8))
async def test_sums_are_what_plain_python_counts(database: Database, seed: int) -> None:
    made = world.world(seed)
    async with database.transaction() as tx:
        await world.store(tx, made)
        for _ in range(2):  # again changes nothing
            await recompute(tx, KEYS, world.MONTH, ZONE)
            assert +await counted(tx) == +world.figures(made)


async def test_open_minutes_know_holidays_and_extra_hours(database: Database) -> None:
    async with database.transaction() as tx:
        await world.store(tx, world.World())
        await tx.execute(
            """insert into schedule (resource_id, site_id, weekday, opens_at, closes_at)
                 select 1, 1, d, '09:00', '12:00' from generate_series(0, 4) d;
               insert into schedule_exception (on_date, kind) values ('2026-09-21', 'closed');
               insert into schedule_exception (resource_id, site_id, on_date, kind, opens_at,
                 closes_at) values (1, 1, '2026-09-26', 'extra', '10:00', '11:00')"""
        )
        await recompute(tx, KEYS, world.MONTH, ZONE)
        rows = await tx.fetch("select * from figure_day where figure = 'open' order by on_date")
    by_day = {row["on_date"].day: row["total"] for row in rows}
    assert by_day[1] == 180
    assert 21 not in by_day
    assert by_day[26] == 60
    assert sum(by_day.values()) == 21 * 180 + 60


async def test_every_month_is_worked_out_once_and_again_after_an_import(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await world.store(tx, world.world(1))
        months = await months_known(tx, ZONE)
    seen: list[date] = []
    for _ in range(len(months)):
        async with database.transaction() as tx:
            month = await next_stale(tx, ZONE)
            assert month is not None
            await recompute(tx, KEYS, month, ZONE)
            seen.append(month)
    assert seen == list(reversed(months))
    async with database.transaction() as tx:
        assert await next_stale(tx, ZONE) is None
    async with database.transaction() as tx:
        await tx.execute("update import_run set committed_at = now() + interval '1 s'")
        assert await next_stale(tx, ZONE) == months[-1]


async def test_steps_of_days_that_are_over_become_sums_and_stay(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            """insert into figure_event (at, figure, kind)
               select now() - make_interval(days => d), 'step', 'booking.PickDay'
               from unnest(array[0, 2, 2]) d"""
        )
        for _ in range(2):
            await fold(tx, ZONE)
            today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
            await recompute(tx, KEYS, today.replace(day=1), ZONE)
        assert await tx.fetchval("select sum(n) from figure_day where figure = 'step'") == 2
        assert await tx.fetchval("select count(*) from figure_event") == 1


async def test_a_worker_that_was_stopped_leaves_the_rest_to_the_next(database: Database) -> None:
    async with database.transaction() as tx:
        await world.store(tx, world.world(2))
        months = await months_known(tx, ZONE)

    def worker() -> Environment:
        nothing = cast("tuple[Any, Any, Any]", (None,) * 3)
        return Environment(database, KEYS, SETTINGS, {}, *nothing)

    assert await bring_up_to_date(worker()) == 1  # and is stopped
    again = worker()
    for _ in months[1:]:
        assert await bring_up_to_date(again) == 1
    assert await bring_up_to_date(again) == 0
    async with database.transaction() as tx:
        assert await tx.fetchval("select count(*) from figure_month") == len(months)


async def test_the_command_works_every_month_out(database: Database, database_url: str) -> None:
    async with database.transaction() as tx:
        await world.store(tx, world.world(3))
        months = await months_known(tx, ZONE)
    settings = SETTINGS.model_copy(update={"database_url": SecretStr(database_url)})
    told = [month async for month in recomputed(settings, None)]
    assert tuple(told) == months
    since = months[-2] + timedelta(days=3)
    assert [month async for month in recomputed(settings, since)] == list(months[-2:])
