"""When a resource is open: weekly rules and exceptions of local time, as instants.

Instants are whole minutes since 1970 in UTC, days are counted in minutes of the wall clock, and a
set of minutes is one integer with a bit for each, so that union, intersection and difference are
`|`, `&` and `& ~`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 1440  # minutes on the wall clock, whatever the sun does


@dataclass(frozen=True, slots=True)
class Weekly:
    """Working hours of every such weekday (0 is Monday) at a site, both dates included."""

    site_id: int
    weekday: int
    opens: int  # minutes since local midnight
    closes: int  # up to 1440; not after `opens`: no hours at all
    valid_from: date = date.min
    valid_until: date = date.max


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Part of one day that is closed, or opened besides the weekly hours.

    Without a resource it holds for all that work at the site, without a site for all sites.
    """

    on: date
    extra: bool
    opens: int = 0
    closes: int = DAY
    resource_id: int | None = None
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Open minutes, and where the wall clock's grid of starts lies in them; bit 0 is `origin`."""

    open: int
    grid: int


def span(first: int, last: int) -> int:
    """The minutes from `first` up to, not including, `last`; what is before 0 is cut off."""
    first = max(first, 0)
    return ((1 << (last - first)) - 1) << first if last > first else 0


def runs(minutes: int) -> Iterator[tuple[int, int]]:
    """The unbroken stretches of a set, as (first, one after the last), in order."""
    at = 0
    while minutes:
        skipped = (minutes & -minutes).bit_length() - 1
        minutes >>= skipped
        length = (~minutes & (minutes + 1)).bit_length() - 1
        yield at + skipped, at + skipped + length
        minutes >>= length
        at += skipped + length


def bits(minutes: int) -> Iterator[int]:
    """Every minute of a set, in order. For sets of a few days: each step copies the set."""
    while minutes:
        lowest = minutes & -minutes
        yield lowest.bit_length() - 1
        minutes ^= lowest


def minute_of(instant: datetime) -> int:
    """The minute an aware instant lies in."""
    return int(instant.timestamp() // 60)


def minute_after(instant: datetime) -> int:
    """The first whole minute not before an aware instant."""
    return -int(-instant.timestamp() // 60)


def moment(minute: int, zone: ZoneInfo) -> datetime:
    """The minute as an aware datetime of the zone."""
    return datetime.fromtimestamp(minute * 60, UTC).astimezone(zone)


def instant(zone: ZoneInfo, on: date, minute: int) -> int:
    """The instant at which a local clock shows `minute` of that day (1440: the day's end).

    A time the clock leaves out is moved forward by as much, one it shows twice is the first
    (RFC 5545, 3.3.5): both are what `fold=0` means.
    """
    wall = datetime.combine(on, time()) + timedelta(minutes=minute)
    return minute_of(wall.replace(tzinfo=zone))


@lru_cache(maxsize=8192)
def _midnight(zone: ZoneInfo, on: date) -> tuple[int, bool]:
    """The day's first instant, and whether its wall clock simply runs from there."""
    first = instant(zone, on, 0)
    return first, instant(zone, on, DAY) - first == DAY


def wall_hours(
    weekly: Sequence[Weekly], exceptions: Sequence[Exceptional], on: date, site_id: int
) -> tuple[int, int]:
    """One day's (open minutes, minutes before any closing) of a resource at a site, wall clock.

    What is said of a resource outdoes what is said of the site: who has extra hours on a holiday
    works. Extra hours that name no site or no resource are for those who work at the site anyway.
    """
    hours = own_extra = own_closed = site_closed = 0
    works_here = False
    for row in weekly:
        if row.site_id == site_id and row.valid_from <= on <= row.valid_until:
            works_here = True
            if row.weekday == on.weekday():
                hours |= span(row.opens, row.closes)
    for one in exceptions:
        if one.site_id not in (None, site_id):
            continue
        minutes = span(one.opens, one.closes)
        if not one.extra:
            if one.resource_id is None:
                site_closed |= minutes
            else:
                own_closed |= minutes
        elif one.resource_id is None:
            hours |= minutes if works_here else 0
        elif works_here or one.site_id is not None:
            own_extra |= minutes
    return (hours & ~site_closed | own_extra) & ~own_closed, hours | own_extra


def hours_of(
    weekly: Sequence[Weekly],
    exceptions: Sequence[Exceptional],
    site_id: int,
    zone: ZoneInfo,
    days: Sequence[date],
    origin: int,
    step: int,
) -> Hours:
    """Open minutes of a resource at a site over `days`, and starts every `step` from each opening.

    `exceptions` are those of the resource and of its sites; `origin` is the instant of bit 0.
    """
    by_day: dict[date, list[Exceptional]] = {}
    for one in exceptions:
        by_day.setdefault(one.on, []).append(one)
    opened = grid = 0
    for on in days:
        free, whole = wall_hours(weekly, by_day.get(on, ()), on, site_id)
        if not free:
            continue
        midnight, plain = _midnight(zone, on)
        starts = 0
        for first, last in runs(whole):
            starts |= _every(step, first, last)
        if plain and midnight >= origin:
            opened |= free << (midnight - origin)
            grid |= starts << (midnight - origin)
            continue
        for first, last in runs(free):
            opened |= span(instant(zone, on, first) - origin, instant(zone, on, last) - origin)
        for start in bits(starts):
            at = instant(zone, on, start) - origin
            grid |= span(at, at + 1)
    return Hours(opened, grid)


def _every(step: int, first: int, last: int) -> int:
    """The minutes first, first + step, ... before last."""
    count = -((first - last) // step)
    return (((1 << count * step) - 1) // ((1 << step) - 1)) << first
