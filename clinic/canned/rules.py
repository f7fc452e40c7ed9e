"""Answers kept ready: what one may look like, and how it is filled in. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from clinic.canned.types import (
    PLACEHOLDERS,
    SHORTCUT_LENGTH,
    TEXT_LENGTH,
    CannedAnswer,
    Filled,
    Problem,
)

_PLACE = re.compile(r"\{([^{}]*)\}")


def read_shortcut(text: str) -> str | None:
    """What is typed after the slash, in its normal form; None if it cannot be one: letters,
    digits, - and _ of any script."""
    shortcut = unicodedata.normalize("NFKC", text).strip().lstrip("/").lower()
    fits = 0 < len(shortcut) <= SHORTCUT_LENGTH
    return shortcut if fits and re.fullmatch(r"[\w-]+", shortcut) else None


def problem_of(texts: Mapping[str, str]) -> Problem | None:
    """What is wrong with the texts of an answer, if anything is."""
    if not texts:
        return "empty"
    if any(len(text) > TEXT_LENGTH for text in texts.values()):
        return "length"
    asked = {name for text in texts.values() for name in _PLACE.findall(text)}
    return "placeholder" if asked - set(PLACEHOLDERS) else None


def fill(text: str, language: str, values: Mapping[str, str]) -> Filled:
    """A text with its placeholders replaced, once: what a value says is never read again."""
    lacks: list[str] = []

    def value(place: re.Match[str]) -> str:
        name = place[1]
        if not values.get(name):
            lacks.append(name)
            return place[0]
        return values[name]

    return Filled(_PLACE.sub(value, text), language, tuple(dict.fromkeys(lacks)))


def language_for(answer: CannedAnswer, languages: Sequence[str]) -> str:
    """The first of these languages that the answer has, else the first that it has at all."""
    return next((one for one in languages if one in answer.texts), next(iter(answer.texts)))
