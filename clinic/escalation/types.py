"""Values of escalations, of who is on call, and of how an escalation can end."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal, get_args

Source = Literal["red_flag", "triage", "questionnaire", "silence", "reading"]
State = Literal["open", "acknowledged", "closed"]
Act = Literal["acknowledge", "called", "take_over", "hand_back"]
Disposition = Literal[
    "ambulance", "emergency_room", "visit_today", "advice", "not_reached", "false_alarm"
]
DISPOSITIONS: tuple[Disposition, ...] = get_args(Disposition)
Rung = Literal["first", "next", "everybody"]


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's hours on call, every week, in the clinic's zone. Monday is 0.

    `until` at or before `since` is the next morning. Lower positions are alerted first.
    """

    staff_id: int
    weekday: int
    since: time
    until: time
    position: int = 0


@dataclass(frozen=True, slots=True)
class Raised:
    """Something a doctor must answer. `said`: the patient's words, "" if there are none."""

    conversation_id: int
    source: Source
    rule: str
    level: int
    patient_id: int | None = None
    reasons: tuple[str, ...] = ()  # codes beside the rule, such as a triage's
    said: str = ""


@dataclass(frozen=True, slots=True)
class Mine:
    """It has an owner, and that is the one who asked. `fresh`: from this moment."""

    fresh: bool


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody else has it, or closed it."""

    state: Literal["acknowledged", "closed"]
    name: str


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such escalation."""


Owned = Mine | Theirs | Gone


@dataclass(frozen=True, slots=True)
class Taken:
    """The conversation of an escalation is answered by whoever asked; False: a colleague does."""

    ok: bool
    name: str = ""  # of that colleague


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """Why a code did not work, in a way that helps nobody guess."""

    reason: Literal["wrong", "too_many"]


@dataclass(frozen=True, slots=True)
class Next:
    """When the ladder looks at an escalation again, and what it does now."""

    do: Literal["alert", "tell", "repeat", "remind"]
    after: timedelta
