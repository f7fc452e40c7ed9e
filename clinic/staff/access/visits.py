"""The visits of a day, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.audit.service import record
from clinic.booking.types import AppointmentStatus
from clinic.db import Tx
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

# What the desk can say of a visit, from each status: a slip is put right by going back.
STEPS: Mapping[AppointmentStatus, tuple[AppointmentStatus, ...]] = {
    AppointmentStatus.BOOKED: (AppointmentStatus.ARRIVED, AppointmentStatus.NO_SHOW),
    AppointmentStatus.ARRIVED: (AppointmentStatus.FULFILLED, AppointmentStatus.BOOKED),
    AppointmentStatus.FULFILLED: (AppointmentStatus.ARRIVED,),
    AppointmentStatus.NO_SHOW: (AppointmentStatus.ARRIVED, AppointmentStatus.BOOKED),
}


@dataclass(frozen=True, slots=True)
class DayVisit:
    """One line of the day sheet. Names by language; instants aware, in UTC."""

    id: int
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    time_zone: str  # of the site
    patient_id: int
    patient_name: str
    kana: str
    chart: str | None
    confirmed: bool  # by the patient, after a reminder
    service: Mapping[str, str]
    practitioner: Mapping[str, str]
    places: tuple[Mapping[str, str], ...]  # rooms and devices


_VISIT = f"""select a.id, a.status, a.starts_at, a.ends_at, site.time_zone,
      p.id as patient_id, p.name as patient_name, p.kana, p.chart,
      a.confirmed_at is not null as confirmed, v.name as service, d.name as practitioner,
      coalesce((select jsonb_agg(r.name order by r.kind <> 'room', r.id)
                from allocation taken join resource r on r.id = taken.resource_id
                where taken.appointment_id = a.id and taken.status = 'booked'
                  and r.kind <> 'practitioner'), '[]') as places
    from appointment a join patient p on p.id = a.patient_id
    join service v on v.id = a.service_id join resource d on d.id = a.practitioner_id
    join site on site.id = a.site_id
    where a.status in ('booked', 'arrived', 'fulfilled', 'noshow')
      and ($2 or a.patient_id in ({OWN_PATIENTS}))"""  # noqa: S608  # constants


async def access_day(tx: Tx, staff: Staff, on: date) -> list[DayVisit]:
    """The visits of a day of their site, by time; those cancelled are left out."""
    rows = await tx.fetch(
        f"""{_VISIT} and a.starts_at >= $3::date - interval '1 day'
              and a.starts_at < $3::date + interval '2 days'
              and (a.starts_at at time zone site.time_zone)::date = $3
            order by a.starts_at, d.id, a.id""",
        staff.id,
        sees_all_patients(staff.role),
        on,
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:visit:list", None, {"visits": ids})
    return [_visit(row) for row in rows]


async def access_visit(tx: Tx, staff: Staff, visit_id: int) -> DayVisit | None:
    """One visit; None if there is none that this staff member may see."""
    row = await tx.fetchrow(
        f"{_VISIT} and a.id = $3", staff.id, sees_all_patients(staff.role), visit_id
    )
    if row is None:
        return None
    await record(tx, "staff", staff.id, "staff:visit:read", visit_id)
    return _visit(row)


async def access_set_status(tx: Tx, staff: Staff, visit_id: int, status: AppointmentStatus) -> bool:
    """Say what became of a visit. False if it is no step from where the visit is by now, or this
    staff member may not see it."""
    if not sees_all_patients(staff.role) and await access_visit(tx, staff, visit_id) is None:
        return False
    before = [one for one, after in STEPS.items() if status in after]
    changed = await tx.fetchval(
        """update appointment set status = $2, version = version + 1, updated_at = now()
           where id = $1 and status = any ($3) returning id""",
        visit_id,
        status,
        before,
    )
    if changed is None:
        return False
    await record(tx, "staff", staff.id, "staff:visit:status", visit_id, {"status": status})
    return True


async def today(tx: Tx, zone: str) -> date:
    """The day it is in a zone, by PostgreSQL's clock."""
    on: date = await tx.fetchval("select (now() at time zone $1)::date", zone)
    return on


def _visit(row: Mapping[str, Any]) -> DayVisit:
    return DayVisit(
        **{name: row[name] for name in DayVisit.__slots__ if name not in ("status", "places")},
        status=AppointmentStatus(row["status"]),
        places=tuple(row["places"]),
    )
