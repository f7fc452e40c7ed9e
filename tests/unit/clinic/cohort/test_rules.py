"""Survival as scipy reckons it, rounds on their days, and who is lost."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clinic.cohort import rules
from clinic.cohort.types import USUAL_ARMS, USUAL_ROUNDS, Draft, Followed, Member

DAY = date(2026, 1, 31)
ONE = Member(1, "p", "study", DAY, "alive", None, DAY + timedelta(days=100))
GOOD = Draft("Heart failure", USUAL_ARMS, USUAL_ROUNDS)
people = st.lists(st.builds(Followed, st.integers(0, 60), st.booleans()), min_size=1, max_size=60)


def scipys(followed):
    """Times, survival and band of scipy's empirical distribution of right-censored data."""
    data = stats.CensoredData.right_censored(
        [one.days for one in followed], [not one.died for one in followed]
    )
    sf = stats.ecdf(data).sf
    with np.errstate(all="ignore"):
        band = sf.confidence_interval(confidence_level=0.95, method="log-log")
    return sf.quantiles, sf.probabilities, band.low.probabilities, band.high.probabilities


@settings(max_examples=150, deadline=None)
@given(people)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_curve_and_its_band_are_those_of_scipy(followed):
    ours = rules.survival(followed)
    days, alive, low, high = scipys(followed)
    assert [point.days for point in ours] == list(days)
    for point, chance, lower, upper in zip(ours, alive, low, high, strict=True):
        assert point.survival == pytest.approx(chance, abs=1e-12)
        if point.low is not None:
            assert (point.low, point.high) == pytest.approx((lower, upper), abs=1e-9)
        else:
            assert np.isnan(lower) or chance in (0, 1)


@given(people)
def test_everybody_is_counted_once(followed):
    points = rules.survival(followed)
    assert sum(point.deaths + point.censored for point in points) == len(followed)
    assert points[0].at_risk == len(followed)
    assert all(one.survival >= two.survival for one, two in pairwise(points))


def test_a_known_curve():
    # Freireich's 6-mercaptopurine arm; Kalbfleisch and Prentice: S(6)=.857, S(10)=.753, S(23)=.448.
    died = (6, 6, 6, 7, 10, 13, 16, 22, 23)
    censored = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
    followed = [*(Followed(it, True) for it in died), *(Followed(it, False) for it in censored)]
    by_day = {point.days: point for point in rules.survival(followed)}
    assert [round(by_day[day].survival, 3) for day in (6, 10, 23)] == [0.857, 0.753, 0.448]
    assert [by_day[day].at_risk for day in (6, 10, 23)] == [21, 15, 6]
    assert rules.median(tuple(by_day.values())) == 23


def test_where_nobody_died_there_is_no_band_and_no_median():
    points = rules.survival([Followed(10, False), Followed(20, False)])
    assert [(point.survival, point.low) for point in points] == [(1.0, None), (1.0, None)]
    assert rules.median(points) is None


def test_where_everybody_died_the_curve_ends_at_nothing():
    points = rules.survival([Followed(10, True), Followed(20, True)])
    assert (points[-1].survival, points[-1].high) == (0.0, None)


@pytest.mark.parametrize(
    ("months", "on"),
    [
        (1, date(2026, 2, 28)),
        (3, date(2026, 4, 30)),
        (12, date(2027, 1, 31)),
        (11, date(2026, 12, 31)),
    ],
)
def test_a_round_is_on_the_same_day_of_the_month_or_its_last(months, on):
    assert rules.round_on(DAY, months) == on


def test_a_round_a_month_late_is_not_asked_any_more():
    assert not rules.too_late(DAY, DAY + timedelta(days=30))
    assert rules.too_late(DAY, DAY + timedelta(days=31))


def test_whom_nobody_has_heard_of_for_a_year_is_lost():
    year = ONE.contact_on + timedelta(days=365)
    assert rules.standing(ONE, year, 365) == "alive"
    assert rules.standing(ONE, year + timedelta(days=1), 365) == "lost"
    died = replace(ONE, status="died", event_on=DAY)
    assert rules.standing(died, year + timedelta(days=400), 365) == "died"


def test_who_is_alive_or_lost_is_censored_at_the_last_contact():
    assert rules.followed(ONE) == Followed(100, False)
    assert rules.followed(replace(ONE, status="lost")) == Followed(100, False)
    died = replace(ONE, status="died", event_on=DAY + timedelta(days=40))
    assert rules.followed(died) == Followed(40, True)


def test_a_contact_before_the_enrolment_is_no_negative_time():
    assert rules.followed(replace(ONE, contact_on=DAY - timedelta(days=9))) == Followed(0, False)


def test_an_arm_is_counted_apart():
    members = [
        ONE,
        replace(ONE, status="died", event_on=DAY + timedelta(days=50)),
        replace(ONE, status="lost", contact_on=DAY + timedelta(days=30)),
        replace(ONE, status="withdrew"),
        replace(ONE, arm="control"),
    ]
    found = rules.arm("study", members, (0, 40), DAY + timedelta(days=120), 365)
    assert (found.enrolled, found.alive, found.died, found.lost, found.withdrew) == (4, 1, 1, 1, 1)
    assert found.lost_share == 0.25
    assert found.at_risk == (4, 3)
    assert rules.arm("none", members, (0,), DAY, 365).lost_share == 0.0


def test_the_axis_goes_as_far_as_anybody_was_followed():
    assert rules.axis(USUAL_ROUNDS, 80) == (0, 1, 3)
    assert rules.axis(USUAL_ROUNDS, 800) == (0, 1, 3, 6, 12, 24, 36)
    assert rules.axis((), 0) == (0,)


def test_a_usual_draft_is_good():
    assert rules.faults(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": ""}, ("name", "no_name")),
        ({"arms": ()}, ("arms", "no_arms")),
        ({"arms": ("",)}, ("arms", "bad_arm")),
        ({"arms": ("a", "a")}, ("arms", "twice")),
        ({"rounds": tuple(range(1, 30))}, ("rounds", "too_many")),
        ({"rounds": (0,)}, ("rounds", "bad_round")),
        ({"rounds": (1, 1)}, ("rounds", "twice")),
        ({"lost_after_days": 5}, ("lost_after_days", "bad_days")),
    ],
)
def test_what_is_wrong_with_a_draft_is_named(change, fault):
    assert [(it.field, it.reason) for it in rules.faults(replace(GOOD, **change))] == [fault]
