"""The same local day, in twenty zones and on the days on which their clocks change."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.policy.hours import by_clock_of, is_quiet, quiet_end, zone_of
from clinic.policy.rules import decide, hold
from clinic.policy.types import (
    Account,
    Candidate,
    Decision,
    Go,
    Later,
    Limits,
    Past,
    Person,
    Wanted,
)
from tests.unit.policy.test_hours import DAYS, NIGHT, through

LIMITS = Limits(quiet=NIGHT, per_day=1)
PLAN = Wanted("care", "plan")


@pytest.mark.parametrize(("name", "day"), DAYS, ids=lambda it: str(it))
def test_a_message_fills_the_day_that_the_wall_shows_and_no_other(name: str, day: date) -> None:
    noon = datetime.combine(day, time(12), ZoneInfo(name))
    for at in through(name, day):
        sent = Past("care", 3, at.astimezone(UTC))
        later = hold(False, [sent], PLAN, noon, LIMITS)
        assert isinstance(later, Later) is (at.date() == day), at
        if later is not None:
            assert (later.until.date() - day).days == 1
            assert (later.until.hour, later.until.minute) == (8, 0)


NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Tokyo"))  # of a clinic; no clock changes
NEVER_A_ZONE = [
    "",
    "Atlantis/Poseidonis",
    "America",
    "../etc/passwd",
    "/etc/hosts",
    "a\0b",
    "x" * 5000,
]


def judged(zone: str | None, at: datetime, **facts: Any) -> Decision:
    """What becomes of a plan's message to somebody who lives in that zone."""
    account = Account(1, "line", link_version=4)
    somebody = Candidate(7, Person(), (account,), "ja", zone=zone, **facts)
    return decide(somebody, PLAN, at, Limits(quiet=NIGHT, per_day=2))


@pytest.mark.parametrize(
    ("zone", "clock", "until"),
    [
        (None, "12:00", None),
        ("Asia/Tokyo", "12:00", None),
        ("America/New_York", "12:00", "2026-11-24 22:00"),  # 22:00 of the day before, there
        ("America/New_York", "17:00", "2026-11-24 22:00"),  # 3:00
        ("America/New_York", "22:00", None),  # 8:00 there, and a night of the clinic
        ("America/New_York", "02:00", None),  # 12:00
        ("Pacific/Auckland", "17:00", "2026-11-25 04:00"),  # 21:00
        ("Pacific/Auckland", "06:00", None),  # 10:00
        ("Asia/Kathmandu", "11:00", "2026-11-24 11:15"),  # 7:45
        ("Asia/Kathmandu", "11:15", None),
        ("Europe/London", "16:59", "2026-11-24 17:00"),
        ("Europe/London", "17:00", None),
    ],
)
def test_nights_are_those_of_the_zone_in_which_the_patient_lives(
    zone: str | None, clock: str, until: str | None
) -> None:
    hour, minute = map(int, clock.split(":"))
    decision = judged(zone, NOON.replace(hour=hour, minute=minute))
    if until is None:
        assert isinstance(decision, Go)
    else:
        assert decision == Later(
            datetime.fromisoformat(until).replace(tzinfo=NOON.tzinfo), "quiet_hours"
        )


@pytest.mark.parametrize("name", NEVER_A_ZONE, ids=lambda it: repr(it[:20]))
def test_what_is_no_zone_is_the_clinics(name: str) -> None:
    assert zone_of(name) is None
    assert by_clock_of(name, NOON) is NOON
    assert isinstance(judged(name, NOON), Go)
    night = judged(name, NOON.replace(hour=23))
    assert night == judged(None, NOON.replace(hour=23))
    assert isinstance(night, Later)


@pytest.mark.parametrize(("name", "day"), DAYS, ids=lambda it: str(it))
def test_a_clinic_far_away_wakes_nobody_on_the_days_on_which_their_clocks_change(
    name: str, day: date
) -> None:
    for there in through(name, day):
        decision = judged(name, there.astimezone(NOON.tzinfo))
        assert isinstance(decision, Later) is is_quiet(there, NIGHT), there
        if isinstance(decision, Later):
            assert decision.until.astimezone(UTC) == quiet_end(there, NIGHT).astimezone(UTC)


def test_the_day_that_a_cap_is_about_is_the_patients_too() -> None:
    # There it is the 24th; at noon of the 24th in Tokyo it was the evening of the 23rd.
    now = datetime(2026, 11, 25, 0, tzinfo=NOON.tzinfo)
    recent = (Past("care", 3, NOON), Past("care", 3, NOON))
    assert isinstance(judged("America/New_York", now, recent=recent), Go)
    late = datetime(2026, 11, 24, 23, tzinfo=NOON.tzinfo)
    assert judged("America/New_York", late, recent=(Past("care", 3, late),) * 2) == Later(
        datetime(2026, 11, 25, 8, tzinfo=ZoneInfo("America/New_York")), "too_often"
    )
