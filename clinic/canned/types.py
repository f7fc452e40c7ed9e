"""Values of answers kept ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Placeholder = Literal["name", "clinic", "phone", "next_visit"]
PLACEHOLDERS: tuple[Placeholder, ...] = get_args(Placeholder)
SHORTCUT_LENGTH = 32
TEXT_LENGTH = 1_000  # characters: filled in, it still fits one answer
Problem = Literal["shortcut", "taken", "empty", "length", "placeholder"]


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """One answer. `texts` by language (BCP 47); not every language has one."""

    id: int
    shortcut: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """An answer for one patient: its text, its language, and the placeholders without a value,
    which stand in it as they were written."""

    text: str
    language: str
    lacks: tuple[str, ...] = ()
