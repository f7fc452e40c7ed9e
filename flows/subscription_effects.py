"""What a choice of messages asks of the world."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.policy.types import Purpose
from flows.subscription_events import MessagesRead


@dataclass(frozen=True, slots=True)
class ReadMessages:
    """Which kinds of messages come to this chat; answered with MessagesRead."""

    answers: ClassVar[tuple[type, ...]] = (MessagesRead,)


@dataclass(frozen=True, slots=True)
class ChooseMessages:
    """The patient wants messages of a purpose, or wants them no more."""

    purpose: Purpose
    wanted: bool
