"""Who is asked about a freed time and for how long, and which bookings are suspicious."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.waitlist.rules import (
    fits,
    next_step,
    order,
    part_of_day,
    suspicion,
    wave_length,
)
from clinic.waitlist.types import (
    Ask,
    BookingFacts,
    Candidate,
    End,
    Freed,
    Standing,
    Wait,
    Waves,
    Wishes,
)

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 23, 9, 20, tzinfo=TOKYO)  # a Monday
AT = datetime(2026, 11, 25, 10, 0, tzinfo=TOKYO)  # a Wednesday
FREED = Freed(1, 11, 31, AT, AT + timedelta(minutes=30))
EVER = Wishes(date(2026, 11, 1), date(2026, 12, 31))
HOUR = timedelta(hours=1)
OPEN = Standing(starts_at=AT, wave=0, now=NOW)
WAVES = Waves()


def waits(patient: int, asked: datetime = NOW, **fields: object) -> Candidate:
    """Somebody on the waitlist."""
    whoever = Candidate(patient, entry_id=patient, asked_at=asked, wishes=EVER)
    return replace(whoever, **fields)  # type: ignore[arg-type]


def due(patient: int, expected: date | None) -> Candidate:
    """Somebody who has not asked, but is due."""
    return Candidate(patient, expected_on=expected)


def ids(*candidates: Candidate) -> list[int]:
    """The patients in the order in which they are asked."""
    return [one.patient_id for one in order(candidates, FREED)]


# Waves --------------------------------------------------------------------------------------------


def test_the_first_people_are_asked_at_once() -> None:
    assert next_step(OPEN, WAVES) == Ask(NOW + timedelta(minutes=10))


def test_while_people_think_the_time_is_kept_for_them() -> None:
    until = NOW + timedelta(minutes=4)
    thinking = replace(OPEN, wave=1, waiting=2, wave_until=until)
    assert next_step(thinking, WAVES) == Wait(until, keep=True)


@pytest.mark.parametrize(
    "standing",
    [
        replace(OPEN, wave=1, waiting=0, wave_until=NOW + HOUR),
        replace(OPEN, wave=1, waiting=2, wave_until=NOW),
        replace(OPEN, wave=1, waiting=2, wave_until=None),
    ],
    ids=["all said no", "the time is up", "nothing is kept"],
)
def test_when_nobody_thinks_any_more_the_next_are_asked(standing: Standing) -> None:
    assert isinstance(next_step(standing, WAVES), Ask)


def test_a_near_time_is_not_offered_and_a_little_further_one_in_haste() -> None:
    assert next_step(replace(OPEN, now=AT - 1.9 * HOUR), WAVES) == End("too_near")
    near = AT - 2 * HOUR
    assert next_step(replace(OPEN, now=near), WAVES) == Ask(near + timedelta(minutes=5))
    assert wave_length(6 * HOUR, WAVES) == timedelta(minutes=10)


def test_waves_come_to_an_end() -> None:
    assert next_step(replace(OPEN, wave=6), WAVES) == End("all_asked")


def test_in_quiet_hours_nobody_is_asked_and_nothing_kept() -> None:
    morning = NOW + 8 * HOUR
    assert next_step(replace(OPEN, quiet_until=morning), WAVES) == Wait(morning, keep=False)


# Who fits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hour", "part"), [(9, "morning"), (12, "afternoon"), (17, "evening")])
def test_parts_of_a_day(hour: int, part: str) -> None:
    assert part_of_day(AT.replace(hour=hour)) == part


@pytest.mark.parametrize(
    ("wishes", "fitting"),
    [
        (EVER, True),
        (replace(EVER, part="morning"), True),
        (replace(EVER, part="evening"), False),
        (replace(EVER, weekdays=(2,)), True),
        (replace(EVER, weekdays=(0, 4)), False),
        (replace(EVER, from_on=date(2026, 11, 26)), False),
        (replace(EVER, until_on=date(2026, 11, 24)), False),
        (replace(EVER, until_on=date(2026, 11, 25)), True),
    ],
)
def test_a_time_is_offered_as_it_was_wished_for(wishes: Wishes, fitting: bool) -> None:
    assert fits(waits(1, wishes=wishes), FREED) is fitting


def test_only_the_practitioner_who_was_named() -> None:
    assert fits(waits(1, practitioner_id=11), FREED)
    assert not fits(waits(1, practitioner_id=12), FREED)


def test_only_instead_of_a_later_visit() -> None:
    assert fits(waits(1, visit_at=AT + HOUR), FREED)
    assert not fits(waits(1, visit_at=AT), FREED)


# The order ----------------------------------------------------------------------------------------


def test_who_asked_on_an_earlier_day_comes_first() -> None:
    yesterday = NOW - timedelta(days=1)
    narrow = waits(1, wishes=replace(EVER, part="morning", weekdays=(2,)), practitioner_id=11)
    assert ids(narrow, waits(2, yesterday)) == [2, 1]


def test_of_one_day_whose_wishes_are_narrower_then_the_minute() -> None:
    early, late = waits(1, NOW), waits(2, NOW + HOUR)
    part = waits(3, NOW + HOUR, wishes=replace(EVER, part="morning"))
    named = waits(4, NOW + HOUR, practitioner_id=11, wishes=replace(EVER, weekdays=(2,)))
    assert ids(late, early, part, named) == [4, 3, 1, 2]
    assert ids(waits(5, wishes=None), early) == [1, 5]


def test_after_the_waitlist_those_who_are_due_the_longest_first() -> None:
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    found = (due(1, None), due(2, october), due(3, september), waits(4))
    assert ids(*found) == [4, 3, 2, 1]


def test_nobody_is_asked_twice() -> None:
    assert ids(due(1, date(2026, 9, 1)), waits(1), waits(2)) == [1, 2]


# Suspicious bookings ------------------------------------------------------------------------------

PLAIN = BookingFacts(confirmed=False, until=timedelta(days=3))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (PLAIN, None),
        (replace(PLAIN, open_together=3, patients=1), "suspicious_many"),
        (replace(PLAIN, open_together=3, patients=3), None),
        (replace(PLAIN, open_together=2, patients=1), None),
        (replace(PLAIN, open_together=5, patients=5), "suspicious_many"),
        (replace(PLAIN, same_day=1), "suspicious_double"),
        (replace(PLAIN, no_shows=2), None),
        (replace(PLAIN, no_shows=2, until=HOUR), "suspicious_no_shows"),
        (replace(PLAIN, no_shows=1, until=HOUR), None),
        (replace(PLAIN, confirmed=True, same_day=1, open_together=9), None),
    ],
)
def test_suspicious_bookings(facts: BookingFacts, reason: str | None) -> None:
    assert suspicion(facts) == reason


def test_the_length_of_a_freed_time() -> None:
    assert FREED.minutes == 30
