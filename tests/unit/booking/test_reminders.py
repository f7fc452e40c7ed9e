"""When patients are reminded."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.booking.reminders import LEAST_BEFORE, is_quiet, reminder_times

TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = ("21:00", "08:00")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def times(
    visit: str, *minutes: int, quiet: tuple[str, str] = NIGHT, now: datetime = LONG_AGO
) -> list[str]:
    found = reminder_times(at(visit), minutes, quiet, TOKYO, now)
    return [f"{when:%d %H:%M}" for _, when in found]


def test_reminders_come_so_long_before_the_visit() -> None:
    assert times("2026-09-10 15:00", 1440, 120) == ["09 15:00", "10 13:00"]


def test_one_in_quiet_hours_waits_for_their_end() -> None:
    assert times("2026-09-10 09:30", 120) == ["10 08:00"]
    assert times("2026-09-10 08:45", 120) == ["10 08:00"]


def test_one_that_cannot_wait_comes_before_quiet_hours() -> None:
    assert times("2026-09-10 08:44", 120) == ["09 20:45"]
    assert times("2026-09-10 23:30", 60) == ["10 20:45"]
    assert times("2026-09-10 03:00", 120) == ["09 20:45"]


def test_quiet_hours_may_lie_within_a_day_or_not_be_at_all() -> None:
    assert times("2026-09-10 15:00", 120, quiet=("12:30", "14:00")) == ["10 14:00"]
    assert times("2026-09-10 14:30", 60, quiet=("12:30", "14:00")) == ["10 12:15"]
    assert times("2026-09-10 03:00", 60, quiet=("00:00", "00:00")) == ["10 02:00"]


def test_what_would_be_past_is_not_sent() -> None:
    assert times("2026-09-10 15:00", 1440, 120, now=at("2026-09-09 15:00")) == ["10 13:00"]
    assert times("2026-09-10 15:00", 1440, 120, now=at("2026-09-10 14:00")) == []
    assert times("2026-09-10 08:30", 60, now=at("2026-09-09 22:00")) == []


def test_one_whose_time_is_past_may_still_wait_for_the_morning() -> None:
    assert times("2026-09-10 10:00", 720, now=at("2026-09-09 23:00")) == ["10 08:00"]


def test_two_that_fall_together_are_one_and_it_is_the_later() -> None:
    found = reminder_times(at("2026-09-10 09:00"), (600, 120, 120), NIGHT, TOKYO, LONG_AGO)
    assert [(minutes, f"{when:%H:%M}") for minutes, when in found] == [(120, "08:00")]


zones = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Asia/Tokyo",
            "Europe/Berlin",
            "Africa/Cairo",
            "America/Havana",
            "Australia/Lord_Howe",
            "Antarctica/Troll",
        )
    ]
)
clocks = st.times().map(lambda time: f"{time:%H:%M}")
instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(second=0, microsecond=0)
)


@given(
    zones,
    instants,
    st.lists(st.integers(1, 20000), max_size=4),
    clocks,
    clocks,
    st.integers(0, 30000),
)
def test_never_in_quiet_hours_never_past_never_after_the_visit(
    zone: ZoneInfo, visit: datetime, minutes: list[int], begin: str, end: str, ahead: int
) -> None:
    now = visit - timedelta(minutes=ahead)
    found = reminder_times(visit, minutes, (begin, end), zone, now)
    assert [when for _, when in found] == sorted({when for _, when in found})
    for wanted, when in found:
        assert now < when < visit
        assert wanted in minutes
        assert not is_quiet(when, (begin, end), zone)


def test_where_quiet_hours_leave_no_time_nobody_is_reminded() -> None:
    assert times("2026-09-10 15:00", 60, quiet=("00:10", "00:00")) == []


@pytest.mark.parametrize(
    ("clock", "quiet"), [("20:59", False), ("21:00", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_begin_with_their_first_minute_and_end_before_their_last(
    clock: str, quiet: bool
) -> None:
    assert is_quiet(at(f"2026-09-10 {clock}"), NIGHT, TOKYO) is quiet
    assert timedelta(minutes=45) == LEAST_BEFORE


@pytest.mark.parametrize(
    ("lives_in", "expected"),
    [
        (None, ["09 10:00", "10 08:00"]),
        ("Nowhere/Land", ["09 10:00", "10 08:00"]),
        ("Asia/Tokyo", ["09 10:00", "10 08:00"]),
        # 21:00 and 18:00 there: the first waits for 8:00 of theirs, the second need not.
        ("America/New_York", ["09 21:00", "10 07:00"]),
        # 5:00 and 2:00 there: the second cannot wait for 8:00, so it comes before that night.
        ("Asia/Dubai", ["09 13:00", "10 01:45"]),
    ],
)
def test_the_quiet_hours_are_those_of_where_the_patient_lives(
    lives_in: str | None, expected: list[str]
) -> None:
    visit = at("2026-09-10 10:00")
    found = reminder_times(visit, (1440, 180), NIGHT, TOKYO, LONG_AGO, lives_in)
    assert [f"{when:%d %H:%M}" for _, when in found] == expected
