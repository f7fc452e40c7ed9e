"""A message's fields by their numbers, and HL7's data types.

`hl7` splits; what stands in a field is unescaped here, because `hl7.unescape` writes what it cannot
read into the log, with the field's words.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import hl7  # type: ignore[import-untyped]  # it carries none

from clinic.importer.normal import shown

LONGEST = 200  # characters of a value
MOST_DAYS = 400  # of one supply; more is a slip
_HEADER = re.compile(r"MSH([^\w\s])([^\w\s])([^\w\s])(?:([^\w\s])([^\w\s])?)?[^\w\s]?\1")
_TIME = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:\.[0-9]{1,6})?)?)?"
    r"([+-][0-9]{4})?"
)
_NULL = '""'  # the field is to be emptied: here as if nothing were said
_AMOUNT = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
_DURATION = re.compile(r"([DWL])([0-9]{1,4})")
# In days, by what stands as the unit.
_UNITS = {
    "D": 1, "DAY": 1, "DAYS": 1, "日": 1, "日分": 1, "W": 7, "WK": 7, "WEEK": 7, "WEEKS": 7,
    "週": 7, "L": 30, "MO": 30, "MON": 30, "MONTH": 30, "MONTHS": 30, "月": 30, "H": 1 / 24,
    "HR": 1 / 24,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. Fields, components and subcomponents count from 1, as in the standard."""

    name: str
    fields: Sequence[Any]
    escape: str
    marks: dict[str, str]

    def each(self, field: int) -> "list[Field]":
        """The repetitions of a field, without empty ones."""
        if field >= len(self.fields):
            return []
        read = [Field(tuple(self._components(one))) for one in self.fields[field]]
        return [one for one in read if any(any(parts) for parts in one.components)]

    def get(self, field: int, component: int = 1, sub: int = 1) -> str:
        """A value of the field's first repetition; empty if there is none."""
        first = self.each(field)[:1]
        return first[0].get(component, sub) if first else ""

    def _components(self, repetition: Any) -> Iterator[tuple[str, ...]]:
        for component in [repetition] if isinstance(repetition, str) else repetition:
            subs = [component] if isinstance(component, str) else component
            yield tuple(self._plain(str(sub)) for sub in subs)

    def _plain(self, value: str) -> str:
        if value == _NULL:
            return ""
        if self.escape in value:
            escape = re.escape(self.escape)
            value = re.sub(
                f"{escape}([^{escape}]*){escape}",
                lambda found: self.marks.get(found[1], " "),
                value,
            )
        return shown(value) if len(value) <= LONGEST else ""


@dataclass(frozen=True, slots=True)
class Field:
    """One repetition of a field."""

    components: tuple[tuple[str, ...], ...]

    def get(self, component: int = 1, sub: int = 1) -> str:
        """A value; empty if there is none."""
        parts = self.components[component - 1 : component]
        return parts[0][sub - 1] if parts and sub <= len(parts[0]) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was split."""

    segments: tuple[Segment, ...]

    def every(self, *names: str) -> list[Segment]:
        """The segments of these names, in the message's order."""
        return [one for one in self.segments if one.name in names]

    def first(self, name: str) -> Segment | None:
        """The first segment of this name."""
        return next((one for one in self.segments if one.name == name), None)

    def get(self, name: str, field: int, component: int = 1, sub: int = 1) -> str:
        """A value of the first segment of that name; empty if there is none."""
        found = self.first(name)
        return found.get(field, component, sub) if found else ""


def split(text: str) -> Message | None:
    """The message in `text` (segments parted by carriage returns); None if its header is none."""
    header = _HEADER.match(text)
    if header is None:
        return None
    marks = [mark for mark in header.groups() if mark]
    if len(set(marks)) < len(marks):
        return None
    field, component, repetition, escape, sub = marks + list("|^~\\&")[len(marks) :]
    if len({field, component, repetition, escape, sub}) < 5:
        return None
    plain = {"F": field, "S": component, "T": sub, "R": repetition, "E": escape}
    segments = [Segment(str(one[0]), one, escape, plain) for one in hl7.parse(text) if len(one) > 0]
    return Message(tuple(segments))


def instant(value: str, zone: tzinfo) -> datetime | None:
    """A TS with at least hours and minutes, aware; without an offset it is the clinic's time."""
    read = _TIME.fullmatch(value)
    if read is None or read[4] is None:
        return None
    year, month, on, hour, minute = map(int, read.groups()[:5])
    second, offset = int(read[6] or 0), read[7]
    try:
        local = datetime(year, month, on, hour, minute, second, tzinfo=zone)
        if offset:
            sign = -1 if offset[0] == "-" else 1
            shift = sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
            local = local.replace(tzinfo=timezone(shift))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: str, zone: tzinfo) -> date | None:
    """The clinic's day of a TS; None for a month or year alone."""
    at = instant(value, zone)
    try:
        if at is not None:
            return at.astimezone(zone).date()
        read = _TIME.match(value)
        return date(*map(int, read.groups()[:3])) if read and len(value) >= 8 else None
    except (ValueError, OverflowError):
        return None


def days(segment: Segment, field: int, component: int = 1) -> int | None:
    """A duration in whole days; None if it is none, or longer than anybody is supplied for.

    Either a CQ, whose unit is the next component (`14^D&日&ISO+`), or the older `D14`.
    """
    amount = segment.get(field, component).upper()
    units = [segment.get(field, component + 1, sub).upper() for sub in (1, 2)]
    short = _DURATION.fullmatch(amount)
    if short is not None:
        amount, units = short[2], [short[1]]
    told = [one for one in units if one]
    factor = next((_UNITS[one] for one in told if one in _UNITS), 0 if told else 1)
    total = float(amount) * factor if _AMOUNT.fullmatch(amount) else 0
    return math.ceil(total) if 0 < total <= MOST_DAYS else None
