"""What is asked of the world about what comes next of follow-up plans."""

from dataclasses import dataclass
from typing import ClassVar

from flows.ahead_events import AheadListed, PlanCallAsked, PlanOver, PlanStopped


@dataclass(frozen=True, slots=True)
class ListAhead:
    """Of everybody this account speaks for whose record is theirs."""

    answers: ClassVar[tuple[type, ...]] = (AheadListed,)


@dataclass(frozen=True, slots=True)
class AskForCall:
    """Staff shall telephone about this plan."""

    answers: ClassVar[tuple[type, ...]] = (PlanCallAsked, PlanOver)
    plan_id: int


@dataclass(frozen=True, slots=True)
class StopPlan:
    """Nothing more shall come of this plan."""

    answers: ClassVar[tuple[type, ...]] = (PlanStopped, PlanOver)
    plan_id: int


AheadRequest = ListAhead | AskForCall | StopPlan
