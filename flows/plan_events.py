"""What the world answers to the buttons under a follow-up plan's messages."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PlanAnswered:
    """It is noted. `name`: whose plan it is."""

    from_patient: ClassVar[bool] = False
    name: str


@dataclass(frozen=True, slots=True)
class PlanGone:
    """The question is over, or this account does not speak for its patient any more."""

    from_patient: ClassVar[bool] = False


PlanAnswer = PlanAnswered | PlanGone
