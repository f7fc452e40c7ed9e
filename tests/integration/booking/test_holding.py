"""Holding and booking a slot, on a real database."""

from dataclasses import replace
from datetime import timedelta

from clinic.booking import locks, service, staff, visits
from clinic.booking.types import Held, Refused, Taken, Visit
from clinic.db import Database
from tests.integration.booking.clinic import Clinic, make
from tests.integration.booking.deeds import book, confirm_hold, hold


async def test_a_held_slot_is_not_offered_to_others_and_becomes_a_visit(clinic: Clinic) -> None:
    slot = (await clinic.slots())[0]
    held = await hold(clinic, slot)
    assert isinstance(held, Held)
    assert slot not in await clinic.slots()
    visit = await confirm_hold(clinic, held)
    assert isinstance(visit, Visit)
    assert (visit.id, visit.status, visit.starts_at) == (
        held.appointment_id,
        "booked",
        slot.starts_at,
    )
    assert (visit.patient_name, visit.practitioner_name, visit.site_name) == (
        "Patient 0",
        "d0",
        "Main",
    )
    assert slot not in await clinic.slots()
    async with clinic.db.transaction() as tx:
        assert await visits.list_visits(tx, clinic.actor()) == (visit,)
        assert await visits.list_visits(tx, clinic.actor(1)) == ()


async def test_a_hold_lasts_as_long_as_the_policy_says(clinic: Clinic) -> None:
    before = await clinic.value("select now()")
    held = await hold(clinic, (await clinic.slots())[0])
    assert isinstance(held, Held)
    assert timedelta(minutes=5) <= held.until - before < timedelta(minutes=6)


async def test_who_comes_second_is_shown_the_nearest_others(clinic: Clinic) -> None:
    slots = await clinic.slots(16)
    await hold(clinic, slots[5])
    taken = await hold(clinic, slots[5], patient=1)
    assert isinstance(taken, Taken)
    gaps = [abs(slot.starts_at - slots[5].starts_at) for slot in taken.alternatives]
    assert gaps == sorted(gaps)
    assert [gap.seconds // 60 for gap in gaps] == [30, 30, 60, 60, 90]
    assert isinstance(await hold(clinic, taken.alternatives[0], patient=1), Held)


async def test_when_the_whole_week_is_full_later_days_are_named(clinic: Clinic) -> None:
    slot = (await clinic.slots())[0]
    async with clinic.db.transaction() as tx:
        for ahead in range(20):
            await staff.close_time(tx, clinic.staff(), clinic.day(ahead), clinic.doctors[0])
    taken = await hold(clinic, slot)
    assert isinstance(taken, Taken)
    assert {one.starts_at.date() for one in taken.alternatives} == {clinic.day(20)}


async def test_alternatives_never_overlap_the_patients_own_visits(clinic: Clinic) -> None:
    slots = await clinic.slots(16)
    own = await book(clinic, slots[4], patient=1)
    await hold(clinic, slots[5])
    taken = await hold(clinic, slots[5], patient=1)
    assert isinstance(taken, Taken)
    assert own.starts_at not in [slot.starts_at for slot in taken.alternatives]


async def test_a_hold_that_ran_out_is_taken_over_by_the_next(clinic: Clinic) -> None:
    slot = (await clinic.slots())[0]
    first = await hold(clinic, slot)
    assert isinstance(first, Held)
    await clinic.let_expire(first.appointment_id)
    assert slot in await clinic.slots()
    assert isinstance(await hold(clinic, slot, patient=1), Held)
    late = await confirm_hold(clinic, first)
    assert isinstance(late, Taken)
    assert late.alternatives


async def test_a_hold_that_ran_out_is_taken_again_if_nobody_wanted_it(clinic: Clinic) -> None:
    held = await hold(clinic, (await clinic.slots())[0])
    assert isinstance(held, Held)
    await clinic.let_expire(held.appointment_id)
    async with clinic.db.transaction() as tx:
        assert await locks.expire_holds(tx) == 1
        assert await locks.expire_holds(tx) == 0
    visit = await confirm_hold(clinic, held)
    assert isinstance(visit, Visit)
    assert await clinic.value("select count(*) from allocation where status = 'booked'") == 1


async def test_booking_the_same_hold_twice_books_once(clinic: Clinic) -> None:
    held = await hold(clinic, (await clinic.slots())[0])
    assert isinstance(held, Held)
    assert await confirm_hold(clinic, held) == await confirm_hold(clinic, held)
    assert await clinic.value("select count(*) from audit where action like '%:book'") == 1


async def test_a_new_hold_of_an_account_gives_its_old_one_back(clinic: Clinic) -> None:
    first, second = (await clinic.slots())[:2]
    await hold(clinic, first)
    await hold(clinic, second)
    assert first in await clinic.slots()
    assert await clinic.value("select count(*) from appointment where status = 'held'") == 1


async def test_a_released_hold_is_free_again_but_only_its_owner_releases_it(clinic: Clinic) -> None:
    slot = (await clinic.slots())[0]
    held = await hold(clinic, slot)
    assert isinstance(held, Held)
    async with clinic.db.transaction() as tx:
        await service.release_hold(tx, clinic.actor(1), held.appointment_id)
    assert slot not in await clinic.slots()
    async with clinic.db.transaction() as tx:
        await service.release_hold(tx, clinic.actor(), held.appointment_id)
    assert slot in await clinic.slots()


async def test_a_booked_visit_is_not_released(clinic: Clinic) -> None:
    visit = await book(clinic, (await clinic.slots())[0])
    async with clinic.db.transaction() as tx:
        await service.release_hold(tx, clinic.actor(), visit.id)
        assert await visits.read_visit(tx, clinic.actor(), visit.id, visit.version) == visit


async def test_forged_slots_are_taken_not_booked(clinic: Clinic) -> None:
    slot = (await clinic.slots())[2]
    hour, day = timedelta(hours=1), timedelta(days=1)
    forged = [
        replace(slot, starts_at=slot.starts_at + day * 60, ends_at=slot.ends_at + day * 60),
        replace(slot, starts_at=slot.starts_at - day * 60, ends_at=slot.ends_at - day * 60),
        replace(slot, starts_at=slot.starts_at + hour * 10, ends_at=slot.ends_at + hour * 10),
        replace(slot, starts_at=slot.starts_at + hour / 4, ends_at=slot.ends_at + hour / 4),
        replace(slot, ends_at=slot.ends_at + hour),
        replace(slot, service_id=999),
        replace(slot, site_id=999),
        replace(slot, practitioner_id=999),
    ]
    for one in forged:
        assert isinstance(await hold(clinic, one), Taken), one
    async with clinic.db.transaction() as tx:
        foreign = await service.hold_slot(tx, clinic.actor(0), slot, clinic.patients[1])
    assert foreign == Taken()
    assert await clinic.value("select count(*) from appointment") == 0
    slot_with_forged_room = replace(slot, resources=(clinic.doctors[0], 999))
    assert isinstance(await hold(clinic, slot_with_forged_room), Held)
    assert await clinic.value("select max(resource_id) from allocation") == clinic.doctors[0]


async def test_more_open_bookings_than_allowed_are_refused(clinic: Clinic) -> None:
    clinic.allowing(2)
    slots = await clinic.slots()
    await book(clinic, slots[0])
    await book(clinic, slots[1])
    assert await hold(clinic, slots[2]) == Refused("too_many", 2)
    async with clinic.db.transaction() as tx:
        by_desk = await service.hold_slot(tx, clinic.staff(), slots[2], clinic.patients[0])
    assert isinstance(by_desk, Held)


async def test_nobody_is_in_two_places_at_once(db: Database) -> None:
    clinic = await make(db, doctors=2)
    first = (await clinic.slots(doctor=clinic.doctors[0]))[0]
    second = (await clinic.slots(doctor=clinic.doctors[1]))[0]
    assert first.starts_at == second.starts_at
    await book(clinic, first)
    assert await hold(clinic, second) == Refused("own_overlap")


async def test_another_room_of_the_kind_serves_if_the_slots_own_is_taken(db: Database) -> None:
    clinic = await make(db, doctors=2, rooms=2)
    mine = (await clinic.slots(doctor=clinic.doctors[0]))[0]
    theirs = (await clinic.slots(doctor=clinic.doctors[1]))[0]
    assert mine.resources[1] == theirs.resources[1] == clinic.rooms[0]
    assert isinstance(await hold(clinic, theirs, patient=1), Held)
    assert isinstance(await hold(clinic, mine), Held)
    assert await clinic.value("select count(distinct resource_id) from allocation") == 4


async def test_without_a_free_room_there_is_no_slot(db: Database) -> None:
    clinic = await make(db, doctors=2, rooms=1)
    mine = (await clinic.slots(doctor=clinic.doctors[0]))[0]
    theirs = (await clinic.slots(doctor=clinic.doctors[1]))[0]
    assert isinstance(await hold(clinic, theirs, patient=1), Held)
    assert isinstance(await hold(clinic, mine), Taken)


async def test_buffers_keep_visits_apart(db: Database) -> None:
    clinic = await make(db, buffer_before=10, buffer_after=20, step=15)
    slots = await clinic.slots(32)
    await book(clinic, slots[8])
    free = {slot.starts_at - slots[8].starts_at for slot in await clinic.slots(32)}
    gaps = sorted(abs(gap) for gap in free)
    assert gaps[0] == timedelta(minutes=60)  # 30 visit, 20 after, 10 before
