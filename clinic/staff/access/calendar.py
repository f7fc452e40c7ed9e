"""The calendar: doctors see and change the visits to themselves, the desk everybody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking import desk
from clinic.booking.actor import Actor
from clinic.booking.calendar import CalendarVisit, visits_between
from clinic.booking.desk import NotSo, Wish
from clinic.booking.search import in_language
from clinic.booking.service import cancel_visit
from clinic.booking.staff import read_note
from clinic.booking.types import AppointmentStatus, Changed, Visit
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.record.edit import Fault, write_fields
from clinic.staff.access.patients import access_patient
from clinic.staff.access.setup import own_practitioner
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

UNDO = timedelta(seconds=15)  # so long a move can be taken back before anybody hears of it
NOTE_LENGTH = 500
NOBODY = 0  # no practitioner and no patient has this id
Alike = Literal["phone", "name"]


@dataclass(frozen=True, slots=True)
class VisitCard:
    """One visit with its patient. `phone` is E.164, for a page that masks it."""

    id: int
    version: int
    status: AppointmentStatus
    starts_at: datetime  # in the site's zone
    ends_at: datetime
    patient_id: int
    patient_name: str
    kana: str
    chart: str | None
    birth_on: date | None
    phone: str
    service_id: int
    service_name: str
    practitioner_id: int
    practitioner_name: str
    site_id: int
    site_name: str
    rooms: tuple[str, ...]
    confirmed: bool
    open: bool  # booked and not begun
    now: datetime
    note: str


async def access_calendar(
    tx: Tx,
    staff: Staff,
    first: date,
    last: date,
    language: str,
    *,
    practitioner_id: int | None = None,
    site_id: int | None = None,
) -> list[CalendarVisit]:
    """The visits of some days; of a doctor only those to that doctor."""
    rows = await visits_between(
        tx,
        first,
        last,
        language,
        practitioner_id=await seen_practitioner(tx, staff, practitioner_id),
        site_id=site_id,
    )
    if rows:
        ids = [row.id for row in rows]
        await record(tx, "staff", staff.id, "staff:appointment:list", None, {"appointments": ids})
    return rows


async def seen_practitioner(tx: Tx, staff: Staff, wanted: int | None) -> int | None:
    """Whose visits are shown: the one that is wanted, None: all; a doctor's own only."""
    if sees_all_patients(staff.role):
        return wanted
    return await own_practitioner(tx, staff) or NOBODY


async def access_visit(
    tx: Tx, keys: KeyRing, staff: Staff, actor: Actor, visit_id: int
) -> VisitCard | None:
    """One visit with its patient; None if there is none that this staff member may see."""
    row: Mapping[str, Any] | None = await tx.fetchrow(
        """select a.id, a.version, a.status, a.starts_at, a.ends_at, a.patient_id, a.service_id,
             a.practitioner_id, a.site_id, a.confirmed_at is not null as confirmed,
             a.status = 'booked' and a.starts_at > now() as open, now() as now,
             p.name as patient_name, p.kana, p.chart, p.birth_on, p.phone, p.key as patient_key,
             s.name as service, r.name as practitioner, i.name as site, i.time_zone,
             array(select t.name from allocation l join resource t on t.id = l.resource_id
                   where l.appointment_id = a.id and l.status <> 'released'
                     and t.kind <> 'practitioner' order by t.id) as rooms
           from appointment a join patient p on p.id = a.patient_id
                join service s on s.id = a.service_id join resource r on r.id = a.practitioner_id
                join site i on i.id = a.site_id
           where a.id = $1 and a.status not in ('held', 'proposed', 'expired')""",
        visit_id,
    )
    if row is None or not await _may_change(tx, staff, row["practitioner_id"]):
        return None
    await record(tx, "staff", staff.id, "staff:appointment:read", visit_id)
    zone, language = ZoneInfo(row["time_zone"]), actor.language
    phone = row["phone"] and keys.open(row["phone"], "patient.phone", row["patient_key"]).decode()
    return VisitCard(
        id=row["id"],
        version=row["version"],
        status=AppointmentStatus(row["status"]),
        starts_at=row["starts_at"].astimezone(zone),
        ends_at=row["ends_at"].astimezone(zone),
        patient_id=row["patient_id"],
        patient_name=row["patient_name"],
        kana=row["kana"],
        chart=row["chart"],
        birth_on=row["birth_on"],
        phone=phone or "",
        service_id=row["service_id"],
        service_name=in_language(row["service"], language),
        practitioner_id=row["practitioner_id"],
        practitioner_name=in_language(row["practitioner"], language),
        site_id=row["site_id"],
        site_name=in_language(row["site"], language),
        rooms=tuple(in_language(name, language) for name in row["rooms"]),
        confirmed=row["confirmed"],
        open=row["open"],
        now=row["now"].astimezone(zone),
        note=await read_note(tx, actor, visit_id),
    )


async def access_move(
    tx: Tx, staff: Staff, actor: Actor, visit_id: int, version: int, wish: Wish
) -> Visit | NotSo | Changed | None:
    """Move a visit that was shown as `version`; None if this staff member may not.

    The time it had is offered to others only once the move cannot be taken back any more.
    """
    whose = await tx.fetchval("select practitioner_id from appointment where id = $1", visit_id)
    if whose is None or not await _may_change(tx, staff, whose, wish.practitioner_id):
        return None
    outcome = await desk.move_by_hand(tx, actor, visit_id, version, wish)
    if isinstance(outcome, Visit):
        await tx.execute(
            "update slot_rescue set due_at = now() + $2 where key = $1",
            f"{visit_id}:{version}",
            UNDO,
        )
    return outcome


async def access_cancel(
    tx: Tx, staff: Staff, actor: Actor, visit_id: int, version: int, reason: str
) -> Visit | Changed | None:
    """Cancel a visit that was shown as `version`; None if this staff member may not."""
    whose = await tx.fetchval("select practitioner_id from appointment where id = $1", visit_id)
    if whose is None or not await _may_change(tx, staff, whose):
        return None
    return await cancel_visit(tx, actor, visit_id, version, reason[:NOTE_LENGTH])


async def access_write_note(tx: Tx, staff: Staff, actor: Actor, visit_id: int, note: str) -> bool:
    """Put a note on a visit; False if this staff member may not."""
    whose = await tx.fetchval("select practitioner_id from appointment where id = $1", visit_id)
    if whose is None or not await _may_change(tx, staff, whose):
        return False
    await desk.write_note(tx, actor, visit_id, note[:NOTE_LENGTH])
    await record(tx, "staff", staff.id, "staff:appointment:note", visit_id)
    return True


async def access_book(
    tx: Tx, staff: Staff, actor: Actor, service_id: int, patient_id: int, wish: Wish, note: str
) -> Visit | NotSo | None:
    """Book a visit for a patient; None if this staff member may not see the patient, or book with
    this practitioner.

    An hour in an emergency is not enough: who is visited goes on seeing the patient.
    """
    if not await _may_change(tx, staff, wish.practitioner_id):
        return None
    if await access_patient(tx, staff, patient_id, lasting=True) is None:
        return None
    return await desk.book_by_hand(
        tx, actor, service_id, patient_id, wish, note[:NOTE_LENGTH].strip()
    )


async def access_alike(tx: Tx, keys: KeyRing, staff: Staff, wanted: Mapping[str, Any]) -> list[int]:
    """Patients who may be the new one: of the same telephone number, or name and birth date."""
    if not sees_all_patients(staff.role):
        return []
    phone = wanted.get("phone")
    rows = await tx.fetch(
        """select id from patient where merged_into_id is null and (phone_index = $1
             or (birth_on = $2 and replace(name, ' ', '') = replace($3, ' ', ''))) limit 5""",
        keys.index("phone", phone) if phone else None,
        wanted.get("birth_on"),
        wanted.get("name") or "",
    )
    return [row["id"] for row in rows]


async def access_add_patient(
    tx: Tx, keys: KeyRing, staff: Staff, wanted: Mapping[str, Any]
) -> int | Fault | None:
    """A new patient as the desk was told; None if this staff member may not add any."""
    if not sees_all_patients(staff.role):
        return None
    patient_id: int = await tx.fetchval(
        "insert into patient (key, name) values ($1, '') returning id", new_key()
    )
    written = await write_fields(tx, keys, patient_id, wanted)
    if isinstance(written, Fault):
        return written
    await record(tx, "staff", staff.id, "staff:patient:add", patient_id)
    return patient_id


async def _may_change(tx: Tx, staff: Staff, *practitioners: int) -> bool:
    """Doctors change only visits to themselves, and move them to nobody else."""
    if sees_all_patients(staff.role):
        return True
    own = await own_practitioner(tx, staff)
    return all(one == own for one in practitioners)
