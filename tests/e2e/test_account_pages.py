"""Setting password and second step up, and signing in with them, in a real browser: at a desk and
on a telephone."""

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.accounts import PASSWORD
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def code(house: House, secret: str) -> str:
    """What the app of the telephone shows; the code before it may be used again for that."""
    await house.rows("update staff set totp_step = totp_step - 2")
    return pyotp.TOTP(secret).at(await house.value("select now()"))


async def test_somebody_sets_password_and_app_up_from_a_first_link_and_signs_in_with_both(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    await page.get_by_role("link", name="Set up", exact=True).click()
    await check(page)
    await page.get_by_label("New password").fill("password12345")
    await page.get_by_label("Once more").fill("password12345")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("easy to guess")
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("Once more").fill(PASSWORD)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Authenticator app")).to_be_visible()
    await check(page)
    secret = (await page.locator("#key").inner_text()).replace(" ", "")
    await page.get_by_label("Code that the app shows now").fill(await code(house, secret))
    await page.get_by_role("button", name="Turn on").click()
    await expect(page.locator(".recovery-codes li")).to_have_count(10)
    await check(page)
    spare = await page.locator(".recovery-codes li").first.inner_text()
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_text("10 of 10 are left.")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.wait_for_url("**/sign-in")
    await check(page)
    await page.get_by_label("Name").fill("Yamada")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await check(page)
    await page.get_by_label("Code from your authenticator app").fill(await code(house, secret))
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("**/today")
    await expect(page.locator("[data-second-step]")).to_have_count(0)
    for path in ("/staff", "/audit", "/audit/seen", "/account"):
        await page.goto(address + path)
        await check(page)
    await house.rows("update staff_session set proved_at = now() - interval '1 hour'")
    await page.goto(f"{address}/account/password")
    await expect(page.get_by_role("heading", name="show that it is you")).to_be_visible()
    await check(page)
    await page.get_by_label("Code from your authenticator app").fill(spare.lower())
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label("New password")).to_be_visible()


async def test_a_doctor_opens_a_record_in_an_emergency_and_ends_it(
    page: Page, house: House, address: str
) -> None:
    await house.patient("Иванова Мария", chart="1001")
    await sign_in(page, house, address, Role.DOCTOR)
    await page.goto(f"{address}/emergency")
    await check(page)
    await page.get_by_label("Patient's chart number").fill("1001")
    await page.get_by_label("Why you need it").fill("unconscious at the door")
    await page.get_by_role("button", name="Open the record").click()
    await expect(page.get_by_text("Emergency access to Иванова Мария until")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="End it now").click()
    await expect(page.get_by_text("Emergency access to Иванова Мария until")).to_have_count(0)


async def test_somebody_adds_a_passkey_and_signs_in_with_it(
    browser: Browser, house: House, address: str
) -> None:
    here = address.replace("127.0.0.1", "localhost")  # there are none under a bare address
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    faults = watch(page)
    device = await context.new_cdp_session(page)
    await device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    staff = await house.staff("Yamada", Role.STAFF)
    await sign_in(page, house, here, staff)
    await page.goto(f"{here}/account/password")
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("Once more").fill(PASSWORD)
    await page.get_by_role("button", name="Save").click()
    secret = (await page.locator("#key").inner_text()).replace(" ", "")
    await page.get_by_label("Code that the app shows now").fill(await code(house, secret))
    await page.get_by_role("button", name="Turn on").click()
    await page.get_by_role("link", name="I have kept them").click()
    await page.get_by_label("Name of the device").fill("My laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("My laptop")).to_be_visible()
    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.wait_for_url("**/sign-in")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.wait_for_url("**/today")
    await page.goto(f"{here}/account")
    await page.get_by_role("button", name="Remove: My laptop").click()
    await expect(page.get_by_text("My laptop")).to_have_count(0)
    await context.close()
    assert faults == []
