"""A database with a pool, and a clinic in it, for the tests of booking."""

from collections.abc import AsyncIterator

import pytest

from clinic.db import Database
from tests.integration.booking.clinic import Clinic, make


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A pool of up to 40 connections to a fresh database."""
    database = await Database.open(database_url, connections=40)
    yield database
    await database.close()


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    """A clinic with one doctor and no room."""
    return await make(db)
