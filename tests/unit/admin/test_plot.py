"""What a chart says where there is nothing to draw."""

from typing import Any

import pytest

from admin.figures.shown import Plot, Series

MARKS = (("moderate", 10.0),)


def plot(kind: str, *values: float | int | None, **more: Any) -> Plot:
    return Plot(kind, tuple("x" for _ in values), (Series("x", values),), **more)


@pytest.mark.parametrize("kind", ["bar", "stacked", "flat"])
def test_counts_of_nothing_drew_an_empty_axis(kind: str) -> None:
    for values in ((), (0, 0), (None, 0), (None,)):
        assert plot(kind, *values).silence == "nothing", values
    assert plot(kind, 0, 1).silence is None


def test_shares_of_no_cases_are_nothing_to_count() -> None:
    assert plot("line", None, None, percent=True).silence == "nothing"
    assert plot("line", None, None, marks=MARKS).silence == "nothing"


def test_a_share_or_a_score_that_is_known_to_be_zero_is_not_nothing() -> None:
    assert plot("line", 0.0, None, percent=True).silence == "zero"
    assert plot("flat", 0.0, percent=True).silence == "zero"
    assert plot("line", 0, 0).silence == "zero"
    assert plot("line", 0, 0, marks=MARKS).silence is None
    assert plot("line", -1.5, 0).silence is None


def test_one_curve_of_two_is_enough_to_draw() -> None:
    both = Plot("bar", ("x",), (Series("a", (0,)), Series("b", (2,))))
    assert both.silence is None
