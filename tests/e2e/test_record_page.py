"""The record of a patient in a real browser, on a telephone."""

import pytest
from playwright.async_api import Browser

from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House
from tests.integration.record.canary import PHONE, Canary

pytestmark = pytest.mark.browser
SIZE = {"width": 390, "height": 844}


async def test_the_record_fits_a_telephone_and_shows_a_number_at_a_touch(
    house: House, address: str, browser: Browser
) -> None:
    patient = await Canary(house).write()
    page = await browser.new_page(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]  # a dict of the two
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    for path in ("", "/edit", "/erase"):
        await page.goto(f"{address}/patients/{patient.id}{path}")
        assert await violations(page) == [], path
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZE["width"], path
    await page.goto(f"{address}/patients/{patient.id}")
    await page.locator("#contact").get_by_role("button", name="Show: Telephone").click()
    await page.locator("#sealed-phone strong").wait_for()
    assert await page.locator("#sealed-phone").inner_text() == PHONE
    assert faults == []
    await page.context.close()
