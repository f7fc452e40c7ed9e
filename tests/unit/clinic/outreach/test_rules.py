"""The hold-out and what a sending is said to have brought."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.outreach import rules
from clinic.outreach.types import Counts

KEY = UUID(int=7)
SENT = date(2026, 5, 10)


def test_the_draw_is_the_same_whenever_it_is_drawn() -> None:
    first = [rules.held_out(KEY, number, 100) for number in range(1000)]
    assert first == [rules.held_out(KEY, number, 100) for number in range(1000)]
    assert first != [rules.held_out(UUID(int=8), number, 100) for number in range(1000)]


@pytest.mark.parametrize("share", [50, 100, 333])
def test_the_draw_sets_aside_about_the_share(share: int) -> None:
    held = sum(rules.held_out(KEY, number, share) for number in range(20_000))
    assert abs(held / 20_000 - share / 1000) < 0.01


@given(st.uuids(), st.integers(1, 2**62))
def test_nobody_or_everybody_is_set_aside_at_the_ends(key: UUID, number: int) -> None:
    assert not rules.held_out(key, number, 0)
    assert rules.held_out(key, number, 1000)


@pytest.mark.parametrize(
    ("days", "found"),
    [([], None), ([0], None), ([-3, 0], None), ([1], 1), ([80, 7], 7), ([90], 90), ([91], None)],
)
def test_the_first_visit_after_the_day_and_within_ninety_counts(
    days: list[int], found: int | None
) -> None:
    visits = [SENT + timedelta(day) for day in days]
    wanted = None if found is None else SENT + timedelta(found)
    assert rules.returned_on(SENT, visits) == wanted


def test_a_sending_is_complete_when_the_data_reach_its_last_day() -> None:
    assert rules.complete(SENT, SENT + timedelta(90))
    assert not rules.complete(SENT, SENT + timedelta(89))


def test_more_came_than_the_hold_out_lets_expect() -> None:
    found = rules.effect(Counts(sent=400, sent_returned=160, held=100, held_returned=20))
    assert found.more == pytest.approx(80)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 80 < found.high < 160
    assert not found.too_small


def test_few_who_came_say_nothing_yet() -> None:
    found = rules.effect(Counts(sent=40, sent_returned=12, held=5, held_returned=1))
    assert found.too_small
    assert found.low is not None
    assert found.low < 0


@pytest.mark.parametrize("counts", [Counts(40, 12, 0, 0), Counts(0, 0, 40, 12)])
def test_without_two_parts_there_is_no_difference(counts: Counts) -> None:
    found = rules.effect(counts)
    assert (found.more, found.low, found.high) == (None, None, None)
    assert found.too_small


def test_each_sending_is_held_against_its_own_hold_out() -> None:
    winter = Counts(sent=100, sent_returned=50, held=100, held_returned=50)
    summer = Counts(sent=100, sent_returned=10, held=20, held_returned=2)
    alone = Counts(sent=50, sent_returned=50, held=0, held_returned=0)
    found = rules.together([winter, summer, alone])
    assert found.more == pytest.approx(0)
    assert found.counts == Counts(250, 110, 120, 52)
