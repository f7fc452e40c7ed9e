"""Values of conversations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clinic.message.types import Message

Owner = Literal["bot", "queue", "staff"]
# taken: by staff; woken: after it was put off; unanswered: by the one it was given to.
EventKind = Literal["taken", "assigned", "snoozed", "woken", "handed_back", "unanswered"]


@dataclass(frozen=True, slots=True)
class Account:
    """A chat account and its conversation, by id."""

    account_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a transcript, of either side.

    `id` is unique in the transcript (i17: inbound 17, o4: outbox 4). The patient's side has a
    `text` (None: the patient took it back, or it was a picture or the like: then `kind` tells); the
    others have a `message`. `state` and `reason` are the delivery's.
    """

    id: str
    side: Literal["patient", "clinic", "staff"]
    at: datetime
    text: str | None = None
    kind: str = "text"
    message: Message | None = None
    state: str = "sent"
    reason: str | None = None
    staff_name: str | None = None
