"""Holding, booking, moving and cancelling visits: the deeds, with what follows from them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking import visits
from clinic.booking.actor import Actor
from clinic.booking.locks import give_back
from clinic.booking.reminders import reminder_times
from clinic.booking.search import ServiceRules, read_rules
from clinic.booking.taking import allocated, secure, take_instead, taken, widened
from clinic.booking.types import Changed, Held, Refused, Slot, Taken, Visit
from clinic.booking.visits import Row
from clinic.db import Tx
from clinic.ids import new_key
from clinic.record.service import refresh
from clinic.waitlist.freed import note_freed
from clinic.waitlist.types import Cause
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

# What staff may say of a visit, by what it was. Who comes late after all undoes a no-show.
_NEXT: Mapping[str, tuple[str, ...]] = {
    "booked": ("arrived", "fulfilled", "noshow"),
    "arrived": ("fulfilled",),
    "noshow": ("arrived", "fulfilled"),
}
_TOLD = {  # to other systems, by what was done
    "book": Kind.APPOINTMENT_BOOKED,
    "move": Kind.APPOINTMENT_MOVED,
    "confirm": Kind.APPOINTMENT_CONFIRMED,
    "cancel": Kind.APPOINTMENT_CANCELLED,
    "arrived": Kind.APPOINTMENT_ARRIVED,
    "fulfilled": Kind.APPOINTMENT_FULFILLED,
    "noshow": Kind.APPOINTMENT_MISSED,
    "undo": Kind.APPOINTMENT_CORRECTED,
}
_HOLD = """
with held as (
  insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id,
    account_id, during, starts_at, ends_at, held_until)
  values ($1, $15, $2, $3, $4, $5, $6, tstzrange($7, $8), $7, $8,
    now() + make_interval(mins => $9)) on conflict do nothing returning id, held_until),
allocated as (
  insert into allocation (appointment_id, resource_id, during, status)
  select held.id, wanted.id, tstzrange($11, $12), 'held'
  from held, unnest($10::bigint[]) as wanted (id) on conflict do nothing returning id),
noted as (
  insert into audit (actor_kind, actor_id, action, subject_id)
  select $13::text, $14, $13::text || ':appointment:hold', id from held)
select id, held_until, (select count(*) from allocated) as resources from held
"""
# Of a hold that has not run out no resource changes hands, so its row's own lock is enough.
_BOOK = """
with booked as (
  update appointment
  set status = 'booked', version = version + 1, held_until = null, note = $2, updated_at = now()
  where id = $1 and status = 'held' and held_until > now() returning id, version, starts_at),
allocated as (
  update allocation l set status = 'booked' from booked
  where l.appointment_id = booked.id and l.status = 'held'),
reminded as (
  insert into timer (key, kind, due_at, useful_until, appointment_id, version)
  select format('reminder:%s:%s:%s', id, version, minutes), 'reminder', at, starts_at, id, version
  from booked, unnest($3::int[], $4::timestamptz[]) as due (minutes, at)),
noted as (
  insert into audit (actor_kind, actor_id, action, subject_id)
  select $5::text, $6, $5::text || ':appointment:book', id from booked)
select version, exists (select from webhook_endpoint where state = 'active') as heard from booked
"""


async def hold_slot(tx: Tx, actor: Actor, slot: Slot, patient_id: int) -> Held | Taken | Refused:
    """Keep a slot for a patient for `policy.hold_minutes`.

    A chat account holds one slot at a time: its earlier hold is given back.
    """
    service = await rules_for(tx, actor, slot)
    if service is None or not actor.acts_for(patient_id):
        return Taken()
    fresh = await secure(tx, actor, service, slot, patient_id)
    if not isinstance(fresh, Slot):
        return fresh
    held = await put_hold(tx, actor, service, fresh, patient_id, actor.settings.policy.hold_minutes)
    return held or await taken(tx, actor, service, fresh, patient_id)


async def put_hold(
    tx: Tx,
    actor: Actor,
    service: ServiceRules,
    slot: Slot,
    patient_id: int,
    minutes: int,
    status: Literal["held", "proposed"] = "held",
) -> Held | None:
    """Keep a slot that was secured; None: somebody took it who knows nothing of our locks."""
    row = await tx.fetchrow(
        _HOLD,
        new_key(),
        patient_id,
        slot.service_id,
        slot.site_id,
        slot.practitioner_id,
        actor.account_id,
        slot.starts_at,
        slot.ends_at,
        minutes,
        *allocated(service, slot),
        actor.kind,
        actor.id,
        status,
    )
    if row is None or row["resources"] < len(slot.resources):
        if row is not None:
            await give_back(tx, row["id"])
        return None
    zone = service.sites[slot.site_id].zone
    return Held(row["id"], row["held_until"].astimezone(zone))


async def book_held(
    tx: Tx, actor: Actor, appointment_id: int, note: str = ""
) -> Visit | Taken | Refused:
    """Turn a hold into a booking. One that ran out is taken again, if it still can be.

    Booking the same hold again changes nothing and answers the same.
    """
    row = await visits.read_row(tx, appointment_id)
    if row is None or not visits.may_see(row, actor):
        return Taken()
    sealed = actor.keys.seal(note.encode(), "appointment.note", row["key"]) if note else None
    booked = await tx.fetchrow(
        _BOOK, appointment_id, sealed, *_reminders(actor, row), actor.kind, actor.id
    )
    if booked is not None:
        if booked["heard"]:  # else it would be a trip to the database to tell nobody
            await _tell(tx, "book", row)
        return visits.to_visit({**row, "status": "booked", "version": booked["version"]}, actor)
    row = await visits.read_row(tx, appointment_id)
    assert row is not None
    if row["status"] == "booked":
        return visits.to_visit(row, actor)
    refusal = await _take_again(tx, actor, row)
    if refusal is not None:
        return refusal
    await tx.execute(
        """update appointment set version = version + 1, held_until = null, note = $2,
             updated_at = now() where id = $1""",
        appointment_id,
        sealed,
    )
    return await settled(tx, actor, "book", appointment_id)


async def _take_again(tx: Tx, actor: Actor, row: Row) -> Taken | Refused | None:
    """Book a hold that ran out as if it were new; None if that went well."""
    slot = await _slot_of(tx, row)
    service = await rules_for(tx, actor, slot)
    if service is None:
        return Taken()
    patient_id = row["patient_id"]
    if row["status"] not in ("held", "expired"):
        return await taken(tx, actor, service, slot, patient_id)
    fresh = await secure(tx, actor, service, slot, patient_id)
    if not isinstance(fresh, Slot):
        return fresh
    now = await _locked(tx, row["id"])  # the same hold may have been booked while we waited
    if now["status"] not in ("held", "expired") or not await take_instead(
        tx, service, fresh, row["id"]
    ):
        return await taken(tx, actor, service, fresh, patient_id)
    return None


async def release_hold(tx: Tx, actor: Actor, appointment_id: int) -> None:
    """Give a held slot back. What is no hold of the actor's stays as it is."""
    row = await tx.fetchrow(
        "select id, patient_id, account_id from appointment where id = $1 and status = 'held'",
        appointment_id,
    )
    if visits.may_see(row, actor):
        await give_back(tx, appointment_id, actor)


async def move_visit(
    tx: Tx, actor: Actor, appointment_id: int, version: int, slot: Slot
) -> Visit | Taken | Changed | Refused:
    """Give a booked visit another time, practitioner or site of its service; it keeps its id."""
    row = await visits.read_row(tx, appointment_id)
    if row is None or not visits.may_see(row, actor):
        return Changed(None)
    service = await rules_for(tx, actor, slot)
    if service is None or slot.service_id != row["service_id"]:
        return Taken()
    if not _still(row, version):
        return Changed(await visits.visit_now(tx, actor, appointment_id))
    notice = timedelta(minutes=row["cancel_notice"])
    if actor.kind == "patient" and row["now"] > row["starts_at"] - notice:
        return Refused("too_late")
    fresh = await secure(tx, actor, service, slot, row["patient_id"], own=appointment_id)
    if not isinstance(fresh, Slot):
        return fresh
    if not _still(await _locked(tx, appointment_id), version):  # changed while we waited
        return Changed(await visits.visit_now(tx, actor, appointment_id))
    if not await take_instead(tx, service, fresh, appointment_id):
        return await taken(tx, actor, service, fresh, row["patient_id"], appointment_id)
    await tx.execute(
        """update appointment set version = version + 1, confirmed_at = null, updated_at = now()
           where id = $1""",
        appointment_id,
    )
    await note_freed(tx, row, "moved")
    return await settled(tx, actor, "move", appointment_id)


async def cancel_visit(
    tx: Tx,
    actor: Actor,
    appointment_id: int,
    version: int,
    reason: str = "",
    cause: Cause = "cancel",
) -> Visit | Changed:
    """Cancel a visit that has not begun; its time will be offered to others.

    Later than the service's `cancel_notice` it is still cancelled, and so noted: a late
    cancellation frees more than a no-show does.
    """
    row = await visits.read_row(tx, appointment_id, lock=True)
    if row is None or not visits.may_see(row, actor):
        return Changed(None)
    if not _still(row, version):
        return Changed(await visits.visit_now(tx, actor, appointment_id))
    await tx.execute(
        """update appointment set status = 'cancelled', version = version + 1, cancel_reason = $2,
             updated_at = now() where id = $1""",
        appointment_id,
        actor.keys.seal(reason.encode(), "appointment.cancel_reason", row["key"])
        if reason
        else None,
    )
    await tx.execute(
        "update allocation set status = 'released' where appointment_id = $1", appointment_id
    )
    await note_freed(tx, row, cause)
    late = row["now"] > row["starts_at"] - timedelta(minutes=row["cancel_notice"])
    return await settled(tx, actor, "cancel", appointment_id, {"late": late})


async def confirm_visit(tx: Tx, actor: Actor, appointment_id: int, version: int) -> Visit | Changed:
    """The patient will come. The version stays: buttons under the same reminder remain good."""
    row = await visits.read_row(tx, appointment_id, lock=True)
    if row is None or not visits.may_see(row, actor):
        return Changed(None)
    if not _still(row, version):
        return Changed(await visits.visit_now(tx, actor, appointment_id))
    if row["confirmed_at"] is None:
        await tx.execute(
            "update appointment set confirmed_at = now(), updated_at = now() where id = $1",
            appointment_id,
        )
        await _note_deed(tx, actor, "confirm", appointment_id)
        await _tell(tx, "confirm", row)
    return visits.to_visit(await _locked(tx, appointment_id), actor)


async def set_status(
    tx: Tx,
    actor: Actor,
    appointment_id: int,
    version: int,
    status: Literal["arrived", "fulfilled", "noshow"],
) -> Visit | Changed:
    """Staff tell what became of a visit. Nobody is missed before the visit has begun."""
    row = await visits.read_row(tx, appointment_id, lock=True)
    if row is None or not visits.may_see(row, actor):
        return Changed(None)
    early = status == "noshow" and row["now"] < row["starts_at"]
    if row["version"] != version or early or status not in _NEXT.get(row["status"], ()):
        return Changed(await visits.visit_now(tx, actor, appointment_id))
    await tx.execute(
        """update appointment set status = $2, version = version + 1, updated_at = now()
           where id = $1""",
        appointment_id,
        status,
    )
    # Lists, segments and the last look before a message go by it: who came today is not missed.
    await refresh(tx, [row["patient_id"]])
    return await settled(tx, actor, status, appointment_id)


# Inside -------------------------------------------------------------------------------------------


async def rules_for(tx: Tx, actor: Actor, slot: Slot) -> ServiceRules | None:
    """The rules of the slot's service for an actor; None: it is not offered there."""
    service = await read_rules(tx, actor.language, slot.service_id)
    if service is None or slot.site_id not in service.sites:
        return None
    return widened(service, actor)


async def _slot_of(tx: Tx, row: Row) -> Slot:
    """What an appointment asks for, with the resources it last had."""
    resources = await tx.fetch(
        "select resource_id from allocation where appointment_id = $1 order by id", row["id"]
    )
    return Slot(
        row["service_id"],
        row["site_id"],
        "",
        row["practitioner_id"],
        "",
        row["starts_at"],
        row["ends_at"],
        tuple(one["resource_id"] for one in resources),
    )


async def _locked(tx: Tx, appointment_id: int) -> Row:
    """The row as it is once nobody else can change it. Appointments are never deleted."""
    row = await visits.read_row(tx, appointment_id, lock=True)
    assert row is not None
    return row


def _still(row: Row, version: int) -> bool:
    """Whether a visit is what the caller was shown, and has not begun."""
    known: bool = row["version"] == version and row["status"] == "booked"
    return known and row["starts_at"] > row["now"]


async def settled(
    tx: Tx,
    actor: Actor,
    deed: str,
    appointment_id: int,
    detail: Mapping[str, object] | None = None,
) -> Visit:
    """After a change: reminders of the new version only, an audit row, and the visit as it is."""
    row = await _locked(tx, appointment_id)
    await tx.execute(
        """update timer set state = 'skipped', reason = $2, settled_at = now()
           where appointment_id = $1 and kind = 'reminder' and state = 'waiting'""",
        appointment_id,
        deed,
    )
    if row["status"] == "booked":
        await tx.execute(
            """insert into timer (key, kind, due_at, useful_until, appointment_id, version)
               select format('reminder:%s:%s:%s', $1::bigint, $2::int, minutes), 'reminder', at, $3,
                      $1, $2 from unnest($4::int[], $5::timestamptz[]) as due (minutes, at)""",
            appointment_id,
            row["version"],
            row["starts_at"],
            *_reminders(actor, row),
        )
    await _note_deed(tx, actor, deed, appointment_id, detail)
    await _tell(tx, deed, row)
    return visits.to_visit(row, actor)


def _reminders(actor: Actor, row: Row) -> tuple[list[int], list[datetime]]:
    """The reminders of a visit: how many minutes before, and when that is."""
    times = reminder_times(
        row["starts_at"],
        row["reminders"],
        actor.settings.policy.quiet_hours,
        ZoneInfo(row["time_zone"]),
        row["now"],
        row["patient_zone"],
    )
    return [minutes for minutes, _ in times], [at for _, at in times]


async def _tell(tx: Tx, deed: str, row: Row) -> None:
    """Tell other systems which visit of whom it was."""
    if deed in _TOLD:
        ids = {"appointment_id": row["id"], "patient_id": row["patient_id"]}
        await announce(tx, _TOLD[deed], ids)


async def _note_deed(
    tx: Tx,
    actor: Actor,
    deed: str,
    appointment_id: int,
    detail: Mapping[str, Any] | None = None,
) -> None:
    action = f"{actor.kind}:appointment:{deed}"
    await record(tx, actor.kind, actor.id, action, appointment_id, detail)
