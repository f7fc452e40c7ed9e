"""What the desk can say of a visit, when the queue hears of it, who is behind."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.booking.types import AppointmentStatus as Status
from clinic.reception.rules import EARLY, LONGEST_DELAY, behind, expected, is_due, steps

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SOON, PAST = NOW + timedelta(minutes=20), NOW - timedelta(minutes=20)


@pytest.mark.parametrize(
    ("status", "at", "late", "started", "said"),
    [
        (Status.BOOKED, SOON, False, False, ("arrived", "late")),
        (Status.BOOKED, SOON, True, False, ("arrived",)),
        (Status.BOOKED, PAST, False, False, ("arrived", "late", "noshow")),
        (Status.BOOKED, PAST, True, False, ("arrived", "noshow")),
        (Status.BOOKED, NOW + EARLY + timedelta(minutes=1), False, False, ()),
        (Status.ARRIVED, SOON, False, False, ("started", "fulfilled")),
        (Status.ARRIVED, PAST, False, True, ("fulfilled",)),
        (Status.NO_SHOW, PAST, False, False, ("arrived",)),
        (Status.FULFILLED, PAST, False, True, ()),
        (Status.CANCELLED, PAST, False, False, ()),
    ],
)
def test_the_desk_is_offered_what_can_have_happened(
    status: Status, at: datetime, late: bool, started: bool, said: tuple[str, ...]
) -> None:
    assert steps(status, at, NOW, late=late, started=started) == said


def test_a_queue_that_goes_down_by_one_is_told_at_the_beginning_at_three_and_at_one() -> None:
    told, heard = None, []
    for ahead in (6, 5, 4, 3, 2, 1, 0):
        if is_due(ahead, told):
            heard.append(ahead)
            told = ahead
    assert heard == [6, 3, 1]


def test_who_comes_into_a_short_queue_is_not_told_the_same_twice() -> None:
    assert [is_due(ahead, 2) for ahead in (2, 1, 0)] == [False, True, True]
    assert not is_due(0, 0)


def test_places_that_are_lost_tell_nobody() -> None:
    assert not is_due(5, 3)


def test_a_jump_over_a_threshold_is_told_once() -> None:
    assert is_due(0, 6)
    assert is_due(2, 6)


def test_a_practitioner_is_as_far_behind_as_who_waits_longest() -> None:
    assert behind([], NOW) == 0
    assert behind([SOON], NOW) == 0
    assert behind([SOON, NOW - timedelta(minutes=23)], NOW) == 20
    assert behind([NOW - timedelta(minutes=4)], NOW) == 0
    assert behind([NOW - timedelta(days=1)], NOW) == LONGEST_DELAY


def test_a_visit_is_expected_later_by_the_delay_and_never_in_the_past() -> None:
    assert expected(SOON, 0, NOW) is None
    assert expected(SOON, 30, NOW) == SOON + timedelta(minutes=30)
    assert expected(NOW - timedelta(minutes=50), 30, NOW) == NOW
