"""What the desk can say of a visit, when the queue's patients hear from us, who is behind. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from clinic.booking.types import AppointmentStatus
from clinic.reception.types import Step

EARLY = timedelta(hours=12)  # before a visit its patient may be there already
UNDO = timedelta(seconds=60)  # that a press at the desk can be taken back in
TELL_AT = (3, 1)  # so many ahead: time to come back, time to sit near the door
LONGEST_DELAY = 480  # minutes
BEHIND_BY = 5  # minutes: less is no delay, and more is told in steps of this


def steps(
    status: AppointmentStatus, starts_at: datetime, now: datetime, *, late: bool, started: bool
) -> tuple[Step, ...]:
    """What the desk can say of a visit now, the likeliest first.

    Nobody is missed early, and nobody comes days before.
    """
    if starts_at - now > EARLY:
        return ()
    match status:
        case AppointmentStatus.BOOKED:
            missed: tuple[Step, ...] = ("noshow",) if starts_at <= now else ()
            return ("arrived", *missed) if late else ("arrived", "late", *missed)
        case AppointmentStatus.ARRIVED:
            return ("fulfilled",) if started else ("started", "fulfilled")
        case AppointmentStatus.NO_SHOW:
            return ("arrived",)
    return ()


def is_due(ahead: int, told: int | None) -> bool:
    """Whether a patient hears how many are ahead: with the number, and at each of `TELL_AT` once.

    `told` is the fewest they were told of, None: nothing yet. Places that are lost tell nobody.
    """
    return told is None or any(ahead <= step < told for step in TELL_AT)


def behind(waiting: Iterable[datetime], now: datetime) -> int:
    """How many minutes a practitioner seems to be behind: since the visit began that waits longest.

    `waiting`: when visits of patients who are there, and not called in, should have begun.
    """
    first = min(waiting, default=now)
    minutes = int((now - first) / timedelta(minutes=1))
    return max(0, min(minutes, LONGEST_DELAY) // BEHIND_BY * BEHIND_BY)


def expected(starts_at: datetime, minutes: int, now: datetime) -> datetime | None:
    """When a visit that has not begun is likely to begin; None: as booked.

    Who has been waiting for longer than the delay is expected now, not in the past.
    """
    if minutes <= 0:
        return None
    return max(starts_at + timedelta(minutes=minutes), min(now, starts_at + timedelta(days=1)))
