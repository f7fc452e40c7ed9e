"""Answers as the items of a FHIR QuestionnaireResponse."""

from collections.abc import Mapping
from typing import Any

from clinic.questionnaire.types import (
    Attachment,
    Coding,
    Item,
    ItemType,
    Path,
    Quantity,
    Questionnaire,
    Reference,
    Value,
)

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
Values = Mapping[Path, tuple[Value, ...]]
_KEYS: dict[ItemType, str] = {
    ItemType.BOOLEAN: "valueBoolean",
    ItemType.INTEGER: "valueInteger",
    ItemType.DECIMAL: "valueDecimal",
    ItemType.DATE: "valueDate",
    ItemType.DATE_TIME: "valueDateTime",
    ItemType.TIME: "valueTime",
    ItemType.STRING: "valueString",
    ItemType.TEXT: "valueString",
    ItemType.URL: "valueUri",
}


class Tree:
    """The items, and where each of them is, by path."""

    def __init__(self, questionnaire: Questionnaire, values: Values) -> None:
        self.places: dict[Path, dict[str, Any]] = {}
        self._values = values
        # How many repetitions of each item there are under each path.
        self._counts: dict[tuple[Path, str], int] = {}
        for path in values:
            for depth, (link_id, index) in enumerate(path):
                key = path[:depth], link_id
                self._counts[key] = max(self._counts.get(key, 0), index + 1)
        self.items = self._under(questionnaire.items, ())

    def _under(self, items: tuple[Item, ...], parent: Path) -> list[dict[str, Any]]:
        found = []
        for item in items:
            count = self._counts.get((parent, item.link_id), 0)
            if item.asks:
                if count:
                    found.append(self._question(item, parent))
                continue
            for index in range(count):
                path = (*parent, (item.link_id, index))
                group = self._named(item, path)
                # An empty repetition keeps its place, so that those after it keep theirs.
                if below := self._under(item.items, path):
                    group["item"] = below
                found.append(group)
        return found

    def _question(self, item: Item, parent: Path) -> dict[str, Any]:
        path = (*parent, (item.link_id, 0))
        question = self._named(item, path)
        answers = []
        for index, value in enumerate(self._values.get(path, ())):
            answer = value_json(item, value)
            if below := self._under(item.items, (*parent, (item.link_id, index))):
                answer["item"] = below
            answers.append(answer)
        if answers:
            question["answer"] = answers
        return question

    def _named(self, item: Item, path: Path) -> dict[str, Any]:
        named: dict[str, Any] = {"linkId": item.link_id}
        if item.text:
            named["text"] = item.text.default
        self.places[path] = named
        return named


def value_json(item: Item, value: Value) -> dict[str, Any]:
    """One answer, `{"valueInteger": 7}`; decimals stay Decimal."""
    if isinstance(value, Coding):
        return {"valueCoding": _coding(value)}
    if isinstance(value, Quantity):
        parts = {"unit": value.unit, "system": value.system, "code": value.code}
        return {"valueQuantity": {"value": value.value} | _there(parts)}
    if isinstance(value, Reference):
        parts = {"reference": value.reference, "display": value.display}
        return {"valueReference": _there(parts)}
    if isinstance(value, Attachment):
        parts = {"contentType": value.content_type, "url": value.url, "title": value.title}
        return {"valueAttachment": _there(parts) | {"size": value.size}}
    if item.type in _KEYS:
        return {_KEYS[item.type]: value}
    listed = any(option.value == value for option in item.options)
    return {f"value{item.option_kind if listed else 'String'}": value}


def _coding(value: Coding) -> dict[str, Any]:
    parts = {"system": value.system, "code": value.code, "display": value.display.default}
    if value.score is None:
        return _there(parts)
    return {"extension": [{"url": ORDINAL, "valueDecimal": value.score}], **_there(parts)}


def _there(parts: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if value}
