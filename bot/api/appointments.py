"""Visits: what can be booked, what is booked; booked, moved and cancelled as the chat does it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.api.models import (
    Appointment,
    AppointmentQuery,
    Appointments,
    Booking,
    Cancellation,
    Move,
    Practitioner,
    Service,
    Services,
    Slot,
    SlotQuery,
    Slots,
)
from bot.api.patients import find as find_patient
from bot.api.problem import NOT_FOUND, Problem, invalid
from bot.api.route import Call, Done
from bot.visit_news import Deed, call_instead, tell_patient
from clinic.booking import search, service, types
from clinic.db import Tx

_COLUMNS = """a.id, a.key, a.version, a.status, p.key as patient, s.code as service,
    i.code as site, r.code as practitioner, a.starts_at, a.ends_at, i.time_zone,
    a.confirmed_at is not null as confirmed, a.created_at, a.updated_at"""
_FROM = """from appointment a join patient p on p.id = a.patient_id
    join service s on s.id = a.service_id join site i on i.id = a.site_id
    join resource r on r.id = a.practitioner_id"""
_VISIT = "a.status not in ('held', 'proposed', 'expired')"


async def services(call: Call) -> Done | Problem:
    """What can be booked, and with whom."""
    rows = await call.tx.fetch(
        """select s.code, s.name, s.duration,
             jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name) order by r.id) as who
           from service s join service_resource n on n.service_id = s.id
           join resource r on r.id = n.resource_id and r.active and r.kind = 'practitioner'
           where s.active group by s.id order by s.position, s.id"""
    )
    items = [
        Service(
            code=row["code"],
            name=row["name"],
            minutes=row["duration"],
            practitioners=[Practitioner(**one) for one in row["who"]],
        )
        for row in rows
    ]
    return Done(Services(items=items))


async def slots(call: Call) -> Done | Problem:
    """Free times, as a patient in the chat would be offered them."""
    query: SlotQuery = call.query
    service_id = await _id(call.tx, "service", query.service)
    if service_id is None:
        return invalid(("service", "unknown"))
    practitioner_id = None
    if query.practitioner is not None:
        practitioner_id = await _id(call.tx, "resource", query.practitioner)
        if practitioner_id is None:
            return invalid(("practitioner", "unknown"))
    found = await search.find_slots(
        call.tx, call.actor.language, service_id, practitioner_id, query.on, query.limit
    )
    return Done(Slots(items=await _slots(call.tx, query.service, found)))


async def listing(call: Call) -> Done | Problem:
    """A page of visits, by their time."""
    query: AppointmentQuery = call.query
    try:
        place = call.place("appointments", query.cursor)
    except ValueError:
        return invalid(("cursor", "unknown"))
    asked: list[tuple[str, Any]] = [
        ("a.starts_at >= {}", query.starts_from),
        ("a.starts_at < {}", query.starts_before),
        ("a.patient_id = (select id from patient where key = {})", query.patient),
        ("r.code = {}", query.practitioner),
        ("a.status = {}", query.status),
        ("a.starts_at >= {}", place and datetime.fromisoformat(place[0])),
    ]
    # Only what is asked stands in the statement, so that each has a plan of its own.
    held = [(words, value) for words, value in asked if value is not None]
    conditions = [words.format(f"${n}") for n, (words, _) in enumerate(held, 3)]
    if place:
        conditions.append(f"(a.starts_at, a.id) > (${len(held) + 2}, $2)")
    rows = await call.tx.fetch(
        f"""select {_COLUMNS} {_FROM}
            where {" and ".join([_VISIT, "$2::bigint >= 0", *conditions])}
            order by a.starts_at, a.id limit $1""",  # our own words
        query.limit + 1,
        place[1] if place else 0,
        *(value for _, value in held),
    )
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    return Done(
        Appointments(
            items=[_appointment(row) for row in shown],
            next=call.cursor("appointments", [shown[-1]["starts_at"], shown[-1]["id"]])
            if more
            else None,
        ),
        detail={"appointments": [row["id"] for row in shown]},
    )


async def read(call: Call) -> Done | Problem:
    """One visit."""
    found = await _find(call, call.uuid("id"))
    return NOT_FOUND if found is None else await again(call, found["id"])


async def book(call: Call) -> Done | Problem:
    """Take a time that is free: held and booked in one step."""
    wanted: Booking = call.body
    patient_id = await find_patient(call.tx, wanted.patient)
    if patient_id is None:
        return invalid(("/patient", "unknown"))
    slot = await _wanted(call, wanted.service, wanted.site, wanted.practitioner, wanted)
    if isinstance(slot, Problem):
        return slot
    held = await service.hold_slot(call.tx, call.actor, slot, patient_id)
    if not isinstance(held, types.Held):
        return _no(held)
    booked = await service.book_held(call.tx, call.actor, held.appointment_id, wanted.note)
    if not isinstance(booked, types.Visit):
        return _no(booked)
    return await _told(call, booked, "booked")


async def move(call: Call) -> Done | Problem:
    """Give a visit another time."""
    wanted: Move = call.body
    found = await _find(call, call.uuid("id"))
    if found is None:
        return NOT_FOUND
    slot = await _wanted(
        call,
        found["service"],
        wanted.site or found["site"],
        wanted.practitioner or found["practitioner"],
        wanted,
    )
    if isinstance(slot, Problem):
        return slot
    moved = await service.move_visit(call.tx, call.actor, found["id"], wanted.version, slot)
    return await _told(call, moved, "moved") if isinstance(moved, types.Visit) else _no(moved)


async def cancel(call: Call) -> Done | Problem:
    """Cancel a visit; its time will be offered to others."""
    wanted: Cancellation = call.body
    found = await _find(call, call.uuid("id"))
    if found is None:
        return NOT_FOUND
    ended = await service.cancel_visit(
        call.tx, call.actor, found["id"], wanted.version, wanted.reason
    )
    return await _told(call, ended, "cancelled") if isinstance(ended, types.Visit) else _no(ended)


async def _told(call: Call, visit: types.Visit, deed: Deed) -> Done | Problem:
    """The visit as it stands now, and its patient hears of it, or is on the call list."""
    env = call.env
    account = await tell_patient(call.tx, env.keys, env.settings, visit, deed, timedelta(0))
    if account is None:
        await call_instead(call.tx, visit, deed)
    done = await again(call, visit.id)
    return replace(done, account=account) if isinstance(done, Done) else done


async def again(call: Call, appointment_id: int) -> Done | Problem:
    """The visit of a row, as it stands now."""
    row = await call.tx.fetchrow(
        f"select {_COLUMNS} {_FROM} where a.id = $1",  # constants
        appointment_id,
    )
    return Done(_appointment(row), appointment_id)


def _no(
    answer: types.Held | types.Visit | types.Taken | types.Refused | types.Changed,
) -> Problem:
    """Why a visit cannot be booked or changed."""
    match answer:
        case types.Changed(None):
            return NOT_FOUND
        case types.Changed():
            return Problem(409, "changed")
        case types.Refused(reason):
            return Problem(409, "refused", reason=reason)
    return Problem(409, "taken")


async def _find(call: Call, key: UUID | None) -> Mapping[str, Any] | None:
    row: Mapping[str, Any] | None = await call.tx.fetchrow(
        f"select {_COLUMNS} {_FROM} where a.key = $1 and {_VISIT}",  # constants
        key,
    )
    return row


async def _wanted(
    call: Call, service_code: str, site: str, practitioner: str, at: Booking | Move
) -> types.Slot | Problem:
    """What is asked for as a slot; booking believes nothing of it and looks for itself."""
    ids = [
        await _id(call.tx, table, code)
        for table, code in (("service", service_code), ("site", site), ("resource", practitioner))
    ]
    service_id, site_id, practitioner_id = ids
    if service_id is None or site_id is None or practitioner_id is None:
        names = ("service", "site", "practitioner")
        found = zip(names, ids, strict=True)
        return invalid(*((f"/{name}", "unknown") for name, one in found if one is None))
    minutes = await call.tx.fetchval("select duration from service where id = $1", service_id)
    begins, ends = at.starts_at, at.starts_at + timedelta(minutes=minutes)
    return types.Slot(service_id, site_id, "", practitioner_id, "", begins, ends, ())


async def _id(tx: Tx, table: str, code: str) -> int | None:
    """The row of a code. `table`: one of ours."""
    found: int | None = await tx.fetchval(f"select id from {table} where code = $1", code)  # noqa: S608
    return found


async def _slots(tx: Tx, service_code: str, found: tuple[types.Slot, ...]) -> list[Slot]:
    rows = await tx.fetch(
        """select 'p' as kind, id, code from resource where id = any($1::bigint[])
           union all select 's', id, code from site""",
        [slot.practitioner_id for slot in found],
    )
    codes = {(row["kind"], row["id"]): row["code"] for row in rows}
    return [
        Slot(
            service=service_code,
            site=codes["s", slot.site_id],
            practitioner=codes["p", slot.practitioner_id],
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        for slot in found
    ]


def _appointment(row: Mapping[str, Any]) -> Appointment:
    zone = ZoneInfo(row["time_zone"])
    return Appointment(
        id=row["key"],
        version=row["version"],
        status=row["status"],
        patient=row["patient"],
        service=row["service"],
        site=row["site"],
        practitioner=row["practitioner"],
        starts_at=row["starts_at"].astimezone(zone),
        ends_at=row["ends_at"].astimezone(zone),
        confirmed=row["confirmed"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
