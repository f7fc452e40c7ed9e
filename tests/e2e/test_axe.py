"""What looks for faults in pages finds them: each kind of fault once, on a page made for it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.browser import violations

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"><title>A page</title>
  <style>body {{ color: #000; background: #fff; }}
    button {{ width: {size}px; height: {size}px; padding: 0; margin: {gap}px; border: 0; }}</style>
  <main><h1>A page</h1>{buttons}</main>"""
SMALL = '<button type="button" aria-label="Less">-</button>'


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    yield page
    await page.close()


@pytest.mark.parametrize(
    ("size", "gap", "found"),
    [
        pytest.param(10, 0, True, id="small and close"),
        pytest.param(23, 0, True, id="a pixel too small"),
        pytest.param(24, 0, False, id="large enough"),
        pytest.param(10, 12, False, id="small and apart"),
    ],
)
async def test_a_target_too_small_to_hit_is_found(
    page: Page, size: int, gap: int, found: bool
) -> None:
    await page.set_content(PAGE.format(size=size, gap=gap, buttons=SMALL * 3))
    rules = {fault.partition(":")[0] for fault in await violations(page)}
    assert rules == ({"target-size"} if found else set())


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("color-contrast", '<p style="color: #ccc">Hardly to be read</p>'),
        ("label", '<input type="text">'),
        ("region", "</main><p>Beside the landmarks</p>"),
    ],
)
async def test_what_axe_looks_for_by_itself_is_still_looked_for(
    page: Page, rule: str, body: str
) -> None:
    await page.set_content(PAGE.format(size=24, gap=0, buttons=body))
    rules = {fault.partition(":")[0] for fault in await violations(page)}
    assert rules == {rule}
