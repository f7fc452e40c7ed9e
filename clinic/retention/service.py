"""Deletes or blanks what is older than the clinic keeps it (`retention` in the configuration).

The audit trail is kept for ever: no row of it can be changed.
"""

# ruff: noqa: S608  # what is put together is fixed texts

from collections.abc import Awaitable, Callable
from datetime import timedelta

from clinic.audit.service import record
from clinic.config import Retention
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.message.codec import dump_message
from clinic.message.types import Message
from clinic.picture.service import forget_unused
from clinic.record.chats import blank_outbox

BATCH = 2000  # rows of a transaction
PICTURES = 100  # of a transaction: each is up to 2 MB
LOCK = 7_205_134  # one process at a time
_ACCESS = {  # by table: when a row is over
    "sign_in_link": "expires_at",
    "sign_in_step": "created_at",
    "sign_in_try": "at",
    "staff_session": "coalesce(ended_at, seen_at)",
    "web_link": "expires_at",
}
Step = Callable[[Tx, int, timedelta], Awaitable[tuple[int, int] | None]]


async def forget(database: Database, keys: KeyRing, kept: Retention) -> dict[str, int]:
    """Let go of what is too old, a batch at a time; how many rows, by kind. May be cut off and
    begun anew at any time. Raises DatabaseDown."""
    done: dict[str, int] = {}

    async def walk(kind: str, days: int | None, step: Step) -> None:
        after = 0
        while days is not None:
            async with database.transaction() as tx:
                if not await tx.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
                    return
                found = await step(tx, after, timedelta(days=days))
            if found is None:
                return
            after, count = found
            done[kind] = done.get(kind, 0) + count

    await walk("payloads", kept.payloads, _payloads)
    await walk("transcripts", kept.transcripts, _said)
    await walk("transcripts", kept.transcripts, _written(keys))
    for table in _ACCESS:
        await walk("access", kept.access, _rows_of(table))
    await walk("pictures", kept.pictures, _pictures)
    done = {kind: count for kind, count in done.items() if count}
    if done:
        async with database.transaction() as tx:
            await record(tx, "system", None, "system:installation:forget", None, done)
    return done


async def _payloads(tx: Tx, after: int, age: timedelta) -> tuple[int, int] | None:
    return await _inbound(tx, after, age, "payload")


async def _said(tx: Tx, after: int, age: timedelta) -> tuple[int, int] | None:
    return await _inbound(tx, after, age, "text")


async def _inbound(tx: Tx, after: int, age: timedelta, column: str) -> tuple[int, int] | None:
    ids = await _window(tx, "inbound", "received_at", after, age)
    if not ids:
        return None
    count = await tx.execute(
        f"""update inbound set {column} = null
            where id = any ($1::bigint[]) and {column} is not null and state <> 'new'""",
        ids,
    )
    return ids[-1], _count(count)


def _written(keys: KeyRing) -> Step:
    blank = len(keys.seal(dump_message(Message("", "en")), "", ""))

    async def step(tx: Tx, after: int, age: timedelta) -> tuple[int, int] | None:
        ids = await _window(tx, "outbox", "created_at", after, age)
        if not ids:
            return None
        rows = await tx.fetch(
            """select id, key from outbox where id = any ($1::bigint[])
                 and settled_at is not null and length(content) > $2 for update""",
            ids,
            blank,
        )
        await blank_outbox(tx, keys, rows)
        return ids[-1], len(rows)

    return step


async def _pictures(tx: Tx, _after: int, age: timedelta) -> tuple[int, int] | None:
    count = await forget_unused(tx, age, PICTURES)
    return (0, count) if count else None


def _rows_of(table: str) -> Step:
    async def step(tx: Tx, _after: int, age: timedelta) -> tuple[int, int] | None:
        status = await tx.execute(
            f"""delete from {table} where id in (
                  select id from {table} where {_ACCESS[table]} < now() - $1::interval
                  order by id limit {BATCH})""",
            age,
        )
        return (0, _count(status)) if _count(status) else None

    return step


async def _window(tx: Tx, table: str, at: str, after: int, age: timedelta) -> list[int]:
    """The next ids that are old enough, in the order of their writing."""
    rows = await tx.fetch(
        f"""select id, {at} < now() - $2::interval as old from {table}
            where id > $1 order by id limit {BATCH}""",
        after,
        age,
    )
    return [row["id"] for row in rows if row["old"]]


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
