"""Whether this is the clinic's own Kayoi or a copy of it: a copy sends nothing until somebody says
that it is the clinic's from now on (docs/operations.md)."""

from pathlib import Path

from clinic.audit.service import record
from clinic.campaign.settle import follow_chunks, follow_messages, pause
from clinic.db import Tx
from clinic.ids import new_key
from clinic.installation.file import read_instance, write_instance
from clinic.installation.types import Muted, MuteReason, Released

LOCK = 7_205_133
ALIVE = "30 seconds"  # since the last beat of a process
# For statements that are judged anyway: whether nothing may go out.
IS_MUTED = "exists (select 1 from installation where muted_at is not null)"


async def muted(tx: Tx) -> Muted | None:
    """Since when nothing goes out; None: all of it does."""
    row = await tx.fetchrow(
        "select muted_at, mute_reason from installation where muted_at is not null"
    )
    return Muted(row["muted_at"], row["mute_reason"]) if row else None


async def recognise(tx: Tx, folder: Path) -> None:
    """At the start of a process: whether this database and this data folder belong together.

    A database that no folder has claimed becomes ours. One of another folder is a copy and is
    muted, unless processes are at work on it: then this folder joins them. Raises OSError.
    """
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    instance = await tx.fetchval("select instance from installation")
    if instance is None:
        instance = new_key()
        await tx.execute(
            "insert into installation (origin, instance) values ($1, $2)", new_key(), instance
        )
    elif read_instance(folder) == instance:
        return
    elif not await anybody_lives(tx):
        await mute(tx, "copied")
        return
    write_instance(folder, instance)


async def keep(tx: Tx, folder: Path) -> None:
    """Follow a release that was made elsewhere, in a process that works. Raises OSError."""
    instance = await tx.fetchval("select instance from installation where muted_at is null")
    if instance is not None and read_instance(folder) != instance:
        write_instance(folder, instance)


async def anybody_lives(tx: Tx) -> bool:
    """Whether a process works with this database."""
    found: bool = await tx.fetchval(
        f"select exists (select 1 from heartbeat where seen_at > now() - interval '{ALIVE}')"  # noqa: S608  # a constant
    )
    return found


async def mute(tx: Tx, reason: MuteReason) -> None:
    """Let nothing go out from now on; campaigns that run are paused for a person to look at."""
    await tx.execute(
        """update installation set muted_at = coalesce(muted_at, now()),
             mute_reason = coalesce(mute_reason, $1)""",
        reason,
    )
    rows = await tx.fetch("select id from campaign where state = 'running'")
    await pause(tx, [row["id"] for row in rows], reason)
    await record(tx, "system", None, "system:installation:mute", None, {"reason": reason})


async def release(tx: Tx, folder: Path, staff_id: int | None) -> Released | None:
    """Let messages go out again; None if they do.

    What was due before may have gone out from where this copy was made: it is left as unknown.
    Raises OSError if the folder cannot be written.
    """
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    if await muted(tx) is None:
        return None
    messages = await _leave(tx, "outbox")
    await follow_messages(tx, messages)
    chunks = await _leave(tx, "chunk")
    await follow_chunks(tx, chunks)
    instance = new_key()
    await tx.execute(
        """update installation set instance = $1, muted_at = null, mute_reason = null,
             released_at = now(), released_by_id = $2""",
        instance,
        staff_id,
    )
    left = len(messages) + len(chunks)
    await record(
        tx,
        "staff" if staff_id else "system",
        staff_id,
        f"{'staff' if staff_id else 'system'}:installation:release",
        None,
        {"messages": left},
    )
    write_instance(folder, instance)
    return Released(left, instance)


async def _leave(tx: Tx, table: str) -> list[int]:
    rows = await tx.fetch(
        f"""update {table} set state = 'unknown', reason = 'restored', send_at = 'infinity',
              settled_at = now(), lease_token = null, lease_until = null
            where state in ('leased', 'inflight')
               or state = 'pending' and (send_at <= now() or reason = 'muted')
               or state = 'unknown' and send_at < 'infinity'
            returning id"""  # noqa: S608  # of two
    )
    return [row["id"] for row in rows]
