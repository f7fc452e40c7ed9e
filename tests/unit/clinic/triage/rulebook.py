"""Presentations made for tests, so that what clinicians write into the files changes none."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from clinic.triage.base import BASE, read_base
from clinic.triage.load import read
from clinic.triage.rules import next_question
from clinic.triage.types import (
    LANGUAGES,
    Answer,
    Answers,
    Base,
    Facts,
    Level,
    Presentation,
    Question,
)

MAN = Facts(40, "male")
# Everything of the base questions denied, as a healthy adult would.
WELL: dict[str, Answer] = {
    "first_check": "no",
    "function": "no",
    "getting_worse": "no",
    "severity": 1,
    "medicine": "no",
}
# And the questions of `document`.
DENIED: dict[str, Answer] = WELL | {"grave": "no", "serious": "no", "long": "no"}


@cache
def base() -> Base:
    """What is asked of everybody, as shipped."""
    return read_base(BASE)


def text(words: str) -> dict[str, str]:
    """The same words in all languages."""
    return {language: f"{words} {language}" for language in LANGUAGES}


def asked(name: str, level: object, **rest: Any) -> dict[str, Any]:
    """A question of a document."""
    return {"id": name, "level": level, "ask": text(f"{name}?"), "reason": text(name), **rest}


def document(name: str = "ache", **changes: Any) -> dict[str, Any]:
    """A presentation as its file has it; a change to None leaves the key out."""
    found = {
        "id": name,
        "number": 99,
        "version": 3,
        "source": ["J2", "◇"],
        "title": text("Ache"),
        "words": {language: ["one", "two", "three", "four"] for language in LANGUAGES},
        "questions": [asked("grave", 4), asked("serious", 3), asked("long", 2)],
        "otherwise": 1,
        "care": text("Rest."),
        "come_back": text("Come back if it is worse."),
    } | changes
    gone = {key for key, value in changes.items() if value is None}
    return {key: value for key, value in found.items() if key not in gone}


def written(folder: Path, said: Any, name: str = "ache") -> Path:
    """The file of a document; unsigned where it does not say."""
    if isinstance(said, dict):
        said = {"signature": None} | said
    path = folder / f"{name}.yml"
    path.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def presentation(folder: Path, name: str = "ache", **changes: Any) -> Presentation:
    """A presentation read from a file."""
    return read(written(folder, document(name, **changes), name), base())


def walked(one: Presentation, facts: Facts, answers: Answers, at_least: Level = 1) -> list[str]:
    """What is asked on the way, where everything not in `answers` is "no" or nothing."""
    said: dict[str, Answer] = {}
    nothing: dict[str, Answer] = {"number": 0, "many": (), "one": "female", "yes_no": "no"}
    while isinstance(then := next_question(one, facts, said, at_least=at_least), Question):
        usual = 36.6 if then.id == "temperature" else nothing[then.kind]
        said[then.id] = answers.get(then.id, usual)
    return list(said)
