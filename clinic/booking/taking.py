"""Taking a slot: under locks, as it is free at that moment, all its resources or none.

Whoever takes resources first takes the advisory locks of all that might serve, in one order, so
that two takers never wait for each other crosswise; what is free is read after that. The database's
constraints forbid an overlap even to a writer who knows nothing of these locks.
"""

from datetime import timedelta

import asyncpg

from clinic.booking.actor import Actor
from clinic.booking.hours import minute_after, minute_of
from clinic.booking.locks import expire, take_locks
from clinic.booking.search import (
    Ignoring,
    Periods,
    ServiceRules,
    find_offered,
    still_offered,
)
from clinic.booking.types import Refused, Slot, Taken
from clinic.db import Tx


async def secure(
    tx: Tx,
    actor: Actor,
    service: ServiceRules,
    slot: Slot,
    patient_id: int,
    own: int | None = None,
) -> Slot | Taken | Refused:
    """The slot as this patient can have it, and nobody else until the transaction ends.

    `own` is the visit that would give its time up. Who comes too late is told so without waiting
    for the locks, which keeps them free for those who can still win.
    """
    but = Ignoring(own, actor.account_id)
    patient_busy = await _patient_busy(tx, actor, slot, patient_id, but)
    if isinstance(patient_busy, Refused):
        return patient_busy
    found = await find_offered(tx, service, slot, but, patient_busy)
    if not isinstance(found, Slot):
        return Taken(found)
    await take_locks(tx, service, slot, patient_id)
    await expire(tx, service, patient_id, actor.account_id)
    patient_busy = await _patient_busy(tx, actor, slot, patient_id, but)
    if isinstance(patient_busy, Refused):
        return patient_busy
    fresh = await still_offered(tx, service, slot, but, patient_busy)
    return fresh or await taken(tx, service, slot, but, patient_busy)


async def taken(
    tx: Tx, service: ServiceRules, slot: Slot, but: Ignoring, patient_busy: Periods = ()
) -> Taken:
    """Somebody was quicker: the nearest others."""
    found = await find_offered(tx, service, slot, but, patient_busy)
    return Taken((found,) if isinstance(found, Slot) else found)


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
            await allocate(tx, appointment_id, service, slot, "booked")
    except asyncpg.ExclusionViolationError:
        return False
    return True


async def allocate(
    tx: Tx, appointment_id: int, service: ServiceRules, slot: Slot, status: str
) -> None:
    """Take every resource of a slot, with the service's buffers around it."""
    await tx.execute(
        """insert into allocation (appointment_id, resource_id, during, status)
           select $1, id, tstzrange($3, $4), $5 from unnest($2::bigint[]) as wanted (id)""",
        appointment_id,
        list(slot.resources),
        slot.starts_at - timedelta(minutes=service.offer.buffer_before),
        slot.ends_at + timedelta(minutes=service.offer.buffer_after),
        status,
    )


async def _patient_busy(
    tx: Tx, actor: Actor, slot: Slot, patient_id: int, but: Ignoring
) -> Periods | Refused:
    """When the patient has other visits, or why these forbid one more."""
    rows = await tx.fetch(
        """select starts_at, ends_at from appointment
           where patient_id = $1 and ends_at > now() and id <> $2 and (status = 'booked'
             or status = 'held' and held_until > now()
                and (account_id = $3::bigint) is not true)""",
        patient_id,
        but.appointment_id or 0,
        but.holds_of,
    )
    limit = actor.settings.policy.open_bookings
    if actor.kind == "patient" and but.appointment_id is None and len(rows) >= limit:
        return Refused("too_many", limit)
    if any(row["starts_at"] < slot.ends_at and slot.starts_at < row["ends_at"] for row in rows):
        return Refused("own_overlap")
    return tuple((minute_of(row["starts_at"]), minute_after(row["ends_at"])) for row in rows)
