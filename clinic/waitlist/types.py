"""Values of the waitlist and of slot rescue: no database, no clock."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from clinic.booking.types import PractitionerOption, ServiceOption, Slot, Visit

Part = Literal["any", "morning", "afternoon", "evening"]
PARTS: tuple[Part, ...] = ("any", "morning", "afternoon", "evening")
# Why a time is free again. said_no: cancelled after a reminder; silence: by staff, since nobody
# confirmed it; moved: its patient comes at another time.
Cause = Literal["cancel", "said_no", "silence", "moved"]
EntryState = Literal["waiting", "offered", "booked", "left", "ended"]
OfferState = Literal["offered", "accepted", "declined", "late", "lapsed", "taken", "left_out"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """When somebody could come. `weekdays`: 0 is Monday, none means any. Dates are the site's."""

    from_on: date
    until_on: date
    weekdays: tuple[int, ...] = ()
    part: Part = "any"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry as its patient may see it. `practitioner` None: any; `visit_at`: of the later visit
    that would be moved."""

    id: int
    patient_id: int
    patient_name: str
    service: ServiceOption
    practitioner: PractitionerOption | None
    wishes: Wishes
    since: datetime
    visit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Freed:
    """A time that is free again. `starts_at` is aware, in the site's zone."""

    service_id: int
    practitioner_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to whom a freed time may be offered.

    From the waitlist (`entry_id`) since `asked_at`, with what they wish; or due for the service,
    expected since `expected_on`. `visit_at`: of a later visit of the same service, which an
    accepted time would stand in for; `visit_id` names it where they asked for that.
    """

    patient_id: int
    entry_id: int | None = None
    account_id: int | None = None
    asked_at: datetime | None = None
    wishes: Wishes | None = None
    practitioner_id: int | None = None
    visit_id: int | None = None
    visit_at: datetime | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Waves:
    """How freed times are offered: see `clinic.config.Waitlist`."""

    size: int = 3
    length: timedelta = timedelta(minutes=10)
    hurried: timedelta = timedelta(minutes=5)
    hurried_within: timedelta = timedelta(hours=6)
    least_ahead: timedelta = timedelta(hours=2)
    most: int = 6
    depth: int = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """An open rescue as it stands between two looks. `waiting`: offers without an answer.

    `now` is aware, in the clinic's zone, as is `quiet_until`; None: no quiet hours now.
    """

    starts_at: datetime
    wave: int
    now: datetime
    quiet_until: datetime | None = None
    waiting: int = 0
    wave_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at `until`. `keep`: the time stays held meanwhile."""

    until: datetime
    keep: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Offer the time to the next people, until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class End:
    """Nobody is asked any more."""

    reason: Literal["too_near", "all_asked"]


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """What tells an empty booking: of one open visit and of who booked it.

    `open_together`: open visits that the same chat or telephone booked within a day of it, for
    `patients` different people; `same_day`: other open visits of the patient for the service on the
    visit's day; `no_shows` in the last year; `until`: how far away the visit is.
    """

    confirmed: bool
    until: timedelta
    open_together: int = 1
    patients: int = 1
    same_day: int = 0
    no_shows: int = 0


# What the service answers with --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """The offered time is theirs. `instead_of`: when the visit was that now stands there."""

    visit: Visit
    instead_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """They do not want it; `waits`: they stay on the waitlist."""

    waits: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """The time is not to be had. taken: somebody was quicker; late: the time to answer was up;
    impossible: the clinic cannot offer it any more; overlap: they have another visit then;
    unknown: no such offer to this chat.

    `others` are the nearest free times for the same service, which `patient_id` may book.
    """

    why: Literal["taken", "late", "impossible", "overlap", "unknown"]
    waits: bool = False
    patient_id: int | None = None
    service: ServiceOption | None = None
    others: tuple[Slot, ...] = field(default=())
