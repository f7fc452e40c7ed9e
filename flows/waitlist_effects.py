"""What the waitlist's flow asks of the world."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from clinic.waitlist.types import Part
from flows.waitlist_events import (
    OfferDeclined,
    OfferMissed,
    OfferTaken,
    WaitingListed,
    WaitlistJoined,
    WaitlistLeft,
)


@dataclass(frozen=True, slots=True)
class ListWaiting:
    answers: ClassVar[tuple[type, ...]] = (WaitingListed,)


@dataclass(frozen=True, slots=True)
class JoinWaitlist:
    """Tell a patient when an earlier time comes free. `practitioner_id` None: any; `weekdays`: 0 is
    Monday, none means any; `appointment_id`: the later visit that would be moved."""

    answers: ClassVar[tuple[type, ...]] = (WaitlistJoined,)
    patient_id: int
    service_id: int
    practitioner_id: int | None
    appointment_id: int | None
    part: Part
    weekdays: tuple[int, ...]
    until_on: date


@dataclass(frozen=True, slots=True)
class LeaveWaitlist:
    answers: ClassVar[tuple[type, ...]] = (WaitlistLeft,)
    entry_id: int


@dataclass(frozen=True, slots=True)
class TakeOffer:
    """A yes to a freed time that was offered."""

    answers: ClassVar[tuple[type, ...]] = (OfferTaken, OfferMissed)
    offer_id: int


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """A no to it; OfferTaken: they had said yes."""

    answers: ClassVar[tuple[type, ...]] = (OfferDeclined, OfferTaken, OfferMissed)
    offer_id: int


WaitlistRequest = ListWaiting | JoinWaitlist | LeaveWaitlist | TakeOffer | DeclineOffer
