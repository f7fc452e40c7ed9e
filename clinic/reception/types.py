"""Values of a day at the desk: presses, numbers of the queue, delays. No database, no clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# What the desk says of a visit by one press. `started` and `late` are no statuses of FHIR: the
# visit stays arrived, or booked.
Step = Literal["arrived", "started", "fulfilled", "noshow", "late"]
STEPS: tuple[Step, ...] = ("arrived", "started", "fulfilled", "noshow", "late")
PlaceState = Literal["waiting", "called", "started"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A visit in the queue of today. `ahead`: how many of its practitioner are called before it."""

    id: int
    number: int
    appointment_id: int
    site_id: int
    practitioner_id: int
    patient_id: int
    account_id: int | None  # who booked
    ahead: int
    told: int | None  # the fewest ahead that the patient was told of
    called_at: datetime | None
    started_at: datetime | None

    @property
    def state(self) -> PlaceState:
        """Where it stands."""
        if self.started_at is not None:
            return "started"
        return "waiting" if self.called_at is None else "called"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue as its patient may see it."""

    name: str  # the patient's
    number: int
    ahead: int
    state: PlaceState


@dataclass(frozen=True, slots=True)
class Called:
    """A number on the public board. `room`: where to go, "" if nobody said."""

    number: int
    room: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the public board of a site shows: numbers only. The newest call comes first."""

    called: tuple[Called, ...]
    waiting: tuple[int, ...]
