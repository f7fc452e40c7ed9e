"""Taking a slot: under locks, as it is free at that moment, all its resources or none.

Whoever takes resources first takes the advisory locks of all that might serve, in one order, so
that two takers never wait for each other crosswise; what is free is read after that. The database's
constraints forbid an overlap even to a writer who knows nothing of these locks.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg

from clinic.booking import rules
from clinic.booking.actor import Actor
from clinic.booking.hours import minute_after, minute_of
from clinic.booking.locks import expire, take_locks
from clinic.booking.search import (
    Ignoring,
    ServiceRules,
    nearby_board,
    whole_board,
)
from clinic.booking.types import Refused, Slot, Taken
from clinic.db import Tx

DESK_HORIZON = 366  # days ahead that the desk books at least


def widened(service: ServiceRules, actor: Actor) -> ServiceRules:
    """The rules for an actor: no notice but for patients, and the desk's own horizon."""
    offer = service.offer
    if actor.kind == "staff":
        offer = replace(offer, horizon_days=max(offer.horizon_days, DESK_HORIZON))
    if actor.kind != "patient":
        offer = replace(offer, minimum_notice=0)
    return replace(service, offer=offer)


async def secure(
    tx: Tx,
    actor: Actor,
    service: ServiceRules,
    slot: Slot,
    patient_id: int,
    own: int | None = None,
) -> Slot | Taken | Refused:
    """The slot as this patient can have it, and nobody else until the transaction ends.

    `own` is the visit that would give its time up. The locks come before anything is looked at:
    whoever waits for them waits in a queue, and who has them is not slowed by the others' looking.
    """
    await take_locks(tx, service, slot, patient_id)
    but = Ignoring(own, actor.account_id)
    board = await nearby_board(tx, service, slot, but, patient_id)
    refused = _refusal(actor, board, slot, own)
    if refused is not None:
        return refused
    found = rules.free(board)
    fresh = rules.offered(found, slot)
    if fresh is None:
        return await _nearest(tx, service, found, slot, but, patient_id)
    if board.dead_holds:
        await expire(tx, service, patient_id, actor.account_id)
    return fresh


async def taken(
    tx: Tx, actor: Actor, service: ServiceRules, slot: Slot, patient_id: int, own: int | None = None
) -> Taken:
    """Somebody was quicker: the nearest others."""
    but = Ignoring(own, actor.account_id)
    found = rules.free(await nearby_board(tx, service, slot, but, patient_id))
    return await _nearest(tx, service, found, slot, but, patient_id)


async def take_instead(tx: Tx, service: ServiceRules, slot: Slot, appointment_id: int) -> bool:
    """Book a slot for an appointment in place of what it had; False: the database forbids it."""
    try:
        async with tx.transaction():
            await tx.execute(
                "update allocation set status = 'released' where appointment_id = $1",
                appointment_id,
            )
            await tx.execute(
                """update appointment set status = 'booked', site_id = $2, practitioner_id = $3,
                     during = tstzrange($4, $5), starts_at = $4, ends_at = $5 where id = $1""",
                appointment_id,
                slot.site_id,
                slot.practitioner_id,
                slot.starts_at,
                slot.ends_at,
            )
            await tx.execute(
                """insert into allocation (appointment_id, resource_id, during, status)
                   select $1, id, tstzrange($3, $4), 'booked'
                   from unnest($2::bigint[]) as wanted (id)""",
                appointment_id,
                *allocated(service, slot),
            )
    except asyncpg.ExclusionViolationError:
        return False
    return True


def allocated(service: ServiceRules, slot: Slot) -> tuple[list[int], datetime, datetime]:
    """What a slot takes: its resources, from when to when with the service's buffers."""
    return (
        list(slot.resources),
        slot.starts_at - timedelta(minutes=service.offer.buffer_before),
        slot.ends_at + timedelta(minutes=service.offer.buffer_after),
    )


async def _nearest(
    tx: Tx, service: ServiceRules, found: rules.Free, slot: Slot, but: Ignoring, patient_id: int
) -> Taken:
    """What is free nearby, or if that is nothing, anywhere up to the horizon."""
    near = rules.nearest(found, slot)
    if not near:
        found = rules.free(await whole_board(tx, service, but, patient_id))
        near = rules.nearest(found, slot)
    return Taken(near)


def _refusal(actor: Actor, board: rules.Board, slot: Slot, own: int | None) -> Refused | None:
    """Why the patient's other visits forbid this one, if they do."""
    limit = actor.settings.policy.open_bookings
    if actor.kind == "patient" and own is None and len(board.patient_busy) >= limit:
        return Refused("too_many", limit)
    begin, end = minute_of(slot.starts_at), minute_after(slot.ends_at)
    if any(begins < end and begin < ends for begins, ends in board.patient_busy):
        return Refused("own_overlap")
    return None
