"""Which days are meant, seen from today."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from nlu.dates.tokens import Day

FARTHEST = 731  # days; what is said to lie beyond is no visit
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from the first to the last, of which only some weekdays if any are named."""

    first: date | None
    last: date | None
    weekdays: frozenset[int] = frozenset()


def meanings(day: Day, today: date, since: date | None = None) -> list[Stretch]:
    """All plausible meanings, in order of time; none if it is past, impossible or too far.

    `since` is the first day of a range that this one ends.
    """
    found = [
        _clipped(Stretch(_plus(first, day.later), _plus(last, day.later), weekdays), today)
        for first, last, weekdays in _spans(day, today, since or today)
    ]
    kept = [stretch for stretch in found if stretch is not None]
    return sorted(set(kept), key=lambda stretch: (stretch.first or today, stretch.last or today))


def complete(earlier: Day, later: Day) -> tuple[Day, Day]:
    """Two days of one list or range, each with the month or week that only the other names."""
    if _is_bare_weekday(later) and earlier.week is not None and earlier.week > 0:
        later = replace(later, week=earlier.week)
    elif _is_bare_weekday(later) and earlier.loose and earlier.weekday is not None:
        later = replace(later, loose=True)
    elif _is_bare_weekday(earlier) and later.trailing and later.week is not None:
        earlier = replace(earlier, week=later.week)
    if _is_bare_day(later) and _has_month(earlier):
        later = _in_month_of(later, earlier)
    elif _is_bare_day(earlier) and later.trailing and _has_month(later):
        earlier = _in_month_of(earlier, later)
    return earlier, later


def is_weekday_only(day: Day) -> bool:
    """Whether any such weekday is meant when it is ruled out: "except Friday"."""
    return _is_bare_weekday(day) and not day.loose


def are_alike(one: object, other: object) -> bool:
    """Whether two weekdays, or two days of a month, are told in the same way."""
    if not (isinstance(one, Day) and isinstance(other, Day)):
        return False
    if one.weekday is not None and other.weekday is not None:
        return (one.day is None) == (other.day is None)
    return one.day is not None and other.day is not None


def _plus(day: date | None, days: int) -> date | None:
    return day and day + timedelta(days=days)


def _clipped(stretch: Stretch, today: date) -> Stretch | None:
    first, last = stretch.first, stretch.last
    if first is None or last is None:
        return stretch
    if last < today or first > today + timedelta(days=FARTHEST):
        return None
    return replace(stretch, first=max(first, today))


def _is_bare_weekday(day: Day) -> bool:
    return day.weekday is not None and day == Day(
        weekday=day.weekday, loose=day.loose, trailing=day.trailing, unsure=day.unsure
    )


def _is_bare_day(day: Day) -> bool:
    return day.day is not None and not _has_month(day) and day.ahead is None and not day.swapped


def _has_month(day: Day) -> bool:
    return day.month is not None or day.months is not None


def _in_month_of(day: Day, other: Day) -> Day:
    return replace(day, month=other.month, months=other.months, year=other.year, years=other.years)


_Span = tuple[date | None, date | None, frozenset[int]]


def _spans(day: Day, today: date, since: date) -> list[_Span]:
    try:
        if day.every:
            around = replace(day, every=frozenset(), unsure=False, trailing=False, loose=False)
            wide = _stretches(around, today, since) if around != Day() else [(None, None)]
            return [(first, last, day.every) for first, last in wide]
        return [(first, last, frozenset()) for first, last in _stretches(day, today, since)]
    except (ValueError, OverflowError):  # a year or a number of days that no calendar has
        return []


def _stretches(
    day: Day, today: date, since: date
) -> list[tuple[date, date]] | list[tuple[None, None]]:
    if day.within is not None:
        return [(today, today + timedelta(days=day.within))]
    dates = _dates(day, today, since)
    if dates is None:
        return _wide(day, today)
    if day.weekday is not None and day.nth is None:
        dates = _on_weekday(day, dates, today)
    elif day.week is not None:  # "next week, the 3rd": if it is not, either may be meant
        first, last = _week(today, day.week)
        dates = [at for at in dates if first <= at <= last] or [*dates, first]
    if day.whole_week:
        return [_week(at, 0) for at in dates]
    return [(at, at) for at in dates]


def _dates(day: Day, today: date, since: date) -> list[date] | None:
    """The single days meant; None if weeks or months are."""
    if day.ahead is not None:
        return [today + timedelta(days=day.ahead), *_said_too(day, today)]
    if day.same_day:
        return [_same_day(today, day.months or 0)]
    if day.nth is not None and day.weekday is not None:
        return _nth(day, today)
    if day.day is not None:
        pairs = [(day.month, day.day)]
        if day.swapped and day.month is not None:
            pairs.append((day.day, day.month))
        found = [_next_date(day, month, number, today, since) for month, number in pairs]
        return sorted({at for at in found if at is not None})
    if day.weekday is not None and not _has_month(day):
        return _weekday_dates(day, day.weekday, today, since)
    return None


def _said_too(day: Day, today: date) -> list[date]:
    """The other day in "tomorrow, the 27th" if it is another."""
    if day.day is None:
        return []
    named = _next_date(day, day.month, day.day, today, today)
    return [named] if named and named != today + timedelta(days=day.ahead or 0) else []


def _on_weekday(day: Day, dates: list[date], today: date) -> list[date]:
    """The dates that fall on the weekday said with them; both if none does."""
    fitting = [at for at in dates if at.weekday() == day.weekday]
    if fitting or day.weekday is None:
        return fitting
    if day.ahead and day.ahead % 7 == 0:  # "in a week on Friday"
        monday, _ = _week(today + timedelta(days=day.ahead), 0)
        return [monday + timedelta(days=day.weekday)]
    return [*dates, *_weekday_dates(Day(weekday=day.weekday), day.weekday, today, today)]


def _weekday_dates(day: Day, weekday: int, today: date, since: date) -> list[date]:
    if day.week is not None:
        at = _week(today, day.week)[0] + timedelta(days=weekday)
        # "This Monday" on a Tuesday: the next, or the one that is past.
        return [at] if at >= today else [at + timedelta(days=7)]
    ahead = (weekday - since.weekday()) % 7
    coming = since + timedelta(days=ahead)
    if since != today:
        return [coming]
    if day.loose:
        coming += timedelta(days=0 if ahead else 7)
        near = coming <= _week(today, 0)[1] or coming - today < timedelta(days=3)
        return [coming, coming + timedelta(days=7)] if near else [coming]
    return [coming] if ahead else [coming, coming + timedelta(days=7)]


def _next_date(day: Day, month: int | None, number: int, today: date, since: date) -> date | None:
    """The day of that number: in the month said, else in the first month that has it still."""
    if month is not None:
        if day.year is not None or day.years is not None:
            return _date(_year(day, today), month, number)
        years = (_date(since.year + ahead, month, number) for ahead in range(2))
        return next((at for at in years if at and at >= since), None)
    if day.months is not None:
        first = _month(today, day.months)
        return _date(first.year, first.month, number)
    days = (_date(at.year, at.month, number) for at in (_month(since, n) for n in range(4)))
    return next((at for at in days if at and at >= since), None)


def _nth(day: Day, today: date) -> list[date]:
    if _has_month(day):
        first, _ = _wide(replace(day, nth=None, weekday=None), today)[0]
        firsts = [first.replace(day=1)] if first else []
    else:
        firsts = [_month(today, 0), _month(today, 1)]
    found = [_nth_in(first, day.weekday or 0, day.nth or 1) for first in firsts]
    return [at for at in found if at is not None and at >= today][:1]


def _nth_in(first: date, weekday: int, nth: int) -> date | None:
    days = monthrange(first.year, first.month)[1]
    numbers = range(1 + (weekday - first.weekday()) % 7, days + 1, 7)
    index = nth - 1 if nth > 0 else nth
    return first.replace(day=numbers[index]) if index < len(numbers) else None


def _wide(day: Day, today: date) -> list[tuple[date, date]]:
    """Weeks, weekends, months and their parts, and years."""
    if day.weekend:
        return _weekends(day, today)
    if day.week is not None:
        return [_week(today, day.week)]
    if _has_month(day) or day.stretch:
        return _months(day, today)
    if day.year is not None or day.years is not None:
        year = _year(day, today)
        return [(date(year, 1, 1), date(year, 12, 31))]
    return []


def _weekends(day: Day, today: date) -> list[tuple[date, date]]:
    saturday = _week(today, day.week or 0)[0] + timedelta(days=5)
    starts = [saturday]
    if day.loose or (day.week is None and today.weekday() == 6):
        starts.append(saturday + timedelta(days=7))
    return [(at, at + timedelta(days=1)) for at in starts]


def _months(day: Day, today: date) -> list[tuple[date, date]]:
    from_day, to_day = day.stretch or (1, 31)
    if day.month is None:
        firsts = [_month(today, day.months or 0)]
        if day.months is None:  # "at the start of the month", when this month's is over
            firsts.append(_month(today, 1))
    elif day.year is not None or day.years is not None:
        firsts = [date(_year(day, today), day.month, 1)]
    else:
        firsts = [date(today.year + ahead, day.month, 1) for ahead in range(2)]
    spans = [
        (at.replace(day=from_day), at.replace(day=min(to_day, monthrange(at.year, at.month)[1])))
        for at in firsts
    ]
    future = [span for span in spans if span[1] >= today]
    return future[: 2 if day.loose and day.month and day.month > today.month else 1]


def _week(at: date, ahead: int) -> tuple[date, date]:
    monday = at + timedelta(days=7 * ahead - at.weekday())
    return monday, monday + timedelta(days=6)


def _month(at: date, ahead: int) -> date:
    months = at.year * _MONTHS + at.month - 1 + ahead
    return date(months // _MONTHS, months % _MONTHS + 1, 1)


def _same_day(today: date, months: int) -> date:
    first = _month(today, months)
    return first.replace(day=min(today.day, monthrange(first.year, first.month)[1]))


def _year(day: Day, today: date) -> int:
    return day.year if day.year is not None else today.year + (day.years or 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
