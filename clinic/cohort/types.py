"""Research cohorts: values."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Status = Literal["alive", "died", "lost", "withdrew"]
STATUSES: tuple[Status, ...] = get_args(Status)
MOST_ARMS, MOST_ROUNDS, LAST_MONTH = 6, 24, 240
USUAL_ROUNDS = (1, 3, 6, 12)
USUAL_ARMS = ("study", "control")
# Why somebody cannot be enrolled.
Refusal = Literal["no_consent", "deceased", "enrolled", "no_such_arm", "future", "closed", "gone"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A cohort as staff describe it. `form`: the url of the rounds' questionnaire."""

    name: str
    arms: tuple[str, ...]
    rounds: tuple[int, ...]
    form: str | None = None
    lost_after_days: int = 365


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a draft: a field, and a key (`cohort_fault_<reason>`)."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part. `contact_on`: the last day on which the clinic knew of them.

    `pseudonym` tells nobody who it is.
    """

    id: int
    pseudonym: str
    arm: str
    enrolled_on: date
    status: Status
    event_on: date | None
    contact_on: date


@dataclass(frozen=True, slots=True)
class Followed:
    """How long somebody was followed (days), and whether that ended with their death."""

    days: int
    died: bool


@dataclass(frozen=True, slots=True)
class Point:
    """The curve from this day on. `low` and `high`: the 95 % band, None where it is not defined."""

    days: int
    at_risk: int  # just before
    deaths: int
    censored: int
    survival: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Arm:
    """What is known of an arm. `at_risk`: how many at each of the given days."""

    name: str
    enrolled: int
    alive: int
    died: int
    lost: int
    withdrew: int
    median: int | None  # days; None: not reached
    points: tuple[Point, ...]
    at_risk: tuple[int, ...]

    @property
    def lost_share(self) -> float:
        """Loss to follow-up, of those who were enrolled."""
        return self.lost / self.enrolled if self.enrolled else 0.0
