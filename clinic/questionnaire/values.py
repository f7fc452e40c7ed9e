"""Items of FHIRPath, compared and reckoned with, within bounds.

A collection is a list. Its items are bool, int, Decimal, str, Moment, Amount, or a dict of FHIR's
JSON. Where the standard has an error, Wrong is raised.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

from clinic.questionnaire.fhirpath import Amount, Moment
from clinic.questionnaire.units import converted

Items = list[Any]
# Enough for any measure, and too small for a number to take memory or time.
CONTEXT = Context(prec=28, Emax=60, Emin=-60)
LONGEST_STRING = 20_000


class Wrong(Exception):
    """The expression does not fit the values that it met."""


class Element(dict[str, Any]):
    """What a `value[x]` holds, with its type in small letters: coding, quantity, ..."""

    kind = ""


def member(item: Any, name: str) -> Items:
    """What stands under a name; `value` finds `valueInteger` and the like."""
    if not isinstance(item, dict):
        return []
    if name in item:
        found = typed(name, item[name]) if name.startswith("value") else item[name]
        return found if isinstance(found, list) else [found]
    return [
        typed(key, found)
        for key, found in item.items()
        if key.startswith(name) and key[len(name) :][:1].isupper()
    ]


_MOMENTS = {"valueDate": "date", "valueDateTime": "dateTime", "valueTime": "time"}


def typed(key: str, found: Any) -> Any:
    """What stands under a `value[x]`, so that its type is known."""
    if isinstance(found, str) and key in _MOMENTS:
        return Moment(_MOMENTS[key], found)
    if isinstance(found, float):
        return Decimal(str(found))
    if isinstance(found, dict) and len(key) > 5:
        element = Element(found)
        element.kind = key[5:].lower()
        return element
    return found


def children(item: Any) -> Items:
    """Everything directly under an element."""
    if not isinstance(item, dict):
        return []
    found: Items = []
    for key, value in item.items():
        found += value if isinstance(value, list) else [typed(key, value)]
    return found


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (Decimal, "decimal"),
    (str, "string"),
)


def is_of(item: Any, kind: str) -> bool:
    """Whether an item is of a type, named in small letters."""
    if isinstance(item, Moment):
        return item.kind.lower() == kind
    if isinstance(item, Amount):
        return kind == "quantity"
    if isinstance(item, dict):
        return getattr(item, "kind", "") == kind or item.get("resourceType", "").lower() == kind
    return next(name for known, name in _KINDS if isinstance(item, known)) == kind


def single(items: Items) -> Any | None:
    """The only item, None if there is none; raises Wrong if there are several."""
    if len(items) > 1:
        raise Wrong("several items where one is expected")
    return items[0] if items else None


def boolean(items: Items) -> bool | None:
    """As a condition: one item that is no boolean counts as true."""
    item = single(items)
    return item if item is None or isinstance(item, bool) else True


def number(item: Any) -> Decimal:
    """Of an integer or decimal; raises Wrong for anything else."""
    if isinstance(item, bool) or not isinstance(item, int | Decimal):
        raise Wrong("a number is expected")
    return CONTEXT.plus(Decimal(item))


def string(item: Any) -> str:
    """Of a string, or a date as it is written; raises Wrong for anything else."""
    if isinstance(item, Moment):
        return item.text
    if not isinstance(item, str):
        raise Wrong("a string is expected")
    return item


def amount(item: Any) -> Amount | None:
    """An element that is a Quantity, or an Amount, with its unit's code."""
    if isinstance(item, dict) and isinstance(item.get("value"), int | Decimal | float):
        unit = str(item.get("code") or item.get("unit") or "1")
        return Amount(number(Decimal(str(item["value"]))), unit)
    return item if isinstance(item, Amount) else None


# Comparing -----------------------------------------------------------------------------------


def _pair(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Two items made comparable; None where it cannot be said (2026 and 2026-11)."""
    if isinstance(left, Moment) or isinstance(right, Moment):
        one, other = string(left), string(right)
        if "T" in one and "T" in other and len(one) == len(other):
            return one, other
        one, other = one.partition("T")[0], other.partition("T")[0]
        size = min(len(one), len(other))
        return None if one[:size] == other[:size] and len(one) != len(other) else (one, other)
    first, second = amount(left), amount(right)
    if first is not None and second is not None:
        alike = converted(second.value, second.unit, first.unit)
        return None if alike is None else (first.value, alike)
    return left, right


def same(left: Any, right: Any) -> bool | None:
    """Whether two items are equal; None where it cannot be said."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, Moment) and not isinstance(right, Moment | str):
        return False
    if isinstance(right, Moment) and not isinstance(left, Moment | str):
        return False
    pair = _pair(left, right)
    return None if pair is None else bool(pair[0] == pair[1])


def equal(left: Items, right: Items) -> Items:
    """`=`: empty if one side is, or if it cannot be said."""
    if not left or not right:
        return []
    if len(left) != len(right):
        return [False]
    found = [same(one, other) for one, other in zip(left, right, strict=True)]
    return [] if None in found else [all(found)]


def equivalent(left: Items, right: Items) -> bool:
    """`~`: in any order, texts without regard to case, codes by system and code."""
    rest = [_essence(item) for item in right]
    for item in left:
        if _essence(item) not in rest:
            return False
        rest.remove(_essence(item))
    return not rest


def _essence(item: Any) -> Any:
    if isinstance(item, str):
        return " ".join(item.lower().split())
    if isinstance(item, dict) and "code" in item and "value" not in item:
        return item.get("system"), item["code"]
    return (type(item) is bool, item)


def ordered(op: str, left: Items, right: Items) -> Items:
    """`<`, `>`, `<=`, `>=`: of numbers, texts, dates, quantities."""
    one, other = single(left), single(right)
    if one is None or other is None:
        return []
    pair = _pair(one, other)
    if pair is None:
        return []
    first, second = pair
    if isinstance(first, str) is not isinstance(second, str) or not isinstance(
        second, str | int | Decimal
    ):
        raise Wrong(f"{op} between different kinds")
    if not isinstance(first, str):
        first, second = number(first), number(second)
    return [_ORDERS[op](first, second)]


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda first, second: first < second,
    ">": lambda first, second: first > second,
    "<=": lambda first, second: first <= second,
    ">=": lambda first, second: first >= second,
}


def unique(items: Items) -> Items:
    """Each once, in the order in which they came."""
    found: Items = []
    for item in items:
        if not any(same(item, other) for other in found):
            found.append(item)
    return found


# Reckoning -----------------------------------------------------------------------------------


def _div(left: Decimal, right: Decimal) -> Decimal:
    return CONTEXT.divide(left, right).to_integral_value(ROUND_DOWN)


_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
    "div": _div,
    "mod": lambda left, right: CONTEXT.subtract(left, CONTEXT.multiply(_div(left, right), right)),
}


def arithmetic(op: str, left: Items, right: Items) -> Items:
    """`+ - * / div mod`; empty if one side is, or for a division by zero."""
    one, other = single(left), single(right)
    if one is None or other is None:
        return []
    if isinstance(one, str) and isinstance(other, str) and op == "+":
        return [bounded(one + other)]
    if isinstance(one, Moment):
        return [_moved(op, one, amount(other))]
    first, second = amount(one), amount(other)
    if first is not None or second is not None:
        return _measured(op, one, other)
    value, by = number(one), number(other)
    if op in ("/", "div", "mod") and not by:
        return []
    found = _ARITHMETIC[op](value, by)
    whole = op == "div" or (op != "/" and isinstance(one, int) and isinstance(other, int))
    return [int(found) if whole else found]


def _measured(op: str, one: Any, other: Any) -> Items:
    """Quantities: added in the unit of the first, multiplied and divided by plain numbers."""
    first, second = amount(one), amount(other)
    if first is None or second is None:
        value, by = (
            part.value if (part := amount(item)) else number(item) for item in (one, other)
        )
        if op not in ("*", "/") or (op == "/" and first is None):
            raise Wrong(f"{op} between a quantity and a number")
        unit = first.unit if first else second.unit if second else ""
        return [Amount(_ARITHMETIC[op](value, by), unit)] if by or op == "*" else []
    same = converted(second.value, second.unit, first.unit)
    if same is None or op not in ("+", "-", "/"):
        raise Wrong(f"{op} between {first.unit} and {second.unit}")
    if op == "/":
        return [CONTEXT.divide(first.value, same)] if same else []
    return [Amount(_ARITHMETIC[op](first.value, same), first.unit)]


_MONTHS = {"year": 12, "a": 12, "month": 1, "mo": 1}
_DAYS = {"week": 7, "wk": 7, "day": 1, "d": 1}


def _moved(op: str, moment: Moment, by: Amount | None) -> Moment:
    """A date some years, months, weeks or days off; the 31st becomes a shorter month's last."""
    if by is None or op not in ("+", "-") or len(moment.text) != 10 or moment.kind == "time":
        raise Wrong("only years, months, weeks and days can be added to a date")
    count = int(by.value) * (1 if op == "+" else -1)
    day = date.fromisoformat(moment.text)
    try:
        if by.unit in _DAYS:
            day += timedelta(days=count * _DAYS[by.unit])
        elif by.unit in _MONTHS:
            months = day.year * 12 + day.month - 1 + count * _MONTHS[by.unit]
            first = date(months // 12, months % 12 + 1, 1)
            last = date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)
            day = first.replace(day=min(day.day, last.day))
        else:
            raise Wrong(f"{by.unit} cannot be added to a date")
    except (ValueError, OverflowError):
        raise Wrong("a date outside the calendar") from None
    return Moment(moment.kind, day.isoformat())


def bounded(text: str) -> str:
    """The text; raises Wrong if it is too long."""
    if len(text) > LONGEST_STRING:
        raise Wrong("a text is too long")
    return text
