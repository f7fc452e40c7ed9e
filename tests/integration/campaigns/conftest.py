"""A clinic that writes to its patients: real stores, the real sweeps, patients on the web chat."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from clinic.config import Policy, Settings
from tests.integration.campaigns.clinic import Clinic


@pytest.fixture
async def clinic(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    # No quiet hours: what the time of day is must not matter to these tests.
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        policy=Policy(quiet_hours=("00:00", "00:00"), undo_seconds=0, approval_above=50),
    )
    env = await start.environment(settings)
    yield Clinic(env)
    await start.close(env)
