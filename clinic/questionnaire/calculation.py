"""The expressions of a questionnaire over its answers: conditions and calculated values."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from clinic.questionnaire.expressions import Budget, Fault, evaluate
from clinic.questionnaire.fhirpath import Amount, Expression, Moment
from clinic.questionnaire.tree import Tree, Values
from clinic.questionnaire.types import (
    Coding,
    Item,
    ItemType,
    Path,
    Quantity,
    Questionnaire,
    Text,
    Value,
)

MOST_PLACES = 8  # of a calculated decimal without a limit of its own


class Calculation:
    """Evaluates what stands at a path, over the answers as they are."""

    def __init__(
        self, questionnaire: Questionnaire, values: Values, on: date, budget: Budget
    ) -> None:
        self._questionnaire = questionnaire
        self._on = on
        self._budget = budget
        self._tree = Tree(questionnaire, values)
        self._resource = {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": questionnaire.url,
            "status": "in-progress",
            "item": self._tree.items,
        }
        self._known: dict[tuple[Path, str], tuple[Any, ...]] = {}

    def enabled(self, item: Item, path: Path) -> bool:
        """The enableWhenExpression; true if it fails: a question too many does no harm."""
        assert item.enable_expression is not None
        found = self._evaluate(item.enable_expression, path)
        if isinstance(found, Fault) or len(found) > 1:
            return True
        return found == (True,)

    def value(self, item: Item, path: Path) -> tuple[Value, ...]:
        """The calculated value as the item's type has it; empty if there is none, or it fails."""
        assert item.calculated is not None
        found = self._evaluate(item.calculated, path)
        if isinstance(found, Fault) or len(found) != 1:
            return ()
        value = _fitted(item, found[0])
        return () if value is None else (value,)

    def _evaluate(self, expression: Expression, path: Path) -> tuple[Any, ...] | Fault:
        return evaluate(expression, self._focus(path), _Names(self, path), self._on, self._budget)

    def _focus(self, path: Path) -> list[Any]:
        if not path:
            return [self._resource]
        *above, (link_id, _) = path
        place = path
        if self._questionnaire.every[link_id].asks:
            place = (*above, (link_id, 0))
        return [self._tree.places.get(place, {"linkId": link_id})]

    def named(self, name: str, path: Path) -> Sequence[Any]:
        """What `%name` stands for at a path; raises KeyError if nothing does."""
        if name == "resource":
            return [self._resource]
        if name == "context":
            return self._focus(path)
        if name == "questionnaire":
            return [self._questionnaire.source]
        if name == "qitem":
            return [self._questionnaire.every[path[-1][0]].source] if path else []
        if name in _SYSTEMS:
            return [_SYSTEMS[name]]
        for depth in range(len(path), -1, -1):
            holder = self._questionnaire.every[path[depth - 1][0]] if depth else None
            for variable in (holder or self._questionnaire).variables:
                if variable.name == name:
                    return self._variable(name, variable.expression, path[:depth])
        raise KeyError(name)

    def _variable(self, name: str, expression: Expression, path: Path) -> tuple[Any, ...]:
        """Evaluated where it was declared, once; empty if it fails."""
        if (path, name) not in self._known:
            found = self._evaluate(expression, path)
            self._known[path, name] = () if isinstance(found, Fault) else found
        return self._known[path, name]


_SYSTEMS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


class _Names:
    def __init__(self, calculation: Calculation, path: Path) -> None:
        self._calculation = calculation
        self._path = path

    def value_of(self, name: str) -> Sequence[Any]:
        return self._calculation.named(name, self._path)


def _fitted(item: Item, found: Any) -> Value | None:
    """What an expression came to, as an answer to the item; None if it is nothing of the kind."""
    kind = item.type
    if isinstance(found, bool):
        return found if kind is ItemType.BOOLEAN else None
    if isinstance(found, int | Decimal):
        return _number(item, Decimal(found))
    if isinstance(found, Amount):
        return (
            Quantity(found.value, found.unit, "", found.unit) if kind is ItemType.QUANTITY else None
        )
    if isinstance(found, Moment):
        return found.text if found.kind == kind.value else None
    if isinstance(found, dict):
        found = found.get("code", "") if kind in _CHOICES else ""
    if kind in _CHOICES:
        return next((value for option in item.options if _is(value := option.value, found)), None)
    return str(found) if kind in (ItemType.STRING, ItemType.TEXT) and found else None


_CHOICES = (ItemType.CHOICE, ItemType.OPEN_CHOICE)


def _is(value: Value, found: Any) -> bool:
    return bool((value.code if isinstance(value, Coding) else value) == found)


def _number(item: Item, value: Decimal) -> Value | None:
    if item.type is ItemType.INTEGER:
        return int(value.to_integral_value(ROUND_HALF_UP)) if abs(value) < 2**31 else None
    if item.type in (ItemType.STRING, ItemType.TEXT):
        return format(value.normalize(), "f")
    if item.type not in (ItemType.DECIMAL, ItemType.QUANTITY) or abs(value.adjusted()) > 15:
        return None
    places = item.limits.decimal_places
    value = value.quantize(
        Decimal(1).scaleb(-(MOST_PLACES if places is None else places)), ROUND_HALF_UP
    )
    value = Decimal(format(value.normalize(), "f"))
    if item.type is ItemType.DECIMAL:
        return value
    unit = item.units[0] if item.units else Coding("", "", Text())
    return Quantity(value, unit.display.default, unit.system, unit.code)
