"""Pages that are printed: on a sheet of A4 nothing is cut off, and what one clicks is not there."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import watch
from tests.e2e.furnished import furnished
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser
SHEET = {"width": 718, "height": 1047}  # CSS px of A4 within margins of 1 cm
PAGES = {
    "figures": "/figures/visits",
    "lapse": "/lapse",
    "lapse list": "/lapse/{group}",
    "calls": "/lapse/{group}/calls",
    "calendar": "/calendar?span=week",
    "calendar's list": "/calendar?view=list&span=week",
    "inbox": "/conversations/{conversation}",
    "today": "/today",
}
# What is to be clicked or typed into, or belongs to the frame, and is on the sheet all the same.
CLICKED = """[...document.querySelectorAll(`
    nav, button, input:not([type=hidden]), select, textarea, dialog, .top, .thumb, .skip-link, .btn
  `)].filter(one => one.checkVisibility() && one.getBoundingClientRect().width > 1)"""
# What is wider or higher than the place it has, or stands beside the sheet.
CUT = """[...document.querySelectorAll('main, main *')].filter(one => {
    if (!one.checkVisibility() || one.closest('.visually-hidden, svg')) return false;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    return box.right > innerWidth + 1 || box.left < -1
      || (style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1)
      || (style.overflowY !== 'visible' && one.scrollHeight > one.clientHeight + 1);
  })"""


@pytest.fixture(params=["light", "dark"])
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport=SHEET,  # type: ignore[arg-type]  # a size
        color_scheme=request.param,
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    faults = watch(page)
    yield page
    await context.close()
    assert faults == []


async def on_paper(page: Page, what: str) -> list[str]:
    """The elements that an expression finds, as they begin."""
    found: list[str] = await page.evaluate(f"{what}.map(one => one.outerHTML.slice(0, 200))")
    return found


async def test_what_is_printed_is_whole_light_and_without_what_one_clicks(
    page: Page, house: House, address: str
) -> None:
    there = await furnished(house, await house.staff("Sato", Role.DOCTOR))
    await house.say(int(there["conversation"]), "とても長い話です。" * 200)
    await sign_in(page, house, address, Role.ADMIN)
    wrong: list[str] = []
    for language in ("en", "ru"):
        await house.rows("update staff set language = $1", language)
        for name, path in PAGES.items():
            await page.emulate_media(media="screen")
            await page.goto(address + path.format_map(there))
            await page.emulate_media(media="print")
            await expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
            about = f"{name} in {language}"
            wrong += [f"{about}: clicked: {one}" for one in await on_paper(page, CLICKED)]
            wrong += [f"{about}: cut off: {one}" for one in await on_paper(page, CUT)]
    assert not wrong, "\n" + "\n".join(wrong)
