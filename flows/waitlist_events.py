"""What the world answers about the waitlist and about freed times."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from clinic.booking.types import ServiceOption, Slot, Visit
from clinic.waitlist.types import Waiting


@dataclass(frozen=True, slots=True)
class WaitingListed:
    """What the people of this account wait for, the oldest first."""

    from_patient: ClassVar[bool] = False
    entries: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class WaitlistJoined:
    """They are on the list; `possible` False: there are no such times."""

    from_patient: ClassVar[bool] = False
    possible: bool = True


@dataclass(frozen=True, slots=True)
class WaitlistLeft:
    """They are not on the list any more."""

    from_patient: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class OfferTaken:
    """The offered time is theirs. `instead_of`: when the visit was that now stands there."""

    from_patient: ClassVar[bool] = False
    visit: Visit
    instead_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """They are not asked again for this time; `waits`: they stay on the list."""

    from_patient: ClassVar[bool] = False
    waits: bool


@dataclass(frozen=True, slots=True)
class OfferMissed:
    """The time is not to be had: see `clinic.waitlist.types.Missed`."""

    from_patient: ClassVar[bool] = False
    why: Literal["taken", "late", "impossible", "overlap", "unknown"]
    waits: bool = False
    patient_id: int | None = None
    service: ServiceOption | None = None
    others: tuple[Slot, ...] = ()


WaitlistAnswer = (
    WaitingListed | WaitlistJoined | WaitlistLeft | OfferTaken | OfferDeclined | OfferMissed
)
