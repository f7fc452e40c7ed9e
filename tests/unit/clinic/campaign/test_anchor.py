"""Whether what hangs on a visit still stands when its time has come."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign.anchor import Fallen, Moved, Stands, still, visit_of
from clinic.campaign.due import Visited
from clinic.campaign.trigger import Day, Relative, Visit, VisitEvent, Weekly

TOKYO = ZoneInfo("Asia/Tokyo")
USEFUL = timedelta(hours=24)
NOW = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)  # ten in Tokyo


def two_days(
    event: VisitEvent = "visit_coming", service: str | None = None, days: int = -2
) -> Relative:
    """Due so many days from the visit, at ten in the morning."""
    return Relative(Visit(event, service), time(10), "skip", days=days)


def visit(days: int, status: str = "booked", hours: int = 0) -> Visited:
    at = NOW + timedelta(days, hours=hours)
    return Visited(7, status, "scope", at, NOW - timedelta(2))


def test_a_turn_knows_its_visit() -> None:
    assert visit_of(two_days(), "visit:7") == 7
    assert visit_of(two_days(), "2026-03-09") is None
    assert visit_of(Relative(Day("birth"), time(10), "skip"), "visit:7") is None
    assert visit_of(Weekly((0,), time(10), "skip"), "visit:7") is None


def test_a_visit_that_is_as_it_was_is_told_of() -> None:
    assert still(two_days(), visit(2), NOW, USEFUL, TOKYO) == Stands(ahead=True)


def test_a_visit_that_was_moved_away_is_told_of_two_days_before_its_new_time() -> None:
    due = NOW + timedelta(3)
    assert still(two_days(), visit(5), NOW, USEFUL, TOKYO) == Moved(due, due + USEFUL)


def test_a_visit_that_was_moved_nearer_is_told_of_at_once() -> None:
    assert still(two_days(), visit(1), NOW, USEFUL, TOKYO) == Stands(ahead=True)


def test_a_visit_that_has_begun_is_not_told_of_any_more() -> None:
    assert still(two_days(), visit(0), NOW, USEFUL, TOKYO) == Fallen()
    assert still(two_days(), visit(0, hours=-1), NOW, USEFUL, TOKYO) == Fallen()


@pytest.mark.parametrize("status", ["cancelled", "arrived", "fulfilled", "noshow", "expired"])
def test_a_visit_that_is_not_booked_any_more_is_not_told_of(status: str) -> None:
    assert still(two_days(), visit(2, status), NOW, USEFUL, TOKYO) == Fallen()


def test_a_visit_of_another_service_or_of_nobody_is_not_told_of() -> None:
    assert still(two_days(service="eye"), visit(2), NOW, USEFUL, TOKYO) == Fallen()
    assert still(two_days(service="scope"), visit(2), NOW, USEFUL, TOKYO) == Stands(ahead=True)
    assert still(two_days(), None, NOW, USEFUL, TOKYO) == Fallen()
    birth = Relative(Day("birth"), time(10), "skip")
    assert still(birth, visit(2), NOW, USEFUL, TOKYO) == Fallen()


def test_thanks_for_a_visit_fall_if_it_turns_out_not_to_have_been() -> None:
    thanks = two_days("visit_completed", days=1)
    assert still(thanks, visit(-1, "fulfilled"), NOW, USEFUL, TOKYO) == Stands(ahead=False)
    assert still(thanks, visit(-1, "noshow"), NOW, USEFUL, TOKYO) == Fallen()


def test_who_came_after_all_is_not_asked_why_not() -> None:
    missed = two_days("visit_missed", days=1)
    assert still(missed, visit(-1, "noshow"), NOW, USEFUL, TOKYO) == Stands(ahead=False)
    assert still(missed, visit(-1, "arrived"), NOW, USEFUL, TOKYO) == Fallen()


def test_what_hangs_on_the_booking_does_not_move_with_the_visit() -> None:
    booked = two_days("visit_booked", days=2)
    for days in (1, 90):
        assert still(booked, visit(days), NOW, USEFUL, TOKYO) == Stands(ahead=True)
    assert still(booked, visit(1, "cancelled"), NOW, USEFUL, TOKYO) == Fallen()
