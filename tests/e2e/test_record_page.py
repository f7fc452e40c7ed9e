"""The record of a patient in a real browser, on a telephone."""

import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from clinic.db import Database
from clinic.questionnaire import service
from clinic.staff.types import Role
from tests.e2e.browser import opened, violations, watch
from tests.integration.admin.house import KEYS, SETTINGS, House
from tests.integration.record.canary import PHONE, Canary

pytestmark = pytest.mark.browser


async def test_the_record_fits_a_telephone_and_shows_a_number_at_a_touch(
    database_url: str, chromium: str
) -> None:
    service._known.clear()  # versions are kept in memory by id
    database = await Database.open(database_url)
    house = House(database)
    patient = await Canary(house).write()
    link = await house.link(await house.staff("Yamada", Role.ADMIN))
    async with (
        TestServer(create_app(database, KEYS, SETTINGS)) as server,
        opened(chromium) as browser,
    ):
        address = str(server.make_url("/")).rstrip("/")
        size = {"width": 390, "height": 844}
        page = await browser.new_page(viewport=size, locale="en-GB")  # type: ignore[arg-type]  # a dict of the two
        faults = watch(page)
        await page.goto(f"{address}/sign-in?token={link}")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/today")
        for path in ("", "/edit", "/erase"):
            await page.goto(f"{address}/patients/{patient.id}{path}")
            assert await violations(page) == [], path
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], path
        await page.goto(f"{address}/patients/{patient.id}")
        await page.get_by_role("button", name="Show: Telephone").click()
        await page.locator("#sealed-phone strong").wait_for()
        assert await page.locator("#sealed-phone").inner_text() == PHONE
        assert faults == []
    await database.close()
