"""Whether a turn that hangs on a visit still stands when its time has come. Pure.

Between the making of a recipient and its release lie minutes, or days of quiet hours, pauses and
caps: a visit may be cancelled or moved in that time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.campaign.due import STATUSES, Visited, base_day, due_on, instant
from clinic.campaign.trigger import Relative, Trigger, Visit

_PREFIX = "visit:"


@dataclass(frozen=True, slots=True)
class Moved:
    """Its time is another one now, and has not come."""

    until: datetime
    useful_until: datetime


@dataclass(frozen=True, slots=True)
class Fallen:
    """It concerns nobody any more."""


@dataclass(frozen=True, slots=True)
class Stands:
    """It may be judged. `ahead`: it is about a visit that is still to come."""

    ahead: bool


def visit_of(trigger: Trigger, occurrence: str) -> int | None:
    """The id of the visit that a turn hangs on; None if it hangs on none."""
    if not (isinstance(trigger, Relative) and isinstance(trigger.base, Visit)):
        return None
    return int(occurrence.removeprefix(_PREFIX)) if occurrence.startswith(_PREFIX) else None


def still(
    trigger: Relative, visit: Visited | None, now: datetime, useful: timedelta, zone: ZoneInfo
) -> Stands | Moved | Fallen:
    """What became of a turn of a visit by `now`. `useful`: how long a message is after its time.

    What was to come before a visit that has begun meanwhile is of no use, however late it became.
    """
    base = trigger.base
    if not isinstance(base, Visit) or visit is None:
        return Fallen()
    fits = base.service is None or base.service == visit.service
    if not fits or visit.status not in STATUSES[base.event]:
        return Fallen()
    at = visit.booked_at if base.event == "visit_booked" else visit.starts_at
    due = instant(due_on(trigger, base_day(trigger, at, zone)), trigger.at, zone)
    if due > now:
        return Moved(due, due + useful)
    if base.event == "visit_coming" and due <= visit.starts_at <= now:
        return Fallen()
    return Stands(visit.status == "booked" and visit.starts_at > now)
