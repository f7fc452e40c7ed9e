"""A patient base to import into."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from tests.integration.importer.house import House


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """An empty patient base."""
    database = await Database.open(database_url, connections=4)
    yield House(database, KeyRing({1: b"k" * 32}), Settings(data_dir=tmp_path))
    await database.close()
