"""What a questionnaire asks the world to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flows import events


@dataclass(frozen=True, slots=True)
class ListForms:
    answers: ClassVar[tuple[type, ...]] = (events.FormsListed,)


@dataclass(frozen=True, slots=True)
class OpenForm:
    answers: ClassVar[tuple[type, ...]] = (events.FormOpened, events.FormGone)
    request_id: int


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """`scores` are totals by linkId, `flags` the rules and levels of what stands out."""

    answers: ClassVar[tuple[type, ...]] = (events.FormSubmitted, events.FormGone)
    request_id: int
    given: Mapping[str, Any]
    scores: Mapping[str, str]
    flags: tuple[tuple[str, int], ...]
