"""What the sweeps of due things share: one that fails keeps no other from its turn."""

import logging
from collections.abc import Awaitable
from typing import Any

import asyncpg

from clinic.db import Tx

log = logging.getLogger(__name__)
FAILED = "failed"
GONE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)


async def safely(tx: Tx, what: str, id: int, deed: Awaitable[str | None]) -> str | None:
    """What `deed` returns (why it was not done, or None), in a savepoint of its own.

    "failed" if a bug stopped it: nothing of it stays, and the log names `what` and `id`. A lost
    connection is no fault of this one: it is raised.
    """
    try:
        async with tx.transaction():
            return await deed
    except GONE:
        raise
    except Exception as error:
        log.error("%s failed: %s %s", what, id, type(error).__name__)
        return FAILED


async def recipient(tx: Tx, patient_id: int, booked_by: int | None) -> Any:
    """The chat account to write to about a patient, or None without one that agreed to it.

    Who booked, if they still speak for the patient; else another, patients themselves first.
    """
    return await tx.fetchrow(
        """select a.id, a.language, a.link_version from link l
           join chat_account a on a.id = l.account_id
           where l.patient_id = $1 and l.ended_at is null and a.unreachable_at is null
             and a.opted_out_at is null and a.consent_version is not null
           order by (a.id = $2) desc, (l.relation = 'self') desc, l.id limit 1""",
        patient_id,
        booked_by,
    )


async def settle_timer(tx: Tx, timer_id: int, reason: str | None) -> None:
    """A timer's end: fired, or skipped for a reason."""
    await tx.execute(
        "update timer set state = $2, reason = $3, settled_at = now() where id = $1",
        timer_id,
        "skipped" if reason else "fired",
        reason,
    )
