"""Documents as values: what they are made from, what stands in them, what patients answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

Kind = Literal["certificate", "referral", "consent", "care_plan", "contract"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Status = Literal["draft", "active", "retired"]
# What the record, the clinic and the form know. The other places are a template's own fields.
Placeholder = Literal[
    "name",
    "kana",
    "birth_on",
    "chart",
    "today",
    "number",
    "clinic",
    "phone",
    "practitioner",
    "diagnoses",
    "next_visit",
    "readings",
]
PLACEHOLDERS: tuple[Placeholder, ...] = get_args(Placeholder)
Answer = Literal["agreed", "refused", "asked", "withdrawn"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
# What comes of a pressed button. unread: the document was not opened. same: it stands so already.
Outcome = Literal["agreed", "refused", "asked", "withdrawn", "unread", "same"]
Fault = Literal["empty", "title", "length", "placeholder", "field", "fields"]

TEXT_LENGTH = 12_000  # characters of a template in one language
TITLE_LENGTH = 120
VALUE_LENGTH = 3_000  # of one field that staff fill in
MOST_FIELDS = 24
LABEL_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Field:
    """A place that staff fill in. `labels` by language (BCP 47)."""

    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a template says. Titles and texts by language; a language has both or neither."""

    kind: Kind
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a template cannot be kept, or a document not be issued. `where`: of which place, or in
    which language."""

    fault: Fault
    where: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """One version. `checked_by`: who said that it was checked for use here."""

    id: int
    code: str
    version: int
    status: Status
    draft: Draft
    checked_by: str | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph."""

    kind: Literal["heading", "text"]
    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a document, filled in, in its language."""

    language: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its places filled in, and which were left: unknown ones and empty ones."""

    content: Content
    unknown: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a document, and who gave it for whom."""

    id: int
    answer: Answer
    relation: str
    channel: str
    account_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was issued. `sha256`: of the PDF, 64 hex digits."""

    id: int
    key: UUID
    number: str
    patient_id: int
    kind: Kind
    version: int  # of the template
    language: str
    title: str
    state: Literal["issued", "void"]
    sha256: str
    issued_by: str
    issued_at: datetime
    sent_at: datetime | None
    views: int  # by the patient
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest reading of a kind, as it is shown with its unit."""

    kind: str
    shown: str
    on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record knows that a document may say. `next_visit`: in the clinic's zone."""

    patient_id: int
    name: str
    kana: str
    birth_on: date | None
    chart: str | None
    language: str | None
    diagnoses: tuple[str, ...]
    next_visit: datetime | None
    readings: tuple[Reading, ...]
    practitioners: tuple[tuple[int, Mapping[str, str]], ...]
    own_practitioner: int | None  # whom the staff member is
    now: datetime  # in the clinic's zone
