"""The clinic's first words, written with the patient's view of them beside; and the day sheet."""

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def within_reach(page: Page) -> None:
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_words_are_seen_while_they_are_written_saved_and_taken_back(
    page: Page, house: House, address: str
) -> None:
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/settings/texts")
    await within_reach(page)
    fields = page.get_by_role("group", name="Greeting of the clinic's own")
    await fields.get_by_label("English").press_sequentially("Hello from {clinic}")
    samples = page.locator("#samples")
    await expect(samples.get_by_text("Hello from さくら内科クリニック").first).to_be_visible()
    adding = page.get_by_role("group", name="What the clinic adds to the privacy notice")
    await adding.get_by_label("Русский").press_sequentially("Фото храним год.")
    await expect(samples.get_by_text("Фото храним год.")).to_have_count(2)
    await within_reach(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("2 settings changed.")).to_be_visible()
    await within_reach(page)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Hello from さくら内科クリニック")).to_have_count(0)
    assert faults == []


async def test_the_day_sheet_is_set_in_words_that_warn(
    page: Page, house: House, address: str
) -> None:
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/settings/day_sheet")
    await expect(page.get_by_text("The sheet holds names")).to_be_visible()
    await page.get_by_label("At", exact=True).fill("17:30")
    await within_reach(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("1 setting changed.")).to_be_visible()
    await page.goto(f"{address}/settings/health")
    await expect(page.get_by_text("not made yet")).to_be_visible()
    await within_reach(page)
    assert faults == []
