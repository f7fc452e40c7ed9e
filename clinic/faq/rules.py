"""What is told of a topic to whom, and what may be written of one. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from clinic.faq.types import MAX_ANSWER, MAX_EXAMPLE, MAX_EXAMPLES, MAX_NAME, OwnWords

FALLBACK = "en"  # better than nothing, to who reads another language
Problem = Literal["name", "answer", "examples", "name_long", "answer_long", "example_long", "many"]


class Told(NamedTuple):
    """Words, and the language that they are in; both "" where nothing is written."""

    language: str = ""
    words: str = ""


def told(texts: Mapping[str, str], language: str, others: Sequence[str] = ()) -> Told:
    """What somebody who reads `language` is told: that, else English, else the first of `others`
    (the clinic's languages) that is written, else any."""
    for tag in (language, FALLBACK, *others, *sorted(texts)):
        if texts.get(tag):
            return Told(tag, texts[tag])
    return Told()


def problem_of(words: OwnWords) -> Problem | None:
    """Why a topic cannot be kept like this; None if it can."""
    if not words.names:
        return "name"
    if not words.answers:
        return "answer"
    if not words.examples:
        return "examples"
    if any(len(name) > MAX_NAME for name in words.names.values()):
        return "name_long"
    if any(len(answer) > MAX_ANSWER for answer in words.answers.values()):
        return "answer_long"
    if any(len(those) > MAX_EXAMPLES for those in words.examples.values()):
        return "many"
    if any(len(one) > MAX_EXAMPLE for those in words.examples.values() for one in those):
        return "example_long"
    return None
