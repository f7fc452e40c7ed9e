"""The public application as a stranger meets it, with both platforms' channels set up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot import start
from bot.app import create_app
from bot.environment import Environment
from clinic.config import Channels, Line, Server, Settings, Telegram


@pytest.fixture
async def env(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Environment]:
    # The platforms' addresses lead nowhere: here only what comes in matters.
    nowhere = "http://127.0.0.1:9"
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        server=Server(port=0, trusted_proxies=("127.0.0.1",)),
        channels=Channels(
            line=Line(
                channel_secret=SecretStr("line-secret"),
                channel_access_token=SecretStr("t"),
                api_base=nowhere,
            ),
            telegram=Telegram(
                token=SecretStr("1:t"),
                webhook_secret=SecretStr("telegram-secret"),
                api_base=nowhere,
            ),
        ),
    )
    env = await start.environment(settings)
    yield env
    await start.close(env)


@pytest.fixture
async def client(env: Environment) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async with TestClient(TestServer(create_app(env)), auto_decompress=False) as client:
        yield client
