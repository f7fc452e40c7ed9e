"""From the link in an SMS to the confirmed visit, in a real browser on a telephone's screen."""

import pytest
from playwright.async_api import Browser, expect

from scheduler.reminders import fire_due
from tests.e2e.browser import violations, watch
from tests.integration.contact.conftest import house
from tests.integration.contact.house import MARIA, House, link_in, until

__all__ = ["house"]  # the fixture of the letters' own tests
pytestmark = [pytest.mark.browser, pytest.mark.server]


async def test_a_patient_confirms_behind_the_link_with_two_presses(
    house: House, browser: Browser
) -> None:
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await fire_due(house.env)
    await house.sender.sweep()
    link = str(house.client.make_url(link_in(house.sms.texts(MARIA)[0])))
    page = await browser.new_page(locale="en-GB", viewport={"width": 360, "height": 740})
    faults = watch(page)
    await page.goto(link)
    assert await violations(page) == []
    await page.get_by_role("button", name="Open the message").click()
    await page.wait_for_url("**/chat")  # the secret does not stay in the address
    await page.get_by_role("button", name="Yes, I'll come").click()

    async def confirmed() -> bool:
        return bool(await house.value("select confirmed_at is not null from appointment"))

    await until(confirmed)
    await page.goto(link)
    await expect(page.get_by_text("This link has been used already.")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("link", name="Go on in the chat").click()
    await expect(page.locator(".line.clinic")).not_to_have_count(0)
    assert faults == []
    await page.close()
