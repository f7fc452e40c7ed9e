"""Weekly hours and exceptions on the wall clock, and what they are as instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.booking.hours import (
    DAY,
    Exceptional,
    Weekly,
    bits,
    hours_of,
    instant,
    minute_after,
    minute_of,
    moment,
    runs,
    span,
    wall_hours,
)

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 9, 7)
SITE, OTHER_SITE, DOCTOR = 1, 2, 10


def clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def weekly(opens: str, closes: str, weekday: int = 0, site: int = SITE, **valid: date) -> Weekly:
    return Weekly(site, weekday, clock(opens), clock(closes), **valid)


def shown(minutes: int) -> list[str]:
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in runs(minutes)]


def day(
    rows: list[Weekly], exceptions: list[Exceptional] | None = None, on: date = MONDAY
) -> list[str]:
    return shown(wall_hours(rows, exceptions or [], on, SITE)[0])


@given(st.sets(st.integers(0, 3000)))
def test_a_set_of_minutes_is_its_runs_and_its_bits(minutes: set[int]) -> None:
    packed = sum(1 << minute for minute in minutes)
    assert list(bits(packed)) == sorted(minutes)
    assert {m for a, b in runs(packed) for m in range(a, b)} == minutes
    assert sum(span(a, b) for a, b in runs(packed)) == packed


def test_a_span_is_cut_off_at_the_beginning_and_may_be_empty() -> None:
    assert span(-5, 2) == 0b11
    assert span(3, 3) == span(5, 2) == span(-5, -2) == 0


def test_hours_hold_on_their_weekday_at_their_site_while_they_are_valid() -> None:
    rows = [
        weekly("09:00", "12:00"),
        weekly("14:00", "18:00"),
        weekly("09:00", "20:00", weekday=1),
        weekly("07:00", "08:00", site=OTHER_SITE),
        weekly("19:00", "20:00", valid_from=MONDAY + timedelta(1)),
        weekly("20:00", "21:00", valid_until=MONDAY - timedelta(1)),
        weekly("21:00", "22:00", valid_from=MONDAY, valid_until=MONDAY),
    ]
    assert day(rows) == ["09:00-12:00", "14:00-18:00", "21:00-22:00"]


def test_touching_and_overlapping_hours_are_one() -> None:
    rows = [weekly("09:00", "12:00"), weekly("12:00", "13:00"), weekly("11:00", "24:00")]
    assert day(rows) == ["09:00-24:00"]


def test_hours_that_end_before_they_begin_are_none() -> None:
    assert day([weekly("18:00", "09:00")]) == []


def test_a_closing_takes_part_of_the_day_or_all_of_it() -> None:
    rows = [weekly("09:00", "18:00")]
    lunch = Exceptional(MONDAY, False, clock("12:00"), clock("13:00"), DOCTOR)
    assert day(rows, [lunch]) == ["09:00-12:00", "13:00-18:00"]
    assert day(rows, [Exceptional(MONDAY, False, site_id=SITE)]) == []
    assert day(rows, [Exceptional(MONDAY, False)]) == []
    assert day(rows, [Exceptional(MONDAY, False, site_id=OTHER_SITE)]) == ["09:00-18:00"]


def test_who_has_extra_hours_on_a_holiday_works() -> None:
    holiday = Exceptional(MONDAY, False)
    extra = Exceptional(MONDAY, True, clock("10:00"), clock("12:00"), DOCTOR)
    assert day([weekly("09:00", "18:00")], [holiday, extra]) == ["10:00-12:00"]
    own_closing = Exceptional(MONDAY, False, clock("11:00"), clock("24:00"), DOCTOR)
    assert day([weekly("09:00", "18:00")], [own_closing, holiday, extra]) == ["10:00-11:00"]


def test_extra_hours_of_a_site_are_for_those_who_work_there() -> None:
    extra = Exceptional(MONDAY, True, clock("19:00"), clock("21:00"), site_id=SITE)
    assert day([weekly("09:00", "12:00", weekday=3)], [extra]) == ["19:00-21:00"]
    assert day([weekly("09:00", "12:00", site=OTHER_SITE)], [extra]) == []
    assert day([weekly("09:00", "12:00", valid_until=date(2020, 1, 1))], [extra]) == []


def test_extra_hours_of_a_practitioner_may_be_at_a_site_of_no_schedule() -> None:
    here = Exceptional(MONDAY, True, clock("19:00"), clock("21:00"), DOCTOR, SITE)
    somewhere = Exceptional(MONDAY, True, clock("19:00"), clock("21:00"), DOCTOR)
    assert day([], [here]) == ["19:00-21:00"]
    assert day([], [somewhere]) == []
    assert day([weekly("09:00", "12:00")], [somewhere]) == ["09:00-12:00", "19:00-21:00"]


def test_starts_are_counted_from_each_opening_even_after_a_closing() -> None:
    rows = [weekly("09:10", "10:30"), weekly("13:00", "14:00")]
    closing = Exceptional(MONDAY, False, clock("09:20"), clock("09:50"), DOCTOR)
    origin = instant(TOKYO, MONDAY, 0)
    hours = hours_of(rows, [closing], SITE, TOKYO, [MONDAY], origin, 25)
    assert shown(hours.open) == ["09:10-09:20", "09:50-10:30", "13:00-14:00"]
    starts = [f"{bit // 60:02}:{bit % 60:02}" for bit in bits(hours.grid)]
    assert starts == ["09:10", "09:35", "10:00", "10:25", "13:00", "13:25", "13:50"]


def test_a_missing_hour_moves_forward_and_a_doubled_one_is_used_once() -> None:
    rows = [Weekly(SITE, 6, clock("00:00"), clock("06:00"))]

    def on(sunday: date) -> tuple[list[str], list[str]]:
        origin = instant(BERLIN, sunday, 0)
        hours = hours_of(rows, [], SITE, BERLIN, [sunday], origin, 30)
        starts = [f"{moment(origin + bit, BERLIN):%H:%M%z}" for bit in bits(hours.grid)]
        return shown(hours.open), starts

    spring, starts = on(date(2027, 3, 28))
    assert spring == ["00:00-05:00"]  # five hours long
    assert starts[3:6] == ["01:30+0100", "03:00+0200", "03:30+0200"]
    autumn, starts = on(date(2027, 10, 31))
    assert autumn == ["00:00-07:00"]
    assert starts[3:8] == ["01:30+0200", "02:00+0200", "02:30+0200", "03:00+0100", "03:30+0100"]


@pytest.mark.parametrize("second", [0, 1, 59])
def test_the_minute_after_an_instant_is_the_first_not_before_it(second: int) -> None:
    at = datetime(2026, 9, 7, 10, 30, second, tzinfo=UTC)
    assert minute_of(at) == int(at.timestamp()) // 60
    assert minute_after(at) - minute_of(at) == (1 if second else 0)
    assert moment(minute_of(at), TOKYO) == at.replace(second=0)


def test_the_end_of_a_day_is_the_beginning_of_the_next() -> None:
    assert instant(TOKYO, MONDAY, DAY) == instant(TOKYO, MONDAY + timedelta(1), 0)
