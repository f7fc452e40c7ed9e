"""The limits of this clinic: those that Kayoi ships, and what the clinic changed of them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Literal

from clinic.observation.limits import BOUNDS, LIMITS, MEAN, REPEATED_GLUCOSE, RISE
from clinic.observation.types import Limit, Measure, Side

Why = Literal["unknown", "number", "bounds", "order"]
REPEATED, ROSE = "glucose.repeated", "weight.rise"
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class House:
    """What holds for every patient without limits of their own. `repeated`: glucose, twice on a
    day. `rise`: kg."""

    limits: tuple[Limit, ...]
    mean: Mapping[Measure, Decimal]
    repeated: Decimal
    rise: Decimal


def name_of(limit: Limit) -> str:
    """What a limit is called in the settings."""
    return f"{limit.measure}.{limit.side}.{limit.level}.{limit.since}"


def name_of_mean(measure: Measure) -> str:
    """What the limit of a mean is called in the settings."""
    return f"{measure}.mean"


SHIPPED = House(LIMITS, MEAN, REPEATED_GLUCOSE, RISE)
# By name.
SHIPPED_AT: dict[str, Decimal] = {
    **{name_of(one): one.at for one in LIMITS},
    **{name_of_mean(measure): at for measure, at in MEAN.items()},
    REPEATED: REPEATED_GLUCOSE,
    ROSE: RISE,
}


def house(changed: Mapping[str, str]) -> House:
    """The limits with what a clinic changed, by name: `tidied`, and `wrong` found nothing."""
    at = {name: Decimal(changed.get(name, known)) for name, known in SHIPPED_AT.items()}
    return House(
        tuple(replace(one, at=at[name_of(one)]) for one in LIMITS),
        {measure: at[name_of_mean(measure)] for measure in MEAN},
        at[REPEATED],
        at[ROSE],
    )


def value(typed: str) -> Decimal | None:
    """A limit as somebody typed it, to the tenth; None if it is no number."""
    try:
        at = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        return None
    # What is larger than any limit may have more digits than there is room for.
    return at.quantize(_TENTH) if at.is_finite() and abs(at) < 10_000 else None


def tidied(changed: Mapping[str, str]) -> dict[str, str]:
    """What differs from what is shipped, each number in one way of writing."""
    found = {}
    for name, typed in changed.items():
        at = value(typed)
        if at is None or at != SHIPPED_AT.get(name):
            found[name] = typed if at is None else f"{at.normalize():f}"
    return found


def wrong(changed: Mapping[str, str]) -> dict[str, Why]:
    """What a clinic cannot set, by name; empty if all of it fits.

    unknown: there is no such limit. number: it is none. bounds: outside of BOUNDS. order: what is
    graver would begin before what is less grave.
    """
    found: dict[str, Why] = {}
    for name, typed in changed.items():
        at = value(typed)
        if name not in BOUNDS:
            found[name] = "unknown"
        elif at is None:
            found[name] = "number"
        elif not BOUNDS[name][0] <= at <= BOUNDS[name][1]:
            found[name] = "bounds"
    return found or dict.fromkeys(_out_of_order(tidied(changed)), "order")


@dataclass(frozen=True, slots=True)
class _Step:
    """A limit among those of its measure and side. `rank`: how grave."""

    name: str
    measure: Measure
    side: Side
    rank: Decimal
    at: Decimal
    since: int = 0
    until: int | None = None

    def meets(self, other: "_Step") -> bool:
        """Whether there are patients for whom both hold."""
        same = (self.measure, self.side) == (other.measure, other.side)
        return same and not (_over(self, other.since) or _over(other, self.since))


def _over(step: _Step, since: int) -> bool:
    return step.until is not None and step.until <= since


def _out_of_order(changed: Mapping[str, str]) -> Iterator[str]:
    for one, other in combinations(_steps(house(changed)), 2):
        less, more = (one, other) if one.rank < other.rank else (other, one)
        fits = less.at <= more.at if less.side == "from" else less.at >= more.at
        if less.rank < more.rank and less.meets(more) and not fits:
            yield from (name for name in (less.name, more.name) if name in changed)


def _steps(of: House) -> Iterator[_Step]:
    for one in of.limits:
        rank = Decimal(one.level)
        yield _Step(name_of(one), one.measure, one.side, rank, one.at, one.since, one.until)
    for measure, at in of.mean.items():
        yield _Step(name_of_mean(measure), measure, "from", Decimal(2), at)
    yield _Step(REPEATED, "glucose", "from", Decimal("2.5"), of.repeated)
