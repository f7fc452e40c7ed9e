"""Stores events before they are acknowledged: once each, and in as few commits as they come."""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass

from bot.batch import Batch
from bot.channels.channel import Received
from bot.crash import crash_point
from bot.metrics import EVENTS, REPEATED
from clinic.conversation.service import account_of
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.errors import DatabaseDown

KNOWN_ACCOUNTS = 50_000  # ids kept in memory, so that a known patient costs no look-up
EVENT_ID = 96  # what the column holds
STORE_TOGETHER = 0.004  # s that events wait for each other: fewer commits, and turns begin together


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that is in the ledger. `account_id` None: it came from no chat account."""

    account_id: int | None
    repeated: bool  # it was there already


class Inbox:
    """The ledger of events. One a process: it writes what comes in at the same time together."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        """Store into this database, sealed by these keys."""
        self._database, self._lane = database, database.lane()
        self._keys = keys
        self._accounts: dict[tuple[str, str], int] = {}
        self._batch: Batch[tuple[str, Received], Stored] = Batch(self._store, pause=STORE_TOGETHER)

    async def accept(self, channel: str, received: Received) -> Stored:
        """Store one event; when this returns it is durable. Raises DatabaseDown."""
        return await self._batch.submit((channel, received))

    async def _store(self, items: Sequence[tuple[str, Received]]) -> list[Stored]:
        try:
            return await self._write(items)
        except DatabaseDown:
            raise
        except Exception:
            if len(items) == 1:
                raise
            # One odd event must not take the others with it.
            return [(await self._write([item]))[0] for item in items]

    async def _write(self, items: Sequence[tuple[str, Received]]) -> list[Stored]:
        # In the order of their ids: two processes that are given the same events in opposite order
        # would wait for each other, and a deadlock takes PostgreSQL a second to find.
        order = sorted(range(len(items)), key=lambda n: (items[n][0], items[n][1].event_id))
        written = await self._write_in_order([items[n] for n in order])
        answers = dict(zip(order, written, strict=True))
        return [answers[n] for n in range(len(items))]

    async def _write_in_order(self, items: Sequence[tuple[str, Received]]) -> list[Stored]:
        names = [(channel, received.address) for channel, received in items]
        if len(self._accounts) >= KNOWN_ACCOUNTS:
            self._accounts.clear()
        await self._meet({name for name in names if name[1]} - self._accounts.keys())
        accounts = [self._accounts.get(name) for name in names]
        ids = [_event_id(received.event_id) for _, received in items]
        rows = await self._lane.fetch(
            """insert into inbound (channel, event_id, account_id, payload, occurred_at)
               select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[],
                                    $5::timestamptz[])
               on conflict (channel, event_id) do nothing
               returning channel, event_id""",
            [channel for channel, _ in items],
            ids,
            accounts,
            [
                self._keys.seal(received.payload, "inbound.payload", event_id)
                for (_, received), event_id in zip(items, ids, strict=True)
            ],
            [received.occurred_at for _, received in items],
        )
        crash_point("inbound_stored")
        fresh = {(row["channel"], row["event_id"]) for row in rows}
        stored = []
        for (channel, _), event_id, account_id in zip(items, ids, accounts, strict=True):
            repeated = (channel, event_id) not in fresh
            fresh.discard((channel, event_id))  # the same event twice in one batch counts once
            (REPEATED if repeated else EVENTS).labels(channel).inc()
            stored.append(Stored(account_id, repeated))
        return stored

    async def _meet(self, names: Set[tuple[str, str]]) -> None:
        """Learn or make the accounts of these addresses, before and apart from their events."""
        if not names:
            return
        made: dict[tuple[str, str], int] = {}
        async with self._database.transaction() as tx:
            # In order, so that two processes that meet the same new patients cannot deadlock.
            for channel, address in sorted(names):
                account = await account_of(tx, self._keys, channel, address)
                made[channel, address] = account.account_id
        self._accounts.update(made)


def _event_id(name: str) -> str:
    """The platform's id, or a hash of one that the column cannot hold."""
    if len(name) <= EVENT_ID and name.isprintable():
        return name
    return "sha256:" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
