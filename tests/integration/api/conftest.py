"""The public application of a small clinic, and keys to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot import start
from bot.app import create_app
from bot.environment import Environment
from clinic.config import Policy, Server, Settings
from tests.integration.api.house import House
from tests.integration.booking.clinic import make


@pytest.fixture
async def env(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Environment]:
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        server=Server(public_url="https://chat.example/kayoi"),
        policy=Policy(quiet_hours=("00:00", "00:00")),
    )
    env = await start.environment(settings)
    yield env
    await start.close(env)


@pytest.fixture
async def house(env: Environment) -> AsyncIterator[House]:
    clinic = await make(env.database, rooms=1, patients=2)
    clinic.settings = env.settings
    server = TestServer(create_app(env))
    await server.start_server(access_log=None)  # as bot.commands.serve does
    async with TestClient(server, auto_decompress=False) as client:
        yield House(env, clinic, client)
