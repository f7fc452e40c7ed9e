"""What the buttons under a document's message ask the world to do."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.document.types import Answer
from flows.document_events import DocumentAnswered, DocumentGone, DocumentOpened


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """Make a one-time link to the document of this id."""

    answers: ClassVar[tuple[type, ...]] = (DocumentOpened, DocumentGone)
    document_id: int


@dataclass(frozen=True, slots=True)
class AnswerDocument:
    """Keep what the patient, or who speaks for them, says to a document."""

    answers: ClassVar[tuple[type, ...]] = (DocumentAnswered, DocumentGone)
    document_id: int
    answer: Answer


DocumentRequest = OpenDocument | AnswerDocument
