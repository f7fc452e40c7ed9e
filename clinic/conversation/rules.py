"""When the desk answers, until when something is put off, whom a note names, and what may be sent
again. Pure.
"""

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta

LATEST = timedelta(days=90)  # that something may be put off
MORNING = time(9)
# Why a message certainly did not arrive and sending it again may help.
_WORTH_IT = frozenset({"too_late", "quiet_hours", "quota", "channel_off"})


def desk_opens_at(
    now: datetime, hours: tuple[time, time] | None, weekdays: tuple[int, ...]
) -> datetime | None:
    """When staff answer again, in the zone of `now`; None if they do now, or nobody knows.

    `weekdays`: 0 is Monday.
    """
    if hours is None or not weekdays:
        return None
    opens, closes = hours
    if now.weekday() in weekdays and opens <= now.time() < closes:
        return None
    days = 0 if now.time() < opens else 1
    while (now + timedelta(days=days)).weekday() not in weekdays:
        days += 1
    day = now + timedelta(days=days)
    return day.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)


def snooze_until(
    choice: str, written: str, now: datetime, opens: time | None = None
) -> datetime | None:
    """Until when a conversation is put off, in the zone of `now`; None if that is no such time.

    `choice`: hour, afternoon (three hours on), tomorrow, monday (both when the desk `opens`), or
    at: then `written` is a local date and time (ISO 8601).
    """
    morning = opens or MORNING
    match choice:
        case "hour":
            return now + timedelta(hours=1)
        case "afternoon":
            return now + timedelta(hours=3)
        case "tomorrow":
            return _at(now + timedelta(days=1), morning)
        case "monday":
            return _at(now + timedelta(days=7 - now.weekday()), morning)
        case "at":
            try:
                told = datetime.fromisoformat(written)
            except ValueError:
                return None
            until = told.replace(tzinfo=now.tzinfo)
            return until if now < until <= now + LATEST else None
    return None


def _at(day: datetime, clock: time) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def mentioned(note: str, names: Iterable[str]) -> set[str]:
    """The names that stand in a note behind an @; of two that begin alike the longer one."""
    found = set()
    rest = note
    for name in sorted(names, key=lambda one: (-len(one), one)):
        mark = re.compile(f"[@＠]{re.escape(name)}", re.IGNORECASE)
        if mark.search(rest):
            found.add(name)
            rest = mark.sub(" ", rest)
    return found


def may_send_again(state: str, reason: str | None) -> bool:
    """Whether staff may send once more what did not arrive for certain, as far as the outbox knows.

    A patient who blocked us or stopped messages is not written to again.
    """
    if state == "skipped":
        return reason in _WORTH_IT
    return state == "expired" or (state == "refused" and reason != "unreachable")
