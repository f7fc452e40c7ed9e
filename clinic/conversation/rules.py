"""When the desk answers. Pure."""

from datetime import datetime, time, timedelta


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
