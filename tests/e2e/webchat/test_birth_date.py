"""A date of birth is typed in figures: no calendar to turn back, and no day that nobody chose."""

from datetime import date

import pytest
from playwright.async_api import Page, expect

from bot.channels.channel import DatePicked
from bot.channels.webchat.parse import parse
from clinic.message.types import DatePick, Message
from tests.channels.webchat.backend import MemoryBackend
from tests.e2e.browser import violations
from tests.e2e.webchat.talk import begin

pytestmark = pytest.mark.browser
PICK = DatePick("生年月日", "d", date(1966, 1, 1), date(1906, 1, 1), date(2026, 11, 24), typed=True)


async def test_a_birth_date_began_with_1966(page: Page, url: str, backend: MemoryBackend) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, Message("生年月日", "ja", date_pick=PICK))
    year = page.get_by_label("年（西暦）")
    await expect(year).to_have_value("")
    send = page.get_by_role("button", name="この日にする")
    await send.click()  # nothing is sent that nobody typed
    await expect(page.locator(".field .wrong")).not_to_be_empty()
    await expect(year).to_be_focused()
    await year.fill("１９４８")
    await page.get_by_label("月", exact=True).fill("2")
    day = page.get_by_label("日", exact=True)
    await day.fill("30")
    await send.click()
    await expect(page.locator(".field .wrong")).not_to_be_empty()
    await day.fill("29")
    await expect(page.locator(".picked")).to_have_text("1948年2月29日(日)")
    assert await violations(page) == []
    for element in ("html", "#log"):
        assert await page.locator(element).evaluate("e => e.scrollWidth <= e.clientWidth")
    await page.keyboard.press("Enter")
    content = parse((await backend.event(2)).payload).content
    assert content == DatePicked("d", date(1948, 2, 29))


async def test_a_person_who_writes_is_seen_on_the_page(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, Message("お待ちください", "ja"))
    await expect(page.locator(".clinic .words")).to_have_count(1)
    backend.hub.typed(backend.address)
    await expect(page.locator("#typing")).to_have_text("スタッフが入力しています…")
    assert await violations(page) == []
    backend.say(backend.address, Message("田中です", "ja"), side="staff")
    await expect(page.locator("#typing")).to_have_text("")
