"""Values of writing to patients by e-mail and SMS."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clinic.patient.types import PatientOption

LetterChannel = Literal["email", "sms"]  # addresses that the clinic knows, not chats
LETTERS: tuple[LetterChannel, ...] = ("sms", "email")
PATIENT_COLUMN = {"email": "email", "sms": "phone"}


@dataclass(frozen=True, slots=True)
class Contact:
    """How a patient stands on one of these channels.

    `has_address`: the record has one that fits (an SMS needs a mobile number). `since`: when it
    was recorded that the patient may be written there; None: they may not. `others`: how many
    other patients are written to at the same address.
    """

    channel: LetterChannel
    has_address: bool
    since: datetime | None = None
    opted_out: bool = False
    unreachable: bool = False
    others: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a web chat that a one-time link opened may be used for: one patient, one matter.

    `purpose` is the message's. A reminder opens its visit and a request its questionnaire, nothing
    else; another message may be answered, and what it invites to be done.
    """

    patient: PatientOption
    purpose: str
    appointment_id: int | None = None
    request_id: int | None = None

    @property
    def whole(self) -> bool:
        """Whether the chat speaks for the patient as one whose link is not proven does."""
        return self.purpose not in ("queue", "reminder", "form")
