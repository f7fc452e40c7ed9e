"""Rules of the triage and who signed them, and runs as staff see them.

A doctor sees the runs of own patients, the desk and admins see all. Beside that everybody who may
open an escalation sees the run that raised it, and experts those of the conversations they audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.quality.rules import is_expert
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff
from clinic.triage.service import Replayed, replay_run
from clinic.triage.texts import keep_text

LISTED = 50  # runs of a page


@dataclass(frozen=True, slots=True)
class Signed:
    """Who stands for a version of a rule, and for which text of it."""

    name: str
    signed_at: datetime
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs: of these days of a zone, both included. `before`: older than this one."""

    since: date
    until: date
    zone: str
    level: int | None = None
    presentation: str | None = None
    version: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `patient_id` None: of somebody whom the clinic does not know."""

    id: int
    created_at: datetime
    presentation: str
    version: int
    level: int
    disposition: str
    checked_in: str | None
    conversation_id: int
    patient_id: int | None
    name: str | None
    chart: str | None


@dataclass(frozen=True, slots=True)
class RunOpened:
    """One run with its replay, and the escalation that it raised, if it did."""

    row: RunRow
    base: int  # the version of what everybody is asked
    replay: Replayed
    escalation_id: int | None


_ROW = """select r.id, r.created_at, r.presentation, (r.rules ->> 'presentation')::int as version,
      r.level, r.disposition, r.checked_in, r.conversation_id, r.patient_id, p.name, p.chart"""
_FROM = "from triage_run r left join patient p on p.id = r.patient_id"
# An escalation is written in the transaction that keeps the run it comes from, and takes in what
# follows while it is not closed.
_OF_RUN = """e.conversation_id = r.conversation_id and r.level >= 3
    and r.created_at >= e.created_at and r.created_at <= coalesce(e.closed_at, 'infinity')"""
_RAISED = f"select e.id from escalation e where {_OF_RUN}"  # noqa: S608  # constants
_ESCALATED = f"""exists ({_RAISED} and (e.state <> 'closed' or e.owner_id = $1
    or e.closed_at > now() - interval '1 day'))"""
_AUDITED = """exists (select from quality_review v where v.conversation_id = r.conversation_id
    and v.month = date_trunc('month', r.created_at at time zone $5)::date)"""


async def access_signatures(tx: Tx) -> Mapping[str, Signed]:
    """The newest signature of each rule of the triage, by the rule. Nobody's data."""
    rows = await tx.fetch(
        """select distinct on (g.rule) g.rule, s.name, g.signed_at, g.version, g.digest
           from rule_signature g join staff s on s.id = g.staff_id
           where g.digest is not null order by g.rule, g.signed_at desc"""
    )
    return {row["rule"]: Signed(*list(row.values())[1:]) for row in rows}


async def access_sign_rule(
    tx: Tx, staff: Staff, rule: str, version: int, content: Mapping[str, Any]
) -> bool:
    """Stand for what a rule says now. False unless a doctor does.

    Whoever stood for another text of the same version does so no more; the audit trail keeps it.
    """
    if staff.role is not Role.DOCTOR:
        return False
    digest = await keep_text(tx, rule, version, content)
    await tx.execute(
        """insert into rule_signature (rule, version, staff_id, digest) values ($1, $2, $3, $4)
           on conflict (rule, version) do update
             set staff_id = $3, digest = $4, signed_at = now()""",
        rule,
        version,
        staff.id,
        digest,
    )
    detail = {"rule": rule, "version": version, "digest": digest}
    await record(tx, "staff", staff.id, "staff:triage_rule:sign", None, detail)
    return True


async def access_runs(tx: Tx, staff: Staff, wanted: Wanted) -> list[RunRow]:
    """Runs, the newest first; `LISTED` + 1 at most, so that one knows whether there are more."""
    rows = await tx.fetch(
        f"""{_ROW} {_FROM}
            where ($2 or r.patient_id in ({OWN_PATIENTS}))
              and r.created_at >= $3::date::timestamp at time zone $5
              and r.created_at < ($4::date + 1)::timestamp at time zone $5
              and ($6::int is null or r.level = $6)
              and ($7::text is null or r.presentation = $7)
              and ($8::int is null or (r.rules ->> 'presentation')::int = $8)
              and ($9::bigint is null or r.id < $9)
            order by r.created_at desc, r.id desc limit {LISTED + 1}""",  # constants
        staff.id,
        sees_all_patients(staff.role),
        wanted.since,
        wanted.until,
        wanted.zone,
        wanted.level,
        wanted.presentation,
        wanted.version,
        wanted.before,
    )
    found = [RunRow(**dict(row)) for row in rows]
    if found:
        detail = {"triage_runs": [one.id for one in found[:LISTED]]}
        await record(tx, "staff", staff.id, "staff:triage_run:list", None, detail)
    return found


async def access_run(
    tx: Tx, keys: KeyRing, staff: Staff, run_id: int, zone: str
) -> RunOpened | None:
    """One run with its replay; None if there is none that this staff member may see."""
    row = await tx.fetchrow(
        f"""{_ROW}, (r.rules ->> 'base')::int as base,
              ({_RAISED} order by e.id desc limit 1) as escalation
            {_FROM} where r.id = $3 and ($2 or r.patient_id in ({OWN_PATIENTS})
              or {_ESCALATED} or ($4 and {_AUDITED}))""",  # constants
        staff.id,
        sees_all_patients(staff.role),
        run_id,
        is_expert(staff.role),
        zone,
    )
    if row is None:
        return None
    await record(tx, "staff", staff.id, "staff:triage_run:read", run_id)
    told = dict(row)
    base, escalation = told.pop("base"), told.pop("escalation")
    return RunOpened(RunRow(**told), base, await replay_run(tx, keys, run_id), escalation)


async def access_run_of(tx: Tx, escalation_id: int) -> int | None:
    """The last run that an escalation comes from, of which its page tells more; its id."""
    found: int | None = await tx.fetchval(
        f"""select r.id from escalation e join triage_run r on {_OF_RUN}
            where e.id = $1 order by r.id desc limit 1""",  # noqa: S608  # constants
        escalation_id,
    )
    return found
