"""On which day an occasion falls, and what comes next. Pure."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from clinic.occasion.data import MONTHS, OCCASIONS, SEASONS, TERMS
from clinic.occasion.types import Fixed, Lunar, Nth, Rule, Season, Term, Upcoming


def on(name: str, year: int) -> date | None:
    """The day of an occasion in a year; None where it is not known: before 2020, after 2050.

    Raises KeyError if there is no such occasion.
    """
    occasion = OCCASIONS[name]
    # New Year's Eve of the Chinese year 2026 lies in 2027, and the eve of a new year before it.
    for counted in (year - 1, year, year + 1):
        day = _day(occasion.rule, counted)
        if day is not None and (day + timedelta(occasion.plus)).year == year:
            return day + timedelta(occasion.plus)
    return None


def upcoming(since: date, until: date, country: str | None = None) -> tuple[Upcoming, ...]:
    """What falls between two days, both included, in order; of one country, or of all (None)."""
    found = (
        Upcoming(day, occasion)
        for occasion in OCCASIONS.values()
        if country is None or not occasion.countries or country in occasion.countries
        for year in range(since.year, until.year + 1)
        if (day := on(occasion.name, year)) is not None and since <= day <= until
    )
    return tuple(sorted(found, key=lambda one: (one.on, one.occasion.name)))


def seasons(country: str, day: date | None = None) -> Iterator[Season]:
    """The seasons of a country; those that a day lies in, if one is given."""
    for season in SEASONS:
        if season.country == country and (day is None or in_season(season.first, season.last, day)):
            yield season


def in_season(first: tuple[int, int], last: tuple[int, int], day: date) -> bool:
    """Whether a day lies between two days of the year, both included, maybe over New Year."""
    begins, ends = day_of(day.year, *first), day_of(day.year, *last)
    return begins <= day <= ends if begins <= ends else not ends < day < begins


def day_of(year: int, month: int, day: int) -> date:
    """The day of a year; 29 February is the 28th where there is none."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _day(rule: Rule, year: int) -> date | None:
    """The day by a rule; of the Chinese calendar, in its year that begins in this one."""
    match rule:
        case Fixed():
            return day_of(year, rule.month, rule.day)
        case Nth():
            return _nth(rule, year)
        case Lunar():
            first = MONTHS.get((year, rule.month))
            return None if first is None else first + timedelta(rule.day - 1)
        case Term():
            begins = TERMS.get((year, rule.term))
            return None if begins is None else (begins + timedelta(hours=rule.hours)).date()
    return _orthodox(year) if rule.orthodox else _western(year)


def _nth(rule: Nth, year: int) -> date:
    if rule.nth < 0:
        last = date(year, rule.month, calendar.monthrange(year, rule.month)[1])
        return last - timedelta((last.weekday() - rule.weekday) % 7)
    first = date(year, rule.month, 1)
    return first + timedelta((rule.weekday - first.weekday()) % 7 + 7 * (rule.nth - 1))


def _western(year: int) -> date:
    """Meeus, Astronomical Algorithms, chapter 8: Gregorian Easter."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    shift = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * shift) // 451
    month, day = divmod(h + shift - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _orthodox(year: int) -> date:
    """The same book: Julian Easter, told in our calendar (13 days later, 1900 to 2099)."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(13)
