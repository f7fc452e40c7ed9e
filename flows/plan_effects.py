"""What the buttons under a follow-up plan's messages ask the world to do."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from flows.plan_events import PlanAnswered, PlanGone


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """Note how a patient is, as an answer to a step of a plan: to the activity of this id."""

    answers: ClassVar[tuple[type, ...]] = (PlanAnswered, PlanGone)
    activity_id: int
    how: Literal["fine", "help"]
