"""What every format is read into, before anybody is looked for in the patient base.

A reader of a format is a generator of `Part`s: first what the file says of itself (`Header`), then
an `Entry` for each receipt, row or resource, with `Issue`s between them. It is pure, streams, and
never raises over what a file holds: what cannot be used becomes an `Issue`, without the patient's
words.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

Kind = Literal["uke", "table", "fhir", "hl7", "master"]
Sex = Literal["female", "male", "other"]
Setting = Literal["outpatient", "inpatient"]
Outcome = Literal["cured", "died", "stopped"]  # of a disease; stopped: care ended or went elsewhere
CodeSystem = Literal["receipt", "icd10", "snomed", "loinc", "local"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who an entry speaks of, as the source writes it. Empty strings: the source says nothing.

    `insurer`, `insured` (symbol, number and branch, joined by "/") and contact data are stored
    encrypted. `kana_only`: the name field holds kana, because the source cannot write the kanji.
    """

    chart: str = ""
    name: str = ""
    kana: str = ""
    birth_on: date | None = None
    sex: Sex | None = None
    phone: str = ""
    email: str = ""
    insurer: str = ""
    insured: str = ""
    language: str = ""
    address: str = ""
    deceased: bool = False
    deceased_on: date | None = None
    moved: bool = False  # went to another clinic for good
    allows_sms: bool | None = None  # to be written to at `phone`; None: the source says nothing
    allows_email: bool | None = None
    kana_only: bool = False


@dataclass(frozen=True, slots=True)
class Encounter:
    """A day on which the patient was seen, or was in hospital (FHIR Encounter)."""

    on: date
    setting: Setting = "outpatient"


@dataclass(frozen=True, slots=True)
class Condition:
    """A disease as the source lists it (FHIR Condition). `suspected` ones put nobody in a group."""

    code: str
    system: CodeSystem = "receipt"
    icd10: str = ""  # without a dot; empty if the source's code has to be looked up
    name: str = ""  # only where the code says none
    suspected: bool = False
    main: bool = False
    started_on: date | None = None
    outcome: Outcome | None = None
    ended_on: date | None = None
    modifiers: tuple[str, ...] = ()  # codes of the words around the name, as the source orders them


@dataclass(frozen=True, slots=True)
class Procedure:
    """An act on a day (FHIR Procedure). `points` are receipt points of the whole unit, if told."""

    code: str
    on: date | None
    count: int = 1
    points: int | None = None
    system: CodeSystem = "receipt"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """Medicine handed out or prescribed on a day, for so many days (FHIR MedicationDispense).

    `days` is None where the source names a drug and not for how long.
    """

    code: str
    on: date
    days: int | None
    system: CodeSystem = "receipt"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """A visit that was arranged elsewhere (FHIR Appointment, HL7 SCH)."""

    key: str
    starts_at: datetime  # aware
    status: Literal["booked", "cancelled", "noshow", "fulfilled"] = "booked"
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which identifier a number is: its type ("named": the clinic's by the settings), and the
    system or authority that gives it. Both as the file writes them; no number is in it."""

    kind: str
    system: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One receipt, row, message or resource group about one patient.

    `key` is the record's own identity without the patient ("uke:2026-07:01130012:out"): the same
    patient and key mean the same record, which a newer one replaces. `version` orders them: the
    newer or equal one wins (the month of claim, a message's time; "" where sources give none).
    `month` is the first day of the month the record speaks of. `visit_count`: visits the source
    counts, for when it does not say the days.
    """

    key: str
    person: Person
    line: int
    version: str = ""
    month: date | None = None
    setting: Setting = "outpatient"
    encounters: tuple[Encounter, ...] = ()
    visit_count: int | None = None
    conditions: tuple[Condition, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    supplies: tuple[Supply, ...] = ()
    bookings: tuple[Booking, ...] = ()
    points: int | None = None
    last_visit_on: date | None = None  # patient lists name it without being a visit's source
    merges: str = ""  # the chart number that this message says is the same person
    # For the preview: what the chart number was taken from; where it has none, what else there is.
    chart_from: Numbering | None = field(default=None, compare=False)
    passed_over: tuple[Numbering, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a reader could not use. `values` never hold words of the file, only numbers.

    severity reject: this record is left out; warn: it is used all the same; refuse: the whole file
    is not taken. `reason` is a key of the panel's catalogue (`import_reason_<reason>`).
    """

    severity: Literal["refuse", "reject", "warn"]
    reason: str
    line: int = 0
    record: str = ""  # RE, SI, PID, "row", Patient ...
    column: str = ""  # the column's name in the format
    values: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself. `institution`: the clinic's own number; `month`: of the claim."""

    kind: Kind
    institution: str = ""
    month: date | None = None
    payer: str = ""


Part: TypeAlias = Header | Entry | Issue


@dataclass(frozen=True, slots=True)
class Code:
    """A line of a master file: what a code means."""

    kind: Literal["disease", "modifier", "act", "drug"]
    code: str
    name: str
    icd10: str = ""
    valid_until: date | None = None
    suffix: bool = False  # of a modifier: stands after the name
    moved_to: str = ""  # the code that took its place
