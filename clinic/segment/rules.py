"""Filters written as JSON and told in words, what they mean, and the value of a patient. Pure."""

import json
from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic.segment.types import (
    FIELDS,
    OPS,
    And,
    Criterion,
    Filter,
    Not,
    Op,
    Or,
    Tier,
    Value,
    Words,
)

# The value of a patient to the house, by recency, frequency and points ("RFM"), each scored 3, 2 or
# 1: 3 from the first threshold on, 2 from the second. It is for choosing whom to write to, and for
# nothing else: never for triage, safety or the order of a queue.
RECENT = (90, 365)  # the last visit is so many days ago at most
FREQUENT = (6, 2)  # visits in the year up to the last visit
SPENT = (6_000, 2_000)  # points in that year; one is 10 yen
SUMS: Mapping[Tier, tuple[int, ...]] = {"high": (8, 9), "general": (5, 6, 7), "low": (3, 4)}

_RELATIVE: tuple[Op, ...] = ("within_days", "beyond_days")


# Writing --------------------------------------------------------------------------------------


def criteria(tree: Filter) -> Iterator[Criterion]:
    """All questions that a filter asks."""
    if isinstance(tree, Criterion):
        yield tree
    elif isinstance(tree, Not):
        yield from criteria(tree.part)
    else:
        for part in tree.parts:
            yield from criteria(part)


def dump(tree: Filter) -> dict[str, Any]:
    """The filter as JSON that clinic.segment.read reads; the same for filters that are equal."""
    if isinstance(tree, Not):
        return {"not": dump(tree.part)}
    if not isinstance(tree, Criterion):
        name = "and" if isinstance(tree, And) else "or"
        return {name: [dump(part) for part in tree.parts]}
    said: dict[str, Any] = {"field": tree.field, "op": tree.op}
    if tree.op != "known":
        values = [_plain(one) for one in tree.values]
        said["value"] = values if tree.op in ("any", "starts", "between") else values[0]
    return said | dict(tree.options)


def _plain(value: Value) -> str | int | float:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def canonical(tree: Filter) -> str:
    """The filter as one text, the same wherever and whenever it is written."""
    return json.dumps(dump(tree), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def described(tree: Filter, depth: int = 0) -> tuple[Words, ...]:
    """The filter in plain words, a line for each part.

    Keys: segment_all, segment_and, segment_or, segment_not; for a criterion segment_op_<op> (those
    of days begin segment_op_ago_ or segment_op_ahead_) about segment_field_<field>.
    """
    if isinstance(tree, Not):
        return (Words(depth, "segment_not"), *described(tree.part, depth + 1))
    if isinstance(tree, Criterion):
        return (_told(tree, depth),)
    key = "segment_or" if isinstance(tree, Or) else "segment_and" if tree.parts else "segment_all"
    below = (line for part in tree.parts for line in described(part, depth + 1))
    return (Words(depth, key), *below)


def _told(asked: Criterion, depth: int) -> Words:
    field = FIELDS[asked.field]
    op: str = asked.op
    if op in _RELATIVE:
        op = f"{'ahead' if field.kind == 'coming_day' else 'ago'}_{op}"
    values = asked.values
    if field.choices:
        values = tuple(f"segment_{asked.field}_{one}" for one in values)
    options = tuple(
        (f"segment_option_{one.name}", f"segment_{one.name}_{said}" if one.choices else said)
        for one in field.options
        if (said := dict(asked.options).get(one.name)) is not None
    )
    return Words(depth, f"segment_op_{op}", f"segment_field_{asked.field}", values, options)


def keys() -> tuple[str, ...]:
    """All keys of `described`, each with words in every catalogue."""
    found = ["segment_all", "segment_and", "segment_or", "segment_not"]
    for field in FIELDS.values():
        way = "ahead" if field.kind == "coming_day" else "ago"
        found.append(f"segment_field_{field.name}")
        found += (
            f"segment_op_{f'{way}_{op}' if op in _RELATIVE else op}" for op in OPS[field.kind]
        )
        found += (f"segment_{field.name}_{one}" for one in field.choices)
        for option in field.options:
            found.append(f"segment_option_{option.name}")
            found += (f"segment_{option.name}_{one}" for one in option.choices)
    return tuple(dict.fromkeys(found))


# Meaning --------------------------------------------------------------------------------------


def born_by(today: date, years: int) -> date:
    """The latest birth date of those who are `years` old. Born on 29 February: older on 1 March."""
    year = max(1, today.year - years)
    if (today.month, today.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return today.replace(year=year)


def days(asked: Criterion, today: date) -> tuple[date | None, date | None]:
    """The first and the last day that a criterion of days means. None: no limit."""
    if asked.op == "known":
        return None, None
    first, last = asked.values[0], asked.values[-1]
    if isinstance(first, date) and isinstance(last, date):
        lowest = first if asked.op in ("on_or_after", "between") else None
        return lowest, last if asked.op in ("on_or_before", "between") else None
    assert isinstance(first, int)
    if FIELDS[asked.field].kind == "coming_day":
        if asked.op == "within_days":
            return today, today + timedelta(first)
        return today + timedelta(first + 1), None
    if asked.op == "within_days":
        return today - timedelta(first), today
    return None, today - timedelta(first + 1)


def amount_is(asked: Criterion, amount: Decimal | int) -> bool:
    """Whether an amount is what the criterion asks for."""
    low, high = asked.values[0], asked.values[-1]
    assert isinstance(low, int | Decimal)
    assert isinstance(high, int | Decimal)
    at_least = asked.op == "at_most" or amount >= low
    return at_least and (asked.op == "at_least" or amount <= high)


def answer_holds(asked: Criterion, given: Mapping[str, Any]) -> bool:
    """Whether answers as they are stored (clinic.questionnaire.codec) are what is asked for."""
    item = asked.option("item")
    found = [
        value
        for path, values in given.get("values", ())
        if _link_id(path) == item
        for value in values
    ]
    if asked.op == "known":
        return bool(found)
    if asked.op == "any":
        return any(_as_word(value) in asked.values for value in found)
    return any(amount_is(asked, amount) for amount in _amounts(found))


def _link_id(path: Sequence[Any]) -> object:
    last = path[-1]
    return last if isinstance(last, str) else last[0]


def _as_word(value: Any) -> str:
    """A stored answer as a filter names it: a code, a text, true or false, a number."""
    if isinstance(value, Mapping):
        [(kind, held)] = value.items()
        if kind == "coding":
            return str(held[1])
        return str(held if kind == "decimal" else held[0])
    return str(value).lower() if isinstance(value, bool) else str(value)


def _amounts(values: Iterable[Any]) -> Iterator[Decimal]:
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            yield Decimal(value)
        elif isinstance(value, Mapping) and "decimal" in value:
            yield Decimal(value["decimal"])
        elif isinstance(value, Mapping) and "quantity" in value:
            yield Decimal(value["quantity"][0])


def tier(last_visit_on: date | None, visits_year: int, points_year: int, today: date) -> Tier:
    """The value of a patient to the house: see RECENT, FREQUENT, SPENT and SUMS.

    Never to be used in triage, safety or the order of a queue: there all are alike.
    """
    score = 2 if last_visit_on is not None and last_visit_on >= today - timedelta(RECENT[1]) else 1
    if last_visit_on is not None and last_visit_on >= today - timedelta(RECENT[0]):
        score = 3
    for amount, (much, some) in ((visits_year, FREQUENT), (points_year, SPENT)):
        score += 3 if amount >= much else 2 if amount >= some else 1
    return next(one for one, sums in SUMS.items() if score in sums)
