"""A clinic in this process, on real stores, with plans of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from clinic.config import Settings
from clinic.plan import definitions
from clinic.questionnaire.service import install_shipped
from tests.integration.plans.ward import Ward


@pytest.fixture
async def ward(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        clinic={"name": "Hana Clinic", "phone": "03-0000-0000"},
        policy={"quiet_hours": ("00:00", "00:00"), "per_day": 20},
    )
    env = await start.environment(settings)
    async with env.database.transaction() as tx:
        await install_shipped(tx)
        await definitions.install_shipped(tx)
    yield Ward(env)
    await start.close(env)
