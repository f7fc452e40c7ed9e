"""Values of a patient's record, as far as clinic.record.summary reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

NoteKind = Literal["allergy", "visit"]
NOTE_KINDS: tuple[NoteKind, ...] = ("allergy", "visit")
MEMBERSHIPS = ("private", "corporate", "member")
Source = Literal["receipt", "list", "own", "staff"]  # of a visit; own: booked here


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is. Sealed values are open here; pages mask them. Contact data are E.164 and mail."""

    id: int
    name: str
    kana: str
    chart: str | None
    birth_on: date | None
    sex: str | None
    language: str | None
    zone: str | None
    provisional: bool
    phone: str
    email: str
    address: str
    insurer: str
    insured: str
    deceased_on: date | None
    moved_on: date | None
    acquired_by: str | None
    occupation: str | None
    membership: str | None
    sources: Mapping[str, str]  # who told a field: staff, emr, uke, chat


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat account that speaks, or spoke, for the patient. `others`: it speaks for more."""

    conversation_id: int
    channel: str
    relation: str
    proof: str
    display_name: str
    since: datetime
    ended_at: datetime | None
    opted_out: bool
    unreachable: bool
    others: bool
    last_patient_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """A chat account agreed, or took that back."""

    channel: str
    purpose: str
    version: str
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Coded:
    """Something a source says by a code; `name` is empty if the code is not known here."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A disease. `month`: of the record that lists it."""

    what: Coded
    icd10: str
    suspected: bool
    main: bool
    started_on: date | None
    ended_on: date | None
    outcome: str | None
    month: date | None


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a day."""

    what: Coded
    on_date: date | None
    count: int
    points: int | None


@dataclass(frozen=True, slots=True)
class Supply:
    """A medicine, and for how many days; None: the source does not say."""

    what: Coded
    on_date: date
    days: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which the patient was seen, and who says so."""

    on_date: date
    setting: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit that was arranged, here or (without a service) elsewhere. Words by language."""

    starts_at: datetime
    status: str
    service: Mapping[str, str] | None
    practitioner: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A questionnaire that was answered."""

    id: int
    title: Mapping[str, str]
    authored_at: datetime
    scores: Mapping[str, Any]
    alerts: int


@dataclass(frozen=True, slots=True)
class Note:
    """What staff must know before a visit."""

    id: int
    kind: NoteKind
    content: str
    written_by: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """Something open to do about the patient."""

    id: int
    kind: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Merge:
    """A record that was joined into this one."""

    id: int
    name: str
    chart: str | None
    merged_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """What was worked out of all visits."""

    first_visit_on: date | None = None
    last_visit_on: date | None = None
    visit_count: int = 0
    visits_year: int = 0
    no_shows: int = 0
    supply_until: date | None = None
    newest_month: date | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything the record page shows of one patient, newest first in each list."""

    person: Person
    summary: Summary
    chats: tuple[Chat, ...]
    consents: tuple[Consent, ...]
    conditions: tuple[Condition, ...]
    acts: tuple[Act, ...]
    supplies: tuple[Supply, ...]
    notes: tuple[Note, ...]
    visits: tuple[Visit, ...]
    appointments: tuple[Appointment, ...]
    answered: tuple[Answered, ...]
    tasks: tuple[Task, ...]
    tags: tuple[str, ...]
    merges: tuple[Merge, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What is left of somebody whose data were erased. `lifted_at`: imports may bring them."""

    id: int
    at: datetime
    by: str | None
    lifted_at: datetime | None
