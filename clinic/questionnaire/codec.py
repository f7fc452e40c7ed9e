"""Answers as JSON and back: they lie in a conversation's state and in drafts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from clinic.questionnaire.types import (
    Answers,
    Attachment,
    Coding,
    Path,
    Quantity,
    Reference,
    Repetitions,
    Text,
    Value,
)


def dump(answers: Answers) -> dict[str, Any]:
    """Small, and only of what JSON has; what options are called stays in the questionnaire."""
    found: dict[str, Any] = {
        "on": answers.on.isoformat(),
        "values": [[_path(path), [dump_value(one) for one in given]] for path, given in answers],
        "skipped": [_path(path) for path in sorted(answers.skipped)],
        "groups": [[_path(path), group.count, group.closed] for path, group in answers.groups],
        "at": None if answers.at is None else _path(answers.at),
    }
    return {key: value for key, value in found.items() if value}


def load(found: Mapping[str, Any]) -> Answers:
    """What `dump` gave, but for the words of codes."""
    at = found.get("at")
    return Answers(
        on=date.fromisoformat(found["on"]),
        values=tuple(
            (_read_path(path), tuple(load_value(one) for one in given))
            for path, given in found.get("values", ())
        ),
        skipped=frozenset(_read_path(path) for path in found.get("skipped", ())),
        groups=tuple(
            (_read_path(path), Repetitions(count, closed))
            for path, count, closed in found.get("groups", ())
        ),
        at=None if at is None else _read_path(at),
    )


def dump_value(value: Value) -> Any:
    """One answer as JSON: a bool, number or string as it is, all else an object with one key."""
    if isinstance(value, Coding):
        score = None if value.score is None else str(value.score)
        return {"coding": [value.system, value.code, score]}
    if isinstance(value, Quantity):
        return {"quantity": [str(value.value), value.unit, value.system, value.code]}
    if isinstance(value, Reference):
        return {"reference": [value.reference, value.display]}
    if isinstance(value, Attachment):
        return {"attachment": [value.content_type, value.size, value.url, value.title]}
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def load_value(found: Any) -> Value:
    """What `dump_value` gave, but for the words of a code."""
    if not isinstance(found, Mapping):
        assert isinstance(found, bool | int | str)
        return found
    [(kind, held)] = found.items()
    if kind == "coding":
        system, code, score = held
        return Coding(system, code, Text(), None if score is None else Decimal(score))
    if kind == "quantity":
        number, unit, system, code = held
        return Quantity(Decimal(number), unit, system, code)
    if kind == "reference":
        return Reference(*held)
    if kind == "attachment":
        return Attachment(*held)
    return Decimal(held)


def _path(path: Path) -> list[Any]:
    """An index of 0 goes without saying."""
    return [[link_id, index] if index else link_id for link_id, index in path]


def _read_path(found: list[Any]) -> Path:
    return tuple((part, 0) if isinstance(part, str) else (part[0], part[1]) for part in found)
