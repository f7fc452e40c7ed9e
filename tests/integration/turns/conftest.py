"""A clinic in this process: real stores, the real runner and outbox, patients on the web chat."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from clinic.config import Settings
from clinic.questionnaire import service
from tests.integration.booking.clinic import make
from tests.integration.turns.rig import Rig


@pytest.fixture
async def rig(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    settings = Settings(
        database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), data_dir=tmp_path
    )
    env = await start.environment(settings)
    yield Rig(env)
    await start.close(env)


@pytest.fixture
async def clinic(rig: Rig) -> Rig:
    """A clinic without quiet hours, with the shipped questionnaires."""
    policy = rig.env.settings.policy.model_copy(update={"quiet_hours": ("00:00", "00:00")})
    settings = rig.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(rig.env, "settings", settings)
    await make(rig.env.database, patients=0, minimum_notice=3 * 24 * 60)
    async with rig.env.database.transaction() as tx:
        await service.install_shipped(tx)
    return rig
