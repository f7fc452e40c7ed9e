"""A browser, and the panel of a clinic for it to look at."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from admin.app import create_app
from clinic.db import Database
from clinic.questionnaire import service
from tests.e2e.browser import opened
from tests.integration.admin.house import KEYS, SETTINGS, House

# What a page shows sooner or later is waited for: how soon is asked only where a figure says so.
expect.set_options(timeout=20_000)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    service._known.clear()  # versions are kept in memory by id
    database = await Database.open(database_url)
    yield House(database)
    await database.close()


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    """Where the panel of this house is."""
    async with TestServer(create_app(house.database, KEYS, SETTINGS)) as server:
        yield str(server.make_url("/")).rstrip("/")


@pytest.fixture(scope="package")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with opened(chromium) as browser:
        yield browser
