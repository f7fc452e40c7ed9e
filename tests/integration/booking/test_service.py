"""Holding, booking, moving and cancelling, on a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.booking import locks, search, service, staff, visits
from clinic.booking.types import Changed, Held, Refused, Slot, Taken, Visit
from clinic.db import Database
from tests.integration.booking.clinic import Clinic, add_resource, make


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await make(db)


async def hold(clinic: Clinic, slot: Slot, patient: int = 0) -> Held | Taken | Refused:
    async with clinic.db.transaction() as tx:
        return await service.hold_slot(tx, clinic.actor(patient), slot, clinic.patients[patient])


async def book(clinic: Clinic, slot: Slot, patient: int = 0, note: str = "") -> Visit:
    held = await hold(clinic, slot, patient)
    assert isinstance(held, Held), held
    async with clinic.db.transaction() as tx:
        visit = await service.book_held(tx, clinic.actor(patient), held.appointment_id, note)
    assert isinstance(visit, Visit), visit
    return visit


async def confirm_hold(clinic: Clinic, held: Held, patient: int = 0) -> Visit | Taken | Refused:
    async with clinic.db.transaction() as tx:
        return await service.book_held(tx, clinic.actor(patient), held.appointment_id)


async def move(
    clinic: Clinic, visit: Visit, slot: Slot, patient: int = 0
) -> Visit | Taken | Changed | Refused:
    async with clinic.db.transaction() as tx:
        return await service.move_visit(tx, clinic.actor(patient), visit.id, visit.version, slot)


async def cancel(clinic: Clinic, visit: Visit, patient: int = 0) -> Visit | Changed:
    async with clinic.db.transaction() as tx:
        return await service.cancel_visit(
            tx, clinic.actor(patient), visit.id, visit.version, "feeling_better"
        )


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


async def test_moving_keeps_the_visit_and_frees_its_old_time(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    moved = await move(clinic, visit, slots[3])
    assert isinstance(moved, Visit)
    assert (moved.id, moved.version) == (visit.id, visit.version + 1)
    assert moved.starts_at == slots[3].starts_at
    free = await clinic.slots()
    assert slots[0] in free
    assert slots[3] not in free
    assert await clinic.value("select count(*) from allocation where status = 'booked'") == 1


async def test_a_visit_may_move_into_part_of_its_own_time(db: Database) -> None:
    clinic = await make(db, step=15)
    slots = await clinic.slots(4)
    visit = await book(clinic, slots[0])
    async with db.transaction() as tx:
        shown = await search.find_slots(
            tx, "en", clinic.service, None, slots[0].starts_at.date(), 2, moving=visit.id
        )
        days, _ = await search.find_days(
            tx, "en", clinic.service, None, slots[0].starts_at.date(), 1, moving=visit.id
        )
    assert [slot.starts_at for slot in shown] == [slots[0].starts_at, slots[1].starts_at]
    assert days[0].free == 31
    assert isinstance(await move(clinic, visit, slots[1]), Visit)


async def test_moving_to_a_taken_time_changes_nothing(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    await book(clinic, slots[1], patient=1)
    assert isinstance(await move(clinic, visit, slots[1]), Taken)
    async with clinic.db.transaction() as tx:
        assert await visits.read_visit(tx, clinic.actor(), visit.id, visit.version) == visit


async def test_a_stale_version_changes_nothing_and_shows_how_it_stands(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    moved = await move(clinic, visit, slots[1])
    assert isinstance(moved, Visit)
    assert await move(clinic, visit, slots[2]) == Changed(moved)
    assert await cancel(clinic, visit) == Changed(moved)
    async with clinic.db.transaction() as tx:
        assert await service.confirm_visit(tx, clinic.actor(), visit.id, visit.version) == Changed(
            moved
        )
        assert await visits.read_visit(tx, clinic.actor(), visit.id, visit.version) == Changed(
            moved
        )


async def test_nobody_touches_the_visit_of_another(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    stranger = clinic.actor(1)
    assert await move(clinic, visit, slots[1], patient=1) == Changed(None)
    assert await cancel(clinic, visit, patient=1) == Changed(None)
    async with clinic.db.transaction() as tx:
        version = visit.version
        assert await service.confirm_visit(tx, stranger, visit.id, version) == Changed(None)
        assert await visits.read_visit(tx, stranger, visit.id, version) == Changed(None)
        assert await service.book_held(tx, stranger, visit.id) == Taken()


async def test_an_unproven_account_sees_only_what_it_booked_itself(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    helper = replace(clinic.actor(1, 0, proven=False))
    async with clinic.db.transaction() as tx:
        assert await visits.list_visits(tx, helper) == ()
        assert await service.cancel_visit(tx, helper, visit.id, visit.version) == Changed(None)
        assert await visits.list_visits(tx, clinic.actor(1, 0)) == (visit,)
        assert await visits.list_visits(tx, clinic.actor(0, proven=False)) == (visit,)


async def test_a_cancelled_visit_frees_its_time_and_its_reason_is_sealed(clinic: Clinic) -> None:
    slot = (await clinic.slots())[0]
    visit = await book(clinic, slot, note="my knee")
    gone = await cancel(clinic, visit)
    assert isinstance(gone, Visit)
    assert (gone.status, gone.version) == ("cancelled", visit.version + 1)
    assert slot in await clinic.slots()
    reason = await clinic.value("select cancel_reason from appointment")
    note = await clinic.value("select note from appointment")
    assert isinstance(reason, bytes)
    assert isinstance(note, bytes)
    assert b"better" not in reason
    assert b"knee" not in note
    async with clinic.db.transaction() as tx:
        assert await staff.read_note(tx, clinic.staff(), visit.id) == "my knee"
    assert await cancel(clinic, gone) == Changed(gone)


async def test_moving_is_refused_after_the_notice_but_cancelling_is_only_noted(
    db: Database,
) -> None:
    clinic = await make(db, cancel_notice=30 * 24 * 60)
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    assert await move(clinic, visit, slots[1]) == Refused("too_late")
    async with db.transaction() as tx:
        by_desk = await service.move_visit(tx, clinic.staff(), visit.id, visit.version, slots[1])
    assert isinstance(by_desk, Visit)
    assert isinstance(await cancel(clinic, by_desk), Visit)
    assert (
        await clinic.value(
            "select detail ->> 'late' from audit where action = 'patient:appointment:cancel'"
        )
        == "true"
    )


async def test_confirming_keeps_the_version_and_moving_takes_it_back(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0])
    async with clinic.db.transaction() as tx:
        confirmed = await service.confirm_visit(tx, clinic.actor(), visit.id, visit.version)
        again = await service.confirm_visit(tx, clinic.actor(), visit.id, visit.version)
    assert confirmed == again == replace(visit, confirmed=True)
    moved = await move(clinic, visit, slots[1])
    assert isinstance(moved, Visit)
    assert not moved.confirmed


async def test_reminders_follow_the_visit(clinic: Clinic) -> None:
    async def waiting() -> list[tuple[str, bool]]:
        async with clinic.db.transaction() as tx:
            rows = await tx.fetch(
                """select t.key, t.useful_until = a.starts_at as useful from timer t
                   join appointment a on a.id = t.appointment_id
                   where t.state = 'waiting' and t.version = a.version order by t.due_at"""
            )
        return [(row["key"], row["useful"]) for row in rows]

    slots = await clinic.slots(10)
    visit = await book(clinic, slots[6])
    name = f"reminder:{visit.id}:{visit.version}"
    assert await waiting() == [(f"{name}:1440", True), (f"{name}:120", True)]
    moved = await move(clinic, visit, slots[8])
    assert isinstance(moved, Visit)
    name = f"reminder:{visit.id}:{moved.version}"
    assert await waiting() == [(f"{name}:1440", True), (f"{name}:120", True)]
    await cancel(clinic, moved)
    assert await waiting() == []
    assert await clinic.value("select count(*) from timer where state = 'waiting'") == 0


async def test_staff_say_what_became_of_a_visit(clinic: Clinic) -> None:
    visit = await book(clinic, (await clinic.slots())[0])
    desk = clinic.staff()
    async with clinic.db.transaction() as tx:
        too_soon = await service.set_status(tx, desk, visit.id, visit.version, "noshow")
        assert too_soon == Changed(replace(visit))
        arrived = await service.set_status(tx, desk, visit.id, visit.version, "arrived")
        assert isinstance(arrived, Visit)
        stale = await service.set_status(tx, desk, visit.id, visit.version, "fulfilled")
        assert stale == Changed(arrived)
        done = await service.set_status(tx, desk, visit.id, arrived.version, "fulfilled")
        assert isinstance(done, Visit)
        again = await service.set_status(tx, desk, visit.id, done.version, "arrived")
        assert again == Changed(done)
        assert await service.set_status(tx, desk, 999, 1, "arrived") == Changed(None)


async def test_every_deed_leaves_one_audit_row_without_words(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0], note="secret words")
    moved = await move(clinic, visit, slots[1])
    assert isinstance(moved, Visit)
    await cancel(clinic, moved)
    async with clinic.db.transaction() as tx:
        rows = await tx.fetch("select * from audit order by id")
    deeds = [row["action"].removeprefix("patient:appointment:") for row in rows]
    assert deeds == ["hold", "book", "move", "cancel"]
    assert {row["actor_id"] for row in rows} == {clinic.accounts[0]}
    assert {row["subject_id"] for row in rows} == {visit.id}


async def test_time_that_staff_close_is_not_offered_and_who_stands_in_it_is_named(
    clinic: Clinic,
) -> None:
    slots = await clinic.slots(16)
    visit = await book(clinic, slots[0])
    on = slots[0].starts_at.date()
    desk = clinic.staff()
    async with clinic.db.transaction() as tx:
        closed, standing = await staff.close_time(
            tx, desk, on, clinic.doctors[0], opens_at="09:15", closes_at="10:15"
        )
    assert standing == (visit.id,)
    assert [slot.starts_at.strftime("%H:%M") for slot in await clinic.slots(2)] == [
        "10:30",
        "11:00",
    ]
    assert isinstance(await hold(clinic, slots[1], patient=1), Taken)
    async with clinic.db.transaction() as tx:
        assert await staff.reopen_time(tx, desk, closed)
        assert not await staff.reopen_time(tx, desk, closed)
    assert isinstance(await hold(clinic, slots[1], patient=1), Held)
    async with clinic.db.transaction() as tx:
        _, all_day = await staff.close_time(tx, desk, on, None, clinic.site)
    assert visit.id in all_day
    assert await clinic.slots() == []


async def test_the_day_sheet_shows_who_comes_where(db: Database) -> None:
    clinic = await make(db, doctors=2, rooms=2)
    first = await book(clinic, (await clinic.slots(doctor=clinic.doctors[1]))[0])
    second = await book(
        clinic, (await clinic.slots(doctor=clinic.doctors[0]))[1], patient=1, note="n"
    )
    await hold(clinic, (await clinic.slots())[3])
    async with db.transaction() as tx:
        rows = await staff.day_sheet(tx, first.starts_at.date(), "en")
        mine = await staff.day_sheet(tx, first.starts_at.date(), "en", clinic.doctors[1])
        other_day = await staff.day_sheet(tx, first.starts_at.date() + timedelta(days=1), "en")
    assert [row.id for row in rows] == [second.id, first.id]
    assert [row.id for row in mine] == [first.id]
    assert other_day == ()
    assert (rows[0].patient_name, rows[0].practitioner_name) == ("Patient 1", "d0")
    assert (rows[0].rooms, rows[0].has_note, rows[1].has_note) == (("r0",), True, False)
    assert rows[0].starts_at == second.starts_at


async def test_names_come_in_the_language_asked_for_else_in_english(clinic: Clinic) -> None:
    async with clinic.db.transaction() as tx:
        assert [one.name for one in await search.list_services(tx, "ja")] == ["診察"]
        assert [one.name for one in await search.list_services(tx, "ru")] == ["Visit"]
        assert [one.name for one in await search.list_practitioners(tx, clinic.service, "ja")] == [
            "d0"
        ]
    assert search.in_language({"ja": "次"}, "ru") == "次"
    assert search.in_language({}, "ru") == ""


async def test_what_is_not_offered_any_more_has_no_slots(clinic: Clinic) -> None:
    slots = await clinic.slots()
    held = await hold(clinic, slots[0])
    assert isinstance(held, Held)
    visit = await book(clinic, slots[1], patient=1)
    await clinic.value("update service set active = false returning id")
    assert await clinic.slots() == []
    assert await hold(clinic, slots[2]) == Taken()
    assert await move(clinic, visit, slots[2], patient=1) == Taken()
    assert isinstance(await confirm_hold(clinic, held), Visit)  # it was promised
    await clinic.value(
        "update appointment set status = 'expired' where id = $1 returning id", held.appointment_id
    )
    assert await confirm_hold(clinic, held) == Taken()
    async with clinic.db.transaction() as tx:
        assert await search.list_services(tx, "en") == ()
        assert await search.list_practitioners(tx, clinic.service, "en") == ()
        on = clinic.day(1)
        assert await search.find_days(tx, "en", clinic.service, None, on, 5) == ((), False)


async def test_days_end_at_the_horizon(clinic: Clinic) -> None:
    async with clinic.db.transaction() as tx:
        days, more = await search.find_days(tx, "en", clinic.service, None, clinic.day(29), 5)
        beyond = await search.find_days(tx, "en", clinic.service, None, clinic.day(31), 5)
        first, later = await search.find_days(tx, "en", clinic.service, None, clinic.day(1), 2)
    assert [day.free for day in days] == [16, 16]
    assert not more
    assert beyond == ((), False)
    assert [day.free for day in first] == [16, 16]
    assert later
    assert await clinic.slots(ahead=31) == []


async def test_a_room_that_serves_less_elsewhere_is_used_first(db: Database) -> None:
    clinic = await make(db, rooms=2)
    async with db.transaction() as tx:
        other = await tx.fetchval(
            """insert into service (code, name, duration) values ('other', '{}'::jsonb, 30)
               returning id"""
        )
        await tx.execute(
            "insert into service_resource (service_id, resource_id) values ($1, $2)",
            other,
            clinic.rooms[0],
        )
        await add_resource(tx, "x1", "device", None, clinic.service)
    slot = (await clinic.slots())[0]
    assert clinic.rooms[1] in slot.resources
    assert len(slot.resources) == 3
