"""What the API takes and gives. The OpenAPI document is made of these.

A field that is not here cannot be written, and is an error rather than ignored. Things are named by
random UUIDs or the clinic's own codes, never by row numbers.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from clinic.patient.types import Sex

Language = Literal["ja", "en", "zh-Hant", "zh-Hans", "ru"]
_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
_LINES = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$"


def _in_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year < 2100:
        raise ValueError("is far from now")
    return at


def _whole_minute(at: datetime) -> datetime:
    if at.second or at.microsecond:
        raise ValueError("is no whole minute")
    return at


Code = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=_LINE)]
Words = Annotated[str, StringConstraints(max_length=200, pattern=_LINE)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_LINE)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Start = Annotated[Moment, AfterValidator(_whole_minute)]
Limit = Annotated[int, Field(ge=1, le=100)]
Cursor = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")
]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Taken(BaseModel):
    """What is sent to us: nothing but what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """What we send."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Taken):
    """No parameters."""


class Page(Taken):
    """A page of a list; `cursor` is `next` of the page before."""

    limit: Limit = 50
    cursor: Cursor | None = None


# Patients -----------------------------------------------------------------------------------------


class PatientFields(Taken):
    """What may be written of a patient. null empties a field; one that is not named stays."""

    kana: Words | None = None
    chart: Annotated[str, StringConstraints(max_length=32, pattern=_LINE)] | None = None
    birth_on: date | None = None
    sex: Sex | None = None
    language: Language | None = None
    phone: Words | None = None
    email: Words | None = None
    address: Words | None = None


class PatientNew(PatientFields):
    """A patient to be made."""

    name: Name


class PatientChange(PatientFields):
    """Fields to be written anew."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    name: Name | None = None


class PatientSearch(Taken):
    """Exactly one of them. They stand in a body so that no address and no log holds them."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
    chart: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=_LINE)] | None = (
        None
    )
    phone: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_LINE)] | None = (
        None
    )


class Patient(Given):
    """A patient. `provisional`: known from the chat only. `birth_on` and others may be unknown."""

    id: UUID
    name: str
    kana: str
    chart: str | None
    birth_on: date | None
    sex: str | None
    language: str | None
    phone: str | None
    email: str | None
    address: str | None
    provisional: bool
    deceased_on: date | None
    moved_on: date | None
    created_at: AwareDatetime


class Patients(Given):
    """A page of patients."""

    items: list[Patient]
    next: str | None


# Appointments -------------------------------------------------------------------------------------

Status = Literal["booked", "arrived", "fulfilled", "cancelled", "noshow"]


class Practitioner(Given):
    """Somebody who offers a service."""

    code: str
    name: dict[str, str]


class Service(Given):
    """Something that can be booked. Names by language; `minutes`: how long it takes."""

    code: str
    name: dict[str, str]
    minutes: int
    practitioners: list[Practitioner]


class Services(Given):
    """All services, in the clinic's order."""

    items: list[Service]


class SlotQuery(Taken):
    """Which free times: of a day in the site's zone, or without one the next there are."""

    service: Code
    practitioner: Code | None = None
    on: date | None = None
    limit: Limit = 50


class Slot(Given):
    """A time that can be booked."""

    service: str
    site: str
    practitioner: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class Slots(Given):
    """Free times, soonest first."""

    items: list[Slot]


class AppointmentQuery(Page):
    """Which appointments: all that hold of them."""

    starts_from: Moment | None = None
    starts_before: Moment | None = None
    patient: UUID | None = None
    practitioner: Code | None = None
    status: Status | None = None


class Appointment(Given):
    """A visit. `version` rises with every change and is told back when it is to be changed."""

    id: UUID
    version: int
    status: Status
    patient: UUID
    service: str
    site: str
    practitioner: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    confirmed: bool
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Appointments(Given):
    """A page of appointments, by their time."""

    items: list[Appointment]
    next: str | None


class Booking(Taken):
    """A visit to be booked, at a time that is free."""

    patient: UUID
    service: Code
    site: Code
    practitioner: Code
    starts_at: Start
    note: Annotated[str, StringConstraints(max_length=500, pattern=_LINES)] = ""


class Move(Taken):
    """Another time, and if they are named another practitioner or site."""

    version: Version
    starts_at: Start
    practitioner: Code | None = None
    site: Code | None = None


class Cancellation(Taken):
    """A visit to be cancelled."""

    version: Version
    reason: Annotated[str, StringConstraints(max_length=200, pattern=_LINES)] = ""


# Messages -----------------------------------------------------------------------------------------

Purpose = Literal["care", "education", "marketing"]


class MessageNew(Taken):
    """Words to a patient. `purpose`: what the patient must have agreed to.

    They go by the way that the patient prefers, not in quiet hours, and not too often; later than
    `useful_hours` not at all.
    """

    patient: UUID
    text: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=_LINES)]
    purpose: Purpose = "care"
    useful_hours: Annotated[int, Field(ge=1, le=720)] = 24


class Message(Given):
    """A message that came by the API, and what became of it."""

    id: UUID
    patient: UUID | None
    purpose: str
    channel: str
    state: Literal[
        "pending", "leased", "inflight", "sent", "refused", "unknown", "expired", "skipped"
    ]
    reason: str | None
    created_at: AwareDatetime
    settled_at: AwareDatetime | None


# Campaigns and segments ---------------------------------------------------------------------------


class Campaign(Given):
    """A campaign."""

    id: UUID
    name: str
    kind: str
    purpose: str
    state: str
    reason: str | None
    starts_at: AwareDatetime | None
    created_at: AwareDatetime
    ended_at: AwareDatetime | None


class Campaigns(Given):
    """A page of campaigns, those under way first."""

    items: list[Campaign]
    next: str | None


class CampaignFigures(Campaign):
    """A campaign with how its recipients stand: by state, and by state and reason."""

    recipients: int
    states: dict[str, int]
    reasons: dict[str, dict[str, int]]
    answered: int
    booked: int


class Segment(Given):
    """A saved filter over the patients."""

    id: UUID
    version: int
    name: str


class Segments(Given):
    """A page of segments, by name."""

    items: list[Segment]
    next: str | None


class SegmentCount(Given):
    """How many a segment finds now, how many of them a message reaches, and why not the others."""

    matched: int
    reachable: int
    left_out: dict[str, int]
