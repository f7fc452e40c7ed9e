"""How two answers compare: for enableWhen, and for the least and largest value."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from clinic.questionnaire.types import Coding, ItemType, Operator, Quantity, Value
from clinic.questionnaire.units import converted

_ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
}

_DATED = (ItemType.DATE, ItemType.DATE_TIME)


def holds(operator: Operator, answers: tuple[Value, ...], expected: Value, kind: ItemType) -> bool:
    """An enableWhen on a question of that type. Nothing but `exists` holds of an open question.

    `!=` holds if no answer is equal, the others if any answer fits (FHIR R4).
    """
    if operator == "exists":
        return bool(answers) is expected
    if operator == "!=":
        return bool(answers) and not any(_equal(answer, expected, kind) for answer in answers)
    if operator == "=":
        return any(_equal(answer, expected, kind) for answer in answers)
    return any(compares(operator, answer, expected, kind) for answer in answers)


def compares(operator: Operator, answer: Value, expected: Value, kind: ItemType) -> bool:
    """Whether `answer operator expected`; false for what cannot be compared."""
    pair = _pair(answer, expected, kind)
    return pair is not None and _ORDERS[operator](*pair)


def _equal(answer: Value, expected: Value, kind: ItemType) -> bool:
    if isinstance(answer, Coding) and isinstance(expected, Coding):
        systems = {answer.system, expected.system} - {""}
        return answer.code == expected.code and len(systems) < 2
    if isinstance(answer, bool) or isinstance(expected, bool):
        return answer is expected
    pair = _pair(answer, expected, kind)
    return answer == expected if pair is None else bool(pair[0] == pair[1])


def _pair(one: Value, other: Value, kind: ItemType) -> tuple[Any, Any] | None:
    """Two numbers, two quantities in one unit, or two dates as exactly as both are known."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        value = converted(one.value, one.code, other.code) if one.code and other.code else one.value
        return None if value is None else (value, other.value)
    if isinstance(one, Quantity):
        one = one.value
    if isinstance(one, str) and isinstance(other, str):
        return _moments(one, other) if kind in _DATED else (one, other)
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one, other
    return None


def _moments(one: str, other: str) -> tuple[Any, Any]:
    if "T" in one and "T" in other:
        return datetime.fromisoformat(one), datetime.fromisoformat(other)
    one, other = one.partition("T")[0], other.partition("T")[0]
    size = min(len(one), len(other))
    return one[:size], other[:size]
