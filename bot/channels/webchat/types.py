"""A web chat as its page shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clinic.message.types import Message


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in the conversation: what a person or the bot said, or what the patient did.

    A patient's line has `event`, the payload as it was accepted, or None once it is erased; the
    clinic's and the staff's lines have `message`. `name` is the staff member's. `standing`:
    the buttons stay good after other answers, as under a reminder.
    """

    id: str  # unique in the conversation over both sides, and the same for ever
    side: Literal["patient", "clinic", "staff"]
    at: datetime  # aware; lines are shown in this order
    event: bytes | None = None
    message: Message | None = None
    standing: bool = False
    name: str = ""
    doctor: bool = False  # whether the staff member is one


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What an installation tells the page.

    `allowed_origins`: the sites that may show the chat in a frame; () lets any site do so.
    `public_origin`: scheme and host under which browsers see the service; None means that the
    request's own Host tells it.
    """

    clinic_name: str
    languages: tuple[str, ...]  # BCP 47, the clinic's own first
    allowed_origins: tuple[str, ...] = ()
    phone: str = ""
    emergency_number: str = ""
    public_origin: str | None = None
