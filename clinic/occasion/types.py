"""Days with a name and seasons of diseases, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

# For whom a day is meant: a hint for choosing an audience, not a filter.
Audience = Literal["all", "elders", "women", "men", "parents", "patients"]
AUDIENCES: tuple[Audience, ...] = ("all", "elders", "women", "men", "parents", "patients")
LANGUAGES = ("ja", "en", "zh-Hant", "zh-Hans", "ru")
Country = Literal["JP", "CN", "TW", "HK", "RU"]
COUNTRIES: tuple[Country, ...] = ("JP", "CN", "TW", "HK", "RU")


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same day of every year. 29 February is the 28th in other years."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Nth:
    """The nth such weekday of a month (0 is Monday); -1 is the last one."""

    month: int
    weekday: int
    nth: int


@dataclass(frozen=True, slots=True)
class Lunar:
    """A day of the Chinese calendar. A leap month has no such days."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Term:
    """The day on which one of the 24 solar terms begins, in a zone so many hours east of UTC."""

    term: str
    hours: int


@dataclass(frozen=True, slots=True)
class Easter:
    """Easter Sunday, of the Western or of the Orthodox churches."""

    orthodox: bool


Rule: TypeAlias = Fixed | Nth | Lunar | Term | Easter


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day with a name: `plus` days after its rule. `countries`: where it is kept; empty: all."""

    name: str
    names: Mapping[str, str]
    rule: Rule
    countries: tuple[str, ...]
    audience: Audience
    plus: int = 0


@dataclass(frozen=True, slots=True)
class Season:
    """When a disease comes back in a country, as a rule: both days included, maybe over New Year.

    `conditions`: ICD-10 prefixes of those whom a warning concerns, `aged`: and who is so old; with
    neither, everybody.
    """

    name: str
    names: Mapping[str, str]
    country: str
    first: tuple[int, int]  # month, day
    last: tuple[int, int]
    conditions: tuple[str, ...]
    aged: int | None = None  # years


@dataclass(frozen=True, slots=True)
class Upcoming:
    """An occasion and its day."""

    on: date
    occasion: Occasion
