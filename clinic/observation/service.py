"""Readings in the database: kept and judged, listed, struck out, and the limits of one patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.db import Tx
from clinic.ids import new_key
from clinic.observation import rules
from clinic.observation.house import House
from clinic.observation.limits import MEAN_DAYS
from clinic.observation.trend_link import Asked
from clinic.observation.types import (
    UNITS,
    Finding,
    Kind,
    Level,
    Occasion,
    OwnLimit,
    Reading,
    Source,
    Status,
    Taken,
    Trend,
    Unit,
)

TASK = "reading"  # the kind of a nurse's task
SHOWN = 200  # readings of a record page


@dataclass(frozen=True, slots=True)
class Entry:
    """Readings to be kept. `proven`: the patient's record may be shown where they came from."""

    patient_id: int
    readings: tuple[Reading, ...]
    measured_at: datetime
    source: Source
    account_id: int | None = None
    conversation_id: int | None = None
    staff_id: int | None = None
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands out of new readings, and the trends of their kinds, each as it was `asked`."""

    findings: tuple[Finding, ...]
    trends: tuple[Trend, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A reading of a record. `measured_at` is in the clinic's zone."""

    id: int
    kind: Kind
    value: Decimal
    second: Decimal | None
    unit: Unit
    occasion: Occasion | None
    measured_at: datetime
    source: Source
    level: Level
    status: Status
    by: str  # the staff member who wrote it, "" if none did


async def keep(tx: Tx, zone: ZoneInfo, house: House, entry: Entry) -> Kept:
    """Write readings, judge them with what the record holds, and tell a nurse where one should.

    Level 3 and above is the caller's to raise: only a conversation has somebody to be called.
    """
    at = entry.measured_at.astimezone(zone)
    new = [rules.taken(one, at) for one in entry.readings]
    own = await own_limits(tx, entry.patient_id)
    born = await tx.fetchval("select birth_on from patient where id = $1", entry.patient_id)
    limits = rules.limits_for(house, own, rules.age_days(at.date(), born))
    earlier = await _since(tx, zone, entry.patient_id, at - timedelta(days=MEAN_DAYS))
    found = rules.findings(house, new, earlier, limits)
    by_kind = {one.kind: one.level for one in found}
    for told, one in zip(entry.readings, new, strict=True):
        await tx.execute(
            """insert into observation (patient_id, kind, value, second, unit, occasion,
                 measured_at, source, account_id, level, written_by_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
            entry.patient_id,
            one.kind,
            one.value,
            one.second,
            told.unit,
            told.occasion,
            at,
            entry.source,
            entry.account_id,
            by_kind.get(one.kind, 1),
            entry.staff_id,
        )
    if entry.staff_id is None:
        for finding in found:
            if 1 < finding.level < rules.GRAVE:
                await _tell_nurse(tx, entry, finding)
    # Of a record that may not be shown, only the chat's own.
    account, now = None if entry.proven else entry.account_id, await tx.fetchval("select now()")
    asked = [Asked(entry.patient_id, it.kind, it.unit, account, now) for it in entry.readings]
    trends = [(it, await trend_for(tx, zone, it)) for it in asked]
    kinds = [one.kind for one in new]
    if entry.staff_id:
        act = "staff:observation:add"
        await record(tx, "staff", entry.staff_id, act, entry.patient_id, {"kinds": kinds})
    else:
        act = "patient:observation:add"
        await record(tx, "patient", entry.account_id, act, entry.patient_id, {"kinds": kinds})
    pairs = [(it, trend) for it, trend in trends if trend is not None]
    return Kept(found, tuple(trend for _, trend in pairs), tuple(it for it, _ in pairs))


async def _since(tx: Tx, zone: ZoneInfo, patient_id: int, since: datetime) -> list[Taken]:
    rows = await tx.fetch(
        """select kind, value, second, measured_at from observation
           where patient_id = $1 and status = 'final' and measured_at >= $2""",
        patient_id,
        since,
    )
    return [
        Taken(row["kind"], row["value"], row["second"], row["measured_at"].astimezone(zone))
        for row in rows
    ]


async def trend_for(tx: Tx, zone: ZoneInfo, asked: Asked) -> Trend | None:
    """The last readings of a kind, of those written down by then; None if there is none."""
    rows = await tx.fetch(
        """select kind, value, second, measured_at from observation
           where patient_id = $1 and kind = $2 and status = 'final' and created_at <= $5
             and ($3::bigint is null or account_id = $3)
           order by measured_at desc, id desc limit $4""",
        asked.patient_id,
        asked.kind,
        asked.account_id,
        rules.LAST,
        asked.until,
    )
    return rules.trend(
        asked.kind,
        asked.unit,
        [
            Taken(row["kind"], row["value"], row["second"], row["measured_at"].astimezone(zone))
            for row in reversed(rows)
        ],
    )


async def _tell_nurse(tx: Tx, entry: Entry, finding: Finding) -> None:
    """One open task for each kind of reading of a patient."""
    await tx.execute(
        """insert into task (key, kind, conversation_id, patient_id, detail)
           select $1, $2::varchar, $3, $4::bigint, $5 where not exists (
             select 1 from task where kind = $2::varchar and patient_id = $4 and state = 'open'
               and detail ->> 'reason' = $6)""",
        f"{TASK}:{new_key()}",
        TASK,
        entry.conversation_id,
        entry.patient_id,
        {"reason": rules.rule(finding.kind), "measure": finding.measure, "why": finding.why},
        rules.rule(finding.kind),
    )


async def listed(
    tx: Tx, zone: ZoneInfo, patient_id: int, *, limit: int = SHOWN
) -> tuple[Stored, ...]:
    """The readings of a record, the newest first, with those that were struck out."""
    rows = await tx.fetch(
        """select o.*, coalesce(s.name, '') as by from observation o
           left join staff s on s.id = o.written_by_id
           where o.patient_id = $1 order by o.measured_at desc, o.id desc limit $2""",
        patient_id,
        limit,
    )
    return tuple(
        Stored(
            row["id"],
            row["kind"],
            row["value"],
            row["second"],
            row["unit"],
            row["occasion"],
            row["measured_at"].astimezone(zone),
            row["source"],
            row["level"],
            row["status"],
            row["by"],
        )
        for row in rows
    )


async def strike(tx: Tx, patient_id: int, observation_id: int, staff_id: int) -> bool:
    """Mark a reading as entered in error: it stays to be seen, and counts for nothing."""
    struck = await tx.fetchval(
        """update observation set status = 'entered-in-error', struck_by_id = $3, struck_at = now()
           where id = $2 and patient_id = $1 and status = 'final' returning id""",
        patient_id,
        observation_id,
        staff_id,
    )
    if struck is None:
        return False
    act = "staff:observation:strike"
    await record(tx, "staff", staff_id, act, patient_id, {"observation": observation_id})
    return True


async def own_limits(tx: Tx, patient_id: int) -> tuple[OwnLimit, ...]:
    """What staff set for a patient instead of the house's limits."""
    rows = await tx.fetch(
        "select measure, side, level, at from observation_limit where patient_id = $1 order by id",
        patient_id,
    )
    return tuple(OwnLimit(row["measure"], row["side"], row["level"], row["at"]) for row in rows)


async def set_limits(tx: Tx, patient_id: int, limits: Sequence[OwnLimit], staff_id: int) -> None:
    """Let these be the patient's own limits, and no others."""
    await tx.execute("delete from observation_limit where patient_id = $1", patient_id)
    await tx.executemany(
        """insert into observation_limit (patient_id, measure, side, level, at, set_by_id)
           values ($1, $2, $3, $4, $5, $6)""",
        [(patient_id, one.measure, one.side, one.level, one.at, staff_id) for one in limits],
    )
    said = {f"{one.measure}:{one.side}:{one.level}": _plain(one.at) for one in limits}
    await record(tx, "staff", staff_id, "staff:observation:limits", patient_id, said)


def _plain(at: Decimal | None) -> str | None:
    return None if at is None else f"{at.normalize():f}"


async def answered_since(
    tx: Tx, patients: Sequence[int], since: datetime, kinds: Sequence[Kind] = tuple(UNITS)
) -> Mapping[int, datetime]:
    """Which of these patients entered a reading of one of `kinds` since then, and when first.

    For reminders of readings: by when it was entered, not by when it was measured.
    """
    rows = await tx.fetch(
        """select patient_id, min(created_at) as at from observation
           where patient_id = any($1::bigint[]) and kind = any($2::text[]) and status = 'final'
             and created_at >= $3 and source <> 'staff' group by patient_id""",
        list(patients),
        list(kinds),
        since,
    )
    return {row["patient_id"]: row["at"] for row in rows}
