"""Imported into a process of Kayoi, breaks it in the way that RELIABILITY_SABOTAGE names.

The runs must notice each of these: a harness that stays green here proves nothing elsewhere.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot import inbox, outbox, outbox_lanes, outbox_together
from clinic.message import rules

LATE = 20.0  # s


def acknowledge_before_the_insert() -> None:
    """200 first, the ledger a little later."""
    accept, under_way = inbox.Inbox.accept, set()

    async def later(self: Any, channel: str, received: Any) -> None:
        await asyncio.sleep(LATE)
        await accept(self, channel, received)

    async def at_once(self: Any, channel: str, received: Any) -> inbox.Stored:
        under_way.add(asyncio.create_task(later(self, channel, received)))
        return inbox.Stored(account_id=None, repeated=False)

    inbox.Inbox.accept = at_once  # type: ignore[method-assign]


def insert_what_is_there_already() -> None:
    """Without the unique index, as a ledger that takes everything (the test drops the index)."""
    import asyncpg

    fetch = asyncpg.Connection.fetch

    async def careless(self: Any, query: str, *values: Any, **options: Any) -> Any:
        query = query.replace("on conflict (channel, event_id) do nothing", "")
        return await fetch(self, query, *values, **options)

    asyncpg.Connection.fetch = careless


def resend_what_may_have_arrived() -> None:
    """Every unknown again at once, whatever the class and the channel."""

    def always(*_: Any, **__: Any) -> timedelta:
        return timedelta(0)

    rules.after_unknown = always


def say_sent_before_the_call() -> None:
    """The row is ticked off as it is taken, as by a cursor that moves at the fetch."""
    start = outbox.start  # type: ignore[attr-defined]  # it imported the name

    async def tick_off(tx: Any, env: Any, rows: Any, lease: Any, lease_for: Any) -> Any:
        stopped = await start(tx, env, rows, lease, lease_for)
        passed = [row for row in rows if row not in stopped]
        await tx.execute("update outbox set state = 'sent' where id = any ($1)", passed)
        return stopped

    outbox.start = outbox_together.start = tick_off  # type: ignore[attr-defined]


def build_a_chunk_anew_at_each_try() -> None:
    """As if it were not closed: who left in between is not in the second call."""
    start_chunk = outbox_lanes.start_chunk  # type: ignore[attr-defined]  # it imported the name

    async def reopen(tx: Any, env: Any, chunk: Any, lease: Any, lease_for: Any) -> Any:
        await tx.execute("update chunk set closed = false where id = $1", chunk.id)
        return await start_chunk(tx, env, chunk, lease, lease_for)

    outbox_lanes.start_chunk = reopen  # type: ignore[attr-defined]


WAYS: dict[str, Callable[[], None]] = {
    way.__name__: way
    for way in (
        acknowledge_before_the_insert,
        insert_what_is_there_already,
        resend_what_may_have_arrived,
        say_sent_before_the_call,
        build_a_chunk_anew_at_each_try,
    )
}
if "RELIABILITY_SABOTAGE" in os.environ:
    WAYS[os.environ["RELIABILITY_SABOTAGE"]]()
