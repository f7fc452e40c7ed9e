"""Imports as rows: a file is taken up encrypted, looked at, committed, and then forgotten."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.ids import new_key
from clinic.importer.source import Source, Survey, survey
from clinic.importer.types import Issue

LEASE = timedelta(minutes=2)  # renewed while a worker goes on
KEPT = timedelta(days=7)  # a file that nobody commits
RUN_COLUMNS = """id, key, kind, state, digest, size, name, month, institution, mapping, confirmed,
    progress, report, created_by_id, created_at, committed_at, undone_at"""


@dataclass(frozen=True, slots=True)
class Run:
    """One import as staff see it. `report`: counts and reasons (clinic.importer.service)."""

    id: int
    key: UUID
    kind: str | None
    state: str
    name: str
    size: int
    month: date | None
    institution: str | None
    mapping: dict[str, Any] | None
    confirmed: list[str]
    progress: int
    report: dict[str, Any]
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None


async def upload(
    database: Database, keys: KeyRing, source: Source, staff_id: int | None, *, ours: bool = False
) -> tuple[int, Survey | Issue]:
    """Take up one file; its run's id, and what it is or why it is refused.

    `ours`: this process carries it out itself; no worker is to take it.

    A refused file is not kept, its run is: staff see what they brought and why it was not taken.
    Raises DatabaseDown.
    """
    surveyed = await asyncio.to_thread(survey, source)
    key = new_key()
    async with database.transaction() as tx:
        if isinstance(surveyed, Issue):
            run_id = await _add(tx, keys, key, source, None, surveyed, staff_id)
            return run_id, surveyed
        again = await tx.fetchval(
            "select id from import_run where digest = $1 and state = 'committed'", surveyed.digest
        )
        if again is not None:
            issue = Issue("refuse", "already_imported", values={"import": again})
            return await _add(tx, keys, key, source, surveyed, issue, staff_id), issue
        run_id = await _add(tx, keys, key, source, surveyed, None, staff_id)
        if ours:
            await tx.execute(
                "update import_run set lease_until = now() + $2 where id = $1", run_id, LEASE
            )
        chunks = source.chunks()
        position = 0
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            await tx.execute(
                "insert into import_chunk (run_id, position, content) values ($1, $2, $3)",
                run_id,
                position,
                keys.seal(chunk, "import_chunk.content", f"{key}:{position}"),
            )
            position += 1
    return run_id, surveyed


async def _add(
    tx: Tx,
    keys: KeyRing,
    key: UUID,
    source: Source,
    surveyed: Survey | None,
    refused: Issue | None,
    staff_id: int | None,
) -> int:
    run_id: int = await tx.fetchval(
        """insert into import_run (key, kind, state, digest, size, name, report, created_by_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8) returning id""",
        key,
        surveyed.detected.kind if surveyed else None,
        "refused" if refused else "uploaded",
        surveyed.digest if surveyed else "",
        surveyed.size if surveyed else 0,
        keys.seal(source.name.encode(errors="replace"), "import_run.name", key),
        {"refused": refused.reason, "numbers": refused.values} if refused else {},
        staff_id,
    )
    detail = {"import": run_id, "refused": refused.reason if refused else None}
    await record(tx, actor(staff_id), staff_id, "staff:import:upload", None, detail)
    return run_id


def actor(staff_id: int | None) -> Literal["staff", "system"]:
    """Who did it, for the audit trail: the command line has no staff member."""
    return "staff" if staff_id else "system"


async def find(tx: Tx, keys: KeyRing, run_id: int) -> Run | None:
    """One import."""
    row = await tx.fetchrow(f"select {RUN_COLUMNS} from import_run where id = $1", run_id)  # noqa: S608  # constants
    return row and _run(keys, row)


async def listing(
    tx: Tx, keys: KeyRing, *, limit: int = 50, before: int | None = None
) -> list[Run]:
    """The newest imports first; `before`: those with a smaller id, for the next page."""
    rows = await tx.fetch(
        f"""select {RUN_COLUMNS} from import_run where id < coalesce($2, 9223372036854775807)
            order by id desc limit $1""",  # noqa: S608  # constants
        limit,
        before,
    )
    return [_run(keys, row) for row in rows]


async def issues(tx: Tx, run_id: int, limit: int = 5_000) -> list[Issue]:
    """What of a file could not be used, in the order of its lines."""
    rows = await tx.fetch(
        """select severity, reason, line, record, field, numbers from import_issue
           where run_id = $1 order by line, id limit $2""",
        run_id,
        limit,
    )
    return [Issue(*row.values()) for row in rows]


async def request_commit(
    tx: Tx,
    run_id: int,
    staff_id: int | None,
    confirmed: tuple[str, ...] = (),
    *,
    ours: bool = False,
) -> bool:
    """Have a previewed file committed, with these warnings accepted. False: it is not previewed."""
    found = await tx.fetchval(
        """update import_run set state = 'committing', progress = 0, lease_until = now() + $3,
             confirmed = $2
           where id = $1 and state = 'previewed' returning id""",
        run_id,
        list(confirmed),
        LEASE if ours else None,
    )
    if found is not None:
        await record(tx, actor(staff_id), staff_id, "staff:import:commit", None, {"import": run_id})
    return found is not None


async def request_preview(tx: Tx, run_id: int, mapping: dict[str, Any]) -> bool:
    """Have a table looked at again with another mapping of its columns."""
    found = await tx.fetchval(
        """update import_run set state = 'uploaded', mapping = $2, progress = 0, lease_until = null
           where id = $1 and state = 'previewed' and kind = 'table' returning id""",
        run_id,
        mapping,
    )
    return found is not None


async def cancel(tx: Tx, run_id: int, staff_id: int | None) -> bool:
    """Forget a file that is not committed. False if a worker is at it, or it is at its end."""
    found = await tx.fetchval(
        """update import_run set state = 'cancelled'
           where id = $1 and state in ('uploaded', 'previewed') returning id""",
        run_id,
    )
    if found is not None:
        await forget_file(tx, run_id)
        await record(tx, actor(staff_id), staff_id, "staff:import:cancel", None, {"import": run_id})
    return found is not None


async def break_off(tx: Tx, run_id: int) -> None:
    """Refuse a file over which a worker stumbled. What it did was rolled back."""
    found = await tx.fetchval(
        """update import_run set state = 'refused', report = $2, lease_until = null
           where id = $1 and state in ('uploaded', 'previewing', 'committing') returning id""",
        run_id,
        {"refused": "broken_off"},
    )
    if found is not None:
        await forget_file(tx, run_id)


async def forget_file(tx: Tx, run_id: int) -> None:
    """The bytes are not needed any more."""
    await tx.execute("delete from import_chunk where run_id = $1", run_id)


async def expire(tx: Tx) -> int:
    """Forget files that nobody committed for KEPT; how many there were."""
    rows = await tx.fetch(
        """update import_run set state = 'cancelled'
           where state = 'previewed' and created_at < now() - $1::interval returning id""",
        KEPT,
    )
    for row in rows:
        await forget_file(tx, row["id"])
    return len(rows)


async def claim(tx: Tx) -> int | None:
    """An import that waits for a worker, leased to us; None if there is none."""
    run_id: int | None = await tx.fetchval(
        """update import_run set lease_until = now() + $1,
             state = case state when 'uploaded' then 'previewing' else state end
           where id = (select id from import_run
             where state in ('uploaded', 'previewing', 'committing')
               and (lease_until is null or lease_until < now())
             order by id limit 1 for update skip locked)
           returning id""",
        LEASE,
    )
    return run_id


async def progress(database: Database, run_id: int, per_mille: int) -> None:
    """Say how far it is, and keep the lease."""
    async with database.transaction() as tx:
        await tx.execute(
            "update import_run set progress = $2, lease_until = now() + $3 where id = $1",
            run_id,
            per_mille,
            LEASE,
        )


def stored_source(
    database: Database, keys: KeyRing, run: Run, loop: asyncio.AbstractEventLoop
) -> Source:
    """The file of a run, read piece by piece from the database, for a thread beside the loop."""

    async def piece(position: int) -> bytes | None:
        async with database.transaction() as tx:
            sealed = await tx.fetchval(
                "select content from import_chunk where run_id = $1 and position = $2",
                run.id,
                position,
            )
        if sealed is None:
            return None
        return keys.open(sealed, "import_chunk.content", f"{run.key}:{position}")

    def chunks() -> Iterator[bytes]:
        position = 0
        while True:
            found = asyncio.run_coroutine_threadsafe(piece(position), loop).result()
            if found is None:
                return
            yield found
            position += 1

    return Source(run.name, chunks)


def _run(keys: KeyRing, row: Any) -> Run:
    return Run(
        id=row["id"],
        key=row["key"],
        kind=row["kind"],
        state=row["state"],
        name=keys.open(row["name"], "import_run.name", row["key"]).decode(),
        size=row["size"],
        month=row["month"],
        institution=row["institution"],
        mapping=row["mapping"],
        confirmed=row["confirmed"],
        progress=row["progress"],
        report=row["report"],
        created_at=row["created_at"],
        committed_at=row["committed_at"],
        undone_at=row["undone_at"],
    )
