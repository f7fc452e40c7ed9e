"""Tells other systems what happened: see docs/webhooks.md."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from bot.environment import Environment
from clinic import clock
from clinic.errors import DatabaseDown
from clinic.ids import new_key
from clinic.installation.service import muted
from clinic.webhook import rules, service
from clinic.webhook.types import Due, Failed
from scheduler.webhook_client import Client

log = logging.getLogger(__name__)
EACH = 20  # deliveries to an endpoint that are taken at a time ...
TOGETHER = 4  # ... and so many posted at once
LEASE = timedelta(seconds=60)  # longer than EACH deliveries that all run into the timeout
PATIENCE = 1.0  # s; a slow endpoint goes on by itself while the sweep serves the others


class Webhooks:
    """The deliveries of one worker. Any number of workers may be at it."""

    def __init__(
        self, env: Environment, client: Client | None = None, *, patience: float = PATIENCE
    ) -> None:
        """Deliver what this environment's database has; `patience` (s) as PATIENCE above."""
        settings = env.settings.webhooks
        self._env = env
        self._client = client or Client(settings.ports, loopback=settings.allow_loopback)
        self._patience = patience
        self._busy: dict[int, asyncio.Task[None]] = {}  # by endpoint
        self._stopping = False

    async def deliver(self) -> int:
        """Begin to deliver what is due; how much that is."""
        self._busy = {one: task for one, task in self._busy.items() if not task.done()}
        lease = new_key()
        async with self._env.database.transaction() as tx:
            if await muted(tx):
                return 0
            due = await service.claim(tx, self._env.keys, self._busy, lease, most=EACH, lasts=LEASE)
        endpoint = attrgetter("endpoint_id")
        for one, rows in groupby(sorted(due, key=endpoint), key=endpoint):
            self._busy[one] = asyncio.create_task(self._to_endpoint(list(rows), lease))
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=self._patience)
        return len(due)

    async def tidy(self) -> int:
        """Forget what was told long ago."""
        async with self._env.database.transaction() as tx:
            return await service.forget(tx, timedelta(days=self._env.settings.retention.deliveries))

    async def finish(self) -> None:
        """Finish what is under way; what was not begun is left to others."""
        self._stopping = True
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        await self._client.close()

    async def _to_endpoint(self, due: Sequence[Due], lease: UUID) -> None:
        slots = asyncio.Semaphore(TOGETHER)

        async def carry_out(one: Due) -> None:
            async with slots:
                if not self._stopping:
                    await self._deliver(one, lease)

        await asyncio.gather(*map(carry_out, due))

    async def _deliver(self, due: Due, lease: UUID) -> None:
        headers = rules.headers_of(due.event_key, due.body, clock.now(), due.secrets)
        outcome = await self._client.post(due.url, due.body, headers)
        if isinstance(outcome, Failed):
            log.info("webhook failed: delivery=%s %s", due.id, outcome.reason)
        try:
            async with self._env.database.transaction() as tx:
                await service.settle(tx, due.id, lease, outcome)
        except DatabaseDown:  # its lease runs out, and it is told again under the same id
            log.warning("webhook not settled: delivery=%s", due.id)
