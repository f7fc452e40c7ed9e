"""A clinic whose visits become free, and people who would like them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from clinic.config import Policy, Settings, Waitlist
from tests.integration.waitlist.house import House, open_house


@pytest.fixture
async def house(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A clinic with one doctor, without quiet hours, so that no test depends on the hour."""
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        policy=Policy(quiet_hours=("00:00", "00:00")),
        waitlist=Waitlist(),
    )
    env = await start.environment(settings)
    yield await open_house(env)
    await start.close(env)
