"""R17: slots and reminders where the clock changes, against a table made the other way round.

The product turns wall time into instants. The table is made by walking over the instants and
asking what the clock on the wall shows at each, so that the two share no reasoning.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from clinic.booking.hours import DAY, Weekly
from clinic.booking.reminders import reminder_times
from clinic.booking.rules import Board, Offer, Resource, Site, days_of, free, slots_of

ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Auckland",
    "Pacific/Chatham",
)
WITHOUT = {"Asia/Kathmandu", "Asia/Shanghai", "Asia/Taipei", "Asia/Tokyo", "Europe/Moscow"}
GRAIN = 5  # minutes; every offset and every change since 2025 is a multiple
# Opening, closing, step, duration.
HOURS = (
    (0, DAY, 30, 30),
    (75, 225, 20, 40),
    (150, 600, 15, 60),
    (0, 180, 60, 60),
    (1380, DAY, 10, 10),
)


def changes(zone: ZoneInfo) -> list[date]:
    """The days from 2025 to 2030 on which a clock of the zone is changed."""
    first = datetime(2025, 1, 1, tzinfo=UTC)
    instants = [first + timedelta(hours=3 * n) for n in range(6 * 366 * 8)]
    return sorted(
        {
            begin.astimezone(zone).date()
            for begin, end in pairwise(instants)
            if end.year < 2031
            and begin.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset()
        }
    )


@lru_cache
def shown_at(zone: ZoneInfo, on: date) -> dict[datetime, datetime]:
    """For each wall time of a day and the night before, the first instant the clock shows it."""
    table: dict[datetime, datetime] = {}
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=26)
    for _ in range(78 * 60 // GRAIN):
        table.setdefault(at.astimezone(zone).replace(tzinfo=None), at)
        at += timedelta(minutes=GRAIN)
    return table


def expected(zone: ZoneInfo, on: date, minute: int) -> datetime:
    """When a clock shows that minute of the day; a left out one as far after the last shown."""
    table = shown_at(zone, on)
    wall = datetime(on.year, on.month, on.day) + timedelta(minutes=minute)
    before = wall
    while before not in table:
        before -= timedelta(minutes=GRAIN)
    return table[before] + (wall - before)


def around(zone: ZoneInfo) -> Iterator[date]:
    for on in changes(zone) or [date(2027, 3, 28)]:
        yield from (on + timedelta(n) for n in (-1, 0, 1))


@pytest.mark.parametrize("name", ZONES)
def test_slots_around_every_change_are_those_of_the_table(name: str) -> None:
    zone = ZoneInfo(name)
    days = list(around(zone))
    assert (len(days) == 3) == (name in WITHOUT)
    for on in days:
        for opens, closes, step, duration in HOURS:
            begin, end = expected(zone, on, opens), expected(zone, on, closes)
            length = timedelta(minutes=duration)
            starts = sorted({expected(zone, on, minute) for minute in range(opens, closes, step)})
            reference = [at for at in starts if at >= begin and at + length <= end]
            weekly = (Weekly(1, on.weekday(), opens, closes),)
            found = free(
                Board(
                    Offer(1, duration, step=step),
                    (Site(1, "", zone),),
                    (Resource(1, "practitioner", "", weekly=weekly),),
                    (),
                    datetime.combine(on, datetime.min.time(), UTC) - timedelta(2),
                    on,
                    1,
                )
            )
            slots = slots_of(found, on, 999)
            assert [slot.starts_at for slot in slots] == [at.astimezone(zone) for at in reference]
            assert [slot.starts_at.timestamp() for slot in slots] == [
                at.timestamp() for at in reference
            ]
            assert all(
                slot.ends_at.timestamp() - slot.starts_at.timestamp() == duration * 60
                for slot in slots
            )
            assert [day.free for day in days_of(found, 1)[0]] == [len(reference)] * bool(reference)


@pytest.mark.parametrize("name", ZONES)
def test_reminders_around_every_change_come_at_the_right_wall_time(name: str) -> None:
    zone = ZoneInfo(name)
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    for on in around(zone):
        for minute in (0, 30, 60, 90, 120, 150, 180, 600, 1410):
            visit = expected(zone, on, minute).astimezone(zone)
            wall = visit.replace(tzinfo=None)
            times = reminder_times(
                visit, (60, 1440, 7 * 1440, 1500), ("00:00", "00:00"), zone, long_ago
            )
            assert {minutes: at.timestamp() for minutes, at in times} == {
                60: visit.timestamp() - 3600,
                1440: reference(zone, wall, 1).timestamp(),
                1500: reference(zone, wall, 1).timestamp() - 3600,
                7 * 1440: reference(zone, wall, 7).timestamp(),
            }, (name, visit)


def reference(zone: ZoneInfo, wall: datetime, days: int) -> datetime:
    earlier = wall - timedelta(days)
    return expected(zone, earlier.date(), earlier.hour * 60 + earlier.minute)
