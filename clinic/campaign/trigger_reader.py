"""Reads a JSON object key by key: each value of its kind, none missing, none unknown. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from clinic.campaign.types import Fault

T = TypeVar("T")
LARGEST = 1_000_000  # of a score
MOST_CODES = 50
LONGEST_CODE = 32


class Wrong(Exception):
    """Ends the reading. Only between this module and the one that reads."""

    def __init__(self, where: str, reason: str) -> None:
        """Reasons: no_object, needed, unknown_key, unknown_choice, empty_range, and no_<kind>."""
        super().__init__(reason)
        self.fault = Fault(where, reason)


class Reader:
    """The keys of an object, each taken once; what is left at the end is unknown.

    What takes a key raises Wrong if the value is not as it should be.
    """

    def __init__(self, said: Mapping[str, Any]) -> None:
        """`said`: parsed JSON."""
        self._left = dict(said)

    def has(self, key: str) -> bool:
        """Whether the key is there, and was not taken."""
        return key in self._left

    def take(self, key: str, read: Callable[[object], T | None], reason: str) -> T:
        """The value as `read` understands it."""
        if key not in self._left:
            raise Wrong(key, "needed")
        value = read(self._left.pop(key))
        if value is None:
            raise Wrong(key, reason)
        return value

    def maybe(self, key: str, read: Callable[[object], T | None], reason: str) -> T | None:
        """The value as `read` understands it; None if the key is not there."""
        return self.take(key, read, reason) if key in self._left else None

    def choice(self, key: str, choices: tuple[T, ...]) -> T:
        """One of them."""
        return self.take(
            key, lambda said: next((one for one in choices if said == one), None), "unknown_choice"
        )

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number in a range; the default if the key is not there and there is one."""
        if default is not None and key not in self._left:
            return default
        return self.take(
            key, lambda said: n if (n := whole(said)) in range(low, high + 1) else None, "no_number"
        )

    def word(self, key: str, most: int) -> str:
        """A line of text of at most so many characters."""
        return self.take(key, lambda said: line(said, most), "no_word")

    def end(self) -> None:
        """Nothing may be left."""
        if self._left:
            raise Wrong(min(self._left)[:48], "unknown_key")


def whole(said: object) -> int | None:
    """A whole number; True is none."""
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def line(said: object, most: int) -> str | None:
    """A line of text that neither begins nor ends with a space."""
    if not isinstance(said, str) or not 0 < len(said) <= most:
        return None
    return said if said.isprintable() and said == said.strip() else None


def clock_time(said: object) -> time | None:
    """09:30."""
    if not isinstance(said, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", said):
        return None
    return time.fromisoformat(said)


def day(said: object) -> date | None:
    """2026-12-01."""
    if not isinstance(said, str) or not re.fullmatch(r"(19|2[0-9])[0-9]{2}(-[0-9]{2}){2}", said):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def moment(said: object) -> datetime | None:
    """2026-12-01T09:00, of the wall clock."""
    if not isinstance(said, str) or said[10:11] != "T":
        return None
    on, at = day(said[:10]), clock_time(said[11:])
    return None if on is None or at is None else datetime.combine(on, at)


def month_day(said: object) -> tuple[int, int] | None:
    """12-01: a day that some year has."""
    found = day(f"2024-{said}") if isinstance(said, str) else None
    return None if found is None else (found.month, found.day)


def amount(said: object) -> Decimal | None:
    """A number with or without decimals."""
    if not isinstance(said, int | float | Decimal) or isinstance(said, bool):
        return None
    number = Decimal(str(said))
    return number if number.is_finite() and abs(number) <= LARGEST else None


def codes(said: object) -> tuple[str, ...] | None:
    """Codes in a list, none twice; in order."""
    if not isinstance(said, list) or not 0 < len(said) <= MOST_CODES:
        return None
    found = {one for one in said if line(one, LONGEST_CODE)}
    return tuple(sorted(found)) if len(found) == len(said) else None


def weekdays(said: object) -> tuple[int, ...] | None:
    """Weekdays in a list, none twice, 0 is Monday; in order."""
    if not isinstance(said, list) or not 0 < len(said) <= 7:
        return None
    found = {n for one in said if (n := whole(one)) is not None and 0 <= n < 7}
    return tuple(sorted(found)) if len(found) == len(said) else None
