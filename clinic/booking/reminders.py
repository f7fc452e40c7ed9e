"""When to remind of a visit: at the right wall time, never in quiet hours."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.policy.hours import zone_of

LEAST_BEFORE = timedelta(minutes=45)  # a reminder after quiet hours comes at least so early
BEFORE_QUIET = timedelta(minutes=15)  # and one before them so early that a slow sender is in time
A_DAY = 1440


def reminder_times(
    starts_at: datetime,
    minutes_before: Iterable[int],
    quiet_hours: tuple[str, str],
    zone: ZoneInfo,
    now: datetime,
    lives_in: str | None = None,
) -> tuple[tuple[int, datetime], ...]:
    """The (minutes before, instant) of each reminder that can still be sent, soonest first.

    Whole days before are counted on the calendar: the day before a visit at 10:00 is the day before
    at 10:00, though the clock may have changed in the night. Quiet hours are local HH:MM, from the
    first up to the second. A reminder in them waits for their end if that leaves time before the
    visit, else it comes before them; where they leave no time at all, it is left out. Of two that
    fall together one is sent. `lives_in`: the zone (IANA) whose quiet hours these are; None, or one
    that there is not: the visit's.
    """
    nights = zone_of(lives_in) or zone
    times: dict[datetime, int] = {}
    for minutes in sorted(set(minutes_before)):
        days, rest = divmod(minutes, A_DAY)
        wall = starts_at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
        if days:
            at = _instants(wall, zone)[0] - timedelta(minutes=rest)
        else:
            at = starts_at.astimezone(UTC) - timedelta(minutes=rest)
        at = _outside(at, quiet_hours, starts_at, nights)
        if now < at < starts_at and not is_quiet(at, quiet_hours, nights):
            times.setdefault(at, minutes)
    return tuple((minutes, at.astimezone(zone)) for at, minutes in sorted(times.items()))


def is_quiet(at: datetime, quiet_hours: tuple[str, str], zone: ZoneInfo) -> bool:
    """Whether a clock on the wall of the zone stands in quiet hours."""
    begin, end = map(time.fromisoformat, quiet_hours)
    wall = at.astimezone(zone).time()
    return begin <= wall < end if begin <= end else wall >= begin or wall < end


def _outside(
    at: datetime, quiet_hours: tuple[str, str], starts_at: datetime, zone: ZoneInfo
) -> datetime:
    if not is_quiet(at, quiet_hours, zone):
        return at
    begin, end = map(time.fromisoformat, quiet_hours)
    today = at.astimezone(zone).date()
    around = [today + timedelta(days=n) for n in (-1, 0, 1)]
    # An end that the clock shows twice is quiet until it is shown the second time.
    after = min(
        one
        for on in around
        for one in _instants(datetime.combine(on, end), zone)
        if one > at and not is_quiet(one, quiet_hours, zone)
    )
    if starts_at - after >= LEAST_BEFORE:
        return after
    before = max(
        one for on in around for one in _instants(datetime.combine(on, begin), zone) if one <= at
    )
    return before - BEFORE_QUIET


def _instants(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """When a local clock shows `wall`: once, twice, or, left out, moved forward by as much."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return [first, second] if first < second else [first]
