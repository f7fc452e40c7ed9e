"""Readings that patients take at home (FHIR Observation): values, and what is made of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from clinic.message.types import Picture

Kind = Literal["blood_pressure", "glucose", "temperature", "pulse", "weight", "spo2"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# A blood pressure is two measures, everything else is its own.
Measure = Literal["systolic", "diastolic", "glucose", "temperature", "pulse", "weight", "spo2"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
Unit = Literal["mmHg", "mg/dL", "mmol/L", "°C", "°F", "/min", "kg", "lb", "%"]
# The units a kind is told in. The first is the one that it is kept in.
UNITS: dict[Kind, tuple[Unit, ...]] = {
    "blood_pressure": ("mmHg",),
    "glucose": ("mg/dL", "mmol/L"),
    "temperature": ("°C", "°F"),
    "pulse": ("/min",),
    "weight": ("kg", "lb"),
    "spo2": ("%",),
}
Occasion = Literal["fasting", "before_meal", "after_meal", "bedtime", "after_exercise"]
OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)
Source = Literal["chat", "staff", "plan"]
# FHIR Observation.status, as far as it is needed.
Status = Literal["final", "entered-in-error"]
Level = Literal[1, 2, 3, 4]  # as of a triage: 1 nothing, 2 a nurse looks, 3 today, 4 now
Side = Literal["below", "from"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it was told, in the unit it was told in. `second`: the lower blood pressure."""

    kind: Kind
    value: Decimal
    unit: Unit
    second: Decimal | None = None
    occasion: Occasion | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What must be asked before a number counts as a reading.

    which: of `kinds`. unit: of `units`. half: only one of two pressures. impossible: no living
    body has it, or the lower pressure is above the upper one.
    """

    why: Literal["which", "unit", "half", "impossible"]
    numbers: tuple[Decimal, ...]
    kinds: tuple[Kind, ...]
    units: tuple[Unit, ...] = ()
    occasion: Occasion | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a text tells. `whole`: it tells nothing else.

    `at`: when it was measured, None if the text does not say.
    """

    readings: tuple[Reading, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    at: datetime | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading in a record, in the kept unit. `measured_at` is aware, in the clinic's zone."""

    kind: Kind
    value: Decimal
    second: Decimal | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """From where on a measure is of a level: `below` the value `at`, or `from` it on.

    Of patients who are at least `since` and less than `until` days old.
    """

    measure: Measure
    side: Side
    level: Level
    at: Decimal
    since: int = 0
    until: int | None = None


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """What staff set for one patient instead of the house's limit; None: there is none."""

    measure: Measure
    side: Side
    level: Level
    at: Decimal | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a reading stands out. `why`: below, from, mean, repeated or rise, of a measure."""

    kind: Kind
    level: Level
    measure: Measure
    why: Literal["below", "from", "mean", "repeated", "rise"]


@dataclass(frozen=True, slots=True)
class Point:
    """One reading of a trend. `way`: compared with the one before it."""

    on: date
    value: Decimal
    second: Decimal | None
    way: Literal["", "up", "down", "same"] = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """The last readings of a kind, oldest first, and their mean."""

    kind: Kind
    unit: Unit
    points: tuple[Point, ...]
    mean: Decimal
    second_mean: Decimal | None = None
    picture: Picture | None = None  # the same as a line, where the chat is given one
