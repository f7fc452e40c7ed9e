"""The booking domain's answers to the requests of flows."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.answers.asker import Asker
from bot.answers.booking import ANSWERS, DEEDS
from clinic.db import Database
from clinic.patient.types import PatientOption
from flows import effects, events
from tests.integration.booking.clinic import KEYS, TOKYO, Clinic, make


async def asker_of(clinic: Clinic, patient: int = 0) -> Asker:
    now = await clinic.value("select now()")
    assert isinstance(now, datetime)
    who = PatientOption(clinic.patients[patient], f"Patient {patient}", "self", True)
    account = clinic.accounts[patient]
    return Asker(account, 1, "en", (who,), now.astimezone(TOKYO), clinic.settings, KEYS)


async def ask(clinic: Clinic, what: Any, patient: int = 0) -> Any:
    asker = await asker_of(clinic, patient)
    async with clinic.db.transaction() as tx:
        answer = await ANSWERS[type(what)](tx, asker, what)
    assert isinstance(answer, what.answers)
    return answer


async def test_a_visit_is_found_booked_moved_confirmed_and_cancelled(db: Database) -> None:
    clinic = await make(db)
    service = (await ask(clinic, effects.ListServices())).services[0]
    doctor = (await ask(clinic, effects.ListPractitioners(service.id))).practitioners[0]
    day = (await ask(clinic, effects.FindDays(service.id, doctor.id, clinic.day(3), 1))).days[0]
    assert day.on == clinic.day(3)
    slots = (await ask(clinic, effects.FindSlots(service.id, None, day.on, 4))).slots
    held = await ask(clinic, effects.HoldSlot(slots[0], clinic.patients[0]))
    visit = (await ask(clinic, effects.BookHeld(held.appointment_id, "a note"))).visit
    assert (await ask(clinic, effects.ListVisits())).visits == (visit,)
    assert (await ask(clinic, effects.ReadVisit(visit.id, visit.version))).visits == (visit,)
    move = effects.MoveVisit(visit.id, visit.version, slots[2])
    moved = (await ask(clinic, move)).visit
    assert moved.starts_at == slots[2].starts_at
    assert await ask(clinic, move) == events.VisitChanged(moved)
    assert await ask(clinic, effects.ReadVisit(visit.id, 1)) == events.VisitChanged(moved)
    confirmed = await ask(clinic, effects.ConfirmVisit(visit.id, moved.version))
    assert confirmed == events.VisitConfirmed(replace(moved, confirmed=True))
    assert isinstance(await ask(clinic, effects.ConfirmVisit(visit.id, 1)), events.VisitChanged)
    cancel = effects.CancelVisit(visit.id, moved.version, "other")
    assert (await ask(clinic, cancel)).visit.status == "cancelled"
    assert isinstance(await ask(clinic, cancel), events.VisitChanged)


async def test_what_cannot_be_is_told_as_an_answer(db: Database) -> None:
    clinic = await make(db)
    slots = await clinic.slots()
    held = await ask(clinic, effects.HoldSlot(slots[0], clinic.patients[0]))
    taken = await ask(clinic, effects.HoldSlot(slots[0], clinic.patients[1]), patient=1)
    assert isinstance(taken, events.SlotTaken)
    assert taken.alternatives
    visit = (await ask(clinic, effects.BookHeld(held.appointment_id, ""))).visit
    overlap = await ask(clinic, effects.HoldSlot(slots[0], clinic.patients[0]))
    assert overlap == events.BookingRefused("own_overlap")
    assert await ask(clinic, effects.BookHeld(999, "")) == events.SlotTaken(())
    foreign = effects.MoveVisit(visit.id, visit.version, slots[1])
    assert await ask(clinic, foreign, patient=1) == events.VisitChanged(None)
    other = await ask(clinic, effects.HoldSlot(slots[1], clinic.patients[1]), patient=1)
    assert isinstance(other, events.SlotHeld)
    move = effects.MoveVisit(visit.id, visit.version, slots[1])
    assert isinstance(await ask(clinic, move), events.SlotTaken)


async def test_nobody_sees_anothers_time_as_free_by_claiming_to_move_it(db: Database) -> None:
    clinic = await make(db)
    slots = await clinic.slots()
    held = await ask(clinic, effects.HoldSlot(slots[0], clinic.patients[0]))
    visit = (await ask(clinic, effects.BookHeld(held.appointment_id, ""))).visit
    find = effects.FindSlots(clinic.service, None, clinic.day(3), 1, moving=visit.id)
    assert (await ask(clinic, find)).slots[0].starts_at == slots[0].starts_at
    assert (await ask(clinic, find, patient=1)).slots[0].starts_at == slots[1].starts_at


async def test_a_hold_is_released(db: Database) -> None:
    clinic = await make(db)
    slots = await clinic.slots()
    held = await ask(clinic, effects.HoldSlot(slots[0], clinic.patients[0]))
    asker = await asker_of(clinic)
    async with db.transaction() as tx:
        await DEEDS[effects.ReleaseHold](tx, asker, effects.ReleaseHold(held.appointment_id))
    assert await clinic.slots() == slots
