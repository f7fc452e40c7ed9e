"""What the world answers about what comes next of follow-up plans."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.plan.types import Ahead


@dataclass(frozen=True, slots=True)
class AheadListed:
    """The plans of which something is to come, the soonest first."""

    from_patient: ClassVar[bool] = False
    plans: tuple[Ahead, ...]


@dataclass(frozen=True, slots=True)
class PlanCallAsked:
    """Staff are asked to telephone about it. `name`: whose plan it is."""

    from_patient: ClassVar[bool] = False
    name: str


@dataclass(frozen=True, slots=True)
class PlanStopped:
    """It is over, and staff know. `name`: whose plan it was."""

    from_patient: ClassVar[bool] = False
    name: str


@dataclass(frozen=True, slots=True)
class PlanOver:
    """It was over before, or this account does not speak for its patient any more."""

    from_patient: ClassVar[bool] = False


AheadAnswer = AheadListed | PlanCallAsked | PlanStopped | PlanOver
