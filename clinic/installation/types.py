"""What is known of an installation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

MuteReason = Literal["restored", "copied"]


@dataclass(frozen=True, slots=True)
class Muted:
    """Nothing goes out, since then."""

    since: datetime
    reason: MuteReason


@dataclass(frozen=True, slots=True)
class Released:
    """What became of what waited: nobody knows whether the original had sent it."""

    messages: int
    instance: UUID
