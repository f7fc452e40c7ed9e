"""Campaigns in a real browser: from a template to a start and its undoing, at a desk and on a
telephone."""

from datetime import date

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import violations
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def check(page: Page) -> None:
    """Nothing is out of reach of anybody, or of a small screen."""
    assert await violations(page) == [], page.url
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def test_a_birthday_campaign_is_written_seen_started_and_undone(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient("Иванова Мария", chart="1001", birth_on=date(1948, 2, 29))
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1', language = 'ru'")
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/campaigns")
    await check(page)
    await page.get_by_role("link", name="New campaign").click()
    await check(page)
    await page.get_by_role("button", name="Use this: We have moved, or are closed").click()
    await check(page)
    await page.get_by_role("textbox", name="Русский", exact=True).fill(
        "{name}, мы переехали. Звоните: {phone}"
    )
    await page.get_by_role("button", name="Save and preview").click()
    await expect(page.get_by_text("Иванова Мария, мы переехали.")).to_be_visible()
    await check(page)
    await page.get_by_role("link", name="We have moved, or are closed").first.click()
    await check(page)
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_text("Started.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("nothing went out")).to_be_visible()
    await page.goto(f"{address}/campaigns/calendar")
    await check(page)
    for when in ("weekly", "season", "relative", "occasion"):
        campaign = await house.value("select id from campaign")
        await page.goto(f"{address}/campaigns/{campaign}/edit?when={when}")
        await check(page)
