"""The day at the desk: what waits, who has not confirmed, the queue, delays, the public boards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.service import cancel_visit
from clinic.booking.types import Visit
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.reception import board
from clinic.reception.service import call, set_delay, tickets
from clinic.reception.types import Ticket
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.access.tasks import access_due
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff

SHOWN_AT_MOST = 200
# Booked visits of the rest of today and of tomorrow, of whose patients nobody has said they come.
_UNCONFIRMED = f"""a.status = 'booked' and a.confirmed_at is null and a.starts_at > now()
  and a.starts_at < ((now() at time zone $3)::date + 2) at time zone $3
  and ($2 or a.patient_id in ({OWN_PATIENTS}))"""


@dataclass(frozen=True, slots=True)
class Strip:
    """What waits, in numbers. Of times that became free: today's, and the minutes won back."""

    tasks: int
    unconfirmed: int
    queued: int
    freed: int
    rescued: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A visit of which nobody has said that they come. `asked_at`: when they were asked last."""

    id: int
    version: int
    starts_at: datetime  # in the site's zone
    patient_id: int
    patient_name: str
    chart: str | None
    service_name: str
    practitioner_name: str
    asked_at: datetime | None
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A site and its public page of numbers. `version` None: it has none."""

    site_id: int
    site_name: str
    version: int | None


async def access_strip(tx: Tx, staff: Staff, queued: int, zone: str) -> Strip:
    """What waits for the desk. Shows nobody's data, so it leaves no audit row."""
    everybody = sees_all_patients(staff.role)
    unconfirmed = await tx.fetchval(
        f"select count(*) from appointment a where $1::bigint is not null and {_UNCONFIRMED}",  # noqa: S608
        staff.id,
        everybody,
        zone,
    )
    row = await tx.fetchrow(
        """select count(*) as freed, count(*) filter (where state = 'rescued') as rescued,
             coalesce(sum(minutes) filter (where state = 'rescued'), 0)::int as minutes
           from slot_rescue where $2 and created_at >= (now() at time zone $1)::date::timestamp
             at time zone $1""",
        zone,
        everybody,
    )
    return Strip(await access_due(tx, staff), unconfirmed, queued, *row)


async def access_unconfirmed(tx: Tx, staff: Staff, zone: str, language: str) -> list[Unconfirmed]:
    """Visits of today and tomorrow that nobody has confirmed, soonest first."""
    rows = await tx.fetch(
        f"""select a.id, a.version, a.starts_at, i.time_zone, a.patient_id, p.name, p.chart,
              s.name as service, r.name as practitioner, p.phone is not null as has_phone,
              (select max(o.created_at) from outbox o
               where o.appointment_id = a.id and o.purpose = 'reminder'
                 and o.appointment_version = a.version) as asked_at
            from appointment a join patient p on p.id = a.patient_id
            join service s on s.id = a.service_id join resource r on r.id = a.practitioner_id
            join site i on i.id = a.site_id
            where $1::bigint is not null and {_UNCONFIRMED}
            order by a.starts_at, a.id limit {SHOWN_AT_MOST}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        zone,
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(
            tx, "staff", staff.id, "staff:appointment:unconfirmed", None, {"appointments": ids}
        )
    return [
        Unconfirmed(
            id=row["id"],
            version=row["version"],
            starts_at=row["starts_at"].astimezone(ZoneInfo(row["time_zone"])),
            patient_id=row["patient_id"],
            patient_name=row["name"],
            chart=row["chart"],
            service_name=in_language(row["service"], language),
            practitioner_name=in_language(row["practitioner"], language),
            asked_at=row["asked_at"],
            has_phone=row["has_phone"],
        )
        for row in rows
    ]


async def access_free_unconfirmed(
    tx: Tx, staff: Staff, actor: Actor, visit_id: int, version: int
) -> Visit | None:
    """Give the time of a visit that nobody confirmed to others. None: it is confirmed, changed or
    begun, or not for this staff member."""
    if not sees_all_patients(staff.role):
        return None
    free = await tx.fetchval(
        """select id from appointment where id = $1 and status = 'booked'
             and confirmed_at is null and starts_at > now() for update""",
        visit_id,
    )
    if free is None:
        return None
    outcome = await cancel_visit(tx, actor, visit_id, version, "unconfirmed", cause="silence")
    if not isinstance(outcome, Visit):
        return None
    await tx.execute(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2,
             outcome = 'freed' where appointment_id = $1 and kind = 'call' and state = 'open'""",
        visit_id,
        staff.id,
    )
    return outcome


async def access_call_next(
    tx: Tx, staff: Staff, actor: Actor, practitioner_id: int, visit_id: int
) -> Ticket | Literal["changed"] | None:
    """Call the lowest number that waits for a practitioner, if it is the one of the visit that was
    shown as next. "changed": it is not by now; None: not this staff member's to call."""
    if not await _may_run(tx, staff, practitioner_id):
        return None
    waiting = [
        one
        for one in await tickets(tx)
        if one.practitioner_id == practitioner_id and one.state == "waiting"
    ]
    first = min(waiting, key=lambda one: one.number, default=None)
    if first is None or first.appointment_id != visit_id or not await call(tx, actor, first):
        return "changed"
    return first


async def access_call(tx: Tx, actor: Actor, visit_id: int) -> Ticket | None:
    """Call the number of a visit that the caller may see; None: it does not wait."""
    ticket = next((one for one in await tickets(tx) if one.appointment_id == visit_id), None)
    if ticket is None or not await call(tx, actor, ticket):
        return None
    return ticket


async def access_practitioner(
    tx: Tx, staff: Staff, practitioner_id: int, language: str
) -> str | None:
    """The name of a practitioner whose day this staff member runs; None: there is none such."""
    if not await _may_run(tx, staff, practitioner_id):
        return None
    name = await tx.fetchval(
        "select name from resource where id = $1 and kind = 'practitioner'", practitioner_id
    )
    return in_language(name, language) if name is not None else None


async def access_set_delay(
    tx: Tx, staff: Staff, actor: Actor, practitioner_id: int, on: date, minutes: int
) -> bool:
    """Say how far behind a practitioner is; False: not this staff member's to say."""
    if not await _may_run(tx, staff, practitioner_id):
        return False
    await set_delay(tx, actor, practitioner_id, on, minutes)
    return True


async def note_late_list(tx: Tx, staff: Staff, practitioner_id: int, visits: Sequence[int]) -> None:
    """Record that the visits still to come to a practitioner were shown."""
    if visits:
        detail = {"appointments": list(visits)}
        await record(tx, "staff", staff.id, "staff:delay:preview", practitioner_id, detail)


async def access_boards(tx: Tx, language: str) -> list[Board]:
    """The sites and their boards. Shows nobody's data, so it leaves no audit row."""
    rows = await tx.fetch(
        """select i.id, i.name, b.version from site i
           left join queue_board b on b.site_id = i.id and b.active order by i.id"""
    )
    return [Board(row["id"], in_language(row["name"], language), row["version"]) for row in rows]


async def access_set_board(
    tx: Tx, keys: KeyRing, staff: Staff, site_id: int, *, on: bool
) -> str | None:
    """Give a site's board a new address, or close it; the token, "" if closed, None: may not."""
    if staff.role is not Role.ADMIN:
        return None
    token = await (board.open_anew(tx, keys, site_id) if on else board.close(tx, site_id))
    if token is not None:
        await record(tx, "staff", staff.id, f"staff:board:{'open' if on else 'close'}", site_id)
    return token


async def _may_run(tx: Tx, staff: Staff, practitioner_id: int) -> bool:
    """Doctors run their own day, the desk everybody's."""
    found: Any = await tx.fetchval(
        """select id from resource where id = $1 and kind = 'practitioner'
             and ($2 or staff_id = $3)""",
        practitioner_id,
        sees_all_patients(staff.role),
        staff.id,
    )
    return found is not None
