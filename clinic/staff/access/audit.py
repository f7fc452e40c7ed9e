"""The audit trail as admins search it. Looking into it is written into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.audit import check as checking
from clinic.audit.service import record
from clinic.audit.subjects import DETAIL, PAIRS, SAME, kind_sql, listed_sql, patients_sql
from clinic.config import Settings
from clinic.db import Tx
from clinic.staff.types import Role, Staff, StaffName

PAGE = 50
EXPORTED_AT_MOST = 50_000
LONGEST_PERIOD = 366  # days
SEEN_AT_MOST = 5_000  # patients


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for, on the days `first` to `last` of a zone. Empty fields are no limits.

    `action` is the beginning of one. `before` is the id of the row after which the page begins.
    """

    first: date
    last: date
    zone: str
    staff_id: int | None = None
    patient_id: int | None = None
    action: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One deed. `name` is the staff member's or key's; `detail` holds codes and ids."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    name: str | None
    action: str
    subject_id: int | None
    detail: Mapping[str, Any]
    sealed: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A patient whom a staff member saw, how often, and when first and last."""

    id: int
    name: str
    chart: str | None
    times: int
    first_at: datetime
    last_at: datetime


_PERIOD = """a.at >= ($1::date::timestamp at time zone $3)
    and a.at < (($2::date + 1)::timestamp at time zone $3)"""


async def access_audit(
    tx: Tx, staff: Staff, query: Query, *, most: int = PAGE, export: bool = False
) -> list[AuditRow]:
    """Rows of the trail, newest first; one more than `most` where there are more. Admins only."""
    if staff.role is not Role.ADMIN:
        return []
    await tx.execute("set local statement_timeout = '60s'")  # a year of a large clinic
    kinds, ids, keys, named = await _subjects(tx, query.patient_id)
    of_detail = listed_sql("a.detail", "k.key")
    # "is true" keeps each id a look into one hash, built once; a join would be built for each row.
    rows = await tx.fetch(
        f"""select a.id, a.at, a.actor_kind, a.actor_id, s.name, a.action, a.subject_id, a.detail,
                   a.position is not null as sealed
            from audit a left join staff s on a.actor_kind = 'staff' and s.id = a.actor_id
            where {_PERIOD}
              and ($4::bigint is null or (a.actor_kind = 'staff' and a.actor_id = $4))
              and starts_with(a.action, $5)
              and ($6::bigint is null
                or ({kind_sql("a.action")}, a.subject_id) in (
                     select * from unnest($7::text[], $8::bigint[]))
                or a.detail ?| $13::text[] and exists (
                     select 1 from unnest($13::text[]) k (key)
                     cross join lateral jsonb_array_elements({of_detail}) one (id)
                     where ((k.key, one.id) in (
                       select of.key, to_jsonb(of.id)
                       from unnest($9::text[], $10::bigint[]) of (key, id))) is true))
              and ($11::bigint is null
                or (a.at, a.id) < (select b.at, b.id from audit b where b.id = $11))
            order by a.at desc, a.id desc limit $12""",  # noqa: S608  # constants
        query.first,
        query.last,
        query.zone,
        query.staff_id,
        query.action,
        query.patient_id,
        kinds,
        ids,
        keys,
        named,
        query.before,
        most + 1,
        sorted(set(keys)),
    )
    await _told(tx, staff, "export" if export else "search", query)
    return [AuditRow(*row) for row in rows]


async def access_seen(tx: Tx, staff: Staff, query: Query) -> list[Seen]:
    """Which patients were seen by a staff member in the period: for telling them of a breach.
    Admins only."""
    if staff.role is not Role.ADMIN or query.staff_id is None:
        return []
    await tx.execute("set local statement_timeout = '60s'")
    rows = f"""select a.at, a.action, a.subject_id, a.detail from audit a
               where {_PERIOD} and a.actor_kind = 'staff' and a.actor_id = $4"""  # noqa: S608  # constants
    found = await tx.fetch(
        f"""select p.id, p.name, p.chart, f.times, f.first_at, f.last_at
            from (select patient_id, count(*) as times, min(at) as first_at, max(at) as last_at
                  from ({patients_sql(rows)}) seen group by patient_id) f
            join patient p on p.id = f.patient_id
            order by f.last_at desc, p.id limit {SEEN_AT_MOST}""",  # noqa: S608  # constants
        query.first,
        query.last,
        query.zone,
        query.staff_id,
    )
    await _told(tx, staff, "seen", query)
    return [Seen(*row) for row in found]


async def access_check(tx: Tx, settings: Settings, staff: Staff) -> checking.Checked | None:
    """Walk the whole chain. Admins only."""
    if staff.role is not Role.ADMIN:
        return None
    checked = await checking.check(tx, settings.data_dir)
    detail = {"sealed": checked.sealed, "whole": checked.whole}
    await record(tx, "staff", staff.id, "staff:audit:check", None, detail)
    return checked


async def access_actors(tx: Tx, staff: Staff) -> list[StaffName]:
    """Everybody who has or had an account, by name. Admins only."""
    if staff.role is not Role.ADMIN:
        return []
    return [StaffName(*row) for row in await tx.fetch("select id, name from staff order by name")]


async def patient_of(tx: Tx, chart: str) -> int | None:
    """The patient of a chart number, for the search."""
    found: int | None = await tx.fetchval("select id from patient where chart = $1", chart.strip())
    return found


async def _subjects(
    tx: Tx, patient_id: int | None
) -> tuple[list[str], list[int], list[str], list[int]]:
    """Everything by which the trail may name a patient: words of actions and keys of details, each
    with the ids."""
    if patient_id is None:
        return [], [], [], []
    union = " union all ".join(
        f"select '{kind}' as kind, of.id from ({query}) of (id, patient_id) where patient_id = $1"  # noqa: S608  # constants
        for kind, query in PAIRS.items()
    )
    rows = await tx.fetch(union, patient_id)
    found = [(row["kind"], row["id"]) for row in rows]
    words = found + [(word, id) for word, of in SAME.items() for kind, id in found if kind == of]
    keys = [(key, id) for key, of in DETAIL.items() for kind, id in found if kind == of]
    return (
        [word for word, _ in words],
        [id for _, id in words],
        [key for key, _ in keys],
        [id for _, id in keys],
    )


async def _told(tx: Tx, staff: Staff, deed: str, query: Query) -> None:
    detail = {
        "first": query.first.isoformat(),
        "last": query.last.isoformat(),
        "staff": query.staff_id,
        "patient": query.patient_id,
    }
    await record(tx, "staff", staff.id, f"staff:audit:{deed}", None, detail)
