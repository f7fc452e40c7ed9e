"""Whom SQL finds due is who is due, whenever and wherever one asks."""

import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign.due import occurrences
from clinic.campaign.due_sql import compile_due
from clinic.campaign.trigger import BASES, KINDS, Trigger
from clinic.db import Database
from tests.integration.campaigns.due_world import Person, people, store
from tests.unit.clinic.campaign.triggers import times, trigger

pytestmark = pytest.mark.server
ZONES = ["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]
EVERYBODY = people(160, 5)
EACH = 10  # triggers of a kind in a zone, and more until one finds somebody
MOST = 60
Row = tuple[int, str, datetime, bool]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with EVERYBODY in it."""
    database = await Database.open(database_url, connections=2)
    async with database.transaction() as tx:
        await store(tx, EVERYBODY)
    yield database
    await database.close()


async def _found(
    database: Database,
    asked: Trigger,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    back: datetime | None,
) -> list[Row]:
    made = compile_due(asked, since, until, zone, back)
    async with database.transaction() as tx:
        rows = await tx.fetch(
            f"select patient_id, occurrence, due_at, late from ({made.where}) n", *made.values
        )
    return sorted((row[0], row[1], row[2], row[3]) for row in rows)


def _right(
    asked: Trigger,
    everybody: list[Person],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    back: datetime | None,
) -> list[Row]:
    return sorted(
        (one.id, due.occurrence, due.at, due.late)
        for one in everybody
        for due in occurrences(asked, one.facts, since, until, zone, back)
    )


@pytest.mark.parametrize("name", ZONES)
async def test_what_is_due_in_sql_is_what_is_due_in_words(database: Database, name: str) -> None:
    zone, dice = ZoneInfo(name), random.Random(name)
    some = dict.fromkeys([*KINDS, *BASES], 0)
    del some["relative"]
    for kind in some:
        for n in range(MOST):
            if n >= EACH and some[kind]:
                break
            asked, (since, until) = trigger(dice, kind), times(dice)
            back = dice.choice([None, since - timedelta(2), since - timedelta(40)])
            found = await _found(database, asked, since, until, zone, back)
            assert found == _right(asked, EVERYBODY, since, until, zone, back), (asked, since)
            some[kind] += bool(found)
    assert min(some.values()) > 0, some


async def test_nobody_is_due_in_an_empty_base(database_url: str) -> None:
    database = await Database.open(database_url, connections=1)
    dice, zone = random.Random(1), ZoneInfo("Europe/Berlin")
    try:
        for kind in [*KINDS[:5], *BASES]:
            for _ in range(3):
                asked, (since, until) = trigger(dice, kind), times(dice)
                assert await _found(database, asked, since, until, zone, None) == []
    finally:
        await database.close()


def test_where_nothing_can_be_due_nothing_is_asked() -> None:
    dice, zone = random.Random(2), ZoneInfo("Asia/Tokyo")
    since = datetime(2027, 5, 18, 3, 30, tzinfo=UTC)  # 12:30 there, at which nothing here is due
    for kind in [*KINDS[:5], *KINDS[6:], *BASES]:
        made = compile_due(trigger(dice, kind), since, since + timedelta(minutes=1), zone)
        assert made.values == []
        assert made.where.endswith("where false")


def test_words_of_a_trigger_are_only_ever_values() -> None:
    dice, zone = random.Random(3), ZoneInfo("Europe/Berlin")
    for kind in [*KINDS[:5], *BASES]:
        for _ in range(20):
            made = compile_due(trigger(dice, kind), *times(dice), zone)
            for word in ("scope", "phq_9", "diabetes", "113001810", "at_risk", "noshow", "2027"):
                assert word not in made.where
            places = {int(n) for n in re.findall(r"\$(\d+)::", made.where)}
            assert places == set(range(1, len(made.values) + 1))
            assert not re.search(r"\$\d+(?!\d|::)", made.where)
