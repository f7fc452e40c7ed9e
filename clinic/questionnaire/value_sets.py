"""The options that an answerValueSet stands for."""

from collections.abc import Iterator, Mapping
from typing import Any

from clinic.questionnaire.source import Misread, Source, decimal
from clinic.questionnaire.types import Coding, Option, Text

MOST_OPTIONS = 500


class ValueSets:
    """ValueSets and CodeSystems that are at hand: contained ones, and those uploaded beside."""

    def __init__(self, resource: Mapping[str, Any], uploaded: Mapping[str, Any]) -> None:
        self._sets: dict[str, Mapping[str, Any]] = {}
        self._systems: dict[str, Mapping[str, Any]] = {}
        contained = resource.get("contained", [])
        for one in contained if isinstance(contained, list) else ():
            if isinstance(one, dict):
                self._add(one, f"#{one.get('id')}")
        for one in uploaded.values():
            self._add(one, "")

    def _add(self, one: Mapping[str, Any], name: str) -> None:
        kind = one.get("resourceType")
        known = self._sets if kind == "ValueSet" else self._systems
        if kind in ("ValueSet", "CodeSystem"):
            known.setdefault(name, one)
            known.setdefault(str(one.get("url")), one)

    def options(self, reference: str, item: Source) -> tuple[Option, ...]:
        """In their order; raises Misread, with why there are none."""
        found: dict[Coding, Option] = {}
        for coding in self._of(reference, item, 0):
            found.setdefault(coding, Option(coding, coding.display))
            if len(found) > MOST_OPTIONS:
                raise Misread("many_in_set", most=MOST_OPTIONS, set=reference)
        if not found:
            raise Misread("empty_set", set=reference)
        return tuple(found.values())

    def _of(self, reference: str, item: Source, depth: int) -> Iterator[Coding]:
        known = self._sets.get(reference) or self._sets.get(reference.partition("|")[0])
        if known is None:
            raise Misread("unknown_set", set=reference)
        if depth > 3:
            raise Misread("circular_set", set=reference)
        value_set = item.of(known)
        if "expansion" in known:
            expansion = value_set.one("expansion")
            yield from self._contained(expansion, "contains", "", 0)
            return
        compose = value_set.one("compose")
        if compose.many("exclude"):
            raise Misread("excluding_set", set=reference)
        for include in compose.many("include"):
            yield from self._included(include, reference, depth)

    def _included(self, include: Source, reference: str, depth: int) -> Iterator[Coding]:
        if "filter" in include.data:
            raise Misread("filtering_set", set=reference)
        others = include.data.get("valueSet", [])
        for other in others if isinstance(others, list) else ():
            yield from self._of(str(other), include, depth + 1)
        system = include.string("system")
        if "concept" in include.data:
            yield from self._contained(include, "concept", system, 0)
        elif system:
            known = self._systems.get(system)
            if known is None:
                raise Misread("unknown_system", system=system)
            yield from self._contained(include.of(known), "concept", system, 0)
        elif not others:
            raise Misread("set_without_codes", set=reference)

    def _contained(self, parent: Source, key: str, system: str, depth: int) -> Iterator[Coding]:
        if depth > 8:
            raise Misread("deep_codes")
        for concept in parent.many(key):
            of = concept.string("system") or system
            if not concept.flag("abstract"):
                coding = self._described(concept.coding(concept), of, concept)
                yield coding
            yield from self._contained(concept, key, of, depth + 1)

    def _described(self, coding: Coding, system: str, concept: Source) -> Coding:
        """With the words and the score that its code system has, where its own are missing."""
        display = coding.display
        score = coding.score
        designations = tuple(
            (each.string("language"), each.string("value"))
            for each in concept.many("designation")
            if each.string("language") and each.string("value")
        )
        if designations:
            known = dict(display.translations)
            display = Text(display.default, tuple({**dict(designations), **known}.items()))
        if score is None:
            score = self._weight(system, coding.code, concept)
        return Coding(system, coding.code, display, score)

    def _weight(self, system: str, code: str, concept: Source) -> Any:
        """A score that stands in the code system: an extension, or the property itemWeight."""
        for known in _concepts(self._systems.get(system, {}), 0):
            if known.get("code") != code:
                continue
            source = concept.of(known)
            for each in source.many("property"):
                if each.string("code") == "itemWeight":
                    return decimal(each.data.get("valueDecimal", each.data.get("valueInteger")))
            return source.score()
        return None


def _concepts(parent: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    found = parent.get("concept", [])
    for concept in found if isinstance(found, list) and depth < 8 else ():
        if isinstance(concept, dict):
            yield concept
            yield from _concepts(concept, depth + 1)
