"""The chat page in a real browser, in front of a backend in memory."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.channels.webchat.conftest import backend, url
from tests.e2e.browser import watch

__all__ = ["backend", "url"]  # the fixtures of the web chat's own tests


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 360, "height": 740}
    )
    context.set_default_timeout(30_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page in which nothing may go wrong."""
    page = await context.new_page()
    faults = watch(page)
    yield page
    assert faults == []
