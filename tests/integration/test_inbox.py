"""The ledger of events, where several processes write into it."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.channels.channel import Received
from bot.inbox import Inbox
from clinic.conversation.service import account_of
from clinic.crypto import KeyRing
from clinic.db import Database

pytestmark = pytest.mark.server
AT = datetime(2026, 1, 1, tzinfo=UTC)


async def test_the_same_events_in_opposite_order_at_two_processes_do_not_deadlock(
    database_url: str,
) -> None:
    keys = KeyRing({1: b"k" * 32})
    databases = [await Database.open(database_url, connections=2) for _ in range(2)]
    inboxes = [Inbox(database, keys) for database in databases]
    try:
        for n in range(15):
            events = [Received(f"{n}:{i}", "U1", AT, b"x" * 300) for i in range(200)]
            both = await asyncio.gather(
                *(
                    asyncio.gather(*(inbox.accept("line", event) for event in sent))
                    for inbox, sent in zip(inboxes, (events, events[::-1]), strict=True)
                )
            )
            fresh = [stored for side in both for stored in side if not stored.repeated]
            assert len(fresh) == len(events)
    finally:
        for database in databases:
            await database.close()
    # Closed connections have told all they counted.
    database = await Database.open(database_url, connections=1)
    async with database.transaction() as tx:
        found = await tx.fetchval(
            "select deadlocks from pg_stat_database where datname = current_database()"
        )
    await database.close()
    assert found == 0


async def test_meeting_a_patient_whom_another_process_just_met_does_not_wait_for_the_turn(
    database_url: str,
) -> None:
    keys = KeyRing({1: b"k" * 32})
    database = await Database.open(database_url, connections=2)
    async with database.transaction() as turn:
        index = keys.index("address", "line:U1")
        account = await turn.fetchval(
            """insert into chat_account (channel, address_index, address)
               values ('line', $1, 'x') returning id""",
            index,
        )
    try:
        async with database.transaction() as turn:
            await turn.execute("select from chat_account where id = $1 for no key update", account)
            async with database.transaction() as other:
                found = await account_of(other, keys, "line", "U1")
        assert found.account_id == account
    finally:
        await database.close()
