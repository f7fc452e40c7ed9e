"""A document in a real browser, at a desk and on a telephone: from the template to the PDF."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from playwright.async_api import Browser, Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


@pytest.fixture(params=[1280, 390], ids=["desk", "telephone"])
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    size = {"width": request.param, "height": 800}
    context = await browser.new_context(viewport=size, locale="en-GB")  # type: ignore[arg-type]  # a size
    page = await context.new_page()
    faults = watch(page)
    yield page
    await context.close()
    assert [one for one in faults if "422" not in one] == []  # a form that is not complete


async def test_a_template_is_checked_filled_in_and_issued(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient(
        "田中 花子", kana="タナカ ハナコ", chart="1001", birth_on=date(1960, 1, 2)
    )
    await house.practitioner("Sato")
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/documents")
    await expect(page.get_by_text("No templates yet")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Put in the ready-made templates").click()
    await check(page)
    await page.get_by_role("link", name="Explanation and consent").click()
    await check(page)
    await page.get_by_role("checkbox", name="It has been checked").check()
    await page.get_by_role("button", name="Take into use").click()
    await expect(page.get_by_text("It is in use now.")).to_be_visible()
    await page.get_by_text("Write the next version").click()
    await check(page)

    await page.goto(f"{address}/patients/{patient}")
    await page.get_by_role("link", name="Documents").last.click()
    await expect(page.get_by_text("No documents yet")).to_be_visible()
    await check(page)
    await page.get_by_role("link", name="Explanation and consent").click()
    await page.get_by_role("link", name="English").click()
    await page.get_by_role("button", name="Issue").click()
    await expect(page.get_by_text("Still empty:")).to_be_visible()
    await check(page)
    await page.get_by_label("doctor").select_option("Sato")
    await page.get_by_label("What is to be done").fill("Cataract surgery, right eye")
    await page.get_by_label("Why, and what it can do").fill("Clear sight again")
    await page.get_by_label("Risks").fill("Infection, rarely")
    await page.get_by_label("Other ways").fill("Waiting")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Issue").click()
    await expect(page.get_by_text("Issued.")).to_be_visible()
    await check(page)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="PDF").click()
    assert (await download.value).suggested_filename.endswith(".pdf")
    await page.get_by_role("button", name="Ask for consent").click()
    await expect(page.get_by_text("Not sent:")).to_be_visible()
    await check(page)
    await page.get_by_text("Make void").first.click()
    await page.get_by_label("Reason").fill("Wrong eye")
    await page.get_by_role("button", name="Make void").click()
    await expect(page.get_by_text("Wrong eye")).to_be_visible()
    await check(page)
