"""Moving, cancelling and confirming a visit, on a real database."""

from dataclasses import replace

from clinic.booking import search, service, staff, visits
from clinic.booking.types import Changed, Refused, Taken, Visit
from clinic.db import Database
from tests.integration.booking.clinic import Clinic, make
from tests.integration.booking.deeds import book, cancel, move


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
