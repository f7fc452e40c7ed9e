"""The frame of the panel as people use it: by keyboard at a desk, by thumb on a telephone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def opened(browser: Browser, width: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB")
    return await context.new_page()


@pytest.fixture
async def desk(browser: Browser, house: House, address: str) -> AsyncIterator[Page]:
    page = await opened(browser, 1280)
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    yield page
    await page.context.close()
    assert faults == []


@pytest.fixture
async def telephone(browser: Browser, house: House, address: str) -> AsyncIterator[Page]:
    page = await opened(browser, 390)
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    yield page
    await page.context.close()
    assert faults == []


async def test_a_patient_is_reached_by_the_palette_without_a_mouse(
    house: House, desk: Page
) -> None:
    patient = await house.patient("田中 花子", kana="タナカ ハナコ", chart="1001")
    await desk.keyboard.press("Control+k")
    await expect(desk.get_by_role("combobox")).to_be_focused()
    await desk.keyboard.type("1001")
    await expect(desk.get_by_role("option", name="田中 花子")).to_be_visible()
    assert await violations(desk) == []
    await desk.keyboard.press("Enter")
    await desk.wait_for_url(f"**/patients/{patient}")


async def test_a_page_is_reached_by_two_letters_but_not_while_one_writes(desk: Page) -> None:
    await desk.keyboard.press("g")
    await desk.keyboard.press("s")
    await desk.wait_for_url("**/settings")
    await desk.keyboard.press("Control+k")
    await desk.keyboard.type("gt")
    assert desk.url.endswith("/settings")
    await desk.keyboard.press("Escape")
    await expect(desk.locator("#palette")).to_be_hidden()


async def test_a_slash_goes_to_what_one_searches_by(desk: Page, address: str) -> None:
    words = desk.get_by_role("combobox")
    await desk.keyboard.press("/")
    await expect(words).to_be_focused()
    await expect(words).to_have_value("")
    await desk.keyboard.type("1/2")
    await expect(words).to_have_value("1/2")
    # Where a page has a search of its own, it is that one.
    await desk.goto(f"{address}/patients")
    await desk.locator("h1").click()
    await desk.keyboard.press("/")
    await expect(desk.locator("#q")).to_be_focused()
    await expect(desk.locator("#q")).to_have_value("")
    await expect(desk.locator("#palette")).to_be_hidden()


async def test_light_or_dark_is_switched_by_a_click_and_stays(desk: Page, address: str) -> None:
    async def seen() -> str:
        colour = "getComputedStyle(document.body).backgroundColor"
        return f"{await desk.get_attribute('html', 'data-bs-theme')} {await desk.evaluate(colour)}"

    async def switch() -> None:
        await desk.locator("details.me summary").click()
        await desk.get_by_role("button", name="Light / dark").click()

    light = await seen()
    await switch()
    dark = await seen()
    assert light.startswith("light")
    assert dark.startswith("dark")
    assert light.split(" ", 1)[1] != dark.split(" ", 1)[1]
    assert await violations(desk) == []
    await desk.goto(f"{address}/patients")
    assert await seen() == dark
    # The choice counts before the system's, which may change meanwhile.
    await desk.emulate_media(color_scheme="light")
    assert await seen() == dark
    await desk.reload()
    await switch()
    assert await seen() == light
    await desk.emulate_media(color_scheme="dark")
    await desk.goto(f"{address}/today")
    assert await seen() == light


async def test_the_question_mark_opens_the_help_of_this_very_page(desk: Page, address: str) -> None:
    await desk.goto(f"{address}/settings/policy")
    await desk.locator("h1").click()
    await desk.keyboard.press("?")
    await expect(
        desk.get_by_role("heading", name="How do I change the quiet hours?")
    ).to_be_visible()
    assert await violations(desk) == []
    await desk.keyboard.press("Escape")
    await expect(desk.locator("#help")).to_be_hidden()


async def test_quiet_hours_are_changed_and_taken_back_in_three_clicks(
    desk: Page, address: str
) -> None:
    await desk.goto(f"{address}/settings/policy")
    await desk.get_by_label("from", exact=True).fill("22:30")
    await desk.get_by_role("button", name="Save").click()
    await expect(desk.get_by_text("1 setting changed.")).to_be_visible()
    assert await violations(desk) == []
    await desk.get_by_role("button", name="Undo").click()
    await expect(desk.get_by_text("in force again")).to_be_visible()
    await expect(desk.get_by_label("from", exact=True)).to_have_value("21:00")


async def test_groups_of_the_menu_stay_as_they_were_left(desk: Page, address: str) -> None:
    await desk.locator("#group-messages > summary").click()
    await expect(desk.locator("#menu-plans")).to_be_visible()
    await desk.goto(f"{address}/tasks")
    await expect(desk.locator("#menu-plans")).to_be_visible()
    await desk.locator("#group-messages > summary").click()
    await desk.goto(f"{address}/plans")
    await expect(desk.locator("#menu-plans")).to_be_visible()


async def test_the_menu_of_a_telephone_opens_keeps_the_focus_and_closes(telephone: Page) -> None:
    more = telephone.get_by_role("button", name="More")
    await expect(telephone.locator("#side")).to_be_hidden()
    await more.click()
    await expect(telephone.locator("#menu-today")).to_be_focused()
    behind = ("landmark-one-main", "page-has-heading-one")  # what lies under the menu is inert
    assert [one for one in await violations(telephone) if not one.startswith(behind)] == []
    await telephone.keyboard.press("Escape")
    await expect(telephone.locator("#side")).to_be_hidden()
    await expect(more).to_be_focused()
    await more.click()
    await telephone.locator("#menu-settings").click()
    await telephone.wait_for_url("**/settings")


async def test_without_scripts_everything_is_still_within_reach(
    browser: Browser, house: House, address: str
) -> None:
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=False, locale="en-GB"
    )
    page = await context.new_page()
    await sign_in(page, house, address, Role.ADMIN)
    await page.locator(".thumb a", has_text="More").click()
    await page.locator("#menu-settings").click()
    await page.wait_for_url("**/settings")
    await page.get_by_role("link", name="Help").click()
    await expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    await context.close()
