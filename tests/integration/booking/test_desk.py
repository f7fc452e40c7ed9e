"""What staff do with visits, and what is kept of it, on a real database."""

from dataclasses import replace
from datetime import timedelta

from clinic.booking import service, staff
from clinic.booking.types import Changed, Held, Taken, Visit
from clinic.db import Database
from clinic.reception.service import take_back, take_step
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from tests.integration.booking.clinic import Clinic, make
from tests.integration.booking.deeds import book, cancel, hold, move


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


async def test_who_came_was_missed_until_the_next_import(clinic: Clinic) -> None:
    """Lists, segments and the last look before a message go by the patient's summary."""
    visit = await book(clinic, (await clinic.slots())[0])
    desk, on = clinic.staff(), visit.starts_at.date()
    seen = "select last_visit_on, visit_count from patient_summary where patient_id = $1"
    async with clinic.db.transaction() as tx:
        person = await add_staff(tx, "Yamada", Role.STAFF)
        assert isinstance(person, Staff)
        desk = replace(desk, id=person.id)
        assert isinstance(await take_step(tx, desk, visit.id, visit.version, "arrived"), Visit)
        assert tuple(await tx.fetchrow(seen, visit.patient_id)) == (on, 1)
        assert await take_back(tx, desk, visit.id)
        assert tuple(await tx.fetchrow(seen, visit.patient_id)) == (None, 0)


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
