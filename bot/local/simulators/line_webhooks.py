"""What LINE sends: events of what patients did, signed, with a deadline and redelivery."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.channels.line.webhook import sign
from bot.local.simulators.telegram_state import SimulatedTime, chance

Event = dict[str, Any]

BOT_USER = "U" + "b" * 32
DEADLINE = 2.0  # seconds; an answer later than this counts as none
ULID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to the webhook: its events, the status answered (0: none), how long it took."""

    event_ids: tuple[str, ...]
    status: int
    seconds: float
    redelivery: bool


def ulid(milliseconds: int, number: int) -> str:
    """An id as LINE's webhookEventId: 48 bits of time, then what tells ids apart."""
    value = (milliseconds << 80) | number
    return "".join(ULID_LETTERS[(value >> shift) & 31] for shift in range(125, -1, -5))


class Webhooks:
    """Delivers events to `url` and remembers what was not taken.

    `redelivery_after`: seconds until an event that was not answered 2xx comes again, or None:
    only when `redeliver` is called, as LINE's console has it off by default.
    """

    def __init__(
        self,
        time: SimulatedTime,
        channel_secret: str,
        on_delivery: Callable[[str], None],
        seed: int = 0,
    ) -> None:
        self._on_delivery = on_delivery  # told each reply token that goes out (again)
        self.url = ""
        self.redelivery_after: float | None = None
        self.most_attempts = 100
        self.attempts: list[Attempt] = []
        self.untaken: dict[str, Event] = {}
        self._time, self._secret, self._seed = time, channel_secret, seed
        self._tries: dict[str, int] = {}
        self._session: aiohttp.ClientSession | None = None
        self._waiting: set[asyncio.Task[None]] = set()

    async def deliver(self, events: Iterable[Event], *, copies: int = 1) -> list[int]:
        """Send the events as one batch, `copies` times at once; the statuses answered."""
        batch = list(events)
        statuses = await asyncio.gather(*(self._post(batch) for _ in range(copies)))
        if not any(200 <= status < 300 for status in statuses):
            self._keep(batch)
        return statuses

    async def deliver_shuffled(self, events: Iterable[Event]) -> list[int]:
        """Send each event on its own, in an order that depends on the seed only, all at once."""
        mixed = sorted(events, key=lambda event: chance(self._seed, event.get("webhookEventId")))
        return [
            status for found in await asyncio.gather(*map(self._alone, mixed)) for status in found
        ]

    async def redeliver(self) -> list[int]:
        """Send again what was not taken, as LINE does: same ids, tokens and times, new order."""
        events, self.untaken = list(self.untaken.values()), {}
        return await self.deliver_shuffled(
            event | {"deliveryContext": {"isRedelivery": True}} for event in events
        )

    async def close(self) -> None:
        """Stop redelivering and end the connections."""
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None

    async def _alone(self, event: Event) -> list[int]:
        return await self.deliver([event])

    def _keep(self, batch: list[Event]) -> None:
        for event in batch:
            event_id = str(event.get("webhookEventId"))
            self.untaken[event_id] = event
            self._tries[event_id] = self._tries.get(event_id, 0) + 1
            if self.redelivery_after is not None and self._tries[event_id] < self.most_attempts:
                task = asyncio.create_task(
                    self._later(event_id, self._time.now() + self.redelivery_after)
                )
                self._waiting.add(task)
                task.add_done_callback(self._waiting.discard)

    async def _later(self, event_id: str, due: float) -> None:
        if (seconds := due - self._time.now()) > 0:
            await self._time.sleep(seconds)
        event = self.untaken.pop(event_id, None)
        if event is not None:
            await self.deliver([event | {"deliveryContext": {"isRedelivery": True}}])

    async def _post(self, batch: list[Event]) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(DEADLINE)
            )
        body = json.dumps({"destination": BOT_USER, "events": batch}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": sign(body, self._secret),
        }
        for event in batch:
            self._on_delivery(str(event.get("replyToken")))
        began, status = time.monotonic(), 0
        try:
            async with self._session.post(self.url, data=body, headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        ids = tuple(str(event.get("webhookEventId")) for event in batch)
        again = any(event.get("deliveryContext", {}).get("isRedelivery") for event in batch)
        self.attempts.append(Attempt(ids, status, time.monotonic() - began, again))
        return status
