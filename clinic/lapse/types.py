"""Groups and how patients stand in them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Mode = Literal["fixed", "supply"]
State = Literal["booked", "active", "due", "at_risk", "lapsed", "dormant", "excluded"]
LISTED: tuple[State, ...] = ("due", "at_risk", "lapsed")  # dormant has a list of its own
# auto: today where our own visits are nearly all there are, else as far as imports reach.
HorizonMode = Literal["auto", "import", "today"]
ClauseKind = Literal[
    "conditions", "condition_codes", "acts", "act_names", "drugs", "drug_prefixes", "tags", "score"
]
EvidenceKind = Literal["condition", "act", "drug", "tag", "score"]
Exclusion = Literal[
    "deceased",
    "moved",
    "merged",
    "never_seen",
    "opted_out",
    "inpatient",
    "acute_only",
    "suspected_only",
    "messaged",
]
# Which rule told when the patient is expected, as the reason's key.
Basis = Literal[
    "supply", "refill", "usual", "interval", "long", "months", "act", "insurance", "seasonal"
]


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a group. It holds if one of `values` is found, for score: in the range.

    `months`: how far back from the last visit it counts; of conditions, from the newest month of
    which a record tells (0: that month alone). conditions are ICD-10 prefixes without a dot,
    act_names and drug_prefixes prefixes, the others whole codes.
    """

    kind: ClauseKind
    values: tuple[str, ...] = ()
    months: int = 0
    form: str = ""  # the questionnaire's name
    item: str = ""  # linkId of the total
    at_least: Decimal | None = None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """Who belongs to a group.

    since_act: time counts from the newest act of the clauses, not from the last visit.
    insurance_months: insurance stops if so many calendar months go by without a visit.
    any_disease: patients with only acute or only suspected diseases stay in (check-ups).
    seasonal: months (1 to 12) of a yearly message; nobody lapses from such a group.
    """

    clauses: tuple[Clause, ...]
    every: bool = False  # all clauses, not any
    since_act: bool = False
    insurance_months: int | None = None
    any_disease: bool = False
    seasonal: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group with its windows. `id` is None while it is not stored. Days and calendar months."""

    code: str
    name: Mapping[str, str]
    definition: Definition
    mode: Mode
    at_risk_months: int | None = None
    lapsed_months: int | None = None
    grace_days: int = 14
    interval_days: int | None = None
    refill_days: int = 90
    strict: bool = False
    active: bool = True
    position: int = 0
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a group. `where` is a path, `reason` a key (`lapse_fault_<reason>`)."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something current records say of a patient that clauses look at.

    condition: confirmed or suspected, `ended` or not, `month` of the record (None: of no month).
    act, drug: `on` a day, without which they count for nothing. score: `form`, `code` is its item,
    `value`, of the newest answers.
    """

    kind: EvidenceKind
    code: str
    on: date | None = None
    icd10: str = ""
    name: str = ""
    suspected: bool = False
    ended: bool = False
    month: date | None = None
    form: str = ""
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a patient: PatientSummary, flags, bookings, and what records say.

    `messaged_on`: the newest day on which the patient was on a list of a sending. `opted_out`:
    every chat account that speaks for the patient said stop.
    """

    last_visit_on: date | None = None
    visit_count: int = 0
    median_gap: int | None = None
    supply_until: date | None = None
    refill: bool = False
    long_supply: bool = False
    inpatient: bool = False
    newest_month: date | None = None
    deceased: bool = False
    moved_on: date | None = None
    merged: bool = False
    opted_out: bool = False
    booked_on: date | None = None
    messaged_on: date | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """When a patient is expected, at risk and lapsed in one group, and by which rule.

    None: never. `numbers` belong to the rule: `on` a day, `days`, `months`.
    """

    basis: Basis
    expected_on: date | None
    at_risk_on: date | None
    lapsed_on: date | None
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a patient stands in a group, as stored in Lapse. `reason` holds keys and numbers."""

    state: State
    last_visit_on: date | None
    expected_on: date | None
    at_risk_on: date | None
    lapsed_on: date | None
    reason: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A reason to be worded: `lapse_reason_<key>` with `n` months or days and a day `on`."""

    key: str
    n: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the lapse list."""

    patient: int
    chart: str | None
    group: str
    name: Mapping[str, str]  # of the group
    state: State
    last_visit_on: date | None
    expected_on: date | None
    at_risk_on: date | None
    lapsed_on: date | None
    reason: Told


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a recompute did. `horizon` is the day up to which the data reach."""

    horizon: date
    changed: int  # rows of Lapse written or removed


@dataclass(frozen=True, slots=True)
class PlanDue:
    """A patient whose treatment plan (療養計画書) is to be given at the next visit."""

    patient: int
    chart: str | None
    plan_on: date
    estimated: bool
    due_on: date
    booked_on: date | None
