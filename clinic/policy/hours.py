"""Quiet hours and days as the clinic's clock on the wall shows them. Pure."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def by_clock_of(name: str | None, at: datetime) -> datetime:
    """The same instant as the clock in a zone (IANA) shows it; as it is, if there is no such one.

    A name that means nothing must keep nobody's message from them.
    """
    zone = zone_of(name)
    return at if zone is None else at.astimezone(zone)


@lru_cache(maxsize=1024)  # what is no name would be looked for on the disk each time
def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone of this name (IANA); None if there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # none, no name, or a folder of names
        return None


def is_quiet(at: datetime, quiet: tuple[time, time]) -> bool:
    """Whether a local time lies in the quiet hours, which may pass midnight."""
    begins, ends = quiet
    clock = at.time()
    return begins <= clock or clock < ends if begins > ends else begins <= clock < ends


def quiet_end(at: datetime, quiet: tuple[time, time]) -> datetime:
    """When the quiet hours that `at` lies in are over, in the zone of `at`.

    An end that the clock shows twice is quiet until it is shown the second time; one that it skips
    comes as long after the beginning as ever.
    """
    end = at.replace(hour=quiet[1].hour, minute=quiet[1].minute, second=0, microsecond=0)
    if end <= at:  # as the clock on the wall shows them
        end += timedelta(days=1)
    return max(end.replace(fold=fold).astimezone(UTC) for fold in (0, 1)).astimezone(at.tzinfo)


def next_morning(at: datetime, quiet: tuple[time, time]) -> datetime:
    """The first instant of the next local day that is not quiet, in the zone of `at`."""
    midnight = datetime.combine(at.date() + timedelta(days=1), time.min, at.tzinfo)
    first = after(midnight, timedelta(0))
    return quiet_end(first, quiet) if is_quiet(first, quiet) else first


def after(at: datetime, span: timedelta) -> datetime:
    """The instant so much later, in the zone of `at`, whatever its clocks do meanwhile.

    Python adds to the time on the wall: in the hour that comes twice that leads into the past.
    """
    return (at.astimezone(UTC) + span).astimezone(at.tzinfo)
