"""What experts, admins and doctors, found in audited conversations: things to mend in a script."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.quality.rules import is_expert
from clinic.quality.types import FindingKind, FindingState
from clinic.staff.access.tasks import FINDING
from clinic.staff.types import Staff

SHOWN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend in a script."""

    id: int
    review_id: int
    month: date
    script: str
    kind: FindingKind
    note: str
    state: FindingState
    created_at: datetime
    closed_at: datetime | None
    closed_by: str | None


_FINDING = """select f.*, v.month, s.name as closer from quality_finding f
    join quality_review v on v.id = f.review_id left join staff s on s.id = f.closed_by_id"""


async def access_add_finding(
    tx: Tx, keys: KeyRing, staff: Staff, review_id: int, script: str, kind: FindingKind, note: str
) -> int | None:
    """Note something to mend in a script; its id. None if there is no such review, and for who
    may not."""
    if not is_expert(staff.role) or not await tx.fetchval(
        "select exists (select from quality_review where id = $1)", review_id
    ):
        return None
    made: int = await tx.fetchval("select nextval(pg_get_serial_sequence('quality_finding', 'id'))")
    await tx.execute(
        """insert into quality_finding (id, review_id, script, kind, note)
           values ($1, $2, $3, $4, $5)""",
        made,
        review_id,
        script,
        kind,
        keys.seal(note.encode(), "quality_finding.note", made),
    )
    await tx.execute(
        "insert into task (key, kind, detail) values ($1, $2, $3)",
        _task(made),
        FINDING,
        {"finding": made, "script": script, "wrong": kind},
    )
    detail = {"finding": made, "script": script, "kind": kind}
    await record(tx, "staff", staff.id, "staff:quality_finding:add", review_id, detail)
    return made


async def access_findings(
    tx: Tx, keys: KeyRing, staff: Staff, state: FindingState
) -> list[Finding]:
    """What is to be mended, or was, newest first; `SHOWN_AT_MOST` at most."""
    if not is_expert(staff.role):
        return []
    rows = await tx.fetch(
        f"{_FINDING} where f.state = $1 order by f.id desc limit {SHOWN_AT_MOST}", state
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:quality_finding:list", None, {"findings": ids})
    return [_finding(keys, row) for row in rows]


async def access_close_finding(tx: Tx, staff: Staff, finding_id: int) -> bool:
    """Say that something was mended. False if it was already, or there is no such finding."""
    if not is_expert(staff.role):
        return False
    closed = await tx.fetchval(
        """update quality_finding set state = 'closed', closed_at = now(), closed_by_id = $2
           where id = $1 and state = 'open' returning id""",
        finding_id,
        staff.id,
    )
    if closed is None:
        return False
    await tx.execute(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2, outcome = 'done'
           where key = $1 and state = 'open'""",
        _task(finding_id),
        staff.id,
    )
    await record(tx, "staff", staff.id, "staff:quality_finding:close", finding_id)
    return True


async def findings_of(tx: Tx, keys: KeyRing, review_id: int) -> tuple[Finding, ...]:
    """The findings of a review that the caller was shown."""
    rows = await tx.fetch(f"{_FINDING} where f.review_id = $1 order by f.id", review_id)
    return tuple(_finding(keys, row) for row in rows)


def _task(finding_id: int) -> str:
    """The key of the task that a finding is."""
    return f"{FINDING}:{finding_id}"


def _finding(keys: KeyRing, row: Mapping[str, Any]) -> Finding:
    return Finding(
        id=row["id"],
        review_id=row["review_id"],
        month=row["month"],
        script=row["script"],
        kind=row["kind"],
        note=keys.open(row["note"], "quality_finding.note", row["id"]).decode(),
        state=row["state"],
        created_at=row["created_at"],
        closed_at=row["closed_at"],
        closed_by=row["closer"],
    )
