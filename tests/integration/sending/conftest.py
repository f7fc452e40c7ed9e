"""A sender against the strict simulator of LINE, in one process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.channels.channel import Channel
from bot.channels.line.client import LineChannel
from bot.channels.rate_limit import RateLimiter
from bot.environment import Environment
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.telegram_state import SimulatedTime
from bot.outbox import Sender
from bot.outbox_lanes import Lanes
from clinic.config import Policy, Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from nlu.embedded import Embedded
from tests.channels import specs
from tests.integration.sending.clinic import Rows, reasons, states

KEYS = KeyRing({1: b"k" * 32})
NEVER_QUIET = Policy(quiet_hours=("03:00", "03:00"), per_day=9)


def user(number: int) -> str:
    """A well-formed LINE user id."""
    return f"U{number:032x}"


@dataclass
class House:
    """A clinic that sends."""

    env: Environment
    line: LineSimulator
    rows: Rows
    sender: Sender
    lanes: Lanes
    problems: list[str] = field(default_factory=list)

    async def campaign(self, state: str = "running") -> int:
        """A campaign of the clinic."""
        async with self.env.database.transaction() as tx:
            return await self.rows.campaign(tx, state)

    async def people(self, campaign: int, numbers: range) -> list[int]:
        """Recipients on LINE."""
        async with self.env.database.transaction() as tx:
            return await self.rows.recipients(tx, campaign, [user(n) for n in numbers])

    async def queue(self, recipients: list[int]) -> list[int]:
        """A text of their own each; the outbox ids."""
        async with self.env.database.transaction() as tx:
            return await self.rows.queue(tx, recipients)

    async def chunk(self, recipients: list[int]) -> list[int]:
        """The same text for all of them; the chunks' ids."""
        async with self.env.database.transaction() as tx:
            return await self.rows.chunk(tx, recipients)

    async def sweep(self) -> None:
        """Send until nothing more is due in bulk."""
        found = 1
        while found:
            self.lanes.wake()
            found = await self.lanes.sweep()
            await self.lanes.finish()

    async def look_once(self) -> None:
        """Send what is due in bulk now. What fails is not tried again, however long this takes."""
        self.lanes.wake()
        await self.lanes.sweep()
        await self.lanes.finish()

    async def sweep_behind(self, statement: str, account: int) -> None:
        """Sweep while this about an account is under way; committed as soon as the gate waits."""
        async with self.env.database.transaction() as tx:
            await tx.execute(statement, account)
            sweeping = asyncio.create_task(self.sweep())
            async with asyncio.timeout(10):
                while not await tx.fetchval(
                    "select exists (select from pg_locks where not granted)"
                ):
                    assert not sweeping.done()
        await sweeping

    async def execute(self, statement: str, *values: object) -> None:
        """A statement in a transaction."""
        async with self.env.database.transaction() as tx:
            await tx.execute(statement, *values)

    async def value(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        async with self.env.database.transaction() as tx:
            return await tx.fetchval(query, *values)

    async def states(self, campaign: int) -> dict[str, int]:
        """How many recipients stand how."""
        async with self.env.database.transaction() as tx:
            return await states(tx, campaign)

    async def reasons(self, campaign: int) -> dict[str, int]:
        """Why they stand so."""
        async with self.env.database.transaction() as tx:
            return await reasons(tx, campaign)

    def received(self) -> list[str]:
        """Who got something, oldest first."""
        return [entry["chat"] for entry in self.line.ledger.entries]


@pytest.fixture
async def house(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A clinic on LINE with its own stores; requests are held against LINE's OpenAPI."""
    problems: list[str] = []

    def validate(method: str, path: str, body: Any) -> None:
        if specs.have("messaging-api.yml"):
            problems.extend(specs.request_problems("messaging-api.yml", method, path, body))

    simulator = LineSimulator(time=SimulatedTime(), anyone=True, validator=validate)
    await simulator.start()
    channel = LineChannel(simulator.channel_secret, simulator.channel_access_token, simulator.base)
    database = await Database.open(database_url, connections=6)
    async with Redis.from_url(redis_url) as redis:
        channels: dict[str, Channel] = {"line": channel}
        env = Environment(
            database=database,
            keys=KEYS,
            settings=Settings(data_dir=tmp_path, policy=NEVER_QUIET),
            channels=channels,
            redis=redis,
            limiter=RateLimiter(redis),
            interpreter=Embedded(),
        )
        sender = Sender(env)
        house = House(env, simulator, Rows(KEYS), sender, Lanes(env, sender), problems)
        yield house
        await asyncio.gather(sender.finish(), house.lanes.finish())
    await channel.close()
    await simulator.stop()
    await database.close()
    assert problems == []
    assert simulator.platform.changed_retries == []
