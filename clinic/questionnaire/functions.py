"""The functions of FHIRPath (N1) on items; those with an argument for each are in `expressions`."""

import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from clinic.questionnaire import patterns
from clinic.questionnaire.fhirpath import Amount, Moment
from clinic.questionnaire.values import (
    CONTEXT,
    LONGEST_STRING,
    Items,
    Wrong,
    amount,
    arithmetic,
    boolean,
    bounded,
    children,
    member,
    number,
    ordered,
    same,
    single,
    string,
    typed,
    unique,
)

_SCORES = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)


def _score(item: Any) -> Items:
    """ordinal() and weight() of SDC: the score that a chosen option carries."""
    extensions = item.get("extension", []) if isinstance(item, dict) else []
    return [
        typed("valueDecimal", extension.get("valueDecimal", extension.get("valueInteger")))
        for extension in extensions
        if extension.get("url") in _SCORES
    ][:1]


def _answers(items: Items) -> Items:
    """answers() of SDC: all answers, however deep."""
    found: Items = []
    for item in items:
        if isinstance(item, dict):
            found += item.get("answer", [])
            found += _answers(item.get("item", []) + item.get("answer", []))
    return found


def _as_string(item: Any) -> Items:
    if isinstance(item, bool):
        return [str(item).lower()]
    if isinstance(item, Amount):
        return [f"{item.value} '{item.unit}'"]
    if isinstance(item, dict):
        return []
    return [format(item, "f") if isinstance(item, Decimal) else str(getattr(item, "text", item))]


def _as_decimal(item: Any) -> Items:
    text = str(int(item)) if isinstance(item, bool) else str(item)
    return [number(Decimal(text))] if re.fullmatch(r"[+-]?\d{1,28}(\.\d{1,28})?", text) else []


def _as_integer(item: Any) -> Items:
    found = _as_decimal(item)
    whole = found and not isinstance(item, Decimal) and "." not in str(item)
    return [int(found[0])] if whole else []


def _as_boolean(item: Any) -> Items:
    text = str(item).lower()
    if text in ("true", "t", "yes", "y", "1", "1.0"):
        return [True]
    return [False] if text in ("false", "f", "no", "n", "0", "0.0") else []


def _as_date(item: Any) -> Items:
    text = item.text if isinstance(item, Moment) else str(item)
    found = re.match(r"\d{4}(-\d\d(-\d\d)?)?(?=T|$)", text)
    return [Moment("date", found[0])] if found else []


def _as_moment(item: Any) -> Items:
    text = item.text if isinstance(item, Moment) else str(item)
    return [Moment("dateTime", text)] if _as_date(item) else []


def _as_amount(item: Any) -> Items:
    found = amount(item)
    return [found] if found else [Amount(number(item), "1")]


def _round(items: Items, places: Items | None = None) -> Items:
    digits = single(places or []) or 0
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 20:
        raise Wrong("round() to 0 to 20 places")
    return [
        number(item).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, CONTEXT) for item in items
    ]


def _whole(rounding: str) -> Callable[[Any], Items]:
    return lambda item: [int(number(item).to_integral_value(rounding))]


def _real(item: Any, function: Callable[[Decimal], Decimal], least: int | None = None) -> Items:
    value = number(item)
    return [] if least is not None and value < least else [function(value)]


def _ln(item: Any) -> Items:
    return [CONTEXT.ln(value)] if (value := number(item)) > 0 else []


def _power(items: Items, exponent: Items) -> Items:
    base, by = single(items), single(exponent)
    if base is None or by is None:
        return []
    value, to = number(base), number(by)
    if (value < 0 and to != to.to_integral_value()) or (not value and to <= 0):
        return []
    found = CONTEXT.power(value, to)
    return [int(found) if isinstance(base, int) and isinstance(by, int) and to >= 0 else found]


def _log(items: Items, base: Items) -> Items:
    of = single(base)
    return [
        CONTEXT.divide(found, by)
        for item in items
        for found, by in zip(_ln(item), _ln(of) if of is not None else [], strict=False)
        if by
    ]


def _sum(items: Items) -> Items:
    total: Items = [0]
    for item in items:
        total = arithmetic("+", total, [item]) if total != [0] else [item]
    return total


def _avg(items: Items) -> Items:
    return arithmetic("/", _sum(items), [len(items)]) if items else []


def _extreme(op: str) -> Callable[[Items], Items]:
    def extreme(items: Items) -> Items:
        best = items[:1]
        for item in items[1:]:
            best = [item] if ordered(op, [item], best) == [True] else best
        return best

    return extreme


def _substring(items: Items, start: Items, length: Items | None = None) -> Items:
    text, begin = single(items), single(start)
    if text is None or not isinstance(begin, int) or not 0 <= begin < len(string(text)):
        return []
    size = single(length) if length else None
    return [
        string(text)[begin : begin + max(0, int(size))]
        if size is not None
        else string(text)[begin:]
    ]


def _matches(items: Items, source: Items) -> Items:
    """Whether a part of the text matches, as FHIRPath has it."""
    text, pattern = single(items), single(source)
    if text is None or pattern is None:
        return []
    try:
        whole = patterns.Pattern.compile(f"[\\s\\S]*(?:{string(pattern)})[\\s\\S]*")
        return [whole.matches(string(text), 10_000)]
    except patterns.Unsupported as error:
        raise Wrong(f"matches(): {error}") from None


def _replace(items: Items, old: Items, new: Items) -> Items:
    text, what, by = single(items), single(old), single(new)
    if text is None or what is None or by is None:
        return []
    grown = len(string(text)) * (len(string(by)) + 1)
    if grown > LONGEST_STRING * 10:
        raise Wrong("a text is too long")
    return [bounded(string(text).replace(string(what), string(by)))]


def _join(items: Items, between: Items | None = None) -> Items:
    return [bounded(str(single(between or []) or "").join(string(item) for item in items))]


def _textual(function: Callable[[str, str], Any]) -> Callable[[Items, Items], Items]:
    """A function of a text and another text."""

    def apply(items: Items, argument: Items) -> Items:
        text, other = single(items), single(argument)
        return [] if text is None or other is None else [function(string(text), string(other))]

    return apply


def _for_each(function: Callable[[Any], Items]) -> Callable[[Items], Items]:
    """A function of one item; of several it is an error."""

    def apply(items: Items) -> Items:
        item = single(items)
        return [] if item is None else function(item)

    return apply


def _count(items: Items) -> int:
    found = single(items)
    if isinstance(found, bool) or not isinstance(found, int):
        raise Wrong("a whole number is expected")
    return max(0, found)


def _in(item: Any, items: Items) -> bool:
    return any(same(item, other) for other in items)


FUNCTIONS: dict[str, Callable[..., Items]] = {
    "empty": lambda items: [not items],
    "allTrue": lambda items: [all(item is True for item in items)],
    "anyTrue": lambda items: [any(item is True for item in items)],
    "allFalse": lambda items: [all(item is False for item in items)],
    "anyFalse": lambda items: [any(item is False for item in items)],
    "count": lambda items: [len(items)],
    "distinct": unique,
    "isDistinct": lambda items: [len(unique(items)) == len(items)],
    "hasValue": lambda items: [len(items) == 1 and not isinstance(items[0], dict)],
    "first": lambda items: items[:1],
    "last": lambda items: items[-1:],
    "tail": lambda items: items[1:],
    "single": lambda items: [] if single(items) is None else items,
    "skip": lambda items, count: items[_count(count) :],
    "take": lambda items, count: items[: _count(count)],
    "intersect": lambda items, other: unique([item for item in items if _in(item, other)]),
    "exclude": lambda items, other: [item for item in items if not _in(item, other)],
    "union": lambda items, other: unique([*items, *other]),
    "combine": lambda items, other: [*items, *other],
    "children": lambda items: [child for item in items for child in children(item)],
    "extension": lambda items, url: [
        found
        for item in items
        for found in member(item, "extension")
        if isinstance(found, dict) and found.get("url") == single(url)
    ],
    "answers": _answers,
    "ordinal": lambda items: [score for item in items for score in _score(item)],
    "weight": lambda items: [score for item in items for score in _score(item)],
    "not": lambda items: [] if (found := boolean(items)) is None else [not found],
    "toInteger": _for_each(_as_integer),
    "toDecimal": _for_each(_as_decimal),
    "toString": _for_each(_as_string),
    "toBoolean": _for_each(_as_boolean),
    "toDate": _for_each(_as_date),
    "toDateTime": _for_each(_as_moment),
    "toQuantity": _for_each(_as_amount),
    "length": _for_each(lambda item: [len(string(item))]),
    "upper": _for_each(lambda item: [string(item).upper()]),
    "lower": _for_each(lambda item: [string(item).lower()]),
    "trim": _for_each(lambda item: [string(item).strip()]),
    "toChars": _for_each(lambda item: list(string(item))),
    "startsWith": _textual(str.startswith),
    "endsWith": _textual(str.endswith),
    "contains": _textual(lambda text, other: other in text),
    "indexOf": _textual(str.find),
    "split": lambda items, by: list(string(items[0]).split(string(by[0]))) if items and by else [],
    "substring": _substring,
    "matches": _matches,
    "replace": _replace,
    "join": _join,
    "abs": _for_each(lambda item: [abs(item) if isinstance(item, int) else abs(number(item))]),
    "ceiling": _for_each(_whole(ROUND_CEILING)),
    "floor": _for_each(_whole(ROUND_FLOOR)),
    "truncate": _for_each(_whole(ROUND_DOWN)),
    "round": lambda items, places=None: _round([single(items)], places) if items else [],
    "sqrt": _for_each(lambda item: _real(item, CONTEXT.sqrt, 0)),
    "exp": _for_each(lambda item: _real(item, CONTEXT.exp)),
    "ln": _for_each(_ln),
    "power": _power,
    "log": _log,
    "sum": _sum,
    "avg": _avg,
    "min": _extreme("<"),
    "max": _extreme(">"),
}
