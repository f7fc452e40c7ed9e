"""Emergency access: a doctor opens the record of a patient who is not theirs, for an hour, and says
why. Admins get a task in the same moment, and the patient's own doctors a notice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.staff.rules import EMERGENCY, read_reason
from clinic.staff.types import Role, Staff

TASK = "emergency"  # the kind


@dataclass(frozen=True, slots=True)
class Emergency:
    """One access that is open now."""

    id: int
    patient_id: int
    name: str
    until_at: datetime


@dataclass(frozen=True, slots=True)
class EmergencyOpened:
    """An access that was just opened."""

    id: int
    patient_id: int


async def access_open_emergency(
    tx: Tx, keys: KeyRing, staff: Staff, chart: str, typed: str
) -> EmergencyOpened | Literal["reason", "no_patient"]:
    """Open the record of a chart number to a doctor for an hour.

    reason: one has to say why, in 10 to 500 characters. no_patient: nobody has this number.
    """
    reason = read_reason(typed)
    if reason is None:
        return "reason"
    patient_id: int | None = await tx.fetchval(
        """select p.id from patient p where p.chart = $1 and p.merged_into_id is null
             and not exists (select 1 from erasure e where e.patient_id = p.id)""",
        chart.strip().replace("\0", ""),
    )
    if patient_id is None or staff.role is not Role.DOCTOR:
        return "no_patient"
    key = new_key()
    access_id = await tx.fetchval(
        """insert into emergency_access (key, staff_id, patient_id, reason, until_at)
           values ($1, $2, $3, $4, now() + $5) returning id""",
        key,
        staff.id,
        patient_id,
        keys.seal(reason.encode(), "emergency_access.reason", key),
        EMERGENCY,
    )
    task = f"{TASK}:{access_id}"
    note = orjson.dumps({"words": f"{staff.name}: {reason}"})
    await tx.execute(
        """insert into task (key, kind, patient_id, detail, note) values ($1, $2, $3, $4, $5)""",
        task,
        TASK,
        patient_id,
        {"access": access_id, "staff": staff.id},
        keys.seal(note, "task.note", task),
    )
    await _tell_doctors(tx, staff, access_id, patient_id)
    detail = {"access": access_id}
    await record(tx, "staff", staff.id, "staff:emergency:open", patient_id, detail)
    return EmergencyOpened(access_id, patient_id)


async def access_emergencies(tx: Tx, staff: Staff) -> tuple[Emergency, ...]:
    """What is open to this doctor now, for the banner on every page. The look itself was recorded
    when it was opened."""
    if staff.role is not Role.DOCTOR:
        return ()
    rows = await tx.fetch(
        """select e.id, p.id, p.name, e.until_at from emergency_access e
           join patient p on p.id = e.patient_id
           where e.staff_id = $1 and e.until_at > now() and e.ended_at is null
           order by e.until_at limit 10""",
        staff.id,
    )
    return tuple(Emergency(*row) for row in rows)


async def access_end_emergency(tx: Tx, staff: Staff, access_id: int) -> bool:
    """Close one's own access before its hour is over; False if it is none, or closed already."""
    patient_id = await tx.fetchval(
        """update emergency_access set ended_at = now()
           where id = $1 and staff_id = $2 and ended_at is null and until_at > now()
           returning patient_id""",
        access_id,
        staff.id,
    )
    if patient_id is not None:
        await record(
            tx, "staff", staff.id, "staff:emergency:end", patient_id, {"access": access_id}
        )
    return patient_id is not None


async def access_notice_seen(tx: Tx, staff: Staff, notice_id: int) -> int | None:
    """Whose record a notice of one's own is about; from now on it is seen. None: no such notice."""
    patient_id: int | None = await tx.fetchval(
        """update staff_notice n set seen_at = coalesce(n.seen_at, now()) from emergency_access e
           where n.id = $1 and n.staff_id = $2 and e.id = n.access_id returning e.patient_id""",
        notice_id,
        staff.id,
    )
    return patient_id


async def _tell_doctors(tx: Tx, by: Staff, access_id: int, patient_id: int) -> None:
    """Have everybody see it whose patient it is for good, by whatever makes a patient one's own."""
    await tx.execute(
        """insert into staff_notice (staff_id, kind, access_id, by_id)
           select s.id, 'emergency', $1, $2 from staff s
           where s.id <> $2 and s.role = 'doctor' and s.disabled_at is null and s.id in (
             select doctor.staff_id from appointment own
             join resource doctor on doctor.id = own.practitioner_id
             where own.patient_id = $3
               and own.status in ('booked', 'arrived', 'fulfilled', 'noshow')
             union all select owner_id from escalation where patient_id = $3
             union all select started_by_id from care_plan where patient_id = $3
             union all select requested_by_id from questionnaire_request where patient_id = $3)""",
        access_id,
        by.id,
        patient_id,
    )
