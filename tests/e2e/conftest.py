"""A browser, and the panel of a clinic for it to look at."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from admin.app import create_app
from clinic.db import Database
from clinic.questionnaire import service
from tests.e2e.browser import opened, watch
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


@pytest.fixture(params=[1280, 390], ids=["desk", "telephone"])
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page of somebody's own browser, on a desk and on a telephone, in which nothing goes wrong.

    Without motion: a change of colours that takes time would be looked at halfway.
    """
    context = await browser.new_context(
        viewport={"width": request.param, "height": 844}, locale="en-GB", reduced_motion="reduce"
    )
    page = await context.new_page()
    faults = watch(page)
    yield page
    await context.close()
    assert faults == []
