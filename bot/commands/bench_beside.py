"""A campaign that a worker sends beside what is measured."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot import start
from bot.commands.bench_campaign import OWN, POLICY, OtherLine, other_line, start_campaign
from bot.commands.bench_house import House, environment, process
from bot.commands.bench_load import BenchFailed
from bot.environment import Environment
from clinic.config import Channels
from clinic.config import Line as LineSettings

A_SECOND = 4  # campaigns of all patients: more than a worker sends in that time
BEGUN_WITHIN = 30.0  # s
GLANCE = 0.05  # s


@dataclass(frozen=True, slots=True)
class Sending:
    """What a worker is sending, each patient's message by itself."""

    env: Environment
    line: OtherLine

    async def begun(self) -> None:
        """Wait for the first message. Raises BenchFailed if none comes."""
        try:
            async with asyncio.timeout(BEGUN_WITHIN):
                while not await self.line.received():  # noqa: ASYNC110  # it waits for others
                    await asyncio.sleep(GLANCE)
        except TimeoutError:
            raise BenchFailed("the campaign beside sends nothing") from None

    async def sent(self) -> int:
        """How many messages were sent so far. Raises BenchFailed if none is left to be sent."""
        async with self.env.database.transaction() as tx:
            left = await tx.fetchval(
                "select exists (select from recipient where state in ('pending', 'queued'))"
            )
        if not left:
            raise BenchFailed("the campaign beside was over before the end")
        return await self.line.received()


@asynccontextmanager
async def sending(place: House, seconds: int) -> AsyncIterator[Sending]:
    """Have a worker send campaigns to all patients of the house, by a LINE in its own process.

    They last for so many seconds at least.
    """
    async with other_line(place.folder) as line:
        channel = LineSettings(
            channel_secret=SecretStr(line.secret),
            channel_access_token=SecretStr(line.token),
            api_base=line.url,
        )
        settings = place.settings.model_copy(update={"channels": Channels(line=channel)})
        policy = settings.policy.model_copy(update={"approval_above": 10**9, "undo_seconds": 0})
        env = await start.environment(settings.model_copy(update={"policy": policy}))
        try:
            for _ in range(A_SECOND * (seconds + 1)):
                await start_campaign(env, {"filter": {"and": []}}, OWN)
            told = environment(settings) | POLICY
            url = f"{line.url}/_control/stats"
            async with process("worker", ["-m", "bot", "worker"], url, place.folder, told):
                yield Sending(env, line)
        finally:
            await start.close(env)
