"""The ten screens in the five languages, on a telephone and at a desk: words of any length fit.

With KAYOI_SCREENSHOTS=folder each is a picture there; so is every page of `test_every_page.py`.
"""

import pytest
from playwright.async_api import Page

from clinic.staff.types import Role
from tests.e2e.browser import picture
from tests.e2e.furnished import furnished
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser
SCREENS = {
    "1-today": "/today",
    "2-calendar": "/calendar",
    "3-inbox": "/conversations/{conversation}",
    "4-patient": "/patients/{patient}",
    "5-lapse": "/lapse/{group}",
    "6-campaign": "/campaigns/{campaign}",
    "6-plan": "/plans/{definition}",
    "7-results": "/questionnaires/{questionnaire}/results",
    "7-triage": "/triage",
    "8-document": "/documents/{document}",
    "9-figures": "/figures/visits",
    "10-settings": "/settings",
    "10-section": "/settings/policy",
}
LANGUAGES = ("en", "ja", "zh-Hant", "zh-Hans", "ru")
# Words in a box too small for them, where they can be neither scrolled nor read as a whole.
CLIPPED = """[...document.querySelectorAll('body *')].filter(one => {
    if (!one.checkVisibility() || one.closest('.visually-hidden, #calendar')) return false;
    const style = getComputedStyle(one);
    return style.textOverflow !== 'ellipsis' && style.overflowX === 'hidden'
      && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1;
  }).map(one => one.outerHTML.slice(0, 160))"""


async def test_each_screen_fits_in_every_language(page: Page, house: House, address: str) -> None:
    there = await furnished(house, await house.staff("Sato", Role.DOCTOR))
    await sign_in(page, house, address, Role.ADMIN)
    wrong: list[str] = []
    for language in LANGUAGES:
        await house.rows("update staff set language = $1", language)
        for name, path in SCREENS.items():
            await page.goto(address + path.format_map(there))
            await picture(page, f"{name}-{language}")
            about = f"{name} in {language}"
            if await page.get_attribute("html", "lang") != language:
                wrong.append(f"{about}: in another language")
            if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wrong.append(f"{about}: wider than the screen")
            wrong += [f"{about}: clipped: {one}" for one in await page.evaluate(CLIPPED)]
    assert not wrong, "\n" + "\n".join(wrong)
