"""Telegram's side of the webhook: queues that are strict in themselves and run beside each other.

Facts (tdlib/telegram-bot-api): messages of a chat are one queue, callback queries of a user
another, membership changes a third. An update that fails blocks its queue; it is tried again at
once, then after 2, 4, 8 ... seconds or the Retry-After answered. Messages are given up 24 h after
they were sent, callback queries after 150 s.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.local.simulators.telegram_state import SimulatedTime, chance

QUEUES = {"message": "chat", "edited_message": "chat", "callback_query": "callback"}
LIFETIME = {"callback": 150.0}  # seconds; others:
DAY = 86_400.0
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3_600.0
ANSWER_TIMEOUT = 60.0

QueueKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to the webhook: the status answered, 0 for none."""

    update_id: int
    status: int
    at: float


@dataclass(slots=True)
class Pending:
    update: dict[str, Any]
    kind: str
    since: float


class Webhooks:
    """Delivers updates. `duplicates` and `swaps` are seeded rates of updates sent twice or late."""

    def __init__(self, time: SimulatedTime, seed: int = 0) -> None:
        self._time, self._seed = time, seed
        self.duplicates = 0.0
        self.swaps = 0.0
        self.swap_delay = 0.05  # seconds by which a swapped update is late
        self.url = ""
        self.secret = ""
        self.allowed: tuple[str, ...] = ()
        self.attempts: list[Attempt] = []
        self.expired: list[int] = []
        self.updates: dict[int, dict[str, Any]] = {}
        self.last_error: str | None = None
        self._next_id = 500_000_001
        self._queues: dict[QueueKey, deque[Pending]] = {}
        self._workers: dict[QueueKey, asyncio.Task[None]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def pending(self) -> int:
        """Updates that were not yet taken."""
        return sum(map(len, self._queues.values()))

    def set(self, url: str, secret: str, allowed: tuple[str, ...]) -> None:
        """Where to deliver; "" stops it, and what is pending stays."""
        self.url, self.secret, self.allowed = url, secret, allowed
        for key in list(self._queues):
            self._run(key)

    def put(self, kind: str, account: int, content: dict[str, Any]) -> int:
        """Queue an update and return its update_id. Kinds that are not allowed are dropped."""
        update_id, self._next_id = self._next_id, self._next_id + 1
        if self.allowed and kind not in self.allowed:
            return update_id
        update = {"update_id": update_id, kind: content}
        self.updates[update_id] = update
        queue = QUEUES.get(kind, "member")
        pending = Pending(update, queue, self._time.now())
        self._queues.setdefault((queue, account), deque()).append(pending)
        self._run((queue, account))
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more, as after an answer that got lost."""
        update = self.updates[update_id]
        pending = Pending(update, "again", self._time.now())
        self._queues.setdefault(("again", update_id), deque()).append(pending)
        self._run(("again", update_id))

    def hold(self, queue: str) -> None:
        """Keep back the queues of a kind: chat, callback or member."""
        self._held[queue] = asyncio.Event()

    def release(self, queue: str) -> None:
        """Let them go on."""
        self._held.pop(queue).set()

    async def settle(self) -> None:
        """Wait until every update was taken or given up."""
        while self._workers:
            await asyncio.wait(list(self._workers.values()))

    async def close(self) -> None:
        """Stop delivering."""
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None

    def _run(self, key: QueueKey) -> None:
        if self.url and self._queues[key] and key not in self._workers:
            self._workers[key] = asyncio.get_running_loop().create_task(self._work(key))

    async def _work(self, key: QueueKey) -> None:
        try:
            await self._drain(self._queues[key])
        finally:
            self._workers.pop(key, None)

    async def _drain(self, queue: deque[Pending]) -> None:
        while queue and self.url:
            first = queue[0]
            update_id = first.update["update_id"]
            if held := self._held.get(first.kind):
                await held.wait()
            if chance(self._seed, "swap", update_id) < self.swaps:
                await self._time.sleep(self.swap_delay)
            if await self._deliver(first):
                if chance(self._seed, "twice", update_id) < self.duplicates:
                    await self._post(first.update)
            elif self.url:
                self.expired.append(update_id)
            else:
                return
            queue.popleft()

    async def _deliver(self, pending: Pending) -> bool:
        """Try until it is taken. False if it grew too old, or the webhook was removed."""
        pause = 0.0
        until = pending.since + LIFETIME.get(pending.kind, DAY)
        while self.url:
            status, retry_after = await self._post(pending.update)
            if 200 <= status < 300:
                return True
            self.last_error = f"Wrong response from the webhook: {status}" if status else "Timeout"
            wait = min(retry_after, LONGEST_RETRY_AFTER) if retry_after else pause
            pause = min(pause * 2 or 2.0, LONGEST_PAUSE)
            if self._time.now() + wait > until:
                return False
            if wait:
                await self._time.sleep(wait)
        return False

    async def _post(self, update: dict[str, Any]) -> tuple[int, float]:
        """Status (0: none) and Retry-After of one attempt."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT)
            self._session = aiohttp.ClientSession(timeout=timeout)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        status, retry_after = 0, 0.0
        try:
            async with self._session.post(self.url, json=update, headers=headers) as answer:
                await answer.read()
                status = answer.status
                retry_after = float(answer.headers.get("Retry-After", "0"))
        except (aiohttp.ClientError, OSError, ValueError):
            pass
        self.attempts.append(Attempt(update["update_id"], status, self._time.now()))
        return status, retry_after
