"""What the world answers to the buttons under a document's message."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.document.types import Outcome


@dataclass(frozen=True, slots=True)
class DocumentOpened:
    """A one-time link to the document was made. `asks`: an answer to it is waited for."""

    from_patient: ClassVar[bool] = False
    url: str
    asks: bool


@dataclass(frozen=True, slots=True)
class DocumentAnswered:
    """What came of the answer."""

    from_patient: ClassVar[bool] = False
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class DocumentGone:
    """The document holds no more, or this account does not speak for its patient."""

    from_patient: ClassVar[bool] = False


DocumentAnswer = DocumentOpened | DocumentAnswered | DocumentGone
