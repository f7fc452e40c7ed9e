"""A clinic with a patient of whom every table tells."""

from collections.abc import AsyncIterator

import pytest

from clinic.db import Database
from tests.integration.admin.house import House


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A clinic to write rows into."""
    database = await Database.open(database_url)
    yield House(database)
    await database.close()
