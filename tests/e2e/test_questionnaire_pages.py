"""Questionnaires in the panel, in a real browser: on a telephone, in the dark, by keyboard."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from clinic.questionnaire import service
from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="en-GB")
    page = await context.new_page()
    faults = watch(page)
    yield page
    await context.close()
    assert faults == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_is_accessible_and_fits_a_telephone(
    page: Page, house: House, address: str, theme: str
) -> None:
    forms = await house.forms()
    patient = await house.patient("Иванова Мария Александровна", chart="1001")
    form = forms["phq_9"]
    await house.response(patient, form, {"interest": 3, "self_harm": 1}, days_ago=20)
    response = await house.response(patient, form, {"interest": 1})
    async with house.database.transaction() as tx:
        await service.request(tx, "staff:1", form, patient)
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await sign_in(page, house, address, Role.ADMIN)
    for path in (
        "/questionnaires",
        "/questionnaires/upload",
        "/questionnaires/requests",
        f"/questionnaires/{form}",
        f"/questionnaires/{forms['pre_visit_intake']}",
        f"/questionnaires/{form}/ask",
        f"/questionnaires/{form}/results",
        f"/questionnaires/responses/{response}",
    ):
        await page.goto(address + path)
        assert await violations(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await page.emulate_media(media="print")
    await expect(page.locator(".answers")).to_be_visible()
    await expect(page.locator(".bar")).to_be_hidden()


async def test_the_phone_is_played_by_keyboard_without_leaving_the_page(
    page: Page, house: House, address: str
) -> None:
    form = (await house.forms())["gad_7"]
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/questionnaires/{form}")
    phone = page.locator("#phone")
    await expect(phone).to_contain_text(re.compile(r"\b1\s+In the last 2 weeks"))
    await phone.get_by_role("button", name="Several days").focus()
    await page.keyboard.press("Enter")
    await expect(phone).to_contain_text(re.compile(r"\b2\s+In the last 2 weeks"))
    await phone.get_by_role("textbox").fill("not at all")
    await page.keyboard.press("Enter")
    await expect(phone).to_contain_text(re.compile(r"\b3\s+In the last 2 weeks"))
    assert page.url == f"{address}/questionnaires/{form}"
    assert await house.value("select count(*) from questionnaire_response") == 0


async def test_a_file_is_refused_and_a_good_one_is_taken(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/questionnaires/upload")
    bad = {"name": "bad.json", "mimeType": "application/json", "buffer": b"{}"}
    await page.locator("#files").set_input_files(bad)  # type: ignore[arg-type]  # a payload
    await page.get_by_role("button", name="Upload a questionnaire").click()
    await expect(page.get_by_text("Nothing was stored")).to_be_visible()
    await expect(page.get_by_text("it is not a FHIR Questionnaire")).to_be_visible()
    await page.locator("#files").set_input_files(service.FORMS / "gad_7.json")
    await page.get_by_role("button", name="Upload a questionnaire").click()
    await expect(page.get_by_text("Stored as a draft")).to_be_visible()
    await page.get_by_role("button", name="Use this version").click()
    await expect(page.get_by_text("This version is in use from now on")).to_be_visible()
