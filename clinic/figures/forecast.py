"""What the next months may bring, tried on the months that were. Pure.

Two methods of Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd edition):
seasonal naive (5.2) and Holt-Winters' additive (8.3); intervals by 5.5 and 8.7. Whichever missed
the past by less is shown, with how much it missed.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date

from clinic.figures.rules import later
from clinic.figures.types import Ahead, Forecast

YEAR = 12  # months
LEAST = YEAR + 6  # months: a year to learn from, half a year to be tried on
_LEAST_WINTERS = 2 * YEAR  # before the first month that Holt-Winters is tried on
_TRIES = YEAR  # months tried at most
_GRID = (0.1, 0.3, 0.5, 0.8)
# Student's t, 97.5 %, by degrees of freedom: few errors make a wide interval.
_T = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179)
Weights = tuple[float, float, float]


def forecast(series: Sequence[float], first: date, ahead: int = 6) -> Forecast | None:
    """The months after a series that begins with the month `first`; None if it is too short."""
    if len(series) < LEAST:
        return None
    misses = {"naive": _misses(series, YEAR, _naive)}
    if len(series) >= _LEAST_WINTERS + 6:
        misses["holt_winters"] = _misses(series, _LEAST_WINTERS, _winters)
    tried = min(map(len, misses.values()))
    errors = {name: _mean([abs(it) for it in own[-tried:]]) for name, own in misses.items()}
    naive = errors["naive"] <= errors.get("holt_winters", math.inf)
    own = misses["naive" if naive else "holt_winters"][-tried:]
    weights = None if naive else fitted(series)
    values = _naive(series, ahead) if weights is None else winters(series, weights, ahead)
    deviation = math.sqrt(_mean([it * it for it in own])) * _T[min(len(own), len(_T)) - 1]
    months = []
    for number, value in enumerate(values):
        half = deviation * _widening(number, weights)
        month = later(first, len(series) + number)
        months.append(Ahead(month, max(0.0, value), max(0.0, value - half), value + half))
    mean = _mean(series[-tried:])
    missed = _mean([abs(it) for it in own])
    percent = 100 * missed / mean if mean else 0.0
    return Forecast("naive" if naive else "holt_winters", tuple(months), tried, errors, percent)


def winters(series: Sequence[float], weights: Weights, ahead: int) -> list[float]:
    """Holt-Winters' additive method with a season of twelve."""
    level, trend, season, _ = _learned(series, weights)
    return [
        level + (number + 1) * trend + season[(len(series) + number) % YEAR]
        for number in range(ahead)
    ]


def fitted(series: Sequence[float]) -> Weights:
    """The weights of level, trend and season that missed the series by least."""
    grid = [(a, b, c) for a in _GRID for b in (0.0, 0.1, 0.3) for c in _GRID]
    return min(grid, key=lambda weights: _learned(series, weights)[3])


def _learned(series: Sequence[float], weights: Weights) -> tuple[float, float, list[float], float]:
    """Level, trend and season after the series, and the sum of squared misses."""
    alpha, beta, gamma = weights
    mean, middle = _mean(series[:YEAR]), (YEAR - 1) / 2
    trend = (_mean(series[YEAR : 2 * YEAR]) - mean) / YEAR
    level = mean + middle * trend  # at the end of the first year
    season = [
        value - mean - (number - middle) * trend for number, value in enumerate(series[:YEAR])
    ]
    missed = 0.0
    for number, value in enumerate(series[YEAR:]):
        at = number % YEAR
        missed += (value - level - trend - season[at]) ** 2
        before = level
        level = alpha * (value - season[at]) + (1 - alpha) * (level + trend)
        trend = beta * (level - before) + (1 - beta) * trend
        season[at] = gamma * (value - level) + (1 - gamma) * season[at]
    return level, trend, season, missed


def _naive(series: Sequence[float], ahead: int) -> list[float]:
    """As it was a year before."""
    return [series[len(series) - YEAR + number % YEAR] for number in range(ahead)]


def _winters(series: Sequence[float], ahead: int) -> list[float]:
    return winters(series, fitted(series), ahead)


def _misses(
    series: Sequence[float], least: int, method: Callable[[Sequence[float], int], list[float]]
) -> list[float]:
    """What the method would have missed each of the last months by, knowing only those before."""
    begin = max(least, len(series) - _TRIES)
    return [series[at] - method(series[:at], 1)[0] for at in range(begin, len(series))]


def _widening(number: int, weights: Weights | None) -> float:
    """By how much the interval of the month `number` (0 is the next) is wider than one month's."""
    if weights is None:
        return math.sqrt(number // YEAR + 1)
    alpha, beta, gamma = weights
    parts = (
        alpha * (1 + beta * step) + (gamma * (1 - alpha) if step % YEAR == 0 else 0.0)
        for step in range(1, number + 1)
    )
    return math.sqrt(1 + sum(part**2 for part in parts))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
