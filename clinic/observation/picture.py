"""Draws the last readings of a kind, as a line. Pure: the same readings give the same picture.

Only figures stand in it, so it is the same in every language; the text beside it says all of it.
Each reading has its value written at it, and the two lines of a blood pressure differ in their
marks, not in their colour alone.
"""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from clinic.observation.types import Trend

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1000, 640  # pixels
LEFT, RIGHT, TOP, BOTTOM = 90, 910, 130, 530  # of the lines
LETTERS = 34  # pixels: readable on a telephone
MARK = 11  # pixels from the middle of a mark to its edge
INK, GREY, PALE, WHITE = "#1A1A1A", "#595959", "#E0E0E0", "#FFFFFF"
UPPER, LOWER = "#0B6B4F", "#8A3B12"


def draw(trend: Trend) -> bytes:
    """A PNG of the readings, of which there is at least one, the oldest on the left."""
    from PIL import Image, ImageDraw, ImageFont  # takes a while to load, and few draw

    picture = Image.new("RGB", (WIDTH, HEIGHT), WHITE)
    pen = ImageDraw.Draw(picture)
    pen.font = ImageFont.load_default(LETTERS)
    pen.text((LEFT, 24), trend.unit, INK)
    across = _across(len(trend.points))
    for x, point in zip(across, trend.points, strict=True):
        pen.line((x, TOP, x, BOTTOM), PALE, 2)
        pen.text((x, BOTTOM + 60), f"{point.on:%m-%d}", GREY, anchor="mm")
    upper = [(x, point.value) for x, point in zip(across, trend.points, strict=True)]
    lower = [
        (x, point.second)
        for x, point in zip(across, trend.points, strict=True)
        if point.second is not None
    ]
    values = [value for _, value in (*upper, *lower)]
    _line(pen, upper, values, UPPER, round_marks=True)
    _line(pen, lower, values, LOWER, round_marks=False)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _across(number: int) -> list[float]:
    if number == 1:
        return [(LEFT + RIGHT) / 2]
    return [LEFT + (RIGHT - LEFT) * n / (number - 1) for n in range(number)]


def height(value: Decimal, values: Sequence[Decimal]) -> float:
    """Where a value stands: the greatest of all on top, the least at the bottom."""
    least, greatest = min(values), max(values)
    share = float((value - least) / (greatest - least)) if greatest > least else 0.5
    return BOTTOM - (BOTTOM - TOP) * share


def _line(
    pen: "ImageDraw",
    readings: Sequence[tuple[float, Decimal]],
    values: Sequence[Decimal],
    colour: str,
    *,
    round_marks: bool,
) -> None:
    places = [(x, height(value, values)) for x, value in readings]
    if len(places) > 1:
        pen.line(places, colour, 5, joint="curve")
    mark = pen.ellipse if round_marks else pen.rectangle
    for (x, y), (_, value) in zip(places, readings, strict=True):
        mark((x - MARK, y - MARK, x + MARK, y + MARK), colour)
        pen.text((x, y - 3 * MARK), f"{value:f}", INK, anchor="mm")
