"""The patient base in a real browser: from the receipt file to the list of who drifts away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Page, expect

from clinic.importer import runs, service
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, SETTINGS, House
from tests.integration.admin.test_lapse import EARLIER, LATER
from tests.unit.clinic.importer.uke.making import EXAMPLE

pytestmark = pytest.mark.browser


@pytest.fixture
async def worker(house: House) -> AsyncIterator[None]:
    """Does what the worker does, as soon as there is something to do."""

    async def work() -> None:
        while True:
            async with house.database.transaction() as tx:
                run_id = await runs.claim(tx)
            if run_id is None:
                await asyncio.sleep(0.1)
            else:
                await service.carry_out(house.database, KEYS, SETTINGS, run_id)

    task = asyncio.create_task(work())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def bring(page: Page, address: str, name: str, content: bytes) -> None:
    """Upload a file and wait until it was looked at, without reloading the page."""
    await page.goto(f"{address}/imports/upload")
    await check(page)
    file: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    await page.locator("#files").set_input_files(file)
    await page.get_by_role("button", name="Upload files").click()
    await expect(page.get_by_text("Ready to check")).to_be_visible(timeout=15_000)


async def commit(page: Page) -> None:
    """Commit what was looked at, and wait until it is done."""
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("#state")).to_have_text("Imported", timeout=15_000)


@pytest.mark.usefixtures("worker")
async def test_from_the_receipt_file_to_the_list_of_who_drifts_away(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address)
    await page.goto(f"{address}/imports")
    await expect(page.get_by_text("Nothing imported yet")).to_be_visible()
    await check(page)
    await bring(page, address, "RECEIPTC.UKE", EARLIER)
    await expect(page.locator("dl.given").first).to_contain_text("New patients")
    await check(page)
    assert await house.value("select count(*) from patient") == 0
    await commit(page)
    await check(page)
    await bring(page, address, "LATER.UKE", LATER)
    await commit(page)

    await page.goto(f"{address}/lapse")
    await check(page)
    await page.get_by_role("link", name="Lifestyle diseases, Lapsed: 1").click()
    row = page.get_by_role("row", name="見本 太郎")
    await expect(row).to_contain_text("medicine until Thu, Aug 14, 2025")
    await expect(row).to_contain_text("Thu, Jul 17, 2025")
    await check(page)
    await page.get_by_role("link", name="Windows").click()
    await check(page)

    await page.goto(f"{address}/segments/new")
    await page.get_by_role("button", name="Advanced (JSON)").click()
    await expect(page.locator("#count")).to_contain_text("Found")
    await check(page)
    await page.locator("#tree").fill('{"field": "lapse", "op": "any", "value": ["lapsed"]}')
    await expect(page.locator("#count .outline")).to_have_text("Drifting away: lapsed")
    await expect(page.locator("#count dd").first).to_have_text("1")
    await page.locator("#tree").fill("{")
    await expect(page.locator("#count")).to_contain_text("this is no valid JSON")
    await check(page)


@pytest.mark.usefixtures("worker")
async def test_a_doubt_is_decided_and_a_lists_columns_are_named(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address)
    await bring(page, address, "RECEIPTC.UKE", EXAMPLE.encode("cp932"))
    await commit(page)
    rows = "Chart No,Full name,Date of birth,Mobile\n00042,別人 一郎,1970-02-03,090-1234-5678\n"
    await bring(page, address, "list.csv", rows.encode())
    await page.get_by_role("link", name="Change the columns").click()
    await check(page)
    await page.locator("#column-1").select_option("name")
    await page.locator("#column-0").select_option("chart")
    await page.locator("#column-2").select_option("birth")
    await page.get_by_role("button", name="Preview again").click()
    await expect(page.get_by_text("Ready to check")).to_be_visible(timeout=15_000)
    await commit(page)
    await page.goto(f"{address}/reviews")
    await check(page)
    await page.locator("a.form-name").click()
    await expect(page.locator(".is-different").first).to_be_visible()
    await check(page)
    await page.get_by_label("Leave this entry out").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Decided.")).to_be_visible()
    await page.goto(f"{address}/merges")
    await page.locator("#q").fill("見本")
    await page.get_by_role("button", name="Search", exact=True).click()
    await expect(page.get_by_text("Which record stays")).to_be_visible()
    await check(page)
