"""`kayoi questionnaire`: whether files can be played, and one played with answers from a file."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clinic.errors import KayoiError
from clinic.questionnaire import rules
from clinic.questionnaire.read import parse, read
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.response import to_fhir
from clinic.questionnaire.types import (
    Attachment,
    Coding,
    Item,
    ItemType,
    Problem,
    Quantity,
    Question,
    Questionnaire,
    Reference,
    Refusal,
    Value,
)


def check(files: Sequence[Path], value_sets: Sequence[Path]) -> None:
    """Print a JSON line for each file.

    Raises KayoiError, after all of them, if one cannot be played.
    """
    known = _value_sets(value_sets)
    refused = 0
    for file in files:
        found, items = _read(file, known)
        problems = () if isinstance(found, Questionnaire) else found
        refused += bool(problems)
        line = {
            "file": str(file),
            "supported": not problems,
            "items": items,
            "problems": [{"item": each.item, "reason": each.reason} for each in problems],
        }
        if isinstance(found, Questionnaire) and found.notes:
            line["notes"] = [{"item": each.item, "reason": each.reason} for each in found.notes]
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if refused:
        raise KayoiError(f"{refused} of {len(files)} cannot be played")


def play(
    file: Path, answers: Path, value_sets: Sequence[Path], language: str | None, on: date
) -> dict[str, Any]:
    """The QuestionnaireResponse that the answers of a file come to.

    `language` is that of displays among them; without one, those of any language are understood.
    Raises KayoiError if the questionnaire cannot be played, or an answer does not fit.
    """
    questionnaire, _ = _read(file, _value_sets(value_sets))
    if not isinstance(questionnaire, Questionnaire):
        raise KayoiError(f"{file}: {_worded(questionnaire[0])}")
    script = _Script(questionnaire, _json(answers), language)
    given = rules.begin(on)
    while (question := rules.next_question(questionnaire, given)) is not None:
        values = script.values(question)
        taken = (
            rules.skip(questionnaire, given, question)
            if values is None
            else rules.answer(questionnaire, given, question, values)
        )
        if isinstance(taken, Refusal):
            named = ", ".join(f"{key} {_shown(held)}" for key, held in taken.params.items())
            raise KayoiError(
                f"{question.item.link_id}: {taken.code}" + (f" ({named})" if named else "")
            )
        given = taken
    if unused := script.unused():
        print(f"kayoi: not asked: {', '.join(unused)}", file=sys.stderr)
    return to_fhir(questionnaire, given, status="completed")


def _read(
    file: Path, value_sets: Mapping[str, Any]
) -> tuple[Questionnaire | tuple[Problem, ...], int]:
    """The questionnaire or what is wrong with it, and how many items there are."""
    try:
        content = file.read_bytes()
    except OSError as error:
        return (Problem("", Reason.of("unreadable", error=str(error.strerror))),), 0
    resource = parse(content)
    if isinstance(resource, tuple):
        return resource, 0
    return read(resource, value_sets=value_sets), _count(resource)


def _count(resource: Mapping[str, Any]) -> int:
    count, waiting = 0, [resource]
    while waiting:
        items = waiting.pop().get("item")
        below = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
        count += len(below)
        waiting += below
    return count


def _value_sets(files: Sequence[Path]) -> dict[str, Any]:
    return {str(file): _json(file) for file in files}


def _json(file: Path) -> Mapping[str, Any]:
    found = parse(file.read_bytes())
    if isinstance(found, tuple):
        raise KayoiError(f"{file}: {found[0].reason}")
    return found


def _worded(problem: Problem) -> str:
    return f"{problem.item}: {problem.reason}" if problem.item else problem.reason


def _shown(held: object) -> str:
    if isinstance(held, tuple):
        return "/".join(map(_shown, held))
    if isinstance(held, Quantity):
        return f"{held.value} {held.unit or held.code}".strip()
    return str(getattr(held, "default", held))


class _Script:
    """The answers of a file, found by the question."""

    def __init__(
        self, questionnaire: Questionnaire, answers: Mapping[str, Any], language: str | None
    ) -> None:
        self._questionnaire = questionnaire
        self._answers = answers
        self._language = language
        self._used: set[str] = set()
        unknown = sorted(set(answers) - set(questionnaire.every))
        if unknown:
            raise KayoiError(f"no item {', '.join(unknown)} in the questionnaire")

    def unused(self) -> list[str]:
        """What was answered, and not asked."""
        return sorted(set(self._answers) - self._used)

    def values(self, question: Question) -> tuple[Value, ...] | None:
        """What the file answers; None: nothing."""
        if question.another:
            return (self._is_there(question),)
        given = self._given(question)
        if given is _NOTHING:
            return question.given or None
        if given is None or given == []:
            return None
        listed = given if isinstance(given, list) else [given]
        return tuple(_value(question.item, one, self._language) for one in listed)

    def _is_there(self, question: Question) -> bool:
        """Whether the file has this repetition of a group, or anything in it."""
        link_id, index = question.path[-1]
        scope, indexes = self._scope(question)
        if isinstance(scope, Mapping) and link_id in scope:
            self._used.add(link_id)
            repetitions = scope[link_id]
            return isinstance(repetitions, list) and index < len(repetitions)
        return any(
            self._at(scope, below, (*indexes, index)) is not _NOTHING
            for below in _questions_under(question.item)
        )

    def _given(self, question: Question) -> Any:
        scope, indexes = self._scope(question)
        link_id = question.path[-1][0]
        if isinstance(scope, list):
            holder = self._questionnaire.every[question.path[-2][0]]
            asked = [item.link_id for item in holder.items if item.asks]
            place = asked.index(link_id) if link_id in asked else len(scope)
            return scope[place] if place < len(scope) else _NOTHING
        return self._at(scope, link_id, indexes)

    def _scope(self, question: Question) -> tuple[Any, tuple[int, ...]]:
        """The object or list that the question is answered in, and which of a list's is meant."""
        scope: Any = self._answers
        indexes: tuple[int, ...] = ()
        for link_id, index in question.path[:-1]:
            item = self._questionnaire.every[link_id]
            inside = scope.get(link_id) if isinstance(scope, Mapping) and not item.asks else None
            if isinstance(inside, Mapping):
                self._used.add(link_id)
                scope, indexes = inside, ()
            elif isinstance(inside, list):
                self._used.add(link_id)
                scope, indexes = (inside[index] if index < len(inside) else {}), ()
            elif item.repeats:
                indexes = (*indexes, index)
        return scope, indexes

    def _at(self, scope: Any, link_id: str, indexes: tuple[int, ...]) -> Any:
        if not isinstance(scope, Mapping) or link_id not in scope:
            return _NOTHING
        self._used.add(link_id)
        found = scope[link_id]
        for index in indexes:
            if not isinstance(found, list) or index >= len(found):
                return _NOTHING
            found = found[index]
        return found


_NOTHING = object()


def _questions_under(item: Item) -> list[str]:
    found = [] if not item.asks else [item.link_id]
    return found + [link_id for below in item.items for link_id in _questions_under(below)]


def _value(item: Item, given: Any, language: str | None) -> Value:
    """A value of JSON as an answer; what does not fit is left for the rules to refuse."""
    if item.options:
        return _option(item, given, language)
    if isinstance(given, Mapping):
        return _object(item, given)
    if item.type is ItemType.DECIMAL and isinstance(given, int) and not isinstance(given, bool):
        return Decimal(given)
    if item.type is ItemType.INTEGER and isinstance(given, Decimal) and given == int(given):
        return int(given)
    if not isinstance(given, bool | int | Decimal | str):
        raise KayoiError(f"{item.link_id}: {json.dumps(given, default=str)[:60]} is no answer")
    return given


def _object(item: Item, given: Mapping[str, Any]) -> Value:
    def text(key: str) -> str:
        return str(given.get(key, ""))

    number = given.get("value")
    if item.type is ItemType.QUANTITY and isinstance(number, int | Decimal):
        return Quantity(Decimal(number), text("unit"), text("system"), text("code"))
    if item.type is ItemType.ATTACHMENT and isinstance(given.get("size", 0), int):
        kind = text("contentType")
        return Attachment(kind, given.get("size", 0), text("url"), text("title"))
    if item.type is ItemType.REFERENCE:
        return Reference(text("reference"), text("display"))
    raise KayoiError(f"{item.link_id}: an object is no answer to the type {item.type.value}")


def _option(item: Item, given: Any, language: str | None) -> Value:
    """The option with that code, or else with that display."""
    if isinstance(given, Mapping):
        return Coding(str(given.get("system", "")), str(given.get("code", "")))
    for option in item.options:
        value = option.value
        if given == (value.code if isinstance(value, Coding) else value):
            return value
    for option in item.options:
        words = {option.label.get(language)}
        if language is None:
            words |= {said for _, said in option.label.translations}
        if given in words:
            return option.value
    return given if isinstance(given, str) else Coding("", str(given))
