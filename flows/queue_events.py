"""What the flow of the queue learns."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.reception.types import Place


@dataclass(frozen=True, slots=True)
class QueueRead:
    """The places of everybody the account speaks for, by number; none: nobody has checked in."""

    from_patient: ClassVar[bool] = False
    places: tuple[Place, ...]
