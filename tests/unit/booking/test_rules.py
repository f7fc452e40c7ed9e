"""Which starts are free, and with which resources."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.booking.hours import DAY, Exceptional, Weekly, minute_of
from clinic.booking.rules import (
    Board,
    Free,
    Offer,
    Resource,
    Site,
    days_of,
    free,
    nearest,
    offered,
    slots_of,
)
from clinic.booking.types import Slot

TOKYO = ZoneInfo("Asia/Tokyo")
MAIN = Site(1, "Main", TOKYO)
BRANCH = Site(2, "Branch", ZoneInfo("Europe/Berlin"))
MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=TOKYO)
MORNING = tuple(Weekly(1, day, 9 * 60, 11 * 60) for day in range(7))
DOCTOR = Resource(10, "practitioner", "Sato", weekly=MORNING)
SECOND = Resource(11, "practitioner", "Ito", weekly=MORNING)


def at(clock: str, on: date = MONDAY, zone: ZoneInfo = TOKYO) -> datetime:
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=zone)


def period(begin: str, end: str, on: date = MONDAY) -> tuple[int, int]:
    return minute_of(at(begin, on)), minute_of(at(end, on))


def board(*resources: Resource, **over: object) -> Board:
    whole = Board(Offer(5, 30, step=30), (MAIN,), resources or (DOCTOR,), (), NOW, MONDAY, 1)
    return replace(whole, **over)  # type: ignore[arg-type]  # the test names fields of Board


def shown(found: Free, on: date | None = MONDAY, limit: int = 99) -> list[str]:
    return [f"{slot.starts_at:%H:%M}" for slot in slots_of(found, on, limit)]


def test_an_empty_morning_is_cut_by_the_step() -> None:
    assert shown(free(board())) == ["09:00", "09:30", "10:00", "10:30"]
    by_a_quarter = board(offer=Offer(5, 30, step=15))
    assert shown(free(by_a_quarter))[-2:] == ["10:15", "10:30"]


def test_a_slot_names_what_it_takes() -> None:
    slot = slots_of(free(board()), MONDAY, 1)[0]
    assert slot == Slot(5, 1, "Main", 10, "Sato", at("09:00"), at("09:30"), (10,))


def test_what_is_busy_is_not_offered() -> None:
    busy = replace(DOCTOR, busy=(period("09:30", "10:00"),))
    assert shown(free(board(busy))) == ["09:00", "10:00", "10:30"]
    over_night = replace(DOCTOR, busy=((0, period("00:00", "10:00")[1]), period("10:30", "10:31")))
    assert shown(free(board(over_night))) == ["10:00"]
    for_days = replace(DOCTOR, busy=(period("10:00", "10:00", MONDAY - timedelta(9)), (0, 2**40)))
    assert shown(free(board(for_days))) == []


def test_buffers_lie_outside_the_hours_but_not_in_what_is_busy() -> None:
    offer = Offer(5, 30, buffer_before=10, buffer_after=20, step=10)
    assert shown(free(board(offer=offer)))[::9] == ["09:00", "10:30"]
    busy = replace(DOCTOR, busy=(period("09:40", "09:50"),))
    assert shown(free(board(busy, offer=offer))) == ["10:00", "10:10", "10:20", "10:30"]


def test_notice_and_horizon_bound_what_is_offered() -> None:
    late = board(now=at("09:00:30"), offer=Offer(5, 30, step=30, minimum_notice=30))
    assert shown(free(late)) == ["10:00", "10:30"]
    exact = board(now=at("09:00"), offer=Offer(5, 30, step=30, minimum_notice=30))
    assert shown(free(exact)) == ["09:30", "10:00", "10:30"]
    days, more = days_of(free(board(days=30, offer=Offer(5, 30, step=30, horizon_days=3))), 99)
    assert [day.on for day in days] == [MONDAY + timedelta(n) for n in range(4)]
    assert not more
    days, more = days_of(free(board(days=30)), 3)
    assert [(day.on, day.free) for day in days] == [(MONDAY + timedelta(n), 4) for n in range(3)]
    assert more


def test_a_day_without_a_free_start_is_no_day() -> None:
    closed = Exceptional(MONDAY + timedelta(1), False)
    days, _ = days_of(free(board(days=3, exceptions=(closed,))), 9)
    assert [day.on.day for day in days] == [7, 9]


def test_a_visit_takes_a_room_and_a_device_or_is_not_offered() -> None:
    rooms = (Resource(20, "room", "r0", 1, services=3), Resource(21, "room", "r1", 1, services=1))
    device = Resource(30, "device", "echo", 1)
    full = (DOCTOR, *rooms, device)
    assert slots_of(free(board(*full)), MONDAY, 1)[0].resources == (10, 30, 21)
    busy = replace(rooms[1], busy=(period("09:00", "09:30"),))
    assert slots_of(free(board(DOCTOR, rooms[0], busy, device)), MONDAY, 1)[0].resources == (
        10,
        30,
        20,
    )
    both = tuple(replace(room, busy=(period("09:00", "10:00"),)) for room in rooms)
    assert shown(free(board(DOCTOR, *both, device))) == ["10:00", "10:30"]
    away = replace(device, busy=(period("08:00", "12:00"),))
    assert shown(free(board(DOCTOR, *rooms, away))) == []
    elsewhere = replace(device, site_id=2)
    assert shown(free(board(DOCTOR, *rooms, elsewhere))) == []


def test_a_device_with_a_schedule_serves_only_then_and_may_be_closed() -> None:
    device = Resource(30, "device", "echo", None, weekly=(Weekly(1, 0, 600, 660),))
    assert shown(free(board(DOCTOR, device))) == ["10:00", "10:30"]
    repair = Exceptional(MONDAY, False, 600, 630, 30)
    assert shown(free(board(DOCTOR, device, exceptions=(repair,)))) == ["10:30"]
    unscheduled = replace(device, weekly=())
    assert shown(free(board(DOCTOR, unscheduled, exceptions=(repair,)))) == [
        "09:00",
        "09:30",
        "10:30",
    ]


def test_what_is_said_of_others_closes_nobody() -> None:
    of_another = Exceptional(MONDAY, False, resource_id=11)
    room = Resource(20, "room", "r0", 1)
    assert shown(free(board(DOCTOR, room, exceptions=(of_another,))))[0] == "09:00"
    found = free(board(DOCTOR, SECOND, exceptions=(of_another,)))
    assert {plan.practitioner.id for plan in found.plans} == {10}


def test_a_start_with_several_practitioners_is_shown_once_with_who_has_least_to_do() -> None:
    both = free(board(DOCTOR, SECOND))
    assert days_of(both, 1)[0][0].free == 4
    assert [slot.practitioner_id for slot in slots_of(both, MONDAY, 9)] == [10] * 4
    worked = replace(DOCTOR, busy=(period("09:00", "09:30"),))
    slots = slots_of(free(board(worked, SECOND)), MONDAY, 9)
    assert [slot.practitioner_id for slot in slots] == [11] * 4


def test_each_site_has_its_own_clock() -> None:
    here_and_there = replace(DOCTOR, weekly=(*MORNING, Weekly(2, 0, 9 * 60, 10 * 60)))
    found = free(board(here_and_there, sites=(BRANCH, MAIN)))
    slots = slots_of(found, MONDAY, 9)
    assert [(slot.site_name, f"{slot.starts_at:%H:%M%z}") for slot in slots] == [
        ("Main", "09:00+0900"),
        ("Main", "09:30+0900"),
        ("Main", "10:00+0900"),
        ("Main", "10:30+0900"),
        ("Branch", "09:00+0200"),
        ("Branch", "09:30+0200"),
    ]
    assert slots[0].key != slots[4].key
    assert days_of(found, 1)[0][0].free == 6


def test_the_first_slots_are_found_over_days() -> None:
    found = free(board(days=3))
    slots = slots_of(found, None, 6)
    assert [slot.starts_at.day for slot in slots] == [7, 7, 7, 7, 8, 8]
    assert len(slots_of(found, None, 99)) == 12


def test_what_is_offered_is_taken_at_its_word_only_where_it_is_true() -> None:
    found = free(board(DOCTOR, Resource(20, "room", "a", 1), Resource(21, "room", "b", 1)))
    slot = slots_of(found, MONDAY, 1)[0]
    assert offered(found, slot) == slot
    assert offered(found, replace(slot, resources=(10, 21))) == replace(slot, resources=(10, 21))
    assert offered(found, replace(slot, resources=(10, 99))) == slot
    minute, second = timedelta(minutes=1), timedelta(seconds=1)
    for wrong in (
        {"service_id": 6},
        {"site_id": 2},
        {"practitioner_id": 11},
        {"ends_at": slot.ends_at + minute},
        {"starts_at": slot.starts_at + minute, "ends_at": slot.ends_at + minute},
        {"starts_at": slot.starts_at + second, "ends_at": slot.ends_at + second},
        {"starts_at": slot.starts_at - 9000 * minute, "ends_at": slot.ends_at - 9000 * minute},
    ):
        assert offered(found, replace(slot, **wrong)) is None


def test_the_nearest_alternatives_are_of_the_same_practitioner_then_of_others() -> None:
    taken = replace(DOCTOR, busy=(period("09:30", "10:00"),))
    found = free(board(taken, SECOND))
    asked = replace(slots_of(free(board(DOCTOR)), MONDAY, 2)[1])
    near = [(slot.practitioner_id, f"{slot.starts_at:%H:%M}") for slot in nearest(found, asked)]
    assert near == [(10, "10:00"), (10, "09:00"), (10, "10:30"), (11, "09:30"), (11, "10:00")]


def test_alone_a_practitioner_has_all_the_alternatives() -> None:
    found = free(board(days=2))
    asked = slots_of(found, MONDAY, 9)[3]
    near = [f"{slot.starts_at:%d %H:%M}" for slot in nearest(found, asked)]
    assert near == ["07 10:30", "07 10:00", "07 09:30", "07 09:00", "08 09:00"]
    long_ago = replace(asked, starts_at=asked.starts_at - timedelta(9))
    assert f"{nearest(found, long_ago)[0].starts_at:%d %H:%M}" == "07 09:00"
    far_ahead = replace(asked, starts_at=asked.starts_at + timedelta(9))
    assert f"{nearest(found, far_ahead)[0].starts_at:%d %H:%M}" == "08 10:30"


def test_the_patients_own_visits_are_not_offered_over() -> None:
    found = free(board(patient_busy=(period("09:15", "09:45"),)))
    assert shown(found) == ["10:00", "10:30"]


def test_a_visit_may_reach_over_midnight_if_the_hours_do() -> None:
    night = tuple(Weekly(1, day, *hours) for day in range(7) for hours in ((0, 60), (1380, DAY)))
    found = free(board(replace(DOCTOR, weekly=night), offer=Offer(5, 90, step=30)))
    assert shown(found, MONDAY) == ["23:00", "23:30"]
    first_day_begins_yesterday = slots_of(found, MONDAY, 1)[0]
    assert first_day_begins_yesterday.ends_at.day == 8


@pytest.mark.parametrize("resources", [(), (Resource(20, "room", "r", 1),)])
def test_without_a_practitioner_nothing_is_offered(resources: tuple[Resource, ...]) -> None:
    found = free(replace(board(), resources=resources))
    assert days_of(found, 9) == ((), False)
    assert slots_of(found, None, 9) == ()
