"""`kayoi triage`: the presentations, and one played with answers from a file."""

import json
from pathlib import Path
from typing import Any

from clinic.errors import KayoiError
from clinic.triage import rules
from clinic.triage.document import digest
from clinic.triage.load import catalogue
from clinic.triage.types import Answer, Facts, Outcome, Presentation, Question, Sex


def show(language: str) -> None:
    """Print a JSON line for each presentation, in a language.

    `base` are the questions that everybody is asked, by their ids as `play` takes them; `digest` is
    what a doctor signs, in the panel (Triage) or with `signature` in the file.
    """
    for one in catalogue().values():
        line = {
            "presentation": one.id,
            "number": one.number,
            "version": one.version,
            "title": one.title[language],
            "level_always": one.always,
            "otherwise": one.otherwise,
            "questions": [_shown(asked, language) for asked in one.questions],
            "base": [_shown(asked, language) for asked in one.base.questions.values()],
            "digest": digest(one.content),
            "signature": one.signature
            and {"name": one.signature.name, "on": f"{one.signature.on}"},
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)


def _shown(asked: Question, language: str) -> dict[str, object]:
    shown: dict[str, object] = {"id": asked.id, "level": asked.level, "ask": asked.ask[language]}
    if asked.kind != "yes_no":
        shown["kind"] = asked.kind
    if asked.options:
        shown["options"] = [one.id for one in asked.options]
    return shown


def play(presentation: str, file: Path, age: float | None, sex: Sex | None) -> dict[str, object]:
    """What follows from the answers of a file, and which questions were asked on the way.

    What the file does not answer is unknown, and a child is taken to be alone. Raises KayoiError if
    it cannot be read, or if it names what is not there.
    """
    found = catalogue().get(presentation)
    if found is None:
        raise KayoiError(f"no presentation {presentation}: kayoi triage list names them")
    if age is not None and rules.read_answer(found.base.questions["age"], age) is None:
        raise KayoiError(f"--age {age} is no age in years")
    facts = Facts(age=age, sex=sex)
    given = _answers(found, file)
    said: dict[str, Answer] = {}
    while isinstance(asked := rules.next_question(found, facts, said), Question):
        said[asked.id] = given.get(asked.id, "unsure")
    # Answers to what was not asked count too: nothing that was said may be lost.
    end = rules.outcome(found, facts, given | said)
    who = rules.known(found, facts, given | said)
    against = [rule.id for rule in rules.against_remote(found, end, who)]
    return _told(end, list(said), against)


def _told(end: Outcome, asked: list[str], against_remote: list[str]) -> dict[str, object]:
    return {
        "level": end.level,
        "disposition": end.disposition,
        "reasons": list(end.reasons),
        "asked": asked,
        "unknown": list(end.unknown),
        "in_person": end.in_person,
        "remote": not against_remote,
        "against_remote": against_remote,
    }


def _answers(presentation: Presentation, file: Path) -> dict[str, Answer]:
    try:
        told: Any = json.loads(file.read_text("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise KayoiError(f"{file}: no JSON: {error}") from None
    if not isinstance(told, dict):
        raise KayoiError(f"{file}: no object of answers by question")
    answers: dict[str, Answer] = {}
    for name, value in told.items():
        asked = rules.question(presentation, name)
        if asked is None:
            raise KayoiError(f"{file}: {presentation.id} has no question {name}")
        answer = rules.read_answer(asked, value)
        if answer is None:
            raise KayoiError(f"{file}: {json.dumps(value)} is no answer to {name}")
        answers[name] = answer
    return answers


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON that does not say two things of one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
