"""A clinic that tells another system, which listens on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot import start
from bot.environment import Environment
from clinic.config import Policy, Settings, Webhooks
from tests.integration.webhooks.receiver import Receiver, listen


@pytest.fixture
async def env(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Environment]:
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        policy=Policy(quiet_hours=("00:00", "00:00")),
        webhooks=Webhooks(allow_loopback=True),
    )
    env = await start.environment(settings)
    yield env
    await start.close(env)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with TestServer(listen(receiver)) as server:
        receiver.url = str(server.make_url("/in"))
        yield receiver
