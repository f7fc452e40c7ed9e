"""Rules of figures, by tables of cases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.figures import rules
from clinic.figures.types import Spread

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


# Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3.
@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilsons(n: int, of: int, low: float, high: float) -> None:
    share = rules.share(n, of)
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)
    assert share.rate == n / of
    assert not share.small


def test_few_cases_are_marked_and_none_are_no_rate() -> None:
    assert rules.share(1, 4).small
    assert not rules.share(1, 5).small
    assert rules.share(0, 0).rate is None


def test_change_is_a_share_of_before() -> None:
    assert rules.change(12, 10) == pytest.approx(0.2)
    assert rules.change(3, 0) is None


@pytest.mark.parametrize(
    ("counts", "part", "value"),
    [
        ({}, 0.5, 0),
        ({7: 0}, 0.5, 0),
        ({3: 1}, 0.9, 3),
        ({1: 1, 2: 1, 3: 1, 4: 1}, 0.5, 2),
        ({28: 50, 90: 49, 400: 1}, 0.9, 90),
    ],
)
def test_a_quantile_is_a_value_that_was_there(
    counts: dict[int, int], part: float, value: int
) -> None:
    assert rules.quantile(counts, part) == value


def test_a_spread_of_few_is_small() -> None:
    assert rules.spread({30: 2, 60: 2}) == Spread(4, 30, 30, 60, 60)
    assert rules.spread({30: 4}).small
    assert not rules.spread({30: 5}).small


def test_the_score_is_promoters_less_detractors() -> None:
    told = rules.nps({10: 6, 9: 1, 8: 2, 6: 1})
    assert (told.n, told.promoters, told.detractors, told.score) == (10, 7, 1, 60.0)
    assert told.low is not None
    assert told.high is not None
    assert told.low < 60 < told.high <= 100
    assert rules.nps({10: 4}).score is None


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        ("2026-10-01", "2026-10-31", ("2026-09-01", "2026-09-30")),
        ("2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31")),
        ("2026-10-05", "2026-10-11", ("2026-09-28", "2026-10-04")),
        ("2026-10-01", "2026-10-15", ("2026-09-16", "2026-09-30")),
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
    ],
)
def test_the_former_period_is_as_long(since: str, until: str, before: tuple[str, str]) -> None:
    first, last = rules.former(date.fromisoformat(since), date.fromisoformat(until))
    assert (first.isoformat(), last.isoformat()) == before


@pytest.mark.parametrize(("days", "step"), [(1, "day"), (45, "day"), (46, "week"), (191, "month")])
def test_a_chart_has_some_ten_to_thirty_points(days: int, step: str) -> None:
    since = date(2026, 1, 1)
    assert rules.step_of(since, since + timedelta(days=days - 1)) == step


def test_points_are_days_weeks_from_monday_or_months() -> None:
    since, until = date(2026, 10, 30), date(2026, 11, 3)
    assert rules.points(since, until, "month") == (date(2026, 10, 1), date(2026, 11, 1))
    assert rules.points(since, until, "week") == (date(2026, 10, 26), date(2026, 11, 2))
    assert len(rules.points(since, until, "day")) == 5


def test_months_count_over_years() -> None:
    assert rules.later(date(2026, 11, 1), 3) == date(2027, 2, 1)
    assert rules.later(date(2026, 2, 1), -14) == date(2024, 12, 1)
    assert rules.months_between(date(2026, 11, 30), date(2027, 1, 1))[-1] == date(2027, 1, 1)


def test_a_season_compares_days_not_months() -> None:
    days = {date(2026, 1, 1) + timedelta(days=n): 10 for n in range(365)}
    assert {one.index for one in rules.seasons(days, by_weekday=False)} == {100.0}
    sundays = {on: 0 if on.weekday() == 6 else 7 for on in days}
    told = rules.seasons(sundays, by_weekday=True)
    assert told[6].index == 0
    assert told[0].index is not None
    assert 116 < told[0].index < 117
    assert rules.seasons({}, by_weekday=True)[0].index is None
    assert rules.seasons({date(2026, 1, 1): 0}, by_weekday=False)[0].index is None


@pytest.mark.parametrize(
    ("code", "chapter"),
    [("I10", "IX"), ("E119", "IV"), ("D48", "II"), ("D50", "III"), ("z00", "XXI"), ("", "")],
)
def test_a_code_lies_in_a_chapter(code: str, chapter: str) -> None:
    assert rules.chapter_of(code) == chapter


@pytest.mark.parametrize(
    ("month", "computed", "changed", "stale"),
    [
        (date(2020, 1, 1), None, timedelta(days=99), True),
        (date(2020, 1, 1), timedelta(hours=2), timedelta(hours=1), True),  # an import since
        (date(2020, 1, 1), timedelta(hours=2), timedelta(hours=3), False),
        (date(2020, 1, 1), timedelta(days=8), timedelta(days=9), True),
        (date(2026, 11, 1), timedelta(minutes=9), timedelta(days=9), False),
        (date(2026, 11, 1), timedelta(minutes=11), timedelta(days=9), True),
        (date(2026, 10, 1), timedelta(minutes=11), timedelta(days=9), True),
        (date(2026, 9, 1), timedelta(minutes=11), timedelta(days=9), False),
    ],
)
def test_a_month_is_worked_out_again_when_something_may_have_changed(
    month: date, computed: timedelta | None, changed: timedelta, stale: bool
) -> None:
    at = None if computed is None else NOW - computed
    assert rules.stale(month, at, NOW, NOW - changed) is stale


@pytest.mark.parametrize(
    ("marks", "recommend", "low"),
    [([5, 2], 9, True), ([3, 4], 4, False), ([], 3, True), ([5], None, False)],
)
def test_a_low_mark_calls_for_somebody(marks: list[int], recommend: int | None, low: bool) -> None:
    assert rules.low_mark(marks, recommend) is low
