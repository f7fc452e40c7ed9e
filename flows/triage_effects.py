"""What a triage asks the world to do."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from clinic.triage.types import Run
from flows.triage_events import CheckInAnswered, CheckInGone


@dataclass(frozen=True, slots=True)
class KeepTriage:
    """Keep a finished triage run. `asked`: the ids of what was asked; `before`: the run before."""

    run: Run
    asked: tuple[str, ...]
    patient_id: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleCheckIn:
    """Ask the next day how it goes after a triage run; None: after the one that was just kept."""

    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerCheckIn:
    """Note how it goes after a triage run of this conversation."""

    answers: ClassVar[tuple[type, ...]] = (CheckInAnswered, CheckInGone)
    run_id: int
    how: Literal["better", "same", "worse"]
