"""A database and an import that told of patients, for the tests of lapse."""

from collections.abc import AsyncIterator

import pytest

from clinic.db import Database
from tests.integration.lapse.house import House


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """An empty clinic in Tokyo."""
    database = await Database.open(database_url, connections=2)
    yield House(database)
    await database.close()
