"""Which time of day is meant, seen from the clinic's hours."""

from dataclasses import replace
from datetime import time

from nlu.dates.tokens import Clock
from nlu.dates.types import PartName

_NOON = 12


def in_part(clock: Clock, part: PartName) -> Clock | None:
    """The hour told with its part of the day, "3 in the afternoon"; None if they contradict."""
    hour = clock.hour
    if clock.settled and not (hour <= _NOON and part == "night"):
        return clock if part in _parts_at(hour) else None
    if hour > _NOON:
        return clock if part in _parts_at(hour) else None
    late = hour + _NOON
    match part:
        case "morning":
            fitting = hour if hour < _NOON else None
        case "noon":
            fitting = {11: 11, 12: 12, 1: 13, 2: 14}.get(hour)
        case "afternoon":
            fitting = hour if hour == _NOON else late
        case "evening":
            fitting = late if 3 <= hour < _NOON else None
        case "night":
            fitting = {_NOON: 0, 0: 0}.get(hour, late if hour >= 5 else hour)
    return None if fitting is None else replace(clock, hour=fitting, settled=True)


def _parts_at(hour: int) -> frozenset[PartName]:
    """The parts of the day that an hour on a 24-hour clock may be called."""
    spans: dict[PartName, range] = {
        "morning": range(4, 12),
        "noon": range(11, 15),
        "afternoon": range(12, 19),
        "evening": range(15, 24),
    }
    parts = {part for part, hours in spans.items() if hour in hours}
    return frozenset(parts | ({"night"} if hour >= 17 or hour < 6 else set()))


def meanings(clock: Clock, opens: int, closes: int) -> list[time]:
    """The times that a patient may mean, earliest first; one if the clinic's hours decide.

    The hour of closing is one of them: who says "at 8" may not know when the last visit begins.
    """
    if clock.hour > 24 or clock.minute > 59:
        return []
    hour = clock.hour % 24
    if clock.settled or not 0 < hour <= _NOON:
        return [time(hour, clock.minute)]
    both = sorted({time(hour, clock.minute), time((hour + _NOON) % 24, clock.minute)})
    if hour == _NOON:
        return [time(_NOON, clock.minute)]
    fitting = [at for at in both if is_open(at, opens, closes)]
    return fitting or both


def is_open(at: time, opens: int, closes: int) -> bool:
    """Whether a time lies in the clinic's hours, both ends included."""
    minutes = at.hour * 60 + at.minute
    return opens * 60 <= minutes <= closes * 60
