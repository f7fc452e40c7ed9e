"""Sends what is in the outbox: claim, gate, commit, call the platform, record how it ended."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bot.batch import Batch
from bot.channels.channel import NotSent, Outcome, Reply, Unknown
from bot.channels.rate_limit import Bucket
from bot.crash import crash_point
from bot.environment import Environment
from bot.metrics import SENDINGS, SKIPPED, SWEPT
from bot.outbox_store import (
    Claimed,
    Settlement,
    claim,
    open_claimed,
    release_lapsed,
    settle,
    start,
)
from clinic.errors import DatabaseDown
from clinic.ids import new_key
from clinic.message.types import Message

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=10)
AT_ONCE = 20  # sendings under way in one process
PATIENCE = 1.5  # s that a message waits here for its place in a rate before it goes back
CHAT_BURST = 3  # messages to one chat that may come at once
CALL_TIMEOUT = 8.0  # s; below the lease, so that a slow call is never taken for a dead process


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """A way to answer for free. `age` in seconds at `read_at` of the loop's clock: a machine whose
    clock is wrong must not take a young token for an old one."""

    token: str
    age: float
    read_at: float
    tried: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that is committed as inflight under our lease: the platform may be called."""

    id: int
    key: UUID
    account_id: int
    channel: str
    address: str
    message: Message
    lease: UUID
    reply: ReplyToken | None = None


class Sender:
    """Sends messages. Any number of processes may: leases keep them apart."""

    def __init__(self, env: Environment) -> None:
        """Send through the channels of this environment."""
        self._env = env
        self._settling: Batch[Settlement, None] = Batch(self._settle)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._nudged = asyncio.Event()
        self._stopping = False

    def nudge(self, account_id: int | None) -> None:
        """Something waits in the outbox: the sweep need not wait for its next round."""
        if account_id is not None:
            self._nudged.set()

    async def nudged(self, timeout: float) -> None:
        """Wait for a nudge, at most `timeout` seconds."""
        try:
            await asyncio.wait_for(self._nudged.wait(), timeout)
        except TimeoutError:
            return
        finally:
            self._nudged.clear()

    def stop(self) -> None:
        """Claim nothing more; what is under way is finished."""
        self._stopping = True

    async def deliver(self, ready: Sequence[Ready]) -> None:
        """Send the messages of one turn, one after the other, and record how each ended."""
        for message in ready:
            await self._send(message)

    async def _send(self, ready: Ready) -> None:
        crash_point("inflight_committed")
        outcome = await self._call(ready)
        crash_point("platform_called")
        SENDINGS.labels(ready.channel, type(outcome).__name__).inc()
        crash_point("before_settling")
        try:
            await self._settling.submit(Settlement(ready.id, ready.lease, outcome))
        except DatabaseDown:
            # The row stays inflight; when its lease is over the sweep decides by its class.
            log.warning("outcome not recorded: outbox=%s", ready.id)

    async def _call(self, ready: Ready) -> Outcome:
        channel = self._env.channels.get(ready.channel)
        if channel is None:
            return NotSent("channel_off", retry_after=60.0)
        waiting = await self._wait_for_rate(ready)
        if waiting is not None:
            return waiting
        reply = None
        if ready.reply is not None:
            age = ready.reply.age + asyncio.get_running_loop().time() - ready.reply.read_at
            reply = Reply(ready.reply.token, age, ready.reply.tried)
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                outcome = await channel.send(
                    ready.address, ready.message, key=ready.key, reply=reply
                )
        except TimeoutError:
            return Unknown("timeout")
        except Exception as error:  # a bug in a channel must not look like a message sent
            log.error("channel %s failed: outbox=%s %s", ready.channel, ready.id, type(error))
            return Unknown("error")
        if isinstance(outcome, NotSent) and outcome.whole_channel:
            await self._env.limiter.block(ready.channel, outcome.retry_after)
        return outcome

    async def _wait_for_rate(self, ready: Ready) -> NotSent | None:
        """Take our place in the channel's rates; if that takes long, give the row back."""
        channel, buckets = self._env.channels[ready.channel], []
        if channel.rate is not None:
            buckets.append(Bucket(ready.channel, channel.rate, channel.rate))
        if channel.rate_per_chat is not None:
            name = f"{ready.channel}:{ready.account_id}"
            buckets.append(Bucket(name, channel.rate_per_chat, CHAT_BURST))
        patience = PATIENCE
        while wait := await self._env.limiter.take(ready.channel, *buckets):
            if wait > patience:
                return NotSent("rate", retry_after=wait)
            patience -= wait
            await asyncio.sleep(wait)
        return None

    # The sweep ----------------------------------------------------------------------------------

    async def sweep(self, most: int = 50) -> int:
        """Claim what is due or left over and send it; how many rows were claimed.

        Raises DatabaseDown.
        """
        if self._stopping:
            return 0
        lease, claimed_at = new_key(), asyncio.get_running_loop().time()
        async with self._env.database.transaction() as tx:
            await release_lapsed(tx, self._env)
            claimed = await claim(tx, lease, LEASE, most)
        crash_point("outbox_claimed")
        if claimed:
            SWEPT.labels("outbox").inc(len(claimed))
            async with asyncio.TaskGroup() as group:
                for row in claimed:
                    group.create_task(self._send_claimed(row, lease, claimed_at))
        return len(claimed)

    async def _send_claimed(self, row: Claimed, lease: UUID, claimed_at: float) -> None:
        async with self._slots:
            try:
                async with self._env.database.transaction() as tx:
                    verdict = await start(tx, self._env, row, lease, LEASE)
            except DatabaseDown:
                return  # the claim lapses and the row comes again
            if verdict is not None:
                SKIPPED.labels(verdict).inc()
                return
            opened = open_claimed(self._env.keys, row)
            reply = None
            if opened.reply is not None:
                reply = ReplyToken(opened.reply, opened.reply_age, claimed_at, opened.doubtful)
            await self._send(
                Ready(
                    id=row.id,
                    key=row.key,
                    account_id=row.account_id,
                    channel=row.channel,
                    address=opened.address,
                    message=opened.message,
                    lease=lease,
                    reply=reply,
                )
            )

    async def _settle(self, settlements: Sequence[Settlement]) -> list[None]:
        for left in reversed(range(3)):
            try:
                async with self._env.database.transaction() as tx:
                    await settle(tx, self._env, settlements)
                break
            except DatabaseDown:
                if not left:
                    raise
                await asyncio.sleep(0.3)
        return [None] * len(settlements)
