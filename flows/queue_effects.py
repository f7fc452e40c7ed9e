"""What the flow of the queue asks of the world."""

from dataclasses import dataclass
from typing import ClassVar

from flows.queue_events import QueueRead


@dataclass(frozen=True, slots=True)
class ReadQueue:
    """Today's queue, as far as the account speaks for who waits in it."""

    answers: ClassVar[tuple[type, ...]] = (QueueRead,)
