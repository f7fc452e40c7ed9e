"""A clinic with doctors on call, in this process: real stores, the real runner and ladder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from clinic.config import Settings
from tests.integration.escalations.ward import Ward


@pytest.fixture
async def ward(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    settings = Settings(
        database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), data_dir=tmp_path
    )
    env = await start.environment(settings)
    yield Ward(env)
    await start.close(env)
