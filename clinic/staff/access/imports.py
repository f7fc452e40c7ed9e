"""Files of patients that staff bring: taken up, looked at, committed, taken back. For the desk.

Which deeds are written down `clinic.importer` sees to: the command line does them too.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.importer import runs
from clinic.importer.reading import first_rows
from clinic.importer.runs import Run
from clinic.importer.service import IMPORT_LOCK
from clinic.importer.source import Source, Survey, Unreadable, survey
from clinic.importer.table.types import FIELDS, Row
from clinic.importer.types import Issue
from clinic.importer.undo import Undone, undo
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

LISTED_AT_MOST = 50  # imports on a page
ISSUES_SHOWN = 50
ISSUES_EXPORTED = 5_000
UNKNOWN_SHOWN = 20  # codes of a kind
# Kinds of codes, and the table in which records name them; of modifiers none does.
_CODED = (
    ("disease", "condition"),
    ("modifier", None),
    ("act", "procedure"),
    ("drug", "supply"),
)


@dataclass(frozen=True, slots=True)
class Master:
    """What is known of one kind of code. `loaded`: the newest master's day (YYYYMMDD), "shipped".

    `unknown`: codes that stand in records and that nobody has told us the meaning of, the most
    frequent first with how often they stand there; `unknown_count` counts them all.
    """

    kind: str
    known: int
    loaded: str
    unknown_count: int
    unknown: tuple[tuple[str, int], ...]


async def access_imports(
    tx: Tx, keys: KeyRing, staff: Staff, before: int | None = None
) -> list[Run]:
    """The newest imports first; `before`: those older than the one with this id."""
    if not sees_all_patients(staff.role):
        return []
    return await runs.listing(tx, keys, limit=LISTED_AT_MOST, before=before)


async def access_import(tx: Tx, keys: KeyRing, staff: Staff, run_id: int) -> Run | None:
    """One import; None if there is none that this staff member may see."""
    return await runs.find(tx, keys, run_id) if sees_all_patients(staff.role) else None


async def access_issues(tx: Tx, staff: Staff, run_id: int, most: int = ISSUES_SHOWN) -> list[Issue]:
    """What of a file could not be used, line by line. Holds nobody's data."""
    return await runs.issues(tx, run_id, most) if sees_all_patients(staff.role) else []


async def access_upload_import(
    database: Database, keys: KeyRing, staff: Staff, source: Source
) -> tuple[int, Survey | Issue] | None:
    """Take up one file; its import's id, and what it is or why it is refused. None: may not."""
    if not sees_all_patients(staff.role):
        return None
    return await runs.upload(database, keys, source, staff.id)


async def access_commit(tx: Tx, staff: Staff, run_id: int, confirmed: Sequence[str]) -> bool:
    """Have a file committed that was looked at, with these warnings accepted. False: it is not."""
    if not sees_all_patients(staff.role):
        return False
    return await runs.request_commit(tx, run_id, staff.id, tuple(confirmed))


async def access_cancel(tx: Tx, staff: Staff, run_id: int) -> bool:
    """Forget a file that is not committed. False if it is too late for that."""
    return sees_all_patients(staff.role) and await runs.cancel(tx, run_id, staff.id)


async def access_remap(
    tx: Tx, keys: KeyRing, staff: Staff, run_id: int, meaning: Mapping[int, str]
) -> bool:
    """Have a list looked at again, its columns (from 0) meaning these fields. False: no such list.

    A field of several columns keeps the order in which they were guessed.
    """
    run = await access_import(tx, keys, staff, run_id)
    if run is None or "mapping" not in run.report:
        return False
    before = run.report["mapping"]
    columns: dict[str, list[int]] = {}
    for column, name in sorted(meaning.items()):
        if name in FIELDS:
            columns.setdefault(name, []).append(column)
    for name, guessed in before["columns"].items():
        if sorted(guessed) == columns.get(name):
            columns[name] = guessed
    if not await runs.request_preview(tx, run_id, {**before, "columns": columns}):
        return False
    await record(tx, "staff", staff.id, "staff:import:map", None, {"import": run_id})
    return True


async def access_first_rows(
    database: Database, keys: KeyRing, staff: Staff, run: Run
) -> list[Row] | None:
    """The first rows of a list that waits to be committed, to tell its columns by. None: no list.

    Not within a transaction: the file is read from the database, piece by piece.
    """
    if not sees_all_patients(staff.role) or run.kind != "table" or run.state != "previewed":
        return None
    source = runs.stored_source(database, keys, run, asyncio.get_running_loop())
    surveyed = await asyncio.to_thread(survey, source)
    if isinstance(surveyed, Issue):
        return None
    try:
        rows = await asyncio.to_thread(first_rows, source, surveyed)
    except Unreadable:
        return None
    async with database.transaction() as tx:
        await record(tx, "staff", staff.id, "staff:import:read", None, {"import": run.id})
    return rows


async def access_undo(
    tx: Tx, settings: Settings, staff: Staff, run_id: int
) -> Undone | Literal["not_committed", "later_first", "busy"]:
    """Take an import back. What became of it stays in its report. "busy": another is at work."""
    if not sees_all_patients(staff.role):
        return "not_committed"
    if not await tx.fetchval("select pg_try_advisory_xact_lock($1)", IMPORT_LOCK):
        return "busy"
    undone = await undo(tx, settings, run_id, staff.id)
    if isinstance(undone, Undone):
        await tx.execute(
            "update import_run set report = report || $2 where id = $1",
            run_id,
            {"undone": asdict(undone)},
        )
    return undone


async def access_masters(tx: Tx, staff: Staff) -> list[Master]:
    """What is known of diseases, acts and drugs, and which codes of records nobody knows."""
    if not sees_all_patients(staff.role):
        return []
    return [await _master(tx, kind, table) for kind, table in _CODED]


async def _master(tx: Tx, kind: str, table: str | None) -> Master:
    known = await tx.fetchrow(
        """select count(*) as n, max(loaded) filter (where loaded <> 'shipped') as loaded
           from code_name where kind = $1""",
        kind,
    )
    rows: list[Any] = (
        []
        if table is None
        else await tx.fetch(
            f"""select x.code, count(*) as n, count(*) over () as kinds from {table} x
            where x.system = 'receipt' and x.code <> '0000999' and not exists (
              select 1 from code_name m where m.kind = $1 and m.code = x.code)
            group by x.code order by n desc, x.code limit {UNKNOWN_SHOWN}""",  # noqa: S608  # constants
            kind,
        )
    )
    return Master(
        kind=kind,
        known=known["n"],
        loaded=known["loaded"] or "shipped",
        unknown_count=rows[0]["kinds"] if rows else 0,
        unknown=tuple((row["code"], row["n"]) for row in rows),
    )


def loaded_on(master: Master) -> date | None:
    """The day of the newest master that was loaded; None if there is only what Kayoi brings."""
    try:
        return date.fromisoformat(master.loaded)
    except ValueError:
        return None
