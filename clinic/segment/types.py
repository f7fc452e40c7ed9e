"""What a segment may ask of a patient: the fields, their operators, and a filter as a tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias

from clinic.lapse.types import State
from clinic.observation.types import MEASURES
from clinic.patient.types import SEXES

Op = Literal[
    "is",
    "at_least",
    "at_most",
    "between",
    "any",
    "starts",
    "known",
    "on_or_after",
    "on_or_before",
    "within_days",
    "beyond_days",
]
# number: of an amount. day: of the past, or of the time to come. choice: one of `choices`. word:
# the clinic's own. code: whole, or how it begins. answer: a word or an amount.
Kind = Literal["number", "day", "coming_day", "choice", "word", "code", "prefix", "answer"]
Value: TypeAlias = str | int | Decimal | date
Tier = Literal["high", "general", "low"]

_AMOUNT: tuple[Op, ...] = ("is", "at_least", "at_most", "between")
_DAY: tuple[Op, ...] = (
    *("on_or_after", "on_or_before", "between", "within_days", "beyond_days", "known"),
)
OPS: Mapping[Kind, tuple[Op, ...]] = MappingProxyType(
    {
        "number": _AMOUNT,
        "day": _DAY,
        "coming_day": _DAY,
        "choice": ("any",),
        "word": ("any", "known"),
        "code": ("any", "starts"),
        "prefix": ("starts",),
        "answer": ("any", *_AMOUNT, "known"),
    }
)

TIERS: tuple[Tier, ...] = ("high", "general", "low")
STATES: tuple[State, ...] = (
    *("booked", "active", "due", "at_risk", "lapsed", "dormant", "excluded"),
)
# returned and stayed_away are of those who were messaged.
RESPONSES = ("messaged", "returned", "stayed_away", "held_out", "left_out")
MEMBERSHIPS = ("private", "corporate", "member")

DEPTH = 8  # of a tree
MOST_CRITERIA = 60
MOST_VALUES = 200  # of one criterion
LONGEST = 100_000  # characters of JSON
LARGEST = 1_000_000_000
FURTHEST = 36_525  # days

_CODE = r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}"
_GROUP = r"[a-z][a-z0-9_]{0,31}"
_WORD = r"\S(.{0,46}\S)?"
_FORM = r"\S.{0,79}"


@dataclass(frozen=True, slots=True)
class Option:
    """What narrows a criterion. A number of days, one of `choices`, or a text like `pattern`."""

    name: str
    needed: bool = False
    choices: tuple[str, ...] = ()  # the first is meant where nothing is said
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something of a patient that can be asked for."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    pattern: str = ""
    most: int = LARGEST
    options: tuple[Option, ...] = ()
    whole: bool = True  # numbers with no decimals


_DAYS = Option("days")  # not longer ago
_OF_FORM = Option("form", needed=True, pattern=_FORM)  # the questionnaire's name
_MEASURE = Option("kind", needed=True, choices=MEASURES)
_ITEM = Option("item", needed=True, pattern=_FORM)  # linkId
FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        one.name: one
        for one in (
            Field("age", "number", most=150),
            Field("sex", "choice", (*SEXES, "unknown")),
            Field("birth_month", "choice", tuple(str(month) for month in range(1, 13))),
            Field("group", "word", pattern=_GROUP),
            # ICD-10, of the newest month that is known, or of any.
            Field(
                "condition",
                "prefix",
                pattern=r"[A-Z]([0-9]([0-9]\.?[0-9A-Z]{0,4})?)?",
                options=(
                    Option("suspected", choices=("no", "yes", "either")),
                    Option("when", choices=("now", "ever")),
                ),
            ),
            Field("act", "code", pattern=_CODE, options=(_DAYS,)),
            Field("drug", "code", pattern=_CODE, options=(_DAYS,)),
            Field("last_visit", "day"),
            Field("next_visit", "coming_day"),
            Field("visit_count", "number"),
            Field("visits_year", "number"),
            Field("no_shows", "number"),
            Field("points_year", "number"),
            Field("tier", "choice", TIERS),
            Field("score", "number", whole=False, options=(_OF_FORM, _ITEM, _DAYS)),
            Field(
                "answer",
                "answer",
                pattern=r"\S(.{0,198}\S)?",
                whole=False,
                options=(_OF_FORM, _ITEM, _DAYS),
            ),
            Field("answered", "day", options=(_OF_FORM,)),
            # The newest one, in the unit it is kept in: mmHg, mg/dL, °C, /min, kg, %.
            Field("reading", "number", whole=False, options=(_MEASURE, _DAYS)),
            Field("tag", "word", pattern=_WORD),
            Field("channel", "word", pattern=r"[a-z]{1,16}"),
            Field("language", "word", pattern=r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?"),
            Field("consent", "word", pattern=r"[a-z][a-z_]{0,15}"),
            Field("lapse", "choice", STATES, options=(Option("group", pattern=_GROUP),)),
            Field("occupation", "word", pattern=_WORD),
            Field("membership", "choice", MEMBERSHIPS),
            Field("source", "word", pattern=r"\S(.{0,30}\S)?"),
            Field(
                "outreach",
                "choice",
                RESPONSES,
                options=(
                    Option("sending", pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
                    _DAYS,
                ),
            ),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question about a patient. `options`: name and value, in order of the names."""

    field: str
    op: Op
    values: tuple[Value, ...] = ()
    options: tuple[tuple[str, str | int], ...] = ()

    def option(self, name: str) -> str | int | None:
        """What an option says; its first choice if it says nothing."""
        known = {one.name: one for one in FIELDS[self.field].options}
        return dict(self.options).get(name, next(iter(known[name].choices), None))


@dataclass(frozen=True, slots=True)
class And:
    """All of them hold; with no part, of everybody."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of them holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold; what is not known of somebody does not hold either."""

    part: "Filter"


Filter: TypeAlias = Criterion | And | Or | Not


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a filter. `where` is a path, `reason` a key (`segment_fault_<reason>`)."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of a filter in plain words: keys of a catalogue, and the values to put in.

    `depth` tells what it belongs to. `values` are numbers, days and words as they were given;
    those of a choice, and of options with choices, are keys.
    """

    depth: int
    key: str
    field: str = ""
    values: tuple[Value, ...] = ()
    options: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """A version of a saved segment."""

    key: str
    version: int
    name: str
    tree: Filter
    retired: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """How many patients a filter finds, and how many of them could be written to.

    `left_out`: the others, each by the first reason that holds. `ms`: how long counting took.
    """

    matched: int
    reachable: int
    left_out: Mapping[str, int]
    ms: int
