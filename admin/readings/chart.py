"""The course of readings, as numbers for the template's SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from clinic.observation.rules import told
from clinic.observation.service import Stored
from clinic.observation.types import KINDS, UNITS, Kind, Unit

LAST = 30  # readings of a kind
WIDTH, HEIGHT = 560, 120
LEFT, TOP, BOTTOM = 44, 10, 22
NARROW = Decimal(4)  # at least, from the lowest to the highest of the scale


@dataclass(frozen=True, slots=True)
class Dot:
    """A reading in the picture, with its words for who hovers over it."""

    x: int
    y: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A kind's line, or two of them for a pressure. `scale`: values and where they stand."""

    kind: Kind
    unit: Unit
    lines: tuple[tuple[Dot, ...], ...]
    scale: tuple[tuple[str, int], ...]
    days: tuple[str, str]  # the first and the last


def charts(listed: Sequence[Stored]) -> tuple[Chart, ...]:
    """A chart for each kind of which there are two readings that count or more."""
    found = []
    for kind in KINDS:
        same = [one for one in reversed(listed) if one.kind == kind and one.status == "final"]
        if len(same) > 1:
            found.append(_chart(kind, same[-LAST:]))
    return tuple(found)


def _chart(kind: Kind, same: Sequence[Stored]) -> Chart:
    unit = same[-1].unit if same[-1].unit in UNITS[kind] else UNITS[kind][0]
    values = [one.value for one in same]
    seconds = [one.second for one in same if one.second is not None]
    low, high = min([*values, *seconds]), max([*values, *seconds])
    spare = max(Decimal(0), NARROW - (high - low)) / 2
    low, high = low - spare, high + spare
    first = same[0].measured_at
    span = (same[-1].measured_at - first).total_seconds() or 1.0

    def dot(one: Stored, value: Decimal) -> Dot:
        share = (one.measured_at - first).total_seconds() / span
        words = f"{one.measured_at:%Y-%m-%d %H:%M}  {told(value, unit)} {unit}"
        return Dot(LEFT + round(share * (WIDTH - LEFT - 10)), _height(value, low, high), words)

    upper = tuple(dot(one, one.value) for one in same)
    lower = tuple(dot(one, one.second) for one in same if one.second is not None)
    scale = ((str(told(at, unit)), _height(at, low, high)) for at in (low, (low + high) / 2, high))
    days = (f"{first:%Y-%m-%d}", f"{same[-1].measured_at:%Y-%m-%d}")
    return Chart(kind, unit, (upper, lower) if lower else (upper,), tuple(scale), days)


def _height(value: Decimal, low: Decimal, high: Decimal) -> int:
    share = (high - value) / (high - low)
    return TOP + round(share * (HEIGHT - TOP - BOTTOM))
