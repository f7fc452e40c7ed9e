"""Values of booking that flows may hold: no database, no clock.

Names are in the patient's language.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class AppointmentStatus(StrEnum):
    """FHIR R4 appointment statuses, as far as Kayoi uses them; `held` is FHIR's `pending`."""

    HELD = "held"
    PROPOSED = "proposed"  # kept while several people are asked, none of whom has it yet
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    EXPIRED = "expired"  # a hold that nobody confirmed in time


@dataclass(frozen=True, slots=True)
class ServiceOption:
    id: int
    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class PractitionerOption:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class DayOption:
    on: date  # in the site's zone
    free: int  # how many starts are free


@dataclass(frozen=True, slots=True)
class Slot:
    """One bookable start. `resources` are all that the visit takes, the practitioner among them."""

    service_id: int
    site_id: int
    site_name: str
    practitioner_id: int
    practitioner_name: str
    starts_at: datetime  # aware, in the site's zone
    ends_at: datetime
    resources: tuple[int, ...]

    @property
    def key(self) -> str:
        """Names the slot among others of the same service."""
        return f"{self.starts_at:%Y%m%dT%H%M%z}-{self.practitioner_id}-{self.site_id}"


@dataclass(frozen=True, slots=True)
class Visit:
    """A booked appointment as its patient may see it. `version` rises with every change."""

    id: int
    version: int
    status: AppointmentStatus
    patient_id: int
    patient_name: str
    service_id: int
    service_name: str
    practitioner_id: int
    practitioner_name: str
    site_id: int
    site_name: str
    site_address: str
    starts_at: datetime  # aware, in the site's zone
    ends_at: datetime
    confirmed: bool = False
    calendar_url: str = ""  # https address of the .ics file; "" while no public address is known


# What the service answers with besides a Visit ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """The slot is this patient's until `until`, if booked by then."""

    appointment_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """The slot is not to be had (any more); `alternatives` are the nearest that are."""

    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The clinic's rules do not let this patient book or move this."""

    reason: Literal["too_many", "own_overlap", "too_late"]
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """The visit is not what the caller was shown; `visit` is how it stands, None: not theirs."""

    visit: Visit | None


@dataclass(frozen=True, slots=True)
class DaySheetRow:
    """One visit of a day, as the desk sees it. Times are in the site's zone."""

    id: int
    version: int
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    patient_id: int
    patient_name: str
    chart: str | None
    service_name: str
    practitioner_id: int
    practitioner_name: str
    site_id: int
    site_name: str
    rooms: tuple[str, ...]  # and devices
    confirmed: bool
    has_note: bool
