"""The calendar file (iCalendar, RFC 5545) of one visit."""

import re
from collections.abc import Iterable, Mapping
from hmac import compare_digest
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from clinic.booking.search import in_language
from clinic.booking.visits import NO_VISIT, calendar_mark, read_row_by_key
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx

# Whatever ends a line for one program or another, and marks that turn the words around them.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


async def calendar_file(
    tx: Tx, keys: KeyRing, settings: Settings, key: UUID, mark: str
) -> bytes | None:
    """The visit as an .ics file; None if the mark is not ours, or it was never booked.

    What a locked screen may show: when, and which clinic and site, not who with or what for.
    A later file of a moved or cancelled visit replaces the earlier one: same UID, higher SEQUENCE.
    """
    if not compare_digest(mark.encode(), calendar_mark(keys, key).encode()):
        return None
    row = await read_row_by_key(tx, key)
    if row is None or row["status"] in NO_VISIT:
        return None
    zone = ZoneInfo(row["time_zone"])
    language = row["patient_language"] or settings.clinic.languages[0]
    places = (in_language(row["site_name"], language), in_language(row["site_address"], language))
    event = event_of(row, zone, settings.clinic.name, ", ".join(place for place in places if place))
    return calendar_of([event])


def event_of(row: Mapping[str, Any], zone: ZoneInfo, summary: str, location: str) -> Event:
    """A visit's row as an entry of a calendar, with the words that are to be shown of it."""
    event = Event()
    event.add("uid", str(row["key"]))
    event.add("dtstamp", row["updated_at"])
    event.add("dtstart", row["starts_at"].astimezone(zone))
    event.add("dtend", row["ends_at"].astimezone(zone))
    event.add("sequence", row["version"])
    event.add("summary", _line(summary))
    event.add("location", _line(location))
    event.add("status", "CANCELLED" if row["status"] == "cancelled" else "CONFIRMED")
    return event


def calendar_of(events: Iterable[Event], name: str = "") -> bytes:
    """Entries as a file; `name` is what a program shows the calendar as."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kayoi//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name := _line(name):
        calendar.add("name", name)  # RFC 7986
        calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _line(words: str) -> str:
    return _UNSHOWN.sub(" ", words).strip()
