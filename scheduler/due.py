"""What the sweeps of due things share: one that fails keeps no other from its turn."""

import logging
from collections.abc import Awaitable
from dataclasses import replace

import asyncpg

from bot.environment import Environment
from clinic.db import Tx
from clinic.policy.service import choose
from clinic.policy.types import Go, LeftOut, Wanted

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


async def recipient(
    tx: Tx, env: Environment, what: Wanted, patient_id: int, booked_by: int | None
) -> Go | LeftOut:
    """The chat account to write to about a patient by the clinic's policy; else why nobody.

    Who booked, if they still speak for the patient and no other channel is preferred. The hour is
    the gate's to judge.
    """
    first = {} if booked_by is None else {patient_id: booked_by}
    now = env.local(await tx.fetchval("select now()"))
    wanted = replace(what, first=first)
    return (await choose(tx, env.settings, [patient_id], wanted, now))[patient_id]


async def settle_timer(tx: Tx, timer_id: int, reason: str | None) -> None:
    """A timer's end: fired, or skipped for a reason."""
    await tx.execute(
        "update timer set state = $2, reason = $3, settled_at = now() where id = $1",
        timer_id,
        "skipped" if reason else "fired",
        reason,
    )
