"""Days in the patient's words."""

import pytest

from flows.reading import read_day
from tests.flows.world import TODAY, day  # today is a Monday

OFFERED = (day(1), day(2), day(9))  # a Tuesday and two Wednesdays


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("火曜日でお願いします", day(1)),
        ("Tuesday, please", day(1)),
        ("во вторник", day(1)),
        ("請週二", day(1)),
        ("wednesday", None),  # which?
        ("Thursday", day(3)),  # the next there is, though it is not offered
        ("понедельник", day(7)),  # not today
        ("someday", None),
    ],
)
def test_a_weekday_is_the_one_that_is_offered_else_the_next(words, meant):
    assert read_day(words, TODAY, OFFERED) == meant
