"""What the world answers about triage runs."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.triage.types import Facts


@dataclass(frozen=True, slots=True)
class CheckInAnswered:
    """How it goes after a triage run is noted. `times`: how often the bot has asked since."""

    from_patient: ClassVar[bool] = False
    presentation: str
    who: Facts
    patient_id: int | None
    name: str  # the patient's, "" if nobody knows
    times: int


@dataclass(frozen=True, slots=True)
class CheckInGone:
    """There is no such run of this conversation."""

    from_patient: ClassVar[bool] = False
