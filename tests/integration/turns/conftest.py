"""A clinic in this process: real stores, the real runner and outbox, patients on the web chat."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from clinic.config import Settings
from tests.integration.turns.rig import Rig


@pytest.fixture
async def rig(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    settings = Settings(
        database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), data_dir=tmp_path
    )
    env = await start.environment(settings)
    yield Rig(env)
    await start.close(env)
