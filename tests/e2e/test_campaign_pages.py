"""Campaigns in a real browser: from a template to a start and its undoing, at a desk and on a
telephone."""

from datetime import date

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


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
    await page.wait_for_url("**/edit")
    await check(page)
    await page.get_by_role("textbox", name="Русский", exact=True).fill(
        "{name}, мы переехали. Звоните: {phone}"
    )
    await page.get_by_role("button", name="Save and preview").click()
    await expect(page.get_by_text("The words in braces still wait for yours").first).to_be_visible()
    await expect(page.get_by_role("button", name="Start", exact=True)).to_have_count(0)
    await check(page)
    await page.get_by_role("link", name="Edit").first.click()
    await page.locator("#text-a-ja").fill("{name}様、移転しました。")
    for language in ("en", "zh-Hant", "zh-Hans"):
        await page.locator(f"#text-a-{language}").fill("")
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
