"""What patients do with visits, each in a transaction of its own."""

from clinic.booking import service
from clinic.booking.types import Changed, Held, Refused, Slot, Taken, Visit
from tests.integration.booking.clinic import Clinic


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
