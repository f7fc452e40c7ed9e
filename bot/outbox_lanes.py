"""Sends what goes in bulk, each channel by a lane of its own: some hundred rows or a few chunks are
claimed, gated and committed together, and sent side by side. Single messages never wait for it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

from bot.channels.channel import (
    Channel,
    NotSent,
    Outcome,
    SendsTogether,
    SendsToMany,
    Unknown,
)
from bot.channels.rate_limit import Bucket
from bot.crash import crash_point
from bot.environment import Environment
from bot.metrics import SENDINGS, SKIPPED, SWEPT
from bot.outbox import (
    AT_ONCE,
    CALL_TIMEOUT,
    CHAT_BURST,
    FOR_NOW,
    LEASE,
    SETTLE_PAUSE,
    SURELY_OURS,
    Sender,
)
from bot.outbox_chunks import (
    Call,
    Chunk,
    claim_chunks,
    give_back,
    release_lapsed_chunks,
    settle_chunk,
    start_chunk,
)
from bot.outbox_chunks import pause_campaigns_of as pause_campaigns_of_chunk
from bot.outbox_claims import PLAN_ANEW, Claimed, claim_lane, postpone
from bot.outbox_store import pause_campaigns_of
from bot.outbox_together import Begun, begin, one_of_each_chat
from bot.quota import Quotas
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.types import Message

log = logging.getLogger(__name__)
BATCH = 300  # rows at a time where a second try does no harm; AT_ONCE elsewhere
ROUNDS_A_SECOND = 4  # of a lane whose rate is the limit: so few rows are lost sight of at a crash
CALLS = 64  # under way in one lane; the channel has connections left for replies
CHUNKS = 4  # under way in one lane
PATIENCE = 0.5  # s that a row waits here for its place in a rate before it goes back
MOMENT = 0.25  # s
REST = 1.0  # s between looks at a lane in which nothing was due
RESERVED = 0.75  # of a burst that stays for single messages
QUOTA_PAUSE = 600.0  # s until a row is looked at again that the month has no room for


class Lanes:
    """The bulk side of a Sender. Any number of processes may have one."""

    def __init__(self, env: Environment, sender: Sender) -> None:
        """Send through the sender's channels, and stop with it."""
        self._env, self._sender, self._quotas = env, sender, Quotas(env)
        self._rounds: dict[str, asyncio.Task[int]] = {}
        self._rests: dict[str, float] = {}  # until when, by the loop's clock
        self._under_way: defaultdict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._calls: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(CALLS)
        )

    def wake(self) -> None:
        """Something may wait: look at every lane at once."""
        self._rests.clear()

    async def sweep(self) -> int:
        """Look at each lane that is not busy; how much there was to do.

        Waits until one of them has looked, or for a moment. Raises DatabaseDown.
        """
        if self._sender.stopping:
            return 0
        now = asyncio.get_running_loop().time()
        for name, channel in self._env.channels.items():
            self._begin(name, now, self._send_rows, channel)
            if isinstance(channel, SendsToMany):
                self._begin(_many(name), now, self._send_chunks, channel)
        if not self._rounds:
            return 0
        first = asyncio.FIRST_COMPLETED
        done, busy = await asyncio.wait(self._rounds.values(), timeout=MOMENT, return_when=first)
        found = [self._found(name) for name, task in [*self._rounds.items()] if task in done]
        return sum(found) + len(busy)

    async def finish(self) -> None:
        """Claim nothing more, and wait until what is under way is sent and recorded."""
        while tasks := [
            *self._rounds.values(),
            *(t for of in self._under_way.values() for t in of),
        ]:
            await asyncio.wait(tasks)
            for name in [name for name, task in self._rounds.items() if task.done()]:
                self._rounds.pop(name).exception()

    def _begin(self, lane: str, now: float, look: Any, channel: Channel) -> None:
        if lane not in self._rounds and now >= self._rests.get(lane, 0.0):
            self._rounds[lane] = asyncio.create_task(look(channel))

    def _found(self, lane: str) -> int:
        found = self._rounds.pop(lane).result()
        if not found:
            self._rests[lane] = asyncio.get_running_loop().time() + REST
        return found

    def _go(self, lane: str, sending: Coroutine[Any, Any, None]) -> None:
        """Have this under way in the lane."""
        task = asyncio.create_task(sending)
        self._under_way[lane].add(task)
        task.add_done_callback(self._under_way[lane].discard)

    async def _wait_for_room(self, lane: str, most: int) -> None:
        """Wait until at most so many are under way in the lane."""
        while len(self._under_way[lane]) > most:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(self._under_way[lane], return_when=first)

    # Rows -------------------------------------------------------------------------------------

    async def _send_rows(self, channel: Channel) -> int:
        """Send the next batch of a lane; how many rows were claimed."""
        name, most = channel.name, batch(channel)
        await self._wait_for_room(name, most)
        if self._sender.stopping:
            return 0
        lease, leased_at = new_key(), asyncio.get_running_loop().time()

        async def claim(tx: Tx) -> list[Claimed]:
            rows = await claim_lane(tx, name, lease, LEASE, most)
            together = isinstance(channel, SendsTogether)
            return await one_of_each_chat(tx, rows, lease) if together else rows

        claimed = await self._env.database.retrying(claim)
        crash_point("outbox_claimed")
        if not claimed:
            return 0
        SWEPT.labels("bulk").inc(len(claimed))
        granted = await self._quotas.take(channel, len(claimed))
        rows = await self._places(channel, claimed[:granted], lease)
        started_at = asyncio.get_running_loop().time()

        async def start(tx: Tx) -> Begun:
            await tx.execute(PLAN_ANEW)
            return await begin(tx, self._env, channel, rows, lease, LEASE)

        begun = await self._env.database.retrying(start) if rows else Begun({}, {})
        for reason in begun.stopped.values():
            SKIPPED.labels(reason).inc()
        for row in rows:
            if row.id not in begun.stopped:
                along = begun.along.get(row.id, ())
                self._go(name, self._send_row(row, lease, leased_at, started_at, along))
        if granted < len(claimed):
            await self._keep_reserve([row.id for row in claimed[granted:]], lease)
        return len(claimed)

    async def _send_row(
        self,
        row: Claimed,
        lease: UUID,
        leased_at: float,
        began: float,
        along: tuple[Message, ...],
    ) -> None:
        door = self._calls[row.channel]
        try:
            await self._sender.send_started(row, lease, leased_at, began, door, along)
        except FOR_NOW:
            pass  # the lease lapses and the row is judged
        except Exception as error:  # one odd row must not take others with it
            log.error("sending failed: outbox=%s %s", row.id, type(error).__name__)

    async def _keep_reserve(self, rows: Sequence[int], lease: UUID) -> None:
        """Give these back, and pause their campaigns: the rest of the month is for others."""
        async with self._env.database.transaction() as tx:
            await postpone(tx, rows, lease, NotSent("quota_reserve", QUOTA_PAUSE))
            await pause_campaigns_of(tx, rows, "quota_reserve")

    async def _places(
        self, channel: Channel, claimed: Sequence[Claimed], lease: UUID
    ) -> Sequence[Claimed]:
        """Those that have their place in the channel's rates; the others go back.

        One after the other, so that a lane asks no more often than the rate allows.
        """
        if (channel.rate is None and channel.rate_per_chat is None) or not claimed:
            return claimed
        if channel.rate_per_chat is None:
            waiting = await self._place(channel.name, [_shared(channel, len(claimed))])
            if waiting is None:
                return claimed
            await self._postpone(claimed, lease, waiting)
            return ()
        placed = []
        for row in claimed:
            per_chat = Bucket(f"{channel.name}:{row.account_id}", channel.rate_per_chat, CHAT_BURST)
            shared = [_shared(channel, 1)] if channel.rate is not None else []
            waiting = await self._place(channel.name, [*shared, per_chat])
            if waiting is None:
                placed.append(row)
            else:
                await self._postpone([row], lease, waiting)
        return placed

    async def _place(self, name: str, buckets: Sequence[Bucket]) -> NotSent | None:
        """Take a place in these rates; how long it would take, if that is too long."""
        patience = PATIENCE
        while wait := await self._env.limiter.take(name, *buckets):
            if wait > patience or self._sender.stopping:
                return NotSent("rate", retry_after=wait)
            patience -= wait
            await asyncio.sleep(wait)
        return None

    async def _postpone(self, rows: Sequence[Claimed], lease: UUID, why: NotSent) -> None:
        async with self._env.database.transaction() as tx:
            await postpone(tx, [row.id for row in rows], lease, why)

    # Chunks -----------------------------------------------------------------------------------

    async def _send_chunks(self, channel: Channel) -> int:
        """Send the next chunks of a lane; how many were claimed."""
        lane = _many(channel.name)
        await self._wait_for_room(lane, CHUNKS - 1)
        if self._sender.stopping:
            return 0
        lease, free = new_key(), CHUNKS - len(self._under_way[lane])
        async with self._env.database.transaction() as tx:
            await release_lapsed_chunks(tx, self._env)
            chunks = await claim_chunks(tx, channel.name, lease, LEASE, free)
        crash_point("outbox_claimed")
        for chunk in chunks:
            self._go(lane, self._send_chunk(channel, chunk, lease))
        return len(chunks)

    async def _send_chunk(self, channel: Channel, chunk: Chunk, lease: UUID) -> None:
        try:
            if why := await self._not_now(channel, chunk):
                async with self._env.database.transaction() as tx:
                    await give_back(tx, chunk.id, lease, why)
                    if why.quota:
                        await pause_campaigns_of_chunk(tx, chunk.id, "quota_reserve")
                return
            started_at = asyncio.get_running_loop().time()

            async def begin(tx: Tx) -> Call | str:
                await tx.execute(PLAN_ANEW)
                return await start_chunk(tx, self._env, chunk, lease, LEASE)

            call = await self._env.database.retrying(begin)
            if isinstance(call, str):
                SKIPPED.labels(call).inc()
                return
            crash_point("inflight_committed")
            outcome = await self._call(channel, chunk, call, started_at)
            crash_point("platform_called")
            if outcome is not None:
                SENDINGS.labels(channel.name, type(outcome).__name__).inc(len(call.addresses))
                crash_point("before_settling")
                await self._settle(chunk, lease, outcome)
        except FOR_NOW:
            log.warning("chunk left to its lease: chunk=%s", chunk.id)
        except Exception as error:  # as for rows
            log.error("sending failed: chunk=%s %s", chunk.id, type(error).__name__)

    async def _not_now(self, channel: Channel, chunk: Chunk) -> NotSent | None:
        assert isinstance(channel, SendsToMany)
        granted = await self._quotas.take(channel, chunk.members, all_or_none=True)
        if granted < chunk.members:
            return NotSent("quota_reserve", QUOTA_PAUSE, quota=True)
        if channel.rate_at_once is None:
            return None
        if blocked := await self._env.limiter.blocked(channel.name):
            return NotSent("rate", retry_after=blocked)
        name, rate = _many(channel.name), channel.rate_at_once
        return await self._place(name, [Bucket(name, rate, rate)])

    async def _call(
        self, channel: Channel, chunk: Chunk, call: Call, started_at: float
    ) -> Outcome | None:
        """How the call ended; None if the process was frozen until the lease was over."""
        assert isinstance(channel, SendsToMany)
        now = asyncio.get_running_loop().time()
        if now + CALL_TIMEOUT > started_at + SURELY_OURS:
            return None
        try:
            async with asyncio.timeout_at(now + CALL_TIMEOUT):
                outcome = await channel.send_to_many(call.addresses, call.message, key=chunk.key)
        except TimeoutError:
            return Unknown("timeout")
        except Exception as error:  # a bug in a channel must not look like a message sent
            log.error("channel %s failed: chunk=%s %s", channel.name, chunk.id, type(error))
            return Unknown("error")
        if isinstance(outcome, NotSent) and outcome.whole_channel:
            await self._env.limiter.block(_many(channel.name), outcome.retry_after)
        return outcome

    async def _settle(self, chunk: Chunk, lease: UUID, outcome: Outcome) -> None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + SURELY_OURS

        async def settle(tx: Tx) -> None:
            await tx.execute(PLAN_ANEW)
            await settle_chunk(tx, self._env, chunk.id, lease, outcome)

        while True:
            try:
                return await self._env.database.retrying(settle)
            except FOR_NOW:
                if loop.time() > give_up_at:
                    raise
                await asyncio.sleep(SETTLE_PAUSE)


def batch(channel: Channel) -> int:
    """How many rows of a channel are claimed at a time."""
    most = BATCH if channel.resends_safely else AT_ONCE
    return most if channel.rate is None else max(1, min(most, int(channel.rate / ROUNDS_A_SECOND)))


def _many(name: str) -> str:
    """The lane of a channel's calls to many, and their bucket."""
    return f"{name}:many"


def _shared(channel: Channel, calls: int) -> Bucket:
    """The bucket of all calls of a channel, with room left for who is in a hurry."""
    assert channel.rate is not None
    reserve = max(0.0, min(channel.burst * RESERVED, channel.burst - calls))
    return Bucket(channel.name, channel.rate, channel.burst, reserve).of(calls)
