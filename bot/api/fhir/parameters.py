"""Search parameters of FHIR R4, as far as we know them. Pure."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le"]
PREFIXES: tuple[Prefix, ...] = ("eq", "ne", "gt", "lt", "ge", "le")
_DATE = re.compile(
    r"(?P<prefix>eq|ne|gt|lt|ge|le)?(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<clock>\d\d:\d\d(:\d\d)?(\.\d{1,6})?)(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
# A plus sign of an offset that nobody escaped comes as a blank.
_BLANK = re.compile(r" (?=\d\d:\d\d$)")


@dataclass(frozen=True, slots=True)
class During:
    """A date parameter: how it compares, and the period that its precision means."""

    prefix: Prefix
    begins: datetime
    ends: datetime  # not in it


def read_date(text: str, zone: ZoneInfo) -> During | None:
    """A date or instant with its prefix; without an offset in the clinic's zone. None: no date."""
    found = _DATE.fullmatch(_BLANK.sub("+", text))
    if found is None:
        return None
    prefix = next(one for one in PREFIXES if one == (found["prefix"] or "eq"))
    year, month, day = (int(found[part] or 0) for part in ("year", "month", "day"))
    try:
        if found["clock"] is not None:
            words = f"{year:04}-{month:02}-{day:02}T{found['clock']}{found['zone'] or ''}"
            at = datetime.fromisoformat(words)
            begins = at if at.tzinfo else at.replace(tzinfo=zone)
            seconds = 1 if found["clock"].count(":") == 2 else 60
            ends = begins + timedelta(seconds=seconds)
        else:
            first = date(year, month or 1, day or 1)
            last = date(year, month or 12, day or monthrange(year, month or 12)[1])
            begins = datetime.combine(first, time(), zone)
            ends = datetime.combine(last + timedelta(days=1), time(), zone)
    except (ValueError, OverflowError):
        return None
    return During(prefix, begins, ends) if 1900 <= year < 2200 else None


def condition(during: During, column: str, bind: Callable[[datetime], str]) -> str:
    """SQL: `column` compares so to the period. `bind` gives an instant its place."""
    match during.prefix:
        case "eq":
            return f"({column} >= {bind(during.begins)} and {column} < {bind(during.ends)})"
        case "ne":
            return f"not ({column} >= {bind(during.begins)} and {column} < {bind(during.ends)})"
        case "gt":
            return f"{column} >= {bind(during.ends)}"
        case "lt":
            return f"{column} < {bind(during.begins)}"
        case "ge":
            return f"{column} >= {bind(during.begins)}"
        case "le":
            return f"{column} < {bind(during.ends)}"


def values(text: str) -> list[str]:
    """What is said with commas: any of them."""
    return [one.replace("\\,", ",").replace("\\|", "|") for one in re.split(r"(?<!\\),", text)]


def code_of(token: str) -> str:
    """The code of a token; ours have no system."""
    return token.rpartition("|")[2]


def uuid_of(text: str, kind: str | None = None) -> UUID | None:
    """An id, or with `kind` a reference: relative, or absolute on any base."""
    name = text
    if kind is not None and "/" in text:
        path, _, name = text.rpartition("/")
        if path.rpartition("/")[2] != kind:
            return None
    try:
        return UUID(name)
    except ValueError:
        return None
