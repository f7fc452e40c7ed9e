"""Booking and moving by hand: a time that somebody pointed at, by the same rules as in the chat."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.booking import rules, visits
from clinic.booking.actor import Actor
from clinic.booking.refusal import Reason, why_not
from clinic.booking.search import Ignoring, nearby_board, read_board, read_rules
from clinic.booking.service import book_held, hold_slot, move_visit, rules_for
from clinic.booking.taking import widened
from clinic.booking.types import Changed, Held, Refused, Slot, Taken, Visit
from clinic.db import Tx


@dataclass(frozen=True, slots=True)
class Wish:
    """What was pointed at. `starts_at` is wall time of the site, without a zone."""

    site_id: int
    practitioner_id: int
    starts_at: datetime
    room_id: int | None = None  # or device, that it has to be in


@dataclass(frozen=True, slots=True)
class NotSo:
    """It cannot be had, and why; `alternatives` are the nearest that can."""

    reason: Reason
    alternatives: tuple[Slot, ...] = ()


class _OtherRoom(Exception):
    """Everything but the room was free: what was done is undone."""


async def move_by_hand(
    tx: Tx, actor: Actor, visit_id: int, version: int, wish: Wish
) -> Visit | NotSo | Changed:
    """Move a booked visit to where it was dropped, or to the start nearest to that within a step.

    Changed: it is not what was shown, somebody else was quicker.
    """
    row = await visits.read_row(tx, visit_id)
    if row is None or row["status"] in visits.NO_VISIT:
        return Changed(None)
    had = await tx.fetch(
        "select resource_id from allocation where appointment_id = $1 and status = 'booked'",
        visit_id,
    )
    slot = await _slot(tx, row["service_id"], wish, tuple(one[0] for one in had))
    if slot is None:
        return NotSo("not_served")
    try:
        async with tx.transaction():
            outcome = await move_visit(tx, actor, visit_id, version, slot)
            if isinstance(outcome, Taken):
                near = _within_a_step(await _step(tx, slot), slot, outcome)
                why = await _why(tx, actor, slot, row["patient_id"], visit_id)
                if why != "off_grid" or near is None:
                    return NotSo(why, outcome.alternatives)
                outcome = await move_visit(tx, actor, visit_id, version, near)
            if isinstance(outcome, Visit) and wish.room_id is not None:
                await _insist(tx, visit_id, wish.room_id)
    except _OtherRoom:
        return NotSo("no_room")
    if isinstance(outcome, Taken):
        return NotSo("practitioner_busy", outcome.alternatives)
    if isinstance(outcome, Refused):
        return NotSo("patient_busy")
    return outcome


async def book_by_hand(
    tx: Tx, actor: Actor, service_id: int, patient_id: int, wish: Wish, note: str = ""
) -> Visit | NotSo:
    """Book a time for a patient, or the start nearest to it within a step."""
    slot = await _slot(tx, service_id, wish, (wish.room_id,) if wish.room_id else ())
    if slot is None:
        return NotSo("not_served")
    outcome = await hold_slot(tx, actor, slot, patient_id)
    if isinstance(outcome, Taken):
        near = _within_a_step(await _step(tx, slot), slot, outcome)
        why = await _why(tx, actor, slot, patient_id, None)
        if why != "off_grid" or near is None:
            return NotSo(why, outcome.alternatives)
        outcome = await hold_slot(tx, actor, near, patient_id)
    if isinstance(outcome, Held):
        booked = await book_held(tx, actor, outcome.appointment_id, note)
        if isinstance(booked, Visit):
            return booked
        return NotSo("practitioner_busy")
    if isinstance(outcome, Taken):
        return NotSo("practitioner_busy", outcome.alternatives)
    return NotSo("patient_busy")


async def free_starts(
    tx: Tx,
    actor: Actor,
    service_id: int,
    practitioner_id: int | None,
    on: date,
    limit: int,
    moving: int | None = None,
) -> tuple[Slot, ...]:
    """The first free starts of a day for the desk; `moving` is a visit that would give way."""
    service = await read_rules(tx, actor.language, service_id, practitioner_id)
    if service is None:
        return ()
    service = widened(service, actor)
    if not service.today <= on <= service.last_day:
        return ()
    board = await read_board(tx, service, on, 1, Ignoring(moving))
    return rules.slots_of(rules.free(board), on, limit)


async def write_note(tx: Tx, actor: Actor, visit_id: int, note: str) -> bool:
    """Put a note on a visit in the place of the one it has; False if there is no such visit."""
    key = await tx.fetchval("select key from appointment where id = $1 for update", visit_id)
    if key is None:
        return False
    await tx.execute(
        "update appointment set note = $2, updated_at = now() where id = $1",
        visit_id,
        actor.keys.seal(note.encode(), "appointment.note", key) if note else None,
    )
    return True


async def _slot(tx: Tx, service_id: int, wish: Wish, wanted: tuple[int, ...]) -> Slot | None:
    """What a wish asks for; None if the service or the site is not offered."""
    found = await tx.fetchrow(
        """select s.duration, i.time_zone from service s, site i
           where s.id = $1 and i.id = $2 and s.active and i.active""",
        service_id,
        wish.site_id,
    )
    if found is None:
        return None
    starts_at = wish.starts_at.replace(tzinfo=ZoneInfo(found["time_zone"]))
    rooms = (wish.room_id,) if wish.room_id is not None else wanted
    # The end is an instant: the clock may change during a visit.
    ends_at = (starts_at.timestamp() // 60 + found["duration"]) * 60
    return Slot(
        service_id=service_id,
        site_id=wish.site_id,
        site_name="",
        practitioner_id=wish.practitioner_id,
        practitioner_name="",
        starts_at=starts_at,
        ends_at=datetime.fromtimestamp(ends_at, starts_at.tzinfo),
        resources=rooms,
    )


async def _why(tx: Tx, actor: Actor, slot: Slot, patient_id: int, own: int | None) -> Reason:
    service = await rules_for(tx, actor, slot)
    if service is None:
        return "not_served"
    return why_not(await nearby_board(tx, service, slot, Ignoring(own), patient_id), slot)


async def _step(tx: Tx, slot: Slot) -> timedelta:
    step = await tx.fetchval("select step from service where id = $1", slot.service_id)
    return timedelta(minutes=step)


def _within_a_step(step: timedelta, slot: Slot, taken: Taken) -> Slot | None:
    return next(
        (
            one
            for one in taken.alternatives
            if (one.practitioner_id, one.site_id) == (slot.practitioner_id, slot.site_id)
            and abs(one.starts_at - slot.starts_at) < step
        ),
        None,
    )


async def _insist(tx: Tx, visit_id: int, room_id: int) -> None:
    """Raises _OtherRoom if the visit was given another room than the one it was dropped on."""
    if not await tx.fetchval(
        """select exists (select from allocation
             where appointment_id = $1 and resource_id = $2 and status = 'booked')""",
        visit_id,
        room_id,
    ):
        raise _OtherRoom
