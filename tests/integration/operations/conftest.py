"""A clinic on a server of its own, and a second, empty machine to restore it on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.commands.schema import migrate
from clinic.config import Settings
from clinic.db import Database
from clinic.installation.service import recognise
from tests.integration.admin.house import House


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The key of tests.integration.admin.house."""
    path = tmp_path / "master.key"
    path.write_text(f"1:{bytes(32).hex()}\n")
    return path


@pytest.fixture
def settings(database_url: str, key_file: Path, tmp_path: Path) -> Settings:
    """Of the clinic."""
    return _settings(database_url, key_file, tmp_path / "clinic")


@pytest.fixture
def elsewhere(empty_database_url: str, key_file: Path, tmp_path: Path) -> Settings:
    """Of a new machine."""
    return _settings(empty_database_url, key_file, tmp_path / "new")


@pytest.fixture
async def house(database_url: str, settings: Settings) -> AsyncIterator[House]:
    """The clinic, at work."""
    await migrate(database_url)
    database = await Database.open(database_url)
    house = House(database)
    async with database.transaction() as tx:
        await recognise(tx, settings.data_dir)
    yield house
    await database.close()


@pytest.fixture
async def restored(empty_database_url: str) -> AsyncIterator[House]:
    """What is on the new machine."""
    database = await Database.open(empty_database_url)
    yield House(database)
    await database.close()


def _settings(url: str, key_file: Path, folder: Path) -> Settings:
    folder.mkdir()
    return Settings(
        database_url=SecretStr(url),
        data_dir=folder,
        secrets={"master_key_file": key_file},
    )
