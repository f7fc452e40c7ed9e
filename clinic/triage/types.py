"""Values of triage: what is asked, what was answered, what follows.

Levels: 4 emergency now, 3 a doctor the same day, 2 within days, 1 self-care. Nothing here names a
disease of the patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from clinic.triage.signature import Signature

Language = Literal["en", "ja", "zh-Hant", "zh-Hans", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
Text = Mapping[str, str]  # by language, all five
Level = Literal[1, 2, 3, 4]
LEVELS: tuple[Level, ...] = get_args(Level)
Sex = Literal["female", "male", "other"]
Kind = Literal["yes_no", "number", "one", "many"]
Answer = str | int | float | tuple[str, ...]  # "yes", "no", "unsure"; a number; options
Answers = Mapping[str, Answer]  # by the question's id
Circumstance = Literal["no_guardian", "first_time"]  # that no answer tells
Disposition = Literal["emergency_now", "same_day", "within_days", "self_care", "ask_a_person"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the one who is ill. `age` in years (0.25 is three months)."""

    age: float | None = None
    sex: Sex | None = None
    pregnant: bool | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """Whom something is asked of or offered to; None: everybody.

    Ages in years. A whole `age_max` takes in its whole year (55 is anybody before 56).
    """

    sex: Sex | None = None
    pregnant: bool | None = None
    age_min: float | None = None
    age_max: float | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers of a question of kind "one" or "many"."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked. `level` is what "yes" means, `unsure` what "not sure" counts at least as.

    `reason` says a "yes" in a few words; `minimum` and `maximum` are of numbers.
    """

    id: str
    level: Level
    unsure: Level
    ask: Text
    reason: Text
    only: Only = Only()
    kind: Kind = "yes_no"
    options: tuple[Option, ...] = ()
    minimum: float = 0
    maximum: float = 0


@dataclass(frozen=True, slots=True)
class Band:
    """The level of a number from `at_least` to below `below`, at an age (years, likewise)."""

    level: Level
    at_least: float
    below: float
    age_min: float
    age_below: float


@dataclass(frozen=True, slots=True)
class RemoteRule:
    """Who may not be seen remotely, and why. Every part that is there must hold."""

    id: str
    sources: tuple[str, ...]
    reason: Text
    level_min: int = 1
    presentations: frozenset[str] = frozenset()  # none: all
    age_below: float | None = None
    age_unknown: bool = False
    pregnant: bool = False  # or perhaps
    in_person: bool = False
    circumstance: Circumstance | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """What is asked of everybody, and the numbers behind it: `base.yml`, whose `content` and
    `signature` it has."""

    version: int
    questions: Mapping[str, Question]
    bands: Mapping[str, tuple[Band, ...]]
    reasons: Mapping[str, Text]  # of what no question says
    old: float  # from this age, in years, age is a modifier
    infant: float  # below this age, in years, an infant
    infant_level: Level  # the least for one
    pregnancy: Only
    pregnancy_asked: frozenset[str]  # presentations in which pregnancy is asked of who could be
    person: Mapping[str, Level]  # presentations that never end by themselves, and their level
    remote: tuple[RemoteRule, ...]
    content: Mapping[str, Any] = field(repr=False, compare=False)
    signature: Signature | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Presentation:
    """What somebody comes with, and the questions that belong to it, gravest first.

    `always`: the level without any question. `modifiers`: a 3 becomes 4 where one holds. `fever`:
    the temperature is asked. `otherwise`: the level when all is denied. `care` is there where that
    is 1. `content`: all that the file says but its `signature`.
    """

    id: str
    number: int
    version: int
    sources: tuple[str, ...]
    title: Text
    words: Mapping[str, tuple[str, ...]]
    only: Only
    always: Level | None
    modifiers: bool
    fever: bool
    questions: tuple[Question, ...]
    otherwise: Level
    care: Text | None
    come_back: Text
    base: Base
    content: Mapping[str, Any] = field(repr=False, compare=False)
    signature: Signature | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Versions:
    """What a run went by."""

    presentation: int
    base: int
    engine: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows. `reasons`: ids, gravest first; `unknown`: those of them nobody could answer.

    `in_person`: not by remote consultation, whatever the level.
    """

    level: Level
    disposition: Disposition
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]
    in_person: bool
    rules: Versions


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run with all it came from, to be kept and replayed.

    `against_remote`: ids of the rules that forbade a remote consultation; empty: it was possible.
    """

    presentation: str
    facts: Facts
    answers: Answers
    at_least: Level
    outcome: Outcome
    against_remote: tuple[str, ...] | None = None  # None: kept before anybody asked
