"""Answers of the booking domain to the requests of flows."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.booking import search, service, visits
from clinic.booking.actor import Actor
from clinic.booking.types import Changed, Held, Refused, Taken
from clinic.db import Tx
from flows import effects, events


def actor_of(asker: Asker) -> Actor:
    """The asker as the booking domain knows it."""
    return Actor(
        "patient",
        asker.account_id,
        asker.language,
        asker.settings,
        asker.keys,
        frozenset(asker.patient_ids),
        frozenset(patient.id for patient in asker.patients if patient.proven),
        asker.scope.appointment_id if asker.scope else None,
    )


async def list_services(tx: Tx, asker: Asker, _: effects.ListServices) -> events.Answer:
    """What can be booked."""
    return events.ServicesListed(await search.list_services(tx, asker.language))


async def list_practitioners(
    tx: Tx, asker: Asker, what: effects.ListPractitioners
) -> events.Answer:
    """Who offers the service."""
    return events.PractitionersListed(
        await search.list_practitioners(tx, what.service_id, asker.language)
    )


async def find_days(tx: Tx, asker: Asker, what: effects.FindDays) -> events.Answer:
    """Days with something free."""
    days, more = await search.find_days(
        tx,
        asker.language,
        what.service_id,
        what.practitioner_id,
        what.from_on,
        what.limit,
        await _own(tx, asker, what.moving),
    )
    return events.DaysFound(days, more)


async def find_slots(tx: Tx, asker: Asker, what: effects.FindSlots) -> events.Answer:
    """Free slots of a day, or the first ones there are."""
    slots = await search.find_slots(
        tx,
        asker.language,
        what.service_id,
        what.practitioner_id,
        what.on,
        what.limit,
        await _own(tx, asker, what.moving),
    )
    return events.SlotsFound(slots)


async def hold_slot(tx: Tx, asker: Asker, what: effects.HoldSlot) -> events.Answer:
    """The slot, kept for a few minutes."""
    match await service.hold_slot(tx, actor_of(asker), what.slot, what.patient_id):
        case Held(appointment_id, until):
            return events.SlotHeld(appointment_id, until)
        case refusal:
            return _refusal(refusal)


async def book_held(tx: Tx, asker: Asker, what: effects.BookHeld) -> events.Answer:
    """The hold as a visit."""
    match await service.book_held(tx, actor_of(asker), what.appointment_id, what.note):
        case Taken() | Refused() as refusal:
            return _refusal(refusal)
        case visit:
            return events.VisitBooked(visit)


async def list_visits(tx: Tx, asker: Asker, _: effects.ListVisits) -> events.Answer:
    """Coming visits of everybody the account speaks for."""
    return events.VisitsListed(await visits.list_visits(tx, actor_of(asker)))


async def read_visit(tx: Tx, asker: Asker, what: effects.ReadVisit) -> events.Answer:
    """One visit, if it is still as it was shown."""
    match await visits.read_visit(tx, actor_of(asker), what.appointment_id, what.version):
        case Changed(now):
            return events.VisitChanged(now)
        case visit:
            return events.VisitsListed((visit,))


async def move_visit(tx: Tx, asker: Asker, what: effects.MoveVisit) -> events.Answer:
    """The visit at another time."""
    match await service.move_visit(
        tx, actor_of(asker), what.appointment_id, what.version, what.slot
    ):
        case Changed(now):
            return events.VisitChanged(now)
        case Taken() | Refused() as refusal:
            return _refusal(refusal)
        case visit:
            return events.VisitMoved(visit)


async def cancel_visit(tx: Tx, asker: Asker, what: effects.CancelVisit) -> events.Answer:
    """The visit, cancelled."""
    match await service.cancel_visit(
        tx, actor_of(asker), what.appointment_id, what.version, what.reason
    ):
        case Changed(now):
            return events.VisitChanged(now)
        case visit:
            return events.VisitCancelled(visit)


async def confirm_visit(tx: Tx, asker: Asker, what: effects.ConfirmVisit) -> events.Answer:
    """The visit, which the patient says they will come to."""
    match await service.confirm_visit(tx, actor_of(asker), what.appointment_id, what.version):
        case Changed(now):
            return events.VisitChanged(now)
        case visit:
            return events.VisitConfirmed(visit)


async def release_hold(tx: Tx, asker: Asker, what: effects.ReleaseHold) -> None:
    """Give a held slot back."""
    await service.release_hold(tx, actor_of(asker), what.appointment_id)


def _refusal(refusal: Taken | Refused) -> events.Answer:
    if isinstance(refusal, Taken):
        return events.SlotTaken(refusal.alternatives)
    return events.BookingRefused(refusal.reason, refusal.limit)


async def _own(tx: Tx, asker: Asker, appointment_id: int | None) -> int | None:
    """The appointment to be moved, if it is the asker's: nobody else's time is shown as free."""
    if appointment_id is None:
        return None
    visit = await visits.visit_now(tx, actor_of(asker), appointment_id)
    return visit.id if visit else None


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    effects.ListServices: list_services,
    effects.ListPractitioners: list_practitioners,
    effects.FindDays: find_days,
    effects.FindSlots: find_slots,
    effects.HoldSlot: hold_slot,
    effects.BookHeld: book_held,
    effects.ListVisits: list_visits,
    effects.ReadVisit: read_visit,
    effects.MoveVisit: move_visit,
    effects.CancelVisit: cancel_visit,
    effects.ConfirmVisit: confirm_visit,
}
DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {
    effects.ReleaseHold: release_hold,
}
