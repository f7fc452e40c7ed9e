"""The ladder: who is alerted when, who is on call, what a staff code looks like."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.escalation.rules import (
    alerted,
    first_alert_due,
    next_step,
    on_call_now,
    read_staff_code,
    rung,
    shown_code,
)
from clinic.escalation.types import Next, Rung, Shift
from clinic.link.rules import new_code

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY, TUESDAY, SUNDAY = 23, 24, 22  # of November 2026


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("round", "age", "found"),
    [
        (0, 0, "first"),
        (0, 4, "first"),
        (1, 5, "next"),
        (1, 4, "next"),  # the first alert went out a little late
        (2, 10, "everybody"),
        (9, 45, "everybody"),
        (0, 5, "next"),  # no worker ran
        (0, 10, "everybody"),
        (1, 60, "everybody"),
    ],
)
def test_the_rung_follows_the_alerts_and_the_age(round: int, age: int, found: Rung) -> None:
    assert rung(round, minutes(age)) == found


@pytest.mark.parametrize(
    ("rung", "on_call", "doctors", "found"),
    [
        ("first", (1, 2), (1, 2, 3), (1,)),
        ("next", (1, 2), (1, 2, 3), (2,)),
        ("next", (1,), (1, 3), (1, 3)),  # there is no next one
        ("everybody", (2, 1), (1, 3), (2, 1, 3)),
        ("everybody", (9,), (1,), (9, 1)),  # on call, though no doctor
        ("first", (), (1, 3), (1, 3)),  # nobody is on call
        ("first", (), (), ()),
    ],
)
def test_each_rung_means_its_people(
    rung: Rung, on_call: tuple[int, ...], doctors: tuple[int, ...], found: tuple[int, ...]
) -> None:
    assert alerted(rung, on_call, doctors) == found


def test_until_somebody_has_it_the_next_alert_is_five_minutes_away() -> None:
    for repeated in (False, True):
        assert next_step("open", timedelta(0), repeated=repeated) == Next("alert", minutes(5))


@pytest.mark.parametrize(
    ("since", "repeated", "found"),
    [
        (2, False, Next("tell", minutes(58))),
        (60, False, Next("remind", minutes(60))),
        (500, False, Next("remind", minutes(60))),
        (2, True, Next("repeat", minutes(58))),
        (500, True, Next("repeat", minutes(60))),
    ],
)
def test_whoever_has_it_is_reminded_every_hour_and_told_when_it_is_said_again(
    since: int, repeated: bool, found: Next
) -> None:
    assert next_step("acknowledged", minutes(since), repeated=repeated) == found


@pytest.mark.parametrize(("level", "due"), [(1, False), (2, False), (3, True), (4, True)])
def test_only_what_cannot_wait_until_tomorrow_rings(level: int, due: bool) -> None:
    assert first_alert_due(level) is due


DAY = Shift(1, weekday=0, since=time(9), until=time(18))
NIGHT = Shift(2, weekday=0, since=time(18), until=time(9))
ALL_DAY = Shift(3, weekday=0, since=time(0), until=time(0), position=1)
SUNDAYS = Shift(4, weekday=6, since=time(20), until=time(6))


@pytest.mark.parametrize(
    ("on", "hour", "minute", "found"),
    [
        (MONDAY, 8, 59, (3,)),
        (MONDAY, 9, 0, (1, 3)),
        (MONDAY, 17, 59, (1, 3)),
        (MONDAY, 18, 0, (2, 3)),
        (MONDAY, 23, 59, (2, 3)),
        (TUESDAY, 0, 0, (2,)),
        (TUESDAY, 8, 59, (2,)),
        (TUESDAY, 9, 0, ()),
        (TUESDAY, 18, 0, ()),
        (SUNDAY, 19, 59, ()),
        (SUNDAY, 20, 0, (4,)),
        (MONDAY, 5, 59, (4, 3)),
        (MONDAY, 6, 0, (3,)),
    ],
)
def test_who_is_on_call_is_told_by_the_clinics_clock(
    on: int, hour: int, minute: int, found: tuple[int, ...]
) -> None:
    now = datetime(2026, 11, on, hour, minute, tzinfo=TOKYO)
    assert on_call_now([ALL_DAY, DAY, NIGHT, SUNDAYS], now) == found


def test_somebody_with_two_shifts_at_once_is_one_person() -> None:
    now = datetime(2026, 11, MONDAY, 10, tzinfo=TOKYO)
    assert on_call_now([DAY, DAY], now) == (1,)


def test_a_staff_code_is_read_however_it_is_typed() -> None:
    code = new_code()
    assert read_staff_code(shown_code(code)) == code
    assert read_staff_code(f"  STAFF-{code.lower()} ") == code
    assert read_staff_code(f"ｓｔａｆｆ－{code}") == code
    assert read_staff_code(f"Staff‐{code[:3]}-{code[3:6]}-{code[6:]}") == code


@pytest.mark.parametrize(
    "text",
    [
        "staff",
        "staff please",
        "staff telephone",  # nine letters, each of a code's alphabet
        "staff-",
        "staff-ABCD2345",  # too short
        "staff-ABCD2345XYZ",
        "ABCD2345X",
        "my code is staff-ABCD2345X",
        "",
    ],
)
def test_words_about_staff_are_no_code(text: str) -> None:
    assert read_staff_code(text) is None
