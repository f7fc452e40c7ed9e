"""Readings of days and hours in one line, as the tables of the tests write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from nlu.dates import DateReading, read

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))  # a Tuesday
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def rows(table: str) -> list[tuple[str, str]]:
    """The lines "words => what is told" of a table."""
    return [
        (words.strip(), told.strip())
        for words, _, told in (line.partition("=>") for line in table.strip().splitlines())
    ]


def told(text: str, language: str, now: datetime = NOW) -> str:
    """All readings: "2026-12-03 15:00", "2026-11-30..2026-12-06 not Wed", "afternoon?"."""
    return " | ".join(map(_one, read(text, language, now).readings))


def _one(reading: DateReading) -> str:
    said = [
        str(reading.date or ""),
        _span(reading.from_on, reading.to_on),
        f"{reading.time:%H:%M}" if reading.time is not None else "",
        _span(
            reading.time_from and f"{reading.time_from:%H:%M}",
            reading.time_to and f"{reading.time_to:%H:%M}",
        ),
        reading.part or "",
        "on " + ",".join(_DAYS[day] for day in sorted(reading.weekdays))
        if reading.weekdays
        else "",
        *(f"not {_DAYS[day]}" for day in sorted(reading.except_weekdays)),
        *(f"not {day}" for day in sorted(reading.except_dates)),
    ]
    return " ".join(filter(None, said)) + ("?" if reading.ambiguous else "")


def _span(first: object, last: object) -> str:
    return f"{first or ''}..{last or ''}" if first or last else ""
