"""What many patients answered to one questionnaire, counted. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import fmean, median

from clinic.questionnaire.types import (
    Answers,
    Coding,
    Item,
    ItemType,
    Quantity,
    Questionnaire,
    Value,
)

MOST_BARS = 12  # of a distribution of numbers that are not few whole ones
MOST_WHOLE = 30  # whole numbers that get a bar each
_NUMBERS = (ItemType.INTEGER, ItemType.DECIMAL, ItemType.QUANTITY)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many numbers lie from `low` to below `high`; at `low` itself where both are the same."""

    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One question. `answered`: responses that have an answer to it.

    `chosen`: how many chose each option, in the questionnaire's order, or yes and no; `other`: how
    many wrote something that is no option. `numbers`: what was answered, where that is numbers.
    """

    item: Item
    answered: int
    chosen: tuple[tuple[Value, int], ...] = ()
    other: int = 0
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class OfMonth:
    """The scores of a month, given by its first day."""

    month: date
    n: int
    mean: float
    median: float


def tally(form: Questionnaire, given: Iterable[Answers]) -> tuple[Counted, ...]:
    """The questions of a form that can be counted, in its order, with what was answered.

    An answer counts by its linkId, also where it was given to another version. Free texts, dates
    and photos are only counted as answered.
    """
    answered: Counter[str] = Counter()
    values: dict[str, list[Value]] = {}
    for answers in given:
        seen = set()
        for path, found in answers:
            link_id = path[-1][0]
            if found:
                seen.add(link_id)
                values.setdefault(link_id, []).extend(found)
        answered.update(seen)
    return tuple(
        _counted(item, answered[item.link_id], values.get(item.link_id, ()))
        for item in form.every.values()
        if item.asks and not item.automatic
    )


def bars(numbers: Sequence[float]) -> tuple[Bar, ...]:
    """The distribution of numbers: a bar each where they are few whole ones, else of equal width
    (1, 2 or 5 times a power of ten)."""
    if not numbers:
        return ()
    low, high = min(numbers), max(numbers)
    if all(one.is_integer() for one in map(float, numbers)) and high - low <= MOST_WHOLE:
        count = Counter(int(one) for one in numbers)
        return tuple(Bar(one, one, count[one]) for one in range(int(low), int(high) + 1))
    width = _width((high - low) / MOST_BARS)
    first = math.floor(low / width)
    places = Counter(math.floor(one / width) for one in numbers)
    return tuple(
        Bar(round(place * width, 6), round((place + 1) * width, 6), places[place])
        for place in range(first, max(places) + 1)
    )


def by_month(scores: Iterable[tuple[date, Decimal]]) -> tuple[OfMonth, ...]:
    """The scores of each month, in order."""
    months: dict[date, list[float]] = {}
    for on, score in scores:
        months.setdefault(on.replace(day=1), []).append(float(score))
    return tuple(
        OfMonth(month, len(ones), fmean(ones), middle(ones))
        for month, ones in sorted(months.items())
    )


def middle(numbers: Sequence[float]) -> float:
    """The median of numbers, of which there are some."""
    return float(median(numbers))


def _counted(item: Item, answered: int, values: Sequence[Value]) -> Counted:
    if item.type in _NUMBERS and not item.options:
        numbers = (one.value if isinstance(one, Quantity) else one for one in values)
        return Counted(
            item,
            answered,
            numbers=tuple(float(one) for one in numbers if isinstance(one, int | Decimal)),
        )
    offered: list[Value] = [option.value for option in item.options]
    if item.type is ItemType.BOOLEAN:
        offered = [True, False]
    if not offered:
        return Counted(item, answered)
    count = Counter(_name(one) for one in values)
    chosen = tuple((one, count.pop(_name(one), 0)) for one in offered)
    return Counted(item, answered, chosen, sum(count.values()))


def _name(value: Value) -> object:
    """An answer as it is counted: codes by their code, whatever words they came with."""
    return ("code", value.code) if isinstance(value, Coding) else value


def _width(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)
