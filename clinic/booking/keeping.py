"""Keeping a time while several people are asked whether they want it: the first yes has it."""

from clinic.booking.actor import Actor
from clinic.booking.service import put_hold, rules_for, settled
from clinic.booking.taking import secure, take_instead, taken
from clinic.booking.types import Refused, Slot, Taken, Visit
from clinic.db import Tx

NOBODY = 0  # no patient has this id


async def keep_slot(tx: Tx, actor: Actor, slot: Slot, patient_id: int, minutes: int) -> int | None:
    """Keep a slot that nobody has yet, so that nobody else books it; None: it is not free.

    The row needs some patient: that of whoever gave the time free. It takes none of their time.
    """
    service = await rules_for(tx, actor, slot)
    if service is None:
        return None
    fresh = await secure(tx, actor, service, slot, NOBODY)
    if not isinstance(fresh, Slot):
        return None
    held = await put_hold(tx, actor, service, fresh, patient_id, minutes, "proposed")
    return held.appointment_id if held else None


async def book_kept(
    tx: Tx, actor: Actor, appointment_id: int, slot: Slot, patient_id: int, account_id: int
) -> Visit | Taken | Refused:
    """Book a kept slot for one of those who were asked. Once it is booked, nobody else can.

    Taken: the clinic cannot offer it any more. Refused: the patient has another visit then.
    """
    service = await rules_for(tx, actor, slot)
    if service is None:
        return Taken()
    fresh = await secure(tx, actor, service, slot, patient_id, own=appointment_id)
    if not isinstance(fresh, Slot):
        return fresh
    mine = await tx.fetchval(
        """update appointment set patient_id = $2, account_id = $3, version = version + 1,
             held_until = null, updated_at = now()
           where id = $1 and status = 'proposed' and held_until > now() returning id""",
        appointment_id,
        patient_id,
        account_id,
    )
    if mine is None or not await take_instead(tx, service, fresh, appointment_id):
        return Taken()
    return await settled(tx, actor, "book", appointment_id)


async def nearest_others(tx: Tx, actor: Actor, slot: Slot, patient_id: int) -> tuple[Slot, ...]:
    """What else the patient could book, nearest to a slot that is not to be had."""
    service = await rules_for(tx, actor, slot)
    if service is None:
        return ()
    return (await taken(tx, actor, service, slot, patient_id)).alternatives
