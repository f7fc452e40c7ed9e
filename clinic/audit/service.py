"""The audit trail: written with the deed, chained afterwards, checked at any time.

A row's id says little about the order of commits: id 5 may be there before id 4. So rows get their
`position` in the chain when they are sealed, and one that was committed late simply comes later.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

import orjson

from clinic.db import Tx

SEAL_LOCK = 7_205_122  # one process seals at a time
SEAL_AGE = timedelta(seconds=10)
BATCH = 10_000
CHECKED_AT_ONCE = 2_000  # rows: some 10 ms, in which the process does nothing else
_ROW = "id, at, actor_kind, actor_id, action, subject_id, detail, position, chain"


async def record(
    tx: Tx,
    actor_kind: Literal["patient", "staff", "system", "api_key"],
    actor_id: int | None,
    action: str,
    subject_id: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write one row in the transaction of the deed: codes and ids, never words of patients.

    `action` is source:subject:action, such as staff:conversation:read.
    """
    await tx.execute(
        """insert into audit (actor_kind, actor_id, action, subject_id, detail)
           values ($1, $2, $3, $4, $5)""",
        actor_kind,
        actor_id,
        action,
        subject_id,
        dict(detail or {}),
    )


async def seal(tx: Tx, older_than: timedelta = SEAL_AGE) -> int:
    """Chain up to `BATCH` rows older than `older_than`; how many there were.

    0 also while another process is at it. The lock is held to the end of the transaction.
    """
    if not await tx.fetchval("select pg_try_advisory_xact_lock($1)", SEAL_LOCK):
        return 0
    position, chain = await newest(tx) or (0, b"")
    rows = await tx.fetch(
        f"""select {_ROW} from audit where position is null and at <= now() - $1::interval
            order by id limit {BATCH}""",  # noqa: S608  # constants
        older_than,
    )
    sealed: list[tuple[int, int, bytes]] = []
    for row in rows:
        position += 1
        chain = _link(chain, position, row)
        sealed.append((row["id"], position, chain))
    await tx.execute(
        """update audit set position = new.position, chain = new.chain
           from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as new (id, position, chain)
           where audit.id = new.id""",
        [one[0] for one in sealed],
        [one[1] for one in sealed],
        [one[2] for one in sealed],
    )
    return len(sealed)


async def newest(tx: Tx) -> tuple[int, bytes] | None:
    """The position and link at the end of the chain; None while nothing is sealed."""
    row = await tx.fetchrow(
        """select position, chain from audit where position is not null
           order by position desc limit 1"""
    )
    return (row["position"], row["chain"]) if row else None


async def verify(tx: Tx) -> int | None:
    """The id of the first sealed row that was changed, or that follows a removed one; else None.

    A chain cannot see that its own end was cut off: for that see clinic.audit.anchor.
    """
    position, chain = 0, b""
    while True:
        rows = await tx.fetch(
            f"""select {_ROW} from audit where position > $1
                order by position limit {CHECKED_AT_ONCE}""",  # noqa: S608  # constants
            position,
        )
        await asyncio.sleep(0)  # others' requests wait meanwhile
        if not rows:
            return None
        for row in rows:
            position += 1
            chain = _link(chain, position, row)
            if row["position"] != position or row["chain"] != chain:
                broken: int = row["id"]
                return broken


def _link(previous: bytes, position: int, row: Mapping[str, Any]) -> bytes:
    """SHA-256 of the link before and of the row in one fixed form."""
    canonical = orjson.dumps(
        [
            position,
            row["id"],
            row["at"].isoformat(timespec="microseconds"),
            row["actor_kind"],
            row["actor_id"],
            row["action"],
            row["subject_id"],
            row["detail"],
        ],
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(previous + canonical).digest()
