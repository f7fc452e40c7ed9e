"""Who is who: doubts of imports that a person settles, and records that were one person's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.normal import chart_key
from clinic.importer.review import Doubt, Refusal, decide, open_count, open_doubts
from clinic.importer.service import IMPORT_LOCK, follow_up
from clinic.record.merge import merge, part
from clinic.staff.access.patients import PatientFound, access_patient
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

LISTED_AT_MOST = 50
Decision = Literal["patient", "new", "dropped"]
DECISIONS: tuple[Decision, ...] = ("patient", "new", "dropped")
TO_MERGE = "merge_asked"  # the doubt in which another system says that two records are one


@dataclass(frozen=True, slots=True)
class Merged:
    """Two records that were joined. `undone_at`: since when they are two again."""

    id: int
    kept_id: int
    kept_name: str
    kept_chart: str | None
    lost_name: str
    lost_chart: str | None
    merged_by: str | None
    merged_at: datetime
    undone_at: datetime | None


async def access_doubts(tx: Tx, keys: KeyRing, staff: Staff) -> list[Doubt]:
    """Entries of imports of which a person has to say whose they are, oldest first."""
    if not sees_all_patients(staff.role):
        return []
    doubts = await open_doubts(tx, keys, limit=LISTED_AT_MOST)
    if doubts:
        detail = {"reviews": [one.id for one in doubts]}
        await record(tx, "staff", staff.id, "staff:review:list", None, detail)
    return doubts


async def access_doubt_count(tx: Tx, staff: Staff) -> int:
    """How many people wait to be decided on."""
    return await open_count(tx) if sees_all_patients(staff.role) else 0


async def access_doubt(tx: Tx, keys: KeyRing, staff: Staff, doubt_id: int) -> Doubt | None:
    """One open doubt, to be compared side by side; None if there is none."""
    if not sees_all_patients(staff.role):
        return None
    doubts = await open_doubts(tx, keys, limit=1, one=doubt_id)
    if not doubts:
        return None
    await record(tx, "staff", staff.id, "staff:review:read", doubt_id)
    return doubts[0]


async def access_decide(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    doubt_id: int,
    decision: Decision,
    patient_id: int | None,
) -> Refusal | Literal["busy", "chart_taken"] | None:
    """Settle a doubt; None if that is done. "busy": an import is at work. "chart_taken": somebody
    new would have the chart number of a patient who is there.

    No candidate is also who was joined into another record in the meantime, and "new" where two
    records are to be joined: that they are two is said by leaving the message out.
    """
    if not sees_all_patients(staff.role):
        return "decided"
    if not await _alone(tx):
        return "busy"
    doubts = await open_doubts(tx, keys, limit=1, one=doubt_id)
    if not doubts:
        return "decided"
    (doubt,) = doubts
    known = {one.id for one in doubt.candidates}
    if decision == "patient" and patient_id not in known:
        return "no_candidate"
    if doubt.reason == TO_MERGE and (
        decision == "new" or (decision == "patient" and len(known) < 2)
    ):
        return "no_candidate"
    chart = chart_key(doubt.entry.person.chart)[:32]
    if decision == "new" and await tx.fetchval(
        "select exists (select from patient where chart = $1)", chart
    ):
        return "chart_taken"
    return await decide(tx, keys, settings, doubt_id, decision, patient_id, staff.id)


async def access_merges(tx: Tx, staff: Staff) -> list[Merged]:
    """Records that were joined, the newest first."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch(
        f"""select m.id, m.kept_id, k.name as kept_name, k.chart as kept_chart,
                   l.name as lost_name, l.chart as lost_chart, s.name as merged_by, m.merged_at,
                   m.undone_at
            from patient_merge m join patient k on k.id = m.kept_id
            join patient l on l.id = m.lost_id left join staff s on s.id = m.merged_by_id
            order by m.id desc limit {LISTED_AT_MOST}"""  # noqa: S608  # constants
    )
    if rows:
        detail = {"merges": [row["id"] for row in rows]}
        await record(tx, "staff", staff.id, "staff:merge:list", None, detail)
    return [_merged(row) for row in rows]


async def access_pair(
    tx: Tx, staff: Staff, kept: int, lost: int
) -> tuple[PatientFound, PatientFound] | None:
    """Two records to compare before they are joined; None if they are not two."""
    if kept == lost or not sees_all_patients(staff.role):
        return None
    first, second = [await access_patient(tx, staff, one) for one in (kept, lost)]
    return None if first is None or second is None else (first, second)


async def access_merge(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, kept: int, lost: int
) -> int | Literal["gone", "visits_overlap", "busy"]:
    """Join `lost` into `kept`; the merge's id, or why they cannot be joined."""
    if kept == lost or not sees_all_patients(staff.role):
        return "gone"
    if not await _alone(tx):
        return "busy"
    made = await merge(tx, keys, kept, lost, staff.id)
    if isinstance(made, int):
        await follow_up(tx, settings, [kept, lost])
    return made


async def access_part(
    tx: Tx, settings: Settings, staff: Staff, merge_id: int
) -> Literal["not_last", "busy"] | None:
    """Make two records of one again; None if that is done.

    "not_last": it was done before, or a later merge stands on this one.
    """
    if not sees_all_patients(staff.role):
        return "not_last"
    if not await _alone(tx):
        return "busy"
    parted = await part(tx, merge_id, staff.id)
    if parted is None:
        return "not_last"
    await follow_up(tx, settings, list(parted))
    return None


async def _alone(tx: Tx) -> bool:
    """Whether no import is at work. To the end of the transaction none will be."""
    alone: bool = await tx.fetchval("select pg_try_advisory_xact_lock($1)", IMPORT_LOCK)
    return alone


def _merged(row: Mapping[str, Any]) -> Merged:
    return Merged(**dict(row))
