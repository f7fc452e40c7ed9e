"""Who may lay down whose hours, and the visits that stand outside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking.search import in_language
from clinic.db import Tx
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

SHOWN_AT_MOST = 300
CallReason = Literal["hours_changed", "visit_moved", "visit_cancelled", "visit_booked"]


@dataclass(frozen=True, slots=True)
class StandingVisit:
    """A booked visit that no longer lies in open hours. Its time is in its site's zone."""

    id: int
    version: int
    patient_id: int
    patient_name: str
    chart: str | None
    service_name: str
    practitioner_name: str
    starts_at: datetime


async def own_practitioner(tx: Tx, staff: Staff) -> int | None:
    """The practitioner whom this staff account is, if it is one."""
    found: int | None = await tx.fetchval(
        """select id from resource where staff_id = $1 and kind = 'practitioner'
           order by active desc, id limit 1""",
        staff.id,
    )
    return found


async def may_set_hours(tx: Tx, staff: Staff, resource_id: int | None) -> bool:
    """Doctors lay down their own hours and leave; the desk everybody's, and whole sites'."""
    if sees_all_patients(staff.role):
        return True
    return resource_id is not None and resource_id == await own_practitioner(tx, staff)


async def access_standing(
    tx: Tx, staff: Staff, visits: Sequence[int], language: str
) -> list[StandingVisit]:
    """These visits as far as this staff member may see their patients, soonest first."""
    rows = await tx.fetch(
        f"""select a.id, a.version, a.patient_id, a.starts_at, p.name, p.chart, s.name as service,
                   r.name as practitioner, i.time_zone
            from appointment a join patient p on p.id = a.patient_id
                 join service s on s.id = a.service_id join resource r on r.id = a.practitioner_id
                 join site i on i.id = a.site_id
            where a.id = any($3::bigint[]) and a.status in ('booked', 'held')
              and ($2 or a.patient_id in ({OWN_PATIENTS}))
            order by a.starts_at, a.id limit {SHOWN_AT_MOST}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        list(visits),
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:appointment:list", None, {"appointments": ids})
    return [
        StandingVisit(
            row["id"],
            row["version"],
            row["patient_id"],
            row["name"],
            row["chart"],
            in_language(row["service"], language),
            in_language(row["practitioner"], language),
            row["starts_at"].astimezone(ZoneInfo(row["time_zone"])),
        )
        for row in rows
    ]


async def access_call_about(tx: Tx, staff: Staff, visits: Sequence[int], reason: CallReason) -> int:
    """Put the patients of these visits on the call list, each once for a state of the visit."""
    made = await tx.fetch(
        f"""insert into task (key, kind, patient_id, appointment_id, detail)
            select format('%s:%s:%s', $4::text, a.id, a.version), 'call', a.patient_id, a.id, $5
            from appointment a
            where a.id = any($3::bigint[]) and ($2 or a.patient_id in ({OWN_PATIENTS}))
            on conflict (key) do nothing returning id""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        list(visits),
        reason,
        {"reason": reason},
    )
    for row in made:
        await record(tx, "staff", staff.id, "staff:task:add", row["id"])
    return len(made)


async def take_call_back(
    tx: Tx, staff: Staff, reason: CallReason, visit_id: int, version: int
) -> None:
    """Close the call about a state of a visit that is no more: it was taken back."""
    closed = await tx.fetchval(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2
           where key = $1 and state = 'open' returning id""",
        f"{reason}:{visit_id}:{version}",
        staff.id,
    )
    if closed is not None:
        await record(tx, "staff", staff.id, "staff:task:close", closed)
