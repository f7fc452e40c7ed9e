"""Sends what is in the outbox: claim, gate, commit, call the platform, record how it ended."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from bot.batch import Batch
from bot.channels.channel import (
    Channel,
    NotSent,
    Outcome,
    Refused,
    Reply,
    SendsTogether,
    TokenDead,
    Unknown,
)
from bot.channels.rate_limit import Bucket
from bot.crash import crash_point
from bot.environment import Environment
from bot.letter import as_letter
from bot.metrics import SENDINGS, SKIPPED, SWEPT
from bot.outbox_claims import Claimed, claim, open_claimed, postpone, renew
from bot.outbox_gate import start
from bot.outbox_store import Settlement, forget_reply, release_lapsed, settle
from clinic.db import COLLISIONS, Tx
from clinic.errors import DatabaseDown
from clinic.ids import new_key
from clinic.message.types import Message

log = logging.getLogger(__name__)
# Nothing is wrong with the row: the server is away, or somebody else held it for too long.
FOR_NOW = (DatabaseDown, *COLLISIONS)
LEASE = timedelta(seconds=10)
AT_ONCE = 20  # sendings under way in one process
PATIENCE = 1.5  # s that a message waits here for its place in a rate before it goes back
CHAT_BURST = 3  # messages to one chat that may come at once
SETTLE_TOGETHER = 0.01  # s that outcomes wait for each other: the patient has the message already
CALL_TIMEOUT = 8.0  # s; below the lease, so that a slow call is never taken for a dead process
SURELY_OURS = LEASE.total_seconds() - 0.5  # s since a lease began in which nobody else has the row
SETTLE_PAUSE = 0.3  # s between tries to record how a sending ended


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
    along: tuple[Message, ...] = ()  # what goes in the same call
    # When the lease began, by the loop's clock, which runs on while the process is frozen.
    leased_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    has_place: bool = False  # in the channel's rates
    bulk: bool = False
    # What the call alone goes through: how its end is recorded keeps no connection busy.
    door: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)


class Sender:
    """Sends messages. Any number of processes may: leases keep them apart."""

    def __init__(self, env: Environment) -> None:
        """Send through the channels of this environment."""
        self._env, self._lane = env, env.database.lane()
        self._settling: Batch[Settlement, None] = Batch(self._settle, pause=SETTLE_TOGETHER)
        self._sending: set[asyncio.Task[None]] = set()
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

    @property
    def stopping(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._stopping

    async def finish(self) -> None:
        """Claim nothing more, and wait until what is under way is sent and recorded.

        Cut off in its call, a message might have gone out or not: nobody would know.
        """
        self._stopping = True
        if self._sending:
            await asyncio.wait(self._sending)

    async def deliver(self, ready: Sequence[Ready]) -> None:
        """Send the messages of one turn, one after the other, and record how each ended."""
        for n, message in enumerate(ready):
            outcome = await self._send(message)
            if isinstance(outcome, NotSent):
                # It goes out later; what comes after it must not overtake it.
                await asyncio.gather(*(self._record(rest, outcome) for rest in ready[n + 1 :]))
                return

    async def _send(self, ready: Ready) -> Outcome | None:
        """How the sending ended; None if the row was no longer ours to send."""
        crash_point("inflight_committed")
        outcome = await self._call(ready)
        crash_point("platform_called")
        if outcome is None:
            log.warning("lease lost before the call: outbox=%s", ready.id)
            return None
        SENDINGS.labels(ready.channel, type(outcome).__name__).inc()
        crash_point("before_settling")
        await self._record(ready, outcome)
        return outcome

    async def _record(self, ready: Ready, outcome: Outcome) -> None:
        try:
            ended = Settlement(ready.id, ready.lease, outcome, ready.bulk, bool(ready.along))
            await self._settling.submit(ended)
        except FOR_NOW:
            # The row stays inflight; when its lease is over the sweep decides by its class.
            log.warning("outcome not recorded: outbox=%s", ready.id)

    async def _call(self, ready: Ready) -> Outcome | None:
        channel = self._env.channels.get(ready.channel)
        if channel is None:
            return NotSent("channel_off", retry_after=60.0)
        if not ready.has_place:
            waiting = await self._wait_for_rate(ready.channel, ready.account_id)
            if waiting is not None:
                return waiting
        elif wait := await self._env.limiter.blocked(ready.channel):  # since it had its place
            return NotSent("rate", retry_after=wait)
        async with ready.door:
            outcome = await self._call_now(channel, ready)
        if isinstance(outcome, TokenDead):
            return await self._push(ready)
        if isinstance(outcome, NotSent) and outcome.whole_channel:
            await self._env.limiter.block(ready.channel, outcome.retry_after)
        return outcome

    async def _call_now(self, channel: Channel, ready: Ready) -> Outcome | TokenDead | None:
        leased_at = await self._hold(ready)
        if leased_at is None:
            return None
        now = asyncio.get_running_loop().time()
        reply = None
        if ready.reply is not None:
            age = ready.reply.age + now - ready.reply.read_at
            reply = Reply(ready.reply.token, age, ready.reply.tried)
        try:
            async with asyncio.timeout_at(min(now + CALL_TIMEOUT, leased_at + SURELY_OURS)):
                if ready.along and isinstance(channel, SendsTogether):
                    said = (ready.message, *ready.along)
                    return await channel.send_together(ready.address, said, key=ready.key)
                return await channel.send(ready.address, ready.message, key=ready.key, reply=reply)
        except TimeoutError:
            return Unknown("timeout")
        except Exception as error:  # a bug in a channel must not look like a message sent
            log.error("channel %s failed: outbox=%s %s", ready.channel, ready.id, type(error))
            return Unknown("error")

    async def _push(self, ready: Ready) -> Outcome | None:
        """Send what its reply token cannot carry, with the token forgotten for good."""
        now = asyncio.get_running_loop().time()
        try:
            if not await forget_reply(self._lane, ready.id, ready.lease, LEASE):
                return None
        except FOR_NOW:
            # The token stays, and would later be taken for the proof that something went out: so
            # something has to.
            log.warning("reply token not forgotten: outbox=%s", ready.id)
        return await self._call(replace(ready, reply=None, leased_at=now))

    async def _hold(self, ready: Ready) -> float | None:
        """When our lease began, renewed if it might end during a call; None if it is lost.

        A process that was frozen, or slow with an earlier message, comes here too late: another
        may have sent the row, and a reply token that is used up would make us push it once more.
        """
        now = asyncio.get_running_loop().time()
        if now + CALL_TIMEOUT <= ready.leased_at + SURELY_OURS:
            return ready.leased_at
        try:
            async with self._env.database.transaction() as tx:
                ours = await renew(tx, ready.id, ready.lease, LEASE)
        except FOR_NOW:
            return None
        return now if ours else None

    async def _wait_for_rate(self, name: str, account_id: int) -> NotSent | None:
        """Take our place in the channel's rates; if that takes long, the row is to go back."""
        channel, buckets = self._env.channels.get(name), []
        if channel is None:
            return NotSent("channel_off", retry_after=60.0)
        if channel.rate is not None:
            buckets.append(Bucket(name, channel.rate, channel.burst))
        if channel.rate_per_chat is not None:
            buckets.append(Bucket(f"{name}:{account_id}", channel.rate_per_chat, CHAT_BURST))
        patience = PATIENCE
        while wait := await self._env.limiter.take(name, *buckets):
            if wait > patience:
                return NotSent("rate", retry_after=wait)
            patience -= wait
            await asyncio.sleep(wait)
        return None

    # The sweep ----------------------------------------------------------------------------------

    async def sweep(self, most: int = AT_ONCE, *, patience: float | None = None) -> int:
        """Claim what is due or left over and send it; how many rows were claimed.

        Waits until all of it is sent, or for `patience` seconds: then the slow ones go on by
        themselves, so that a platform that keeps silent holds up nothing else. Raises DatabaseDown.
        """
        if len(self._sending) >= AT_ONCE:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(self._sending, timeout=patience, return_when=first)
        free = AT_ONCE - len(self._sending)
        if self._stopping or not free:
            return 0
        lease, leased_at = new_key(), asyncio.get_running_loop().time()
        # Not in one transaction: a claim among very many rows takes long, and how those that were
        # judged turned out may be known by then to whoever called the platform.
        async with self._env.database.transaction() as tx:
            await release_lapsed(tx, self._env)
        async with self._env.database.transaction() as tx:
            claimed = await claim(tx, lease, LEASE, min(most, free))
        crash_point("outbox_claimed")
        if claimed:
            SWEPT.labels("outbox").inc(len(claimed))
            sending = [
                asyncio.create_task(self._send_claimed(row, lease, leased_at)) for row in claimed
            ]
            self._sending.update(sending)
            for task in sending:
                task.add_done_callback(self._sending.discard)
            try:
                await asyncio.wait(sending, timeout=patience)
            except asyncio.CancelledError:
                await self.finish()
                raise
        return len(claimed)

    async def _send_claimed(self, row: Claimed, lease: UUID, leased_at: float) -> None:
        try:
            await self._start_and_send(row, lease, leased_at)
        except FOR_NOW:
            pass  # the lease lapses and the row comes again
        except Exception as error:  # as above, and one odd row must not take others with it
            log.error("sending failed: outbox=%s %s", row.id, type(error).__name__)

    async def _start_and_send(self, row: Claimed, lease: UUID, leased_at: float) -> None:
        # Before it is inflight: should we die while it waits, it surely has not gone out.
        waiting = await self._wait_for_rate(row.channel, row.account_id)
        if waiting is not None:
            async with self._env.database.transaction() as tx:
                await postpone(tx, [row.id], lease, waiting)
            return
        started_at = asyncio.get_running_loop().time()

        async def begin(tx: Tx) -> Mapping[int, str]:
            return await start(tx, self._env, [row.id], lease, LEASE)

        stopped = await self._env.database.retrying(begin)
        if stopped:
            SKIPPED.labels(stopped[row.id]).inc()
            return
        await self.send_started(row, lease, leased_at, started_at)

    async def send_started(
        self,
        row: Claimed,
        lease: UUID,
        leased_at: float,
        started_at: float,
        door: AbstractAsyncContextManager[None] | None = None,
        along: tuple[Message, ...] = (),
    ) -> None:
        """Send a row that is inflight and has its place in the rates, and record how it ended.

        `leased_at`, `started_at`: when it was claimed and when marked inflight, by the loop's
        clock. `door`: what the call itself goes through. `along`: goes in the same call.
        """
        try:
            opened = open_claimed(self._env.keys, row)
        except Exception as error:  # it will not open the next time either: staff are told
            log.error("unreadable: outbox=%s %s", row.id, type(error).__name__)
            await self._settling.submit(Settlement(row.id, lease, Refused("unreadable")))
            return
        message = await as_letter(
            self._env, row.channel, row.account_id, opened.address, row.id, row.key, opened.message
        )
        reply = None
        if opened.reply is not None:
            reply = ReplyToken(opened.reply, opened.reply_age, leased_at, opened.doubtful)
        await self._send(
            Ready(
                id=row.id,
                key=row.key,
                account_id=row.account_id,
                channel=row.channel,
                address=opened.address,
                message=message,
                lease=lease,
                reply=reply,
                along=along,
                leased_at=started_at,
                has_place=True,
                bulk=row.fields["bulk"],
                door=door or nullcontext(),
            )
        )

    async def _settle(self, settlements: Sequence[Settlement]) -> list[None]:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + SURELY_OURS
        while True:
            try:
                await settle(self._env, self._lane, settlements)
                break
            except FOR_NOW:
                # Worth the patience: what is not recorded is judged unknown, and may go out again.
                if loop.time() > give_up_at:
                    raise
                await asyncio.sleep(SETTLE_PAUSE)
        return [None] * len(settlements)
