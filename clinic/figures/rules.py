"""Shares with their interval, medians, periods, seasons, chapters of disease. Pure.

Formulas and their sources: docs/figures.md.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from clinic.figures.types import Nps, Season, Share, Spread, Step

SMALL = 5  # cases; a rate of fewer says nothing by itself
RETURN_DAYS = 180  # within which a seen patient counts as kept
LATE_HOURS = 24  # before the visit
LONGEST_GAP = 730  # days; who comes after more begins anew
_SURE = 1.96  # standard errors of a 95 % interval
_DAY = timedelta(days=1)
_FRESH = timedelta(minutes=10)
# ICD-10 (WHO, 2019): the first and the last category of each chapter.
CHAPTERS: tuple[tuple[str, str, str], ...] = (
    ("I", "A00", "B99"),
    ("II", "C00", "D48"),
    ("III", "D50", "D89"),
    ("IV", "E00", "E90"),
    ("V", "F00", "F99"),
    ("VI", "G00", "G99"),
    ("VII", "H00", "H59"),
    ("VIII", "H60", "H95"),
    ("IX", "I00", "I99"),
    ("X", "J00", "J99"),
    ("XI", "K00", "K93"),
    ("XII", "L00", "L99"),
    ("XIII", "M00", "M99"),
    ("XIV", "N00", "N99"),
    ("XV", "O00", "O99"),
    ("XVI", "P00", "P96"),
    ("XVII", "Q00", "Q99"),
    ("XVIII", "R00", "R99"),
    ("XIX", "S00", "T98"),
    ("XX", "V01", "Y98"),
    ("XXI", "Z00", "Z99"),
    ("XXII", "U00", "U99"),
)


def share(n: int, of: int) -> Share:
    """A share with Wilson's interval (1927), which holds for few cases and near 0 and 1."""
    if of == 0:
        return Share(n, of, None, 0.0, 1.0, small=True)
    rate, square = n / of, _SURE**2
    middle = (rate + square / (2 * of)) / (1 + square / of)
    half = _SURE * math.sqrt(rate * (1 - rate) / of + square / (4 * of**2)) / (1 + square / of)
    return Share(n, of, rate, max(0.0, middle - half), min(1.0, middle + half), small=of < SMALL)


def change(now: float, former: float) -> float | None:
    """How much more than before, as a share of before; None where before was nothing."""
    return None if former == 0 else (now - former) / former


def quantile(counts: Mapping[int, int], part: float) -> int:
    """The value below or at which `part` of all lie (nearest rank); 0 of nothing."""
    rank = math.ceil(part * sum(counts.values()))
    for value in sorted(counts):
        rank -= counts[value]
        if rank <= 0:
            return value if counts[value] else 0
    return 0


def spread(counts: Mapping[int, int]) -> Spread:
    """Where values lie, from how often each comes."""
    low, median, high, p90 = (quantile(counts, part) for part in (0.25, 0.5, 0.75, 0.9))
    return Spread(sum(counts.values()), low, median, high, p90)


def nps(marks: Mapping[int, int]) -> Nps:
    """Net promoter score (Reichheld 2003) with the interval of a difference of two shares."""
    n = sum(marks.values())
    up = sum(count for mark, count in marks.items() if mark >= 9)
    down = sum(count for mark, count in marks.items() if mark <= 6)
    if n < SMALL:
        return Nps(n, up, down, None, None, None)
    score = (up - down) / n
    half = _SURE * math.sqrt(((up + down) / n - score**2) / n)
    low, high = max(-1.0, score - half), min(1.0, score + half)
    return Nps(n, up, down, 100 * score, 100 * low, 100 * high)


def month_of(on: date) -> date:
    """The first day of its month."""
    return on.replace(day=1)


def later(month: date, months: int) -> date:
    """The first day of another month: so many later, or earlier."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def months_between(since: date, until: date) -> tuple[date, ...]:
    """The first days of the months that a period touches."""
    count = (until.year - since.year) * 12 + until.month - since.month + 1
    return tuple(later(month_of(since), number) for number in range(count))


def former(since: date, until: date) -> tuple[date, date]:
    """The period before, as long: whole months before whole months, else as many days."""
    if since.day == 1 and (until + _DAY).day == 1:
        return later(since, -len(months_between(since, until))), since - _DAY
    return since - (until - since) - _DAY, since - _DAY


def step_of(since: date, until: date) -> Step:
    """How a period is cut into the points of a chart: some 10 to 30 of them."""
    days = (until - since).days + 1
    return "day" if days <= 45 else "week" if days <= 190 else "month"


def point_of(on: date, step: Step) -> date:
    """The first day of the point in which a day lies; weeks begin on Monday (ISO 8601)."""
    if step == "week":
        return on - timedelta(days=on.weekday())
    return month_of(on) if step == "month" else on


def points(since: date, until: date, step: Step) -> tuple[date, ...]:
    """The points of a period, also those of which nothing is known."""
    days = ((since + timedelta(days=number)) for number in range((until - since).days + 1))
    return tuple(dict.fromkeys(point_of(on, step) for on in days))


def seasons(counts: Mapping[date, int], *, by_weekday: bool) -> tuple[Season, ...]:
    """What an average day of each month (1 to 12) or weekday (0 to 6) has of the average day.

    `counts`: of every day looked at, 0 included. A month's index compares days, so that February
    is not punished for being short.
    """
    numbers = range(7) if by_weekday else range(1, 13)
    mean = sum(counts.values()) / len(counts) if counts else 0.0
    found = []
    for number in numbers:
        those = [
            n for on, n in counts.items() if (on.weekday() if by_weekday else on.month) == number
        ]
        index = 100 * sum(those) / len(those) / mean if those and mean else None
        found.append(Season(number, index, len(those)))
    return tuple(found)


def chapter_of(icd10: str) -> str:
    """The chapter of an ICD-10 code, "" for what is in none."""
    category = icd10[:3].upper()
    return next((code for code, first, last in CHAPTERS if first <= category <= last), "")


def stale(month: date, computed_at: datetime | None, now: datetime, changed_at: datetime) -> bool:
    """Whether a month must be worked out again.

    This month and the last are told of visits every day, older ones by imports, merges and
    erasures, of which the newest was at `changed_at`. All are seen to once a week, for what nobody
    announces. `now` is local to the clinic.
    """
    if computed_at is None or computed_at < changed_at:
        return True
    if now - computed_at > 7 * _DAY:
        return True
    near = month >= later(month_of(now.date()), -1)
    return near and now - computed_at > _FRESH


def low_mark(marks: Iterable[int], recommend: int | None) -> bool:
    """Whether an answered survey calls for somebody: a 1 or 2 of five, or 0 to 3 of ten."""
    return any(mark <= 2 for mark in marks) or (recommend is not None and recommend <= 3)
