"""Follow-up plans: what is said to a patient, asked and done over days to years.

A definition (FHIR PlanDefinition) is data; a version of it never changes. A plan (CarePlan) goes by
the steps of its definition, or by its own where they were edited for one patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

from clinic.observation.types import Kind as Reading

LANGUAGES = ("en", "ja", "zh-Hant", "zh-Hans", "ru")
Words: TypeAlias = Mapping[str, str]  # by language (BCP 47), in all of LANGUAGES
# What may stand in braces in a text; nothing else may.
PLACEHOLDERS = ("name", "clinic", "phone")

Anchor = Literal["visit", "discharge", "procedure", "birth", "hand"]
ANCHORS: tuple[Anchor, ...] = get_args(Anchor)
Kind = Literal["message", "form", "readings", "call", "document"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Seen = Literal["message", "form", "readings"]  # kinds that reach the patient; others are staff's
SEEN: tuple[Seen, ...] = get_args(Seen)
Unit = Literal["days", "weeks", "months"]
UNITS: tuple[Unit, ...] = get_args(Unit)
Since = Literal["anchor", "previous"]
SINCES: tuple[Since, ...] = get_args(Since)
# What becomes of a due point that is past when a patient is enrolled.
Past = Literal["send", "skip", "ask"]
PASTS: tuple[Past, ...] = get_args(Past)
# The second time by the same way, another channel, or a call by staff.
Climb = Literal["again", "channel", "call"]
CLIMBS: tuple[Climb, ...] = get_args(Climb)
# A task for a nurse, a doctor alerted, an earlier visit offered.
Deed = Literal["nurse", "doctor", "slot"]
DEEDS: tuple[Deed, ...] = get_args(Deed)
# What a patient may ask for who looks at what comes next: to be telephoned, to end the plan.
Offer = Literal["call", "stop"]
OFFERS: tuple[Offer, ...] = get_args(Offer)
# Beside these a plan always stops when its patient died or moved away.
Stop = Literal["visit"]
STOPS: tuple[Stop, ...] = get_args(Stop)

Ended = Literal["completed", "skipped", "cancelled", "unanswered"]
State = Literal["waiting", "to_decide", "asked"] | Ended
STATES: tuple[str, ...] = (
    *("waiting", "to_decide", "asked", "completed", "skipped", "cancelled", "unanswered"),
)

MOST_STEPS = 60
MOST_POINTS = 400  # of one plan, repetitions too
MOST_RUNGS = 5
MOST_THRESHOLDS = 20
LONGEST_TEXT = 1_000
FURTHEST = 3_660  # days from the anchor
LARGEST = 1_000_000  # of a threshold


@dataclass(frozen=True, slots=True)
class After:
    """When a step is due: so long after the anchor, or after the step before it.

    Days of the calendar: a month after 31 January is the last day of February.
    """

    amount: int
    unit: Unit = "days"
    since: Since = "anchor"


@dataclass(frozen=True, slots=True)
class Rung:
    """What is done `days` after the step was sent, where nobody answered."""

    days: int
    do: Climb


@dataclass(frozen=True, slots=True)
class Threshold:
    """An answer that somebody must look at. One of `score`, `answer` and `alert` says of what.

    `score`: linkId of a total; `answer`: linkId of an item; `alert`: the form's own alerts of at
    least this level (clinic/questionnaire/scores.yml). `level` is that of the escalation.
    """

    do: Deed
    score: str = ""
    answer: str = ""
    alert: int = 0
    at_least: Decimal | None = None
    below: Decimal | None = None
    any_of: tuple[str, ...] = ()
    level: int = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a plan does. `at` is the clinic's clock.

    `text`: what is said; of a call its script, of a document its name. `asks`: the message has the
    buttons "fine" and "help" and waits for one of them. `useful_days`: after so many days more it
    is pointless; 0: of use on its own day only. `times`, `every`: so often, every so many days.
    """

    id: str
    kind: Kind
    after: After
    at: time
    text: Words = field(default_factory=dict)
    script: Words = field(default_factory=dict)  # for whoever calls because nobody answered
    form: str = ""  # url of a questionnaire
    readings: tuple[Reading, ...] = ()
    asks: bool = False
    times: int = 1
    every: int = 1
    useful_days: int = 3
    past: Past | None = None  # None: as the definition says
    climb: tuple[Rung, ...] = ()
    thresholds: tuple[Threshold, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether something is to come back from the patient."""
        return self.kind in ("form", "readings") or self.asks


@dataclass(frozen=True, slots=True)
class Applies:
    """Who is enrolled without anybody's doing: a filter of clinic.segment, and the event.

    `codes`: of the service of a visit, or of the act of a procedure; none: of any. `days`: events
    longer ago enrol nobody.
    """

    filter: Mapping[str, Any]
    codes: tuple[str, ...] = ()
    days: int = 14


@dataclass(frozen=True, slots=True)
class Definition:
    """A follow-up plan as written. `needs_signature`: no clinician has reviewed it yet."""

    code: str
    title: Words
    anchor: Anchor
    steps: tuple[Step, ...]
    past: Past = "skip"
    stop: tuple[Stop, ...] = ()
    offers: tuple[Offer, ...] = OFFERS
    applies: Applies | None = None
    needs_signature: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a definition: a path, and a key (`plans.fault.<reason>`)."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """One due point of a plan. `n` counts the repetitions of a step from 1."""

    step: str
    n: int
    at: datetime
    useful_until: datetime

    @property
    def key(self) -> tuple[str, int]:
        """Names it within its plan."""
        return self.step, self.n


@dataclass(frozen=True, slots=True)
class Planned:
    """A due point and how it begins: waiting, to be decided by staff, or skipped, and why."""

    point: Point
    state: State
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of a plan as it stands: what became of the point, or None if it only waits."""

    key: tuple[str, int]
    state: State


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit or a moved anchor makes of the rows of a plan."""

    add: tuple[Planned, ...] = ()
    move: tuple[Planned, ...] = ()
    cancel: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered: totals by linkId, answers by linkId as plain values, the gravest alert."""

    scores: Mapping[str, Decimal] = field(default_factory=dict)
    answers: Mapping[str, tuple[Decimal | str | bool, ...]] = field(default_factory=dict)
    alert: int = 0


@dataclass(frozen=True, slots=True)
class Coming:
    """What a patient may expect of one step, never its words: a plan's texts and title may name a
    disease. `again`: how often it comes after `at`, the last time at `until`."""

    kind: Seen
    at: datetime  # in the clinic's zone
    readings: tuple[Reading, ...] = ()
    again: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes next of one plan, the soonest first."""

    plan_id: int
    patient_name: str
    coming: tuple[Coming, ...]
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What stops a plan. Days are the clinic's."""

    deceased: bool = False
    moved: bool = False
    gone: bool = False  # erased, or joined into another record
    came_on: date | None = None  # the last visit that took place after the plan began
