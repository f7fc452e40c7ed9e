"""Somebody comes without a booking: the next free times of today, by the rules of every booking."""

from dataclasses import replace

from clinic.booking import rules
from clinic.booking.actor import Actor
from clinic.booking.search import read_board, read_rules
from clinic.booking.service import book_held, hold_slot
from clinic.booking.types import Held, Refused, Slot, Taken, Visit
from clinic.db import Tx
from clinic.reception.service import take_step

OFFERED = 8


async def free_today(
    tx: Tx, language: str, service_id: int, practitioner_id: int | None
) -> tuple[Slot, ...]:
    """The next starts of today that are free for a service, without any notice."""
    service = await read_rules(tx, language, service_id, practitioner_id)
    if service is None:
        return ()
    service = replace(service, offer=replace(service.offer, minimum_notice=0))
    board = await read_board(tx, service, service.today, 1)
    return rules.slots_of(rules.free(board), None, OFFERED)


async def book_now(tx: Tx, actor: Actor, slot: Slot, patient_id: int) -> Visit | Taken | Refused:
    """Book one of them for a patient who is there, and check them in: they get a number."""
    held = await hold_slot(tx, actor, slot, patient_id)
    if not isinstance(held, Held):
        return held
    visit = await book_held(tx, actor, held.appointment_id)
    if not isinstance(visit, Visit):
        return visit
    checked_in = await take_step(tx, actor, visit.id, visit.version, "arrived")
    assert isinstance(checked_in, Visit)  # nobody else knows of it yet
    return checked_in
