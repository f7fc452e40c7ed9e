"""Reads filters as data: what JSON means, or all that is wrong with it. Pure.

    {"and": [...]}   {"or": [...]}   {"not": ...}
    {"field": "age", "op": "at_least", "value": 65}
    {"field": "condition", "op": "starts", "value": ["I10", "E11"], "suspected": "either"}

`FIELDS` and `OPS` (clinic.segment.types) are all there is to ask.
"""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, TypeGuard

from clinic.segment.rules import criteria
from clinic.segment.types import (
    DEPTH,
    FIELDS,
    FURTHEST,
    LARGEST,
    LONGEST,
    MOST_CRITERIA,
    MOST_VALUES,
    OPS,
    And,
    Criterion,
    Fault,
    Field,
    Filter,
    Not,
    Op,
    Option,
    Or,
    Value,
)

DECIMALS = 6  # of a number
_NODES = ("and", "or", "not", "field")
_RELATIVE: tuple[Op, ...] = ("within_days", "beyond_days")
_NO_SIGN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # that a line of text has


def read_text(text: str) -> Filter | tuple[Fault, ...]:
    """The filter that JSON text tells, or all that is wrong with it."""
    if len(text) > LONGEST:
        return (Fault("", "too_long"),)
    try:
        return read(json.loads(text, parse_float=Decimal, object_pairs_hook=_once))
    except (ValueError, RecursionError):
        return (Fault("", "no_json"),)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON that does not say two things of one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def read(said: object) -> Filter | tuple[Fault, ...]:
    """The filter that parsed JSON tells, or all that is wrong with it."""
    faults: list[Fault] = []
    found = _node(said, "", 1, faults)
    if found is not None and sum(1 for _ in criteria(found)) > MOST_CRITERIA:
        faults.append(Fault("", "too_many_criteria"))
    return tuple(faults) if found is None or faults else found


def _node(said: object, where: str, depth: int, faults: list[Fault]) -> Filter | None:
    """What a node says; None, and why in `faults`, if it is wrong."""
    named = [one for one in _NODES if one in said] if isinstance(said, dict) else []
    if not isinstance(said, dict) or len(named) != 1:
        faults.append(Fault(where, "one_of_and_or_not_field"))
        return None
    if depth > DEPTH:
        faults.append(Fault(where, "too_deep"))
        return None
    if named == ["field"]:
        return _criterion(said, where, faults)
    kind = named[0]
    if len(said) > 1:
        faults.append(Fault(where, "unknown_key"))
        return None
    below = f"{where}.{kind}" if where else kind
    if kind == "not":
        part = _node(said["not"], below, depth + 1, faults)
        return None if part is None else Not(part)
    if not isinstance(said[kind], list):
        faults.append(Fault(below, "no_list"))
        return None
    if len(said[kind]) > MOST_CRITERIA:
        faults.append(Fault(below, "too_many_criteria"))
        return None
    if kind == "or" and not said[kind]:
        faults.append(Fault(below, "nothing_to_choose"))
        return None
    parts = [_node(one, f"{below}.{n}", depth + 1, faults) for n, one in enumerate(said[kind])]
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    return And(good) if kind == "and" else Or(good)


def _criterion(said: dict[str, Any], where: str, faults: list[Fault]) -> Criterion | None:
    dot = f"{where}." if where else ""
    name, op = said["field"], said.get("op")
    field = FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        faults.append(Fault(f"{dot}field", "unknown_field"))
        return None
    if op not in OPS[field.kind]:
        faults.append(Fault(f"{dot}op", "unknown_op"))
        return None
    before = len(faults)
    values = _values(field, op, said.get("value"), f"{dot}value", faults)
    if op == "known" and "value" in said:
        faults.append(Fault(f"{dot}value", "unknown_key"))
    options = {one.name: one for one in field.options}
    for key in sorted(said.keys() - {"field", "op", "value"} - options.keys()):
        faults.append(Fault(f"{dot}{key[:48]}", "unknown_key"))
    found: list[tuple[str, str | int]] = []
    for key, option in sorted(options.items()):
        if key not in said:
            if option.needed:
                faults.append(Fault(f"{dot}{key}", "needed"))
            continue
        value = said[key]
        reason = _option_fault(option, value)
        if reason:
            faults.append(Fault(f"{dot}{key}", reason))
        elif option.needed or value != next(iter(option.choices), None):
            found.append((key, value))
    return None if len(faults) > before else Criterion(field.name, op, values, tuple(found))


def _option_fault(option: Option, value: object) -> str | None:
    if option.choices:
        return None if value in option.choices else "unknown_choice"
    if option.pattern:
        return None if _like(option.pattern, value) else "no_word"
    return None if _whole(value) and 0 < value <= FURTHEST else "no_days"


def _values(
    field: Field, op: Op, said: object, where: str, faults: list[Fault]
) -> tuple[Value, ...]:
    """The values of a criterion as one writes them: in order, none twice."""
    if op == "known":
        return ()
    if op in ("any", "starts"):
        return _words(field, said, where, faults)
    if op == "between":
        if not isinstance(said, list) or len(said) != 2:
            faults.append(Fault(where, "no_range"))
            return ()
        found = [_value(field, op, one, f"{where}.{n}", faults) for n, one in enumerate(said)]
        pair = tuple(one for one in found if one is not None)
        if len(pair) == 2 and pair[0] > pair[1]:  # type: ignore[operator]  # both are of one type
            faults.append(Fault(where, "empty_range"))
        return pair
    value = _value(field, op, said, where, faults)
    return () if value is None else (value,)


def _words(field: Field, said: object, where: str, faults: list[Fault]) -> tuple[Value, ...]:
    listed = said if isinstance(said, list) else [said]
    if not 0 < len(listed) <= MOST_VALUES:
        faults.append(Fault(where, "too_many_values" if listed else "no_values"))
        return ()
    found = set()
    for n, one in enumerate(listed):
        # A month, or an answer, may be written as a number.
        word = str(one) if _whole(one) else one
        if field.choices and word not in field.choices:
            faults.append(Fault(f"{where}.{n}", "unknown_choice"))
        elif not field.choices and not _like(field.pattern, word):
            faults.append(Fault(f"{where}.{n}", "no_word"))
        else:
            found.add(word.replace(".", "") if field.kind == "prefix" else word)
    if field.choices:
        return tuple(one for one in field.choices if one in found)
    return tuple(sorted(found))


def _value(field: Field, op: Op, said: object, where: str, faults: list[Fault]) -> Value | None:
    if field.kind in ("day", "coming_day"):
        if op in _RELATIVE:
            if _whole(said) and 0 <= said <= FURTHEST:
                return said
            faults.append(Fault(where, "no_days"))
            return None
        day = _day(said)
        if day is None:
            faults.append(Fault(where, "no_day"))
        return day
    number = _number(said)
    if number is None or not -LARGEST <= number <= field.most:
        faults.append(Fault(where, "no_number"))
        return None
    if field.whole and (number < 0 or not isinstance(number, int)):
        faults.append(Fault(where, "no_whole_number"))
        return None
    return number


def _number(said: object) -> int | Decimal | None:
    """A number that a double can hold: whole ones as such, others of few decimals."""
    if _whole(said):
        return said
    if not isinstance(said, float | Decimal):
        return None
    number = Decimal(str(said))
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -DECIMALS or abs(number) > LARGEST:
        return None
    return int(number) if number == number.to_integral_value() else number


def _day(said: object) -> date | None:
    if not _like(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]", said):
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


def _whole(said: object) -> TypeGuard[int]:
    return isinstance(said, int) and not isinstance(said, bool)


def _like(pattern: str, said: object) -> bool:
    """Whether it is a text like that, of signs that a line of text has."""
    if not isinstance(said, str) or _NO_SIGN.search(said):
        return False
    return re.fullmatch(pattern, said) is not None
