"""Every page of the panel that needs no number in its address, in a real browser: wide and narrow,
light and dark, by a machine that knows WCAG. Finds what the makers of a page did not look at."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from playwright.async_api import Browser, Page

from admin.routes import ROUTES
from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser
NO_PAGES = ("/healthz", "/metrics", "/favicon.ico", "/sign-in", "/", "/segments/words")
PAGES = [
    row
    for row in ROUTES
    if row.method == "GET"
    and "{" not in row.path
    and row.path not in NO_PAGES
    and not row.path.startswith("/live/")
    and "." not in row.path.rsplit("/", 1)[-1]
    and row.by_person
]


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    width, look = request.param
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=look, locale="en-GB"
    )
    page = await context.new_page()
    yield page
    await context.close()


async def look(page: Page, address: str, path: str) -> list[str]:
    """What is wrong with a page."""
    answer = await page.goto(f"{address}{path}")
    if answer is None or answer.status != 200:
        return [f"{path}: {answer and answer.status}"]
    found = [f"{path}: {fault}" for fault in await violations(page)]
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append(f"{path}: wider than the screen")
    return found


async def test_every_page_is_within_reach_of_everybody(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient(
        "田中 花子", kana="タナカ ハナコ", chart="1", birth_on=date(1960, 1, 2)
    )
    talk = await house.conversation(patient, said="こんにちは", owner="queue", waiting=5)
    await house.visit(patient, await house.practitioner("佐藤"), await house.room("1"))
    await house.task("call", patient=patient, conversation=talk)
    found: list[str] = []
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    for row in PAGES:
        if Role.ADMIN in (row.roles or ()):
            found += await look(page, address, row.path)
    await page.context.clear_cookies()
    await sign_in(page, house, address, await house.staff("Sato", Role.DOCTOR))
    for row in PAGES:
        if Role.ADMIN not in (row.roles or Role):
            found += await look(page, address, row.path)
    found += faults
    assert not found, "\n" + "\n".join(found)
