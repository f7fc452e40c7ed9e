"""Quiet hours and local days by the clock on the wall: twenty zones, and the days it is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.policy.hours import after, is_quiet, next_morning, quiet_end

NIGHT = (time(21), time(8))
NOON = (time(12), time(13, 30))
NEVER = (time(0), time(0))
SKIPPED = time(2, 30)  # on one day of the year; then an end may come up to an hour later
TOKYO = ZoneInfo("Asia/Tokyo")
# With the days on which their clocks changed lately, if they do; some change them at midnight.
ZONES = {
    "Asia/Tokyo": (),
    "Asia/Shanghai": (),
    "Asia/Taipei": (),
    "Asia/Hong_Kong": (),
    "Asia/Kolkata": (),
    "Asia/Kathmandu": (),
    "Asia/Vladivostok": (),
    "Europe/Moscow": (),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "Atlantic/Azores": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Los_Angeles": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Santiago": (date(2026, 4, 4), date(2026, 9, 6)),
    "Australia/Sydney": (date(2026, 4, 5), date(2026, 10, 4)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Pacific/Auckland": (date(2026, 4, 5), date(2026, 9, 27)),
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 3, 22)),
}
DAYS = [(name, day) for name, changes in ZONES.items() for day in (*changes, date(2026, 6, 15))]


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


def through(name: str, day: date) -> list[datetime]:
    """Every ten minutes from the noon before to the noon after a local day."""
    zone = ZoneInfo(name)
    noon = datetime.combine(day - timedelta(1), time(12), zone)
    end = datetime.combine(day + timedelta(1), time(12), zone).astimezone(UTC)
    found = [noon]
    while found[-1].astimezone(UTC) < end:
        found.append(after(found[-1], timedelta(minutes=10)))
    return found


def test_there_are_twenty_zones_and_their_clocks_change_on_the_days_named() -> None:
    assert len(ZONES) == 20
    for name, changes in ZONES.items():
        for day in changes:
            offsets = {
                datetime.combine(day + timedelta(n), time(12), ZoneInfo(name)).utcoffset()
                for n in (-1, 0, 1)
            }
            assert len(offsets) == 2, (name, day)


@pytest.mark.parametrize(("name", "day"), DAYS, ids=lambda it: str(it))
def test_nothing_is_sent_before_eight_or_from_nine_on_the_wall(name: str, day: date) -> None:
    for at in through(name, day):
        wall = at.hour * 60 + at.minute
        assert is_quiet(at, NIGHT) is not (480 <= wall < 1260)
        if is_quiet(at, NIGHT):
            end = quiet_end(at, NIGHT)
            assert (end.hour, end.minute) == (8, 0)
            assert timedelta(0) < end.astimezone(UTC) - at.astimezone(UTC) <= timedelta(hours=12)
            assert end.date() - at.date() == timedelta(days=at.hour >= 21)


@pytest.mark.parametrize(("name", "day"), DAYS, ids=lambda it: str(it))
@pytest.mark.parametrize("quiet", [NIGHT, NEVER, (time(22), SKIPPED), (time(1), SKIPPED)])
def test_what_waits_for_another_day_or_an_end_waits_for_a_later_instant_that_is_not_quiet(
    name: str, day: date, quiet: tuple[time, time]
) -> None:
    for at in through(name, day):
        morning = next_morning(at, quiet)
        assert morning.date() == at.date() + timedelta(1)
        assert not is_quiet(morning, quiet)
        assert timedelta(0) < morning.astimezone(UTC) - at.astimezone(UTC) < timedelta(hours=34)
        before = after(morning, -timedelta(minutes=1))
        if quiet[1] != SKIPPED:
            assert is_quiet(before, quiet) or before.date() == at.date()
        if is_quiet(at, quiet):
            end = quiet_end(at, quiet)
            assert end.astimezone(UTC) > at.astimezone(UTC)
            assert not is_quiet(end, quiet)


def test_a_quarter_of_an_hour_later_is_later_in_the_hour_that_comes_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    second = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    later = after(second, timedelta(minutes=15))
    assert later.astimezone(UTC) - second.astimezone(UTC) == timedelta(minutes=15)
    assert later.fold == 1


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        (NIGHT, time(20, 59), False),
        (NIGHT, time(21), True),
        (NIGHT, time(0), True),
        (NIGHT, time(7, 59), True),
        (NIGHT, time(8), False),
        (NOON, time(11, 59), False),
        (NOON, time(12), True),
        (NOON, time(13, 30), False),
        (NEVER, time(0), False),
        (NEVER, time(12), False),
    ],
)
def test_quiet_hours_may_pass_midnight_and_end_before_their_end(
    quiet: tuple[time, time], clock: time, expected: bool
) -> None:
    assert is_quiet(datetime.combine(date(2026, 11, 24), clock, TOKYO), quiet) is expected


@pytest.mark.parametrize(
    ("now", "end"),
    [(at(21), at(8, day=25)), (at(23, 59), at(8, day=25)), (at(0), at(8)), (at(7, 59), at(8))],
)
def test_quiet_hours_end_on_this_morning_or_the_next(now: datetime, end: datetime) -> None:
    assert quiet_end(now, NIGHT) == end


def test_quiet_hours_end_by_the_clock_on_the_wall_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 3, 28, 22, tzinfo=berlin)  # summer time begins in this night
    assert quiet_end(evening, NIGHT) == datetime(2026, 3, 29, 8, tzinfo=berlin)
