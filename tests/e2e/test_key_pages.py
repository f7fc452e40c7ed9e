"""Keys of the API and calendar feeds in a real browser, at a desk and on a telephone."""

import re

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def test_a_key_is_made_and_ended(page: Page, house: House, address: str) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/settings/api-keys")
    await expect(page.get_by_text("No program has a key yet")).to_be_visible()
    await check(page)
    await page.get_by_label("Name").fill("Front desk tablet")
    await page.get_by_role("checkbox", name="Read patients").check()
    await page.get_by_role("checkbox", name="Book, move and cancel").check()
    await page.get_by_role("button", name="Make a key").click()
    shown = page.get_by_label("Copy it now")
    await expect(shown).to_have_value(re.compile(r"kayoi_[\w-]{43}"))
    await check(page)
    await page.get_by_role("button", name="Revoke: Front desk tablet").click()
    await expect(page.get_by_text("The key is dead")).to_be_visible()
    await check(page)


async def test_a_doctor_makes_an_address_of_the_own_calendar(
    page: Page, house: House, address: str
) -> None:
    doctor = await house.staff("Dr Sato", Role.DOCTOR)
    await house.practitioner("Sato", doctor)
    await sign_in(page, house, address, doctor)
    await page.goto(f"{address}/settings/calendar-feeds")
    await check(page)
    await page.get_by_role("button", name="Make an address: Sato").click()
    await expect(page.get_by_role("link", name="Open in the calendar")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Revoke: Sato").click()
    await expect(page.get_by_role("button", name="Revoke: Sato")).to_have_count(0)
