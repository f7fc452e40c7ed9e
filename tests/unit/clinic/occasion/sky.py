"""Sun and moon by Meeus, Astronomical Algorithms (2nd edition), and the Chinese calendar from them.

Chapter 25, low accuracy: the sun to 0.01 degrees, which is a quarter of an hour. Chapter 49: new
moons to some seconds. The calendar (GB/T 33661-2017): in UTC+8, a month begins on the day of a new
moon; the 11th holds the winter solstice; of thirteen months between two solstices the first that
holds no major term is a leap month.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import radians, sin

DELTA_T = timedelta(seconds=71)  # TT - UTC, 2020 to 2050 within ten seconds
CHINA = timedelta(hours=8)
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)  # JDE 2451545.0
# Coefficient, power of E, multiples of M, M', F. Table of chapter 49 for new moons.
_NEW = [
    *((-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0)),
    *((0.01039, 0, 0, 0, 2), (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0)),
    *((0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2), (-0.00057, 0, 0, 1, 2)),
    *((0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2)),
    *((0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0)),
    *((0.00004, 0, 0, 2, -2), (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2)),
    *((0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2), (0.00003, 0, -1, 1, 2)),
    *((-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0)),
]
# Of the planets: degrees, degrees for each k, days.
_PLANETS = [
    *((299.77, 0.107408, 325e-6), (251.88, 0.016321, 165e-6), (251.83, 26.651886, 164e-6)),
    *((349.42, 36.412478, 126e-6), (84.66, 18.206239, 110e-6), (141.74, 53.303771, 62e-6)),
    *((207.14, 2.453732, 60e-6), (154.84, 7.306860, 56e-6), (34.52, 27.261239, 47e-6)),
    *((207.19, 0.121824, 42e-6), (291.34, 1.844379, 40e-6), (161.72, 24.198154, 37e-6)),
    *((239.56, 25.513099, 35e-6), (331.55, 3.592518, 23e-6)),
]


def _sine(degrees: float) -> float:
    return sin(radians(degrees % 360))


def longitude(at: datetime) -> float:
    """The sun's apparent longitude in degrees."""
    t = (at + DELTA_T - _EPOCH) / timedelta(36525)
    anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t
    centre = (
        (1.914602 - 0.004817 * t - 0.000014 * t * t) * _sine(anomaly)
        + (0.019993 - 0.000101 * t) * _sine(2 * anomaly)
        + 0.000289 * _sine(3 * anomaly)
    )
    node = 125.04 - 1934.136 * t
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    return (mean + centre - 0.00569 - 0.00478 * _sine(node)) % 360


def reaches(degrees: float, near: datetime) -> datetime:
    """When the sun reaches a longitude, nearest to an instant."""
    for _ in range(20):
        missing = (degrees - longitude(near) + 180) % 360 - 180
        near += timedelta(missing / 360 * 365.2422)
    return near


def new_moon(k: int) -> datetime:
    """The k-th new moon since the one of 6 January 2000."""
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    m = 2.5534 + 29.10535670 * k - 0.0000014 * t * t
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t + 0.00001238 * t**3
    f = 160.7108 + 390.67050284 * k - 0.0016118 * t * t - 0.00000227 * t**3
    node = 124.7746 - 1.56375588 * k + 0.0020672 * t * t
    days = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t - 0.00000015 * t**3
    days -= 0.00017 * _sine(node)
    days += sum(
        coefficient * e**power * _sine(a * m + b * moon + c * f)
        for coefficient, power, a, b, c in _NEW
    )
    days += sum(size * _sine(start + each * k) for start, each, size in _PLANETS)
    return _EPOCH + timedelta(days - 2451545.0) - DELTA_T


def _in_china(at: datetime) -> date:
    return (at + CHINA).date()


def _solstice(year: int) -> date:
    return _in_china(reaches(270, datetime(year, 12, 21, tzinfo=UTC)))


def months(year: int) -> dict[date, tuple[int, bool]]:
    """First days from the 11th month of the year before on: number, and whether a leap month."""
    before, after = _solstice(year - 1), _solstice(year)
    k = int((year - 2000) * 12.3685) - 3
    firsts = [_in_china(new_moon(n)) for n in range(k, k + 18)]
    begin = max(n for n, first in enumerate(firsts) if first <= before)
    end = max(n for n, first in enumerate(firsts) if first <= after)
    terms = [
        _in_china(reaches(30 * n, datetime(year, 3, 21, tzinfo=UTC) + timedelta(30.44 * n)))
        for n in range(-5, 11)
    ]
    found: dict[date, tuple[int, bool]] = {}
    number, leap_is_due = 10, end - begin == 13
    for first, after in pairwise(firsts[begin : end + 1]):
        leap = leap_is_due and not any(first <= term < after for term in terms)
        leap_is_due = leap_is_due and not leap
        number += not leap
        found[first] = ((number - 1) % 12 + 1, leap)
    return found
