"""An uploaded FHIR R4 Questionnaire, read whole or refused with the reasons.

What cannot be played as it was meant is never skipped in silence: it is a Problem, or where nothing
asked depends on it (layout, prefilling), a note.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from clinic.questionnaire.dependencies import GIVEN, check_dependencies
from clinic.questionnaire.extensions import Extensions, read_expression
from clinic.questionnaire.limits import comparable, read_limits, read_units
from clinic.questionnaire.options import accepted, chosen, read_initial, read_options
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.source import Misread, Source
from clinic.questionnaire.text import Words
from clinic.questionnaire.types import (
    Condition,
    Item,
    ItemType,
    Operator,
    Problem,
    Quantity,
    Questionnaire,
    Text,
    Variable,
)
from clinic.questionnaire.value_sets import ValueSets

LARGEST_FILE = 2_000_000  # bytes
MOST_ITEMS = 1_000
DEEPEST = 10  # items within items
SIGNATURE = "https://kayoi.example/fhir/needs-signature"
Problems = tuple[Problem, ...]

_KEYS = {
    "id", "extension", "linkId", "definition", "code", "prefix", "text", "type", "enableWhen",
    "enableBehavior", "required", "repeats", "readOnly", "maxLength", "answerValueSet",
    "answerOption", "initial", "item",
}  # fmt: skip
_OPERATORS: Mapping[str, Operator] = {
    "exists": "exists", "=": "=", "!=": "!=", ">": ">", "<": "<", ">=": ">=", "<=": "<=",
}  # fmt: skip
_ORDERED = {"Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"}


def parse(content: bytes) -> Mapping[str, Any] | Problems:
    """A file's JSON, its decimals exact."""
    if len(content) > LARGEST_FILE:
        return (Problem("", Reason.of("large_file", most=LARGEST_FILE // 1_000_000)),)
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        return (Problem("", Reason.of("no_json_at", error=error.msg[:100], **place)),)
    except RecursionError:
        return (Problem("", Reason("deep_file")),)
    except ValueError as error:
        return (Problem("", Reason.of("no_json", error=str(error)[:100])),)
    if not isinstance(found, dict):
        return (Problem("", Reason("no_resource")),)
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def read(
    resource: Mapping[str, Any],
    languages: Collection[str] = (),
    words: Words | None = None,
    value_sets: Mapping[str, Any] | None = None,
) -> Questionnaire | Problems:
    """The questionnaire, or why it cannot be played.

    `languages` are the clinic's: one that it does not wholly speak is noted. `words` translate,
    by language and original; `value_sets` are ValueSets and CodeSystems uploaded beside it.
    """
    if resource.get("resourceType") != "Questionnaire":
        return (Problem("", Reason("no_questionnaire")),)
    return _Reader(resource, words or {}, value_sets or {}).questionnaire(languages)


class _Reader:
    def __init__(
        self, resource: Mapping[str, Any], words: Words, value_sets: Mapping[str, Any]
    ) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.root = Source(resource, "", self.problems, words)
        self.value_sets = ValueSets(resource, value_sets)
        self.every: dict[str, Item] = {}

    def questionnaire(self, languages: Collection[str]) -> Questionnaire | Problems:
        """All of it; the problems of all items are collected."""
        root = self.root
        for key in ("modifierExtension", "implicitRules"):
            if key in root.data:
                root.problem("modifies", part=key)
        extensions = Extensions(root, self.notes)
        variables = self._variables(extensions, frozenset())
        if _too_many(root.data):
            root.problem("many_items", most=MOST_ITEMS, deepest=DEEPEST)
            return tuple(self.problems)
        items = self._items(root, frozenset(variable.name for variable in variables))
        items = tuple(self._conditioned(item, hidden=False, read_only=False) for item in items)
        if not root.many("item"):
            root.problem("no_items")
        title = root.text("title")
        language = root.string("language") or "en"
        found = Questionnaire(
            url=root.string("url"),
            version=root.string("version"),
            title=title or Text(root.string("name")),
            items=items,
            language=language,
            languages=_spoken(language, title, self.every.values()),
            needs_signature=extensions.flag(SIGNATURE),
            variables=variables,
            notes=(),
            every=self.every,
            source=root.data,
        )
        if not self.problems:
            found = replace(found, calculates_conditions=check_dependencies(found, root.problems))
        for missing in languages:
            if missing not in found.languages:
                self.notes.append(Problem("", Reason.of("untranslated", language=missing)))
        if self.problems:
            return tuple(self.problems)
        return replace(found, notes=tuple(dict.fromkeys(self.notes)))

    def _items(self, parent: Source, variables: frozenset[str]) -> tuple[Item, ...]:
        found = []
        for each in parent.many("item"):
            link_id = each.string("linkId")
            source = Source(each.data, link_id, self.problems, each.words)
            if not link_id.strip():
                source.problem("no_link_id", text=each.string("text")[:60])
            elif link_id in self.every:
                source.problem("link_id_twice")
            item = self._item(source, variables)
            if item is not None:
                self.every[link_id] = item
                found.append(item)
        return tuple(found)

    def _item(self, source: Source, known: frozenset[str]) -> Item | None:
        try:
            kind = ItemType(source.string("type"))
        except ValueError:
            source.problem("unknown_type", type=str(source.data.get("type"))[:60])
            return None
        self._keys(source)
        extensions = Extensions(source, self.notes)
        variables = self._variables(extensions, known)
        names = known | {variable.name for variable in variables}
        # Children first: a question shows its help, and answers hang the rest under it.
        items = self._items(source, names)
        asks = kind not in (ItemType.GROUP, ItemType.DISPLAY)
        hints = {item.link_id for item in items if asks and _is_hint(item)}
        options, option_kind = read_options(source, self.value_sets, kind, self.notes)
        units = read_units(source, extensions, self.value_sets, kind)
        item = Item(
            link_id=source.item,
            type=kind,
            text=source.text("text"),
            prefix=source.text("prefix"),
            required=source.flag("required") and kind is not ItemType.DISPLAY,
            repeats=source.flag("repeats") and kind is not ItemType.DISPLAY,
            read_only=source.flag("readOnly"),
            hidden=extensions.flag("questionnaire-hidden"),
            options=options,
            option_kind=option_kind,
            units=units,
            initial=read_initial(source, kind, options, option_kind),
            limits=read_limits(source, extensions, kind, units),
            enable_expression=extensions.expression(
                "sdc-questionnaire-enableWhenExpression", names
            ),
            calculated=extensions.expression("sdc-questionnaire-calculatedExpression", names),
            variables=variables,
            hints=tuple(item.text for item in items if item.link_id in hints),
            items=tuple(item for item in items if item.link_id not in hints),
            source=source.data,
            known={option.value: option.value for option in options},
        )
        self._sensible(source, item, extensions)
        return item

    def _keys(self, source: Source) -> None:
        for key, value in source.data.items():
            if key == "modifierExtension":
                source.problem("modifies", part="modifierExtension")
            elif key.removeprefix("_") not in _KEYS:
                source.problem("unknown_key", part=key)
            elif key.startswith("_") and "cqf-" in str(value)[:1_000]:
                source.problem("by_expression", part=key[1:])

    def _sensible(self, source: Source, item: Item, extensions: Extensions) -> None:
        """What is allowed in each part, and makes no sense in the whole."""
        if item.asks and not item.text and not item.hidden:
            source.problem("no_text")
        if item.type is ItemType.GROUP and not item.items:
            source.problem("empty_group")
        if item.type is ItemType.DISPLAY and item.items:
            source.problem("display_items")
        if item.calculated and (not item.asks or item.repeats):
            source.problem("calculated_group")
        if item.type is ItemType.CHOICE and "open-choice" in _controls(extensions):
            self.notes.append(Problem(source.item, Reason("closed_choice")))

    def _variables(self, extensions: Extensions, known: frozenset[str]) -> tuple[Variable, ...]:
        found: list[Variable] = []
        names = set(known)
        for extension in extensions.all("variable"):
            held = extension.one("valueExpression")
            name = held.string("name")
            if not name or name in names or name in GIVEN:
                extension.problem("variable_name", name=name)
                continue
            if held.string("language") != "text/fhirpath":
                self.notes.append(Problem(extension.item, Reason.of("from_records", name=name)))
                continue
            expression = read_expression(extension, f"%{name}", frozenset((*names, name)))
            if expression is not None and name in expression.names:
                extension.problem("uses_itself", name=name)
            elif expression is not None:
                found.append(Variable(name, expression))
            names.add(name)
        return tuple(found)

    # The second round, when all items are known ------------------------------------------------

    def _conditioned(self, item: Item, *, hidden: bool, read_only: bool) -> Item:
        """With its conditions, and hidden or fixed if what holds it is."""
        source = Source(item.source, item.link_id, self.problems, self.root.words)
        behavior = source.string("enableBehavior")
        conditions = tuple(
            condition
            for each in source.many("enableWhen")
            if (condition := self._condition(each)) is not None
        )
        for question in {condition.question for condition in conditions}:
            quantities = [
                condition.answer
                for condition in conditions
                if condition.question == question and isinstance(condition.answer, Quantity)
            ]
            if quantities:
                comparable(source, quantities, self.every[question].units)
        if behavior not in ("", "any", "all"):
            source.problem("behavior", value=behavior)
        if len(conditions) > 1 and not behavior:
            source.problem("no_behavior")
        if conditions and item.enable_expression:
            source.problem("both", part="enableWhen", other="enableWhenExpression")
        hidden, read_only = hidden or item.hidden, read_only or item.read_only
        found = replace(
            item,
            hidden=hidden,
            read_only=read_only and item.asks,
            conditions=conditions,
            any_condition=behavior == "any",
            items=tuple(
                self._conditioned(each, hidden=hidden, read_only=read_only) for each in item.items
            ),
        )
        self.every[item.link_id] = found
        self._fillable(source, found)
        return found

    def _fillable(self, source: Source, item: Item) -> None:
        """What is not asked has to get its value from the questionnaire itself."""
        prefilled = any(
            name == "sdc-questionnaire-initialExpression" for name, _ in source.extensions()
        )
        if not item.asks or item.calculated:
            return
        if not item.automatic:
            if prefilled:
                self.notes.append(Problem(source.item, Reason("not_prefilled")))
        elif prefilled:
            source.problem("unasked_prefilled")
        elif not item.initial:
            if item.required:
                source.problem("required_unasked")
            self.notes.append(Problem(source.item, Reason("unasked")))

    def _condition(self, source: Source) -> Condition | None:
        question, operator = source.string("question"), _OPERATORS.get(source.string("operator"))
        if operator is None:
            source.problem("operator", value=str(source.data.get("operator"))[:60])
            return None
        asked = self.every.get(question)
        if asked is None or not asked.asks:
            source.problem("no_question", question=question)
            return None
        try:
            kind, answer = source.value("answer")
            if operator == "exists":
                if kind != "Boolean":
                    raise Misread("operator_with", operator=operator, kind=kind)
                return Condition(question, operator, answer)
            if kind not in accepted(asked.type, asked.option_kind):
                of = asked.type.value
                raise Misread("compared_with", question=question, type=of, kind=kind)
            if operator not in ("=", "!=") and kind not in _ORDERED:
                raise Misread("operator_with", operator=operator, kind=kind)
            answer = chosen(answer, asked.options, asked.type)
        except Misread as error:
            source.problem("within", part="enableWhen", why=error.reason)
            return None
        return Condition(question, operator, answer)


def _is_hint(item: Item) -> bool:
    """A display under a question that always stands there: help, units, a note."""
    conditional = item.enable_expression is not None or "enableWhen" in item.source
    return item.type is ItemType.DISPLAY and not conditional


def _controls(extensions: Extensions) -> set[str]:
    return {
        coding.string("code")
        for extension in extensions.all("questionnaire-itemControl")
        for coding in extension.one("valueCodeableConcept").many("coding")
    }


def _too_many(resource: Mapping[str, Any]) -> bool:
    """Counted without recursion, before anything else looks at the items."""
    count, level = 0, [resource]
    for _ in range(DEEPEST + 1):
        level = [
            item for parent in level for item in _list(parent.get("item")) if isinstance(item, dict)
        ]
        count += len(level)
        if count > MOST_ITEMS:
            return True
    return bool(level)


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _spoken(language: str, title: Text, items: Iterable[Item]) -> tuple[str, ...]:
    """The languages in which everything that is shown can be."""
    texts = [title] if title else []
    for item in items:
        if not item.hidden:
            texts += [item.text, *item.hints, *(option.label for option in item.options)]
    shown = [
        dict(text.translations).keys() for text in texts if re.search(r"[^\W\d_]", text.default)
    ]
    others = sorted(set.intersection(*map(set, shown))) if shown else []
    return (language, *(other for other in others if other != language))
