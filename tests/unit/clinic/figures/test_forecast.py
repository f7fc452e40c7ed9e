"""The forecast: what it learns, how wide it is, and that it tells how much it missed."""

import math
from datetime import date

import pytest

from clinic.figures.forecast import LEAST, fitted, forecast, winters

FIRST = date(2023, 1, 1)
SEASON = (9, 8, 12, 11, 10, 9, 8, 7, 10, 11, 13, 14)


def series(months: int, trend: float = 0.0) -> list[float]:
    return [100.0 * SEASON[n % 12] + trend * n for n in range(months)]


def test_too_short_a_series_tells_nothing() -> None:
    assert forecast(series(LEAST - 1), FIRST) is None


def test_what_repeats_every_year_is_foretold_without_a_miss() -> None:
    told = forecast(series(24), FIRST)
    assert told is not None
    assert told.method == "naive"
    assert told.percent == 0
    assert [one.value for one in told.ahead] == [100.0 * SEASON[n] for n in range(6)]
    assert told.ahead[0].month == date(2025, 1, 1)


def test_a_trend_is_seen_once_there_are_years_to_learn_from() -> None:
    told = forecast(series(48, trend=20), FIRST, ahead=14)
    assert told is not None
    assert told.method == "holt_winters"
    assert told.errors["holt_winters"] < told.errors["naive"]
    assert told.ahead[0].value == pytest.approx(100 * SEASON[0] + 20 * 48, rel=0.01)
    widths = [one.high - one.low for one in told.ahead]
    assert widths == sorted(widths)


def test_the_interval_of_as_a_year_before_widens_with_every_year() -> None:
    noisy = [value + 40 * math.sin(7 * n) for n, value in enumerate(series(24))]
    told = forecast(noisy, FIRST, ahead=13)
    assert told is not None
    first, last = told.ahead[0], told.ahead[12]
    assert (last.high - last.low) / (first.high - first.low) == pytest.approx(math.sqrt(2))


def test_nothing_is_foretold_below_nothing_and_of_nothing_there_is_nothing_missed() -> None:
    told = forecast([0.0] * 24, FIRST)
    assert told is not None
    assert {(one.value, one.low) for one in told.ahead} == {(0.0, 0.0)}
    assert told.percent == 0


def test_the_weights_are_those_that_missed_by_least() -> None:
    grown = series(36, trend=20)
    weights = fitted(grown)
    assert winters(grown, weights, 1)[0] == pytest.approx(100 * SEASON[0] + 720, rel=0.02)
