"""Carries an import out: looked at first, then committed, in one transaction each.

The preview is the commit, rolled back: what staff see is what they get.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from clinic.config import Settings
from clinic.contact.service import follow_addresses
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.importer import runs
from clinic.importer.codes import icd10_by_code, load_codes
from clinic.importer.commit import Commit, Counts, write_issues
from clinic.importer.consents import note_consents
from clinic.importer.people import key_strangers
from clinic.importer.reading import Parts, first_rows, mapping_of, read
from clinic.importer.rules import SOURCES
from clinic.importer.runs import Run
from clinic.importer.source import Source, Survey, survey
from clinic.importer.table.guess import fit
from clinic.importer.table.types import Mapping, from_json, to_json
from clinic.importer.types import Code, Entry, Header, Issue, Numbering, Part
from clinic.lapse.plans import estimate
from clinic.lapse.service import recompute
from clinic.outreach.service import note_returns
from clinic.record.service import TIMEOUT, refresh

IMPORT_LOCK = 7_205_130  # any fixed number: one import of a clinic at a time
BATCH = 250  # entries read in a thread, then written
PROGRESS_EVERY = 4  # batches
# After so many batches of a transaction the tables may have grown a thousandfold: plans that were
# made for small ones would scan them whole.
LOOK_AGAIN = frozenset((4, 16, 64, 256))
_TOP = 20  # unknown codes named in a report
_MOST_NUMBERINGS = 5  # kinds of identifiers named in a report
_TO_PREVIEW = ("uploaded", "previewing")
_AT_WORK = (*_TO_PREVIEW, "committing")
MAPPING_NEEDED = ("mapping_needed", "mostly_rejected_rows")

Progress = Callable[[int], Awaitable[None]]


class _RolledBack(Exception):
    """Ends the transaction of a preview or of a refused file; nothing of it stays."""


@dataclass(slots=True)
class Read:
    """What one way through a file found."""

    counts: Counts = field(default_factory=Counts)
    issues: list[Issue] = field(default_factory=list)
    header: Header | None = None
    newest: date | None = None
    visits: dict[str, int] = field(default_factory=dict)
    codes: int = 0
    returns: int = 0
    refused: Issue | None = None
    touched: list[int] = field(default_factory=list)
    mapping: dict[str, Any] | None = None  # of a table's columns
    charts: Counter[Numbering] = field(default_factory=Counter)  # what numbers were taken from
    passed_over: Counter[Numbering] = field(default_factory=Counter)  # of patients without one

    def report(self) -> dict[str, Any]:
        """The counts as a run keeps them."""
        counts = self.counts
        return {
            "patients": dict(counts.patients),
            "records": dict(counts.records),
            "visits": self.visits,
            "issues": dict(counts.issues),
            "codes": self.codes,
            "unknown_codes": len(counts.unknown_codes),
            "unknown_most": [code for code, _ in counts.unknown_codes.most_common(_TOP)],
            "payer": self.header.payer if self.header else "",
            "returns": self.returns,
            **({"refused": self.refused.reason} if self.refused else {}),
            **({"mapping": self.mapping} if self.mapping else {}),
            **({"charts": _counted(self.charts)} if self.charts else {}),
            **({"passed_over": _counted(self.passed_over)} if self.passed_over else {}),
        }


def _counted(found: Counter[Numbering]) -> list[dict[str, Any]]:
    """The most frequent ones, as plain data."""
    most = found.most_common(_MOST_NUMBERINGS)
    return [{"kind": it.kind, "system": it.system, "count": count} for it, count in most]


async def carry_out(database: Database, keys: KeyRing, settings: Settings, run_id: int) -> str:
    """Look at a file, or commit it, as its run's state asks; the state it is in then.

    Raises DatabaseDown; the run is found again when its lease is over.
    """
    async with database.transaction() as tx:
        run = await runs.find(tx, keys, run_id)
    assert run is not None
    source = runs.stored_source(database, keys, run, asyncio.get_running_loop())
    surveyed = await asyncio.to_thread(survey, source)
    if isinstance(surveyed, Issue):  # it was taken up, so it is gone: others were quicker
        async with database.transaction() as tx:
            now = await tx.fetchval("select state from import_run where id = $1", run_id)
        if now in _AT_WORK:
            raise ValueError(surveyed.reason)
        return str(now)

    async def tell(per_mille: int) -> None:
        await runs.progress(database, run_id, per_mille)

    return await work(database, keys, settings, run, source, surveyed, tell)


async def work(
    database: Database,
    keys: KeyRing,
    settings: Settings,
    run: Run,
    source: Source,
    surveyed: Survey,
    tell: Progress,
) -> str:
    """As `carry_out`, of a file that is at hand; `tell` is given how far it is, per mille."""
    found = Read()
    commits = run.state == "committing"
    state = "previewed"
    try:
        async with database.transaction() as tx:
            await _unhurried(tx)
            now = await tx.fetchval("select state from import_run where id = $1", run.id)
            if not _is_ours(now, run):
                return str(now)  # another worker took our lease for lapsed, and was quicker
            await _read(tx, keys, settings, run, source, surveyed, found, tell)
            confirm = await _to_confirm(tx, run, found)
            if found.refused is not None or not commits or set(confirm) - set(run.confirmed):
                raise _RolledBack
            await _finish(tx, settings, run, found)
            if found.mapping is not None:
                await _keep_mapping(tx, found.mapping)
            await write_issues(tx, run.id, found.issues)
            await runs.forget_file(tx, run.id)
            await _write(tx, run, "committed", found, confirm)
            return "committed"
    except _RolledBack:
        # Of a list whose columns were not understood, staff may say what they hold.
        lost = found.refused is not None and found.refused.reason not in MAPPING_NEEDED
        state = "refused" if lost else "previewed"
    async with database.transaction() as tx:
        now = await tx.fetchval("select state from import_run where id = $1 for update", run.id)
        if not _is_ours(now, run):
            return str(now)
        await write_issues(tx, run.id, found.issues)
        if state == "refused":
            await runs.forget_file(tx, run.id)
        await _write(tx, run, state, found, confirm)
    return state


def _is_ours(state: str, run: Run) -> bool:
    """Whether the run still waits for what we do: nobody committed or cancelled it meanwhile."""
    return state == run.state or {state, run.state} <= set(_TO_PREVIEW)


async def _unhurried(tx: Tx) -> None:
    """One import at a time, in a transaction that may take minutes."""
    await tx.execute("set local statement_timeout = 0")
    await tx.execute("set local idle_in_transaction_session_timeout = 0")
    await tx.execute("set local lock_timeout = 0")
    await tx.execute("select pg_advisory_xact_lock($1)", IMPORT_LOCK, timeout=TIMEOUT)


async def _read(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    run: Run,
    source: Source,
    surveyed: Survey,
    found: Read,
    tell: Progress,
) -> None:
    kind = surveyed.detected.kind
    zone = ZoneInfo(settings.clinic.time_zone)
    today = await tx.fetchval("select (now() at time zone $1)::date", zone.key)
    commit = None
    if kind in SOURCES:
        await key_strangers(tx)
        commit = Commit(tx, keys, run.id, kind, await icd10_by_code(tx), today)
    meter = _Meter(source, surveyed.size)
    mapping = Mapping({})
    if kind == "table":
        mapping = await _mapping(tx, run, source, surveyed)
        found.mapping = to_json(mapping)
    charts = settings.clinic.chart_systems
    parts = read(meter.source, surveyed, mapping, today, zone, charts)
    batches = 0
    while batch := await asyncio.to_thread(_take, parts):
        for one in batch:
            if isinstance(one, Header):
                found.header = one
            elif isinstance(one, Issue) and one.severity == "refuse":
                found.refused = one
        issues = [one for one in batch if isinstance(one, Issue)]
        if commit is not None:
            commit.note(issues)
            entries = [one for one in batch if isinstance(one, Entry)]
            found.charts.update(one.chart_from for one in entries if one.chart_from)
            found.passed_over.update(it for one in entries for it in one.passed_over)
            took = await commit.take(entries)
            commit.note(await note_consents(tx, keys, settings, run.id, took))
        else:
            found.issues += issues
            found.codes += await load_codes(
                tx, [one for one in batch if isinstance(one, Code)], _loaded(source.name, today)
            )
        if found.refused is not None:
            break
        batches += 1
        if batches in LOOK_AGAIN:
            await tx.execute("analyze patient, source_record", timeout=TIMEOUT)
        if batches % PROGRESS_EVERY == 0:
            await tell(meter.per_mille)
    if commit is None:
        return
    found.counts, found.issues, found.newest = commit.finish(), commit.issues, commit.newest
    found.touched = commit.touched
    found.visits = await _visits(tx, run.id)


async def _mapping(tx: Tx, run: Run, source: Source, surveyed: Survey) -> Mapping:
    """Which column holds what: as staff said of this file, or of one like it; else a guess."""
    shown = await asyncio.to_thread(first_rows, source, surveyed)
    told = from_json(run.mapping)
    if told is not None:
        return fit(told, shown) or told
    rows = await tx.fetch("select mapping from import_mapping order by updated_at desc limit 20")
    return mapping_of(shown, [one for row in rows if (one := from_json(row["mapping"]))])


async def _keep_mapping(tx: Tx, mapping: dict[str, Any]) -> None:
    """The next list with these titles is read in the same way."""
    digest = hashlib.sha256("\x00".join(mapping["titles"]).encode()).hexdigest()
    await tx.execute(
        """insert into import_mapping (header_digest, mapping) values ($1, $2)
           on conflict (header_digest) do update set mapping = $2, updated_at = now()""",
        digest,
        mapping,
    )


def _take(parts: Parts) -> list[Part | Code]:
    """So many parts that a batch of entries comes together, or the rest."""
    return list(islice(parts, BATCH))


class _Meter:
    """Counts the bytes that go through a source."""

    def __init__(self, source: Source, size: int) -> None:
        self._source, self._size, self._read = source, max(size, 1), 0
        self.source = Source(source.name, self._chunks)

    def _chunks(self) -> Iterator[bytes]:
        self._read = 0
        for chunk in self._source.chunks():
            self._read += len(chunk)
            yield chunk

    @property
    def per_mille(self) -> int:
        return min(999, self._read * 1000 // self._size)


def _loaded(name: str, today: date) -> str:
    """Of which day a master is: its name says, else today."""
    digits = "".join(sign for sign in name if sign.isdecimal())
    return digits[-8:] if len(digits) >= 8 else f"{today:%Y%m%d}"


async def _to_confirm(tx: Tx, run: Run, found: Read) -> list[str]:
    """What a person has to say yes to before this may be committed."""
    institution = found.header.institution if found.header else ""
    if not institution:
        return []
    own = await tx.fetchval(
        """select institution from import_run
           where state = 'committed' and institution is not null and id <> $1
           order by id desc limit 1""",
        run.id,
    )
    return ["other_institution"] if own is not None and own != institution else []


async def _finish(tx: Tx, settings: Settings, run: Run, found: Read) -> None:
    """What follows from new data, in the same transaction: summaries, lists, returns."""
    # The lists are reckoned from the row of this import too.
    await _write(tx, run, "committed", found, [])
    if found.codes:  # a master: diseases that were unknown may put anybody into a group
        await recompute(tx, None, settings.clinic.time_zone, settings.lapse.horizon)
    else:
        found.returns = await follow_up(tx, settings, found.touched)


async def follow_up(tx: Tx, settings: Settings, touched: Sequence[int]) -> int:
    """After records came, went or were carried over; how many patients are newly back."""
    zone = settings.clinic.time_zone
    await follow_addresses(tx, touched)
    await refresh(tx, touched)
    await estimate(tx, touched)
    await recompute(tx, touched, zone, settings.lapse.horizon)
    return await note_returns(tx, touched, zone)


async def new_day(tx: Tx, settings: Settings) -> None:
    """What the calendar alone changes in lists and returns; for a worker, some times a day."""
    zone = settings.clinic.time_zone
    await recompute(tx, (), zone, settings.lapse.horizon)
    await note_returns(tx, None, zone)


async def _write(tx: Tx, run: Run, state: str, found: Read, confirm: list[str]) -> None:
    await tx.execute(
        """update import_run set state = $2::text, report = $3, month = $4, institution = $5,
             progress = 1000, lease_until = null,
             committed_at = case when $2::text = 'committed' then clock_timestamp() end
           where id = $1""",
        run.id,
        state,
        {**found.report(), "confirm": confirm},
        found.newest,
        (found.header.institution or None) if found.header else None,
    )


async def _visits(tx: Tx, run_id: int) -> dict[str, int]:
    """How many days of visits are new by this import, and how many go."""
    distinct = "select distinct e.patient_id, e.on_date, e.setting from encounter e"
    same = "(o.patient_id, o.on_date, o.setting) = (n.patient_id, n.on_date, n.setting)"
    row = await tx.fetchrow(
        f"""select
              (select count(*) from ({distinct} join source_record r on r.id = e.record_id
                where r.run_id = $1) n) as told,
              (select count(*) from ({distinct} join source_record r on r.id = e.record_id
                where r.run_id = $1) n
               where not exists (select 1 from encounter o
                 left join source_record s on s.id = o.record_id
                 where {same} and s.run_id is distinct from $1
                   and (s.replaced_by_id is null or s.replaced_by_id = $1))) as new,
              (select count(*) from ({distinct} join source_record r on r.id = e.record_id
                where r.replaced_by_id = $1) n
               where not exists (select 1 from encounter o
                 left join source_record s on s.id = o.record_id
                 where {same} and s.replaced_by_id is null)) as gone""",  # noqa: S608  # constants
        run_id,
        timeout=TIMEOUT,
    )
    return {"new": row["new"], "removed": row["gone"], "unchanged": row["told"] - row["new"]}
