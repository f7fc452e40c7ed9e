"""What is wrong with a document of triage rules: every fault, in words that name its place."""

from collections.abc import Container, Iterator
from typing import Any

from clinic.triage.types import LANGUAGES

MOST_QUESTIONS = 8
MOST_OF_LEVEL_4 = 5
LONGEST_TITLE, LONGEST_ASK, LONGEST_TEXT = 80, 140, 300  # signs
FEWEST_WORDS = 4
_NEEDED = {"id", "number", "version", "source", "title", "words", "come_back"}
_KEYS = _NEEDED | {"only", "always", "modifiers", "fever", "questions", "otherwise", "care"}
_QUESTION = {"id", "level", "ask", "reason"}
_ONLY = {"sex", "pregnant", "age_min", "age_max"}


def presentation_faults(said: Any, name: str, taken: Container[object]) -> Iterator[str]:
    """What is wrong with the document of a presentation, in the file of that name.

    `taken`: ids of questions that everybody is asked.
    """
    if not isinstance(said, dict):
        yield "is no mapping"
        return
    yield from key_faults(set(said), _NEEDED, "", _KEYS)
    if said.get("id") != name:
        yield f"id {said.get('id')} is not the file's name"
    yield from (
        f"{key} is no whole number" for key in ("number", "version") if not _whole(said, key)
    )
    if not _texts(said.get("source")):
        yield "source is no list of marks"
    yield from text_faults(said.get("title"), "title", LONGEST_TITLE)
    yield from _word_faults(said.get("words"))
    yield from _only_faults(said.get("only", {}), "only")
    yield from text_faults(said.get("come_back"), "come_back", LONGEST_TEXT)
    if "modifiers" in said and said["modifiers"] != "3-4":
        yield "modifiers is not 3-4"
    if not isinstance(said.get("fever", False), bool):
        yield "fever is neither true nor false"
    if "always" in said:
        yield from _always_faults(said)
    else:
        yield from _questions_faults(said.get("questions"), taken)
        yield from _otherwise_faults(said)


def _always_faults(said: dict[str, Any]) -> Iterator[str]:
    if said["always"] not in (3, 4) or isinstance(said["always"], bool):
        yield "always is neither 3 nor 4"
    for key in ("questions", "otherwise", "care", "modifiers", "fever"):
        if key in said:
            yield f"{key} beside always"


def _otherwise_faults(said: dict[str, Any]) -> Iterator[str]:
    otherwise = said.get("otherwise")
    if otherwise not in (1, 2, 3) or isinstance(otherwise, bool):
        yield "otherwise is not 1, 2 or 3"
    elif otherwise == 1:
        yield from text_faults(said.get("care"), "care", LONGEST_TEXT)
    elif "care" in said:
        yield "care is never shown: otherwise is not 1"


def _questions_faults(said: Any, taken: Container[object]) -> Iterator[str]:
    if not isinstance(said, list) or not said or not all(isinstance(one, dict) for one in said):
        yield "questions is no list of questions"
        return
    for place, one in enumerate(said, 1):
        where = f"question {one.get('id', place)}"
        yield from (f"{where}: {fault}" for fault in _question_faults(one))
    ids = [one.get("id") for one in said]
    yield from (
        f"question {one} twice" for one in sorted({str(i) for i in ids if ids.count(i) > 1})
    )
    yield from (
        f"question {one}: everybody is asked one of this id" for one in ids if str(one) in taken
    )
    levels = [one.get("level") for one in said]
    if all(isinstance(level, int) for level in levels):
        if levels != sorted(levels, reverse=True):
            yield "questions are not gravest first"
        if levels.count(4) > MOST_OF_LEVEL_4:
            yield f"more than {MOST_OF_LEVEL_4} questions of level 4"
    if len(said) > MOST_QUESTIONS:
        yield f"more than {MOST_QUESTIONS} questions"


def _question_faults(said: dict[str, Any]) -> Iterator[str]:
    yield from key_faults(set(said), _QUESTION, "", _QUESTION | {"only"})
    if not _name(said.get("id")):
        yield "id is no lower_snake name"
    if said.get("level") not in (2, 3, 4) or isinstance(said.get("level"), bool):
        yield "level is not 2, 3 or 4"
    yield from text_faults(said.get("ask"), "ask", LONGEST_ASK)
    yield from text_faults(said.get("reason"), "reason", LONGEST_ASK)
    yield from _only_faults(said.get("only", {}), "only")


def _word_faults(said: Any) -> Iterator[str]:
    if not isinstance(said, dict) or set(said) != set(LANGUAGES):
        yield f"words: not in {', '.join(LANGUAGES)}"
        return
    for language, words in said.items():
        if not _texts(words) or len(words) < FEWEST_WORDS:
            yield f"words: {language} is no list of {FEWEST_WORDS} or more texts"
        else:
            yield from (
                f"words: {language}: {one}: not lower case" for one in words if one != one.lower()
            )
            twice = {one for one in words if words.count(one) > 1}
            yield from (f"words: {language}: {one} twice" for one in sorted(twice))


def _only_faults(said: Any, name: str) -> Iterator[str]:
    if not isinstance(said, dict):
        yield f"{name} is no mapping"
        return
    yield from key_faults(set(said), set(), f"{name}: ", _ONLY)
    if said.get("sex", "female") not in ("female", "male"):
        yield f"{name}: sex is neither female nor male"
    if not isinstance(said.get("pregnant", True), bool):
        yield f"{name}: pregnant is neither true nor false"
    ages = [said[key] for key in ("age_min", "age_max") if key in said]
    if not all(isinstance(age, int | float) and not isinstance(age, bool) for age in ages):
        yield f"{name}: an age is no number"
    elif ages != sorted(ages):
        yield f"{name}: age_min is above age_max"


def key_faults(
    said: set[Any], needed: set[str], where: str, known: set[str] | None = None
) -> Iterator[str]:
    """What lacks among the keys of a mapping, and what nobody reads (`known`: more than needed)."""
    known = needed if known is None else known
    yield from (f"{where}{key} is missing" for key in sorted(needed - said))
    yield from (f"{where}{key} is unknown" for key in sorted(str(key) for key in said - known))


def text_faults(said: Any, name: str, longest: int) -> Iterator[str]:
    """What is wrong with a text of five languages, each of at most `longest` signs."""
    if not isinstance(said, dict):
        yield f"{name} is no text of five languages"
        return
    yield from key_faults(set(said), set(LANGUAGES), f"{name}: ")
    for language, text in said.items():
        if not isinstance(text, str) or not text.strip():
            yield f"{name}: {language} is no text"
        elif len(text) > longest:
            yield f"{name}: {language} has {len(text)} signs, {longest} are the most"


def _whole(said: dict[str, Any], key: str) -> bool:
    value = said.get(key)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _texts(said: Any) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(x, str) and x for x in said)


def _name(said: Any) -> bool:
    return isinstance(said, str) and said.isidentifier() and said == said.lower() and said.isascii()
