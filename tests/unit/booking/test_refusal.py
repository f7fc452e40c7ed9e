"""Why a visit cannot stand where somebody dropped it."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.booking.calendar import Load, closed_periods, open_minutes
from clinic.booking.hours import DAY, Exceptional, Weekly, minute_of
from clinic.booking.refusal import why_not
from clinic.booking.rules import Board, Offer, Resource, Site
from clinic.booking.types import Slot

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=TOKYO)  # a Monday
WEEKLY = tuple(Weekly(1, day, 9 * 60, 17 * 60) for day in range(7))
DOCTOR = Resource(1, "practitioner", "Sato", weekly=WEEKLY)
ROOM = Resource(2, "room", "Room 1", 1)
BOARD = Board(
    Offer(1, 30, buffer_before=5, buffer_after=10, step=30, horizon_days=60),
    (Site(1, "Main", TOKYO),),
    (DOCTOR, ROOM),
    (),
    NOON,
    NOON.date(),
    8,
)


def slot(at: str = "2026-11-24T10:00", who: int = 1) -> Slot:
    begins = datetime.fromisoformat(at).replace(tzinfo=TOKYO)
    return Slot(1, 1, "", who, "", begins, begins + timedelta(minutes=30), ())


def busy(at: str, minutes: int = 30) -> tuple[tuple[int, int], ...]:
    begins = minute_of(datetime.fromisoformat(at).replace(tzinfo=TOKYO))
    return ((begins, begins + minutes),)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (slot("2026-11-23T12:00"), "past"),
        (slot("2027-03-01T10:00"), "too_far"),
        (slot(who=9), "not_served"),
        (slot(who=2), "not_served"),
        (slot("2026-11-24T08:30"), "closed"),
        (slot("2026-11-24T16:45"), "closed"),
        (slot("2026-11-24T23:45"), "closed"),
        (slot("2026-11-24T10:10"), "off_grid"),
        (slot(), "no_room"),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{one.starts_at:%H:%M}",
)
def test_the_first_thing_that_stands_against_it_is_named(wanted: Slot, why: str) -> None:
    assert why_not(BOARD, wanted) == why


def test_buffers_count_as_taken_time() -> None:
    for at in ("2026-11-24T10:00", "2026-11-24T10:35", "2026-11-24T09:26"):
        board = replace(BOARD, resources=(replace(DOCTOR, busy=busy(at)), ROOM))
        assert why_not(board, slot()) == "practitioner_busy"
    for at in ("2026-11-24T10:40", "2026-11-24T09:25"):
        board = replace(BOARD, resources=(replace(DOCTOR, busy=busy(at)), ROOM))
        assert why_not(board, slot()) == "no_room"


def test_the_patients_own_visits_count() -> None:
    board = replace(BOARD, patient_busy=busy("2026-11-24T10:15"))
    assert why_not(board, slot()) == "patient_busy"


def test_a_closed_day_and_extra_hours_count_only_for_those_they_are_for() -> None:
    on = slot().starts_at.date()
    mine = Exceptional(on, extra=False, opens=600, closes=660, resource_id=1)
    others = replace(mine, resource_id=5)
    assert why_not(replace(BOARD, exceptions=(mine,)), slot()) == "closed"
    assert why_not(replace(BOARD, exceptions=(others,)), slot()) == "no_room"


def test_a_day_is_open_where_anybody_works_and_closed_between() -> None:
    on = NOON.date()
    weekly = [Weekly(1, 0, 540, 720), Weekly(2, 0, 780, 1020)]
    opened = open_minutes(weekly, [], on, [1, 2])
    assert closed_periods(opened) == [(0, 540), (720, 780), (1020, DAY)]
    assert open_minutes(weekly, [Exceptional(on, extra=False)], on, [1, 2]) == 0


def test_a_day_without_hours_is_not_full() -> None:
    assert [Load(480, 240).share, Load(100, 130).share, Load(0, 30).share] == [50, 100, 0]
