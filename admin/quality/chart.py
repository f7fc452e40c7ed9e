"""The bars of the figures by month, as numbers for the template's SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.quality.types import OfMonth

MONTHS = 12  # shown, the last ones
HEIGHT = 160  # of 100 per cent, in the units of the picture
TOP = 24  # room for the number above the highest bar
LEFT = 40  # room for the scale
GROUP = 64  # from month to month
BAR = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """`middle` is where its number stands, `end` how high that is."""

    x: int
    y: int
    height: int
    middle: int
    end: int
    percent: int


@dataclass(frozen=True, slots=True)
class Group:
    """A month's two bars."""

    of: OfMonth
    middle: int
    mean: Bar
    share: Bar


@dataclass(frozen=True, slots=True)
class Chart:
    """The groups, and the size of the picture. `scale`: heights of 0, 50 and 100 per cent."""

    groups: tuple[Group, ...]
    width: int
    height: int
    left: int
    bar: int
    scale: tuple[tuple[int, int], ...]


def chart(months: Sequence[OfMonth]) -> Chart:
    """The last months, two bars each: the mean score, and the share with a finding."""
    groups = []
    for number, one in enumerate(months[-MONTHS:]):
        x = LEFT + number * GROUP + (GROUP - 2 * BAR) // 2
        mean, share = _bar(x, one.figures.mean), _bar(x + BAR, one.figures.share)
        groups.append(Group(one, x + BAR, mean, share))
    return Chart(
        groups=tuple(groups),
        width=LEFT + len(groups) * GROUP,
        height=TOP + HEIGHT + 24,
        left=LEFT,
        bar=BAR,
        scale=tuple((percent, _top(percent)) for percent in (0, 50, 100)),
    )


def _bar(x: int, percent: int) -> Bar:
    top = _top(percent)
    return Bar(x, top, TOP + HEIGHT - top, x + BAR // 2, top - 4, percent)


def _top(percent: int) -> int:
    return TOP + HEIGHT - HEIGHT * percent // 100
