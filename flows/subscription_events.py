"""What a choice of messages learns."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.policy.types import Purpose


@dataclass(frozen=True, slots=True)
class MessagesRead:
    """Which kinds of messages come to this chat now."""

    from_patient: ClassVar[bool] = False
    wanted: tuple[Purpose, ...]
