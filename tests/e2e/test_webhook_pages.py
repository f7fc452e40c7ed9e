"""Outgoing webhooks in a real browser, at a desk and on a telephone."""

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def test_an_endpoint_is_added_tested_rotated_removed_and_brought_back(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/settings/webhooks")
    await expect(page.get_by_text("No system is told yet")).to_be_visible()
    await check(page)
    await page.get_by_label("Name").fill("Front desk sheet")
    await page.get_by_label("Address (URL)").fill("https://hooks.example.com/in/1")
    await page.get_by_label("Visit booked").check()
    await page.get_by_role("button", name="Add an endpoint").click()
    assert (await page.get_by_label("Copy it now").input_value()).startswith("whsec_")
    await check(page)
    await page.get_by_role("link", name="I have copied it").click()
    await check(page)
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.get_by_text("The test is on its way")).to_be_visible()
    await check(page)
    await house.rows(
        """update webhook_delivery set state = 'dead', reason = 'timeout', attempts = 9,
             settled_at = now(), send_at = 'infinity'"""
    )
    await page.get_by_role("link", name="Given up").click()
    await check(page)
    await page.get_by_role("button", name="Send all given up again").click()
    await expect(page.get_by_text("It is on its way again.")).to_be_visible()
    await page.get_by_role("button", name="New secret").click()
    await expect(page.get_by_text("The old one goes on signing")).to_be_visible()
    await page.get_by_role("link", name="I have copied it").click()
    await page.get_by_role("button", name="Remove").click()
    await check(page)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("It is back, and paused.")).to_be_visible()
    await check(page)
