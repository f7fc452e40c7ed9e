"""Survival curves as paths for the template's SVG: steps for each arm, with a band. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinic.cohort.rules import MONTH
from clinic.cohort.types import Arm, Point

WIDTH, HEIGHT = 640, 300
LEFT, TOP, BOTTOM, RIGHT = 44, 12, 30, 16
DASHES = ("", "8 4", "2 3", "8 3 2 3", "12 4", "4 6")  # arms are told apart without colours


@dataclass(frozen=True, slots=True)
class Curve:
    """An arm's line, its band, and the marks of who was censored."""

    name: str
    dash: str
    line: str
    band: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`months`: labels of the axis and where they stand; `scale`: per cent and where."""

    curves: tuple[Curve, ...]
    months: tuple[tuple[int, int], ...]
    scale: tuple[tuple[int, int], ...]


def chart(arms: Sequence[Arm], months: Sequence[int]) -> Chart:
    """The curves of the arms over these months."""
    until = max(months[-1] * MONTH, 1.0)

    def across(days: float) -> int:
        return LEFT + round(min(days / until, 1.0) * (WIDTH - LEFT - RIGHT))

    def curve(number: int, arm: Arm) -> Curve:
        last = across(arm.points[-1].days) if arm.points else LEFT
        line = _steps([(across(it.days), it.survival) for it in arm.points], last)
        marks = tuple((across(it.days), _down(it.survival)) for it in arm.points if it.censored)
        return Curve(arm.name, DASHES[number], line, _band(arm.points, across), marks)

    curves = tuple(curve(number, arm) for number, arm in enumerate(arms))
    labels = tuple((month, across(month * MONTH)) for month in months)
    scale = tuple((percent, _down(percent / 100)) for percent in (0, 25, 50, 75, 100))
    return Chart(curves, labels, scale)


def _down(share: float) -> int:
    return TOP + round((1 - share) * (HEIGHT - TOP - BOTTOM))


def _steps(corners: Sequence[tuple[int, float]], last: int) -> str:
    """A line that starts at 100 per cent and goes down where somebody died."""
    parts = [f"M{LEFT} {_down(1)}"]
    parts += [f"H{x}V{_down(share)}" for x, share in corners]
    return "".join((*parts, f"H{last}"))


def _band(points: Sequence[Point], across: Callable[[float], int]) -> str:
    """The area between the ends of the band, over the days on which there is one."""
    known = [
        (across(it.days), it.low, it.high)
        for it in points
        if it.low is not None and it.high is not None
    ]
    if len(known) < 2:
        return ""
    above: list[str] = []
    below: list[str] = []
    for (x, low, high), (following, _, _) in zip(known, [*known[1:], known[-1]], strict=True):
        above += (f"{x},{_down(high)}", f"{following},{_down(high)}")
        below += (f"{x},{_down(low)}", f"{following},{_down(low)}")
    return f"M{' L'.join(above)} L{' L'.join(reversed(below))}Z"
