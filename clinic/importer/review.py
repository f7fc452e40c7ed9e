"""Entries of which no rule says who is meant: staff compare, and decide once for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.codes import icd10_by_code
from clinic.importer.commit import ENTRY, Commit
from clinic.importer.consents import note_consents
from clinic.importer.people import key_strangers
from clinic.importer.rules import New, Same, Verdict
from clinic.importer.runs import actor
from clinic.importer.service import IMPORT_LOCK, follow_up
from clinic.importer.types import Entry, Kind
from clinic.record.merge import merge
from clinic.record.service import TIMEOUT

Refusal = Literal["decided", "no_candidate", "visits_overlap", "gone"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient as far as the comparison shows them."""

    id: int
    name: str
    kana: str
    chart: str | None
    birth_on: date | None
    sex: str | None
    last_visit_on: date | None
    phone: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """One open question: the entry beside the patients it may speak of."""

    id: int
    run_id: int
    reason: str
    entry: Entry
    candidates: tuple[Candidate, ...]
    created_at: datetime


async def open_doubts(
    tx: Tx, keys: KeyRing, *, limit: int = 20, after: int = 0, one: int | None = None
) -> list[Doubt]:
    """Open questions, oldest first, one for each person that is meant."""
    rows = await tx.fetch(
        """select distinct on (m.identity, m.reason) m.id, m.key, m.run_id, m.reason, m.entry,
                  m.candidates, m.created_at
           from match_review m
           where m.state = 'open' and m.id > $2 and ($3::bigint is null or m.id = $3)
           order by m.identity, m.reason, m.id limit $1""",
        limit,
        after,
        one,
    )
    wanted = sorted({id for row in rows for id in row["candidates"]})
    found = {one.id: one for one in await _candidates(tx, keys, wanted)}
    doubts = [
        Doubt(
            row["id"],
            row["run_id"],
            row["reason"],
            _open(keys, row),
            tuple(found[id] for id in row["candidates"] if id in found),
            row["created_at"],
        )
        for row in rows
    ]
    return sorted(doubts, key=lambda doubt: doubt.id)


async def open_count(tx: Tx) -> int:
    """How many people wait to be decided on."""
    count: int = await tx.fetchval(
        "select count(distinct (identity, reason)) from match_review where state = 'open'"
    )
    return count


async def decide(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    doubt_id: int,
    decision: Literal["patient", "new", "dropped"],
    patient_id: int | None,
    staff_id: int | None,
) -> Refusal | None:
    """Settle a doubt and every other open one about the same person; None if it is done.

    patient: the entry is this candidate's (of a message that asks to merge: the one to keep). new:
    somebody else than all of them. dropped: the entry is not used.
    """
    await tx.execute("select pg_advisory_xact_lock($1)", IMPORT_LOCK, timeout=TIMEOUT)
    rows = await tx.fetch(
        """select m.id, m.key, m.run_id, m.reason, m.entry, m.candidates, r.kind
           from match_review m
           join match_review asked on asked.id = $1 and asked.state = 'open'
             and asked.identity = m.identity and asked.reason = m.reason
           join import_run r on r.id = m.run_id
           where m.state = 'open' order by m.id for update of m""",
        doubt_id,
    )
    if not rows:
        return "decided"
    if decision == "patient" and patient_id not in rows[0]["candidates"]:
        return "no_candidate"
    if rows[0]["reason"] == "merge_asked":
        if decision == "patient":
            (lost,) = [id for id in rows[0]["candidates"] if id != patient_id]
            merged = await merge(tx, keys, cast(int, patient_id), lost, staff_id)
            if isinstance(merged, str):
                return merged
        touched = list(rows[0]["candidates"])
    else:
        touched = []
        if decision != "dropped":
            verdict = Same(cast(int, patient_id)) if decision == "patient" else New()
            patient_id, touched = await _apply(tx, keys, settings, rows, verdict)
    await tx.execute(
        """update match_review set state = 'decided', decision = $2, patient_id = $3,
             decided_by_id = $4, decided_at = now() where id = any($1)""",
        [row["id"] for row in rows],
        decision,
        None if decision == "dropped" else patient_id,
        staff_id,
    )
    await follow_up(tx, settings, touched)
    detail = {"review": doubt_id, "decision": decision}
    await record(tx, actor(staff_id), staff_id, "staff:import:decide", patient_id, detail)
    return None


async def _apply(
    tx: Tx, keys: KeyRing, settings: Settings, rows: Sequence[Any], verdict: Verdict
) -> tuple[int, list[int]]:
    """Write the entries as their imports would have; whose they are, and who was touched."""
    await key_strangers(tx)
    today = await tx.fetchval("select (now() at time zone $1)::date", settings.clinic.time_zone)
    icd10 = await icd10_by_code(tx)
    touched: list[int] = []
    for row in rows:
        commit = Commit(tx, keys, row["run_id"], cast(Kind, row["kind"]), icd10, today)
        took = await commit.take([_open(keys, row)], {0: verdict})
        await note_consents(tx, keys, settings, row["run_id"], took)
        touched += commit.touched
        verdict = Same(commit.touched[0])  # whoever was made for the first is the others' too
    return touched[0], sorted(set(touched))


def _open(keys: KeyRing, row: Any) -> Entry:
    return ENTRY.validate_json(keys.open(row["entry"], "match_review.entry", row["key"]))


async def _candidates(tx: Tx, keys: KeyRing, ids: Sequence[int]) -> list[Candidate]:
    rows = await tx.fetch(
        """select p.id, p.key, p.name, p.kana, p.chart, p.birth_on, p.sex, p.phone, s.last_visit_on
           from patient p left join patient_summary s on s.patient_id = p.id
           where p.id = any($1) and p.merged_into_id is null""",
        ids,
    )
    return [
        Candidate(
            row["id"],
            row["name"],
            row["kana"],
            row["chart"],
            row["birth_on"],
            row["sex"],
            row["last_visit_on"],
            keys.open(row["phone"], "patient.phone", row["key"]).decode() if row["phone"] else "",
        )
        for row in rows
    ]
