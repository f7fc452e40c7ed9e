"""The chat page can be read and used by everybody: small screens, keyboards, screen readers."""

from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from bot.channels.channel import ButtonPressed
from bot.channels.webchat.parse import parse
from clinic.message.types import Message
from tests.channels.webchat.backend import MemoryBackend
from tests.e2e.browser import violations
from tests.e2e.webchat.talk import EVERYTHING, LANGUAGES, QUESTION, begin, lines, say

pytestmark = pytest.mark.browser
SENDS = {"ja": "送信", "en": "Send", "zh-Hant": "傳送", "zh-Hans": "发送", "ru": "Отправить"}


async def test_the_page_changes_its_language_and_size_and_remembers_both(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, QUESTION)
    await page.select_option("#language", "ru")
    await page.get_by_role("button", name="Крупный текст").click()
    await page.goto(f"{url}/chat")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await expect(page.locator("html")).to_have_attribute("data-size", "large")
    await expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    await expect(page.locator(".clinic .bubble")).to_have_attribute("lang", "ja")
    await say(page, "Здравствуйте")
    assert parse((await backend.event(2)).payload).language == "ru"


async def test_earlier_messages_are_shown_when_asked_for(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    for number in range(120):
        backend.say(backend.address, Message(f"{number}番", "ja"))
    await page.reload()
    await expect(lines(page, "clinic")).to_have_count(50)
    await page.click("#earlier")
    await expect(lines(page, "clinic")).not_to_have_count(50)
    await page.click("#earlier")
    await expect(page.locator("#earlier")).to_be_hidden()
    expected = [f"{number}番" for number in range(120)]
    await expect(lines(page, "clinic")).to_have_text(expected)


async def test_a_reader_of_old_messages_is_not_torn_away(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    for number in range(20):
        backend.say(backend.address, Message(f"{number}番", "ja"))
    await expect(lines(page, "clinic")).to_have_count(20)
    await page.locator("#log").evaluate("log => log.scrollTo(0, 0)")
    await page.locator("#bottom").evaluate(
        "async bottom => { while (await new Promise(done =>"
        " new IntersectionObserver(([seen]) => done(seen.isIntersecting)).observe(bottom))); }"
    )
    backend.say(backend.address, Message("新着", "ja"))
    await expect(page.locator("#newest")).to_be_visible()
    assert await page.locator("#log").evaluate("log => log.scrollTop") == 0
    await page.click("#newest")
    await expect(page.locator("#newest")).to_be_hidden()
    await expect(lines(page, "clinic").last).to_be_in_viewport()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_wider_than_a_small_phone(
    page: Page, url: str, backend: MemoryBackend, language: str
) -> None:
    await begin(page, url, backend)
    for message in EVERYTHING:
        backend.say(backend.address, message)
    await page.select_option("#language", language)
    await expect(lines(page, "clinic").last).to_be_visible()
    for size in ("normal", "large"):
        await page.click(f"[data-size={size}] >> visible=true")
        for element in ("html", "#log"):
            overflow = "element => element.scrollWidth - element.clientWidth"
            assert await page.locator(element).evaluate(overflow) == 0, (size, element)


async def test_on_a_phone_on_its_side_everything_can_be_reached(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await page.set_viewport_size({"width": 640, "height": 320})
    await begin(page, url, backend)
    for message in EVERYTHING:
        backend.say(backend.address, message)
    await expect(lines(page, "clinic").last).to_have_text("x" * 300)
    await lines(page, "clinic").last.scroll_into_view_if_needed()
    await expect(lines(page, "clinic").last).to_be_in_viewport()
    await page.get_by_role("button", name="10:00").click()
    assert parse((await backend.event(2)).payload).content == ButtonPressed("t1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ja", "ru"])
async def test_axe_finds_nothing_wrong(
    browser: Browser,
    url: str,
    backend: MemoryBackend,
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    context = await browser.new_context(
        color_scheme=scheme, reduced_motion="reduce", viewport={"width": 360, "height": 740}
    )
    page = await context.new_page()
    await page.goto(f"{url}/chat?lang={language}")
    await expect(page.locator("#start")).to_be_visible()
    assert await violations(page) == []
    await page.click("#start")
    await backend.event(1)
    backend.say(backend.address, QUESTION)
    await page.get_by_role("button", name="10:00").click()
    await backend.event(2)
    for message in EVERYTHING:
        backend.say(backend.address, message)
    backend.say(backend.address, Message("田中です。", "ja"), side="staff")
    await expect(page.locator(".staff")).to_be_visible()
    backend.down = True
    await say(page, "x")
    await expect(page.locator("#notice")).not_to_be_empty()
    assert await violations(page) == []
    backend.down = False
    await page.click("#end")
    assert await violations(page) == []
    await context.close()


@pytest.mark.parametrize("up", [60, 700])
async def test_at_a_zoom_of_200_percent_a_new_message_tore_a_reader_of_old_ones_away(
    page: Page, url: str, backend: MemoryBackend, up: int
) -> None:
    await page.set_viewport_size({"width": 180, "height": 370})
    await begin(page, url, backend)
    for number in range(20):
        backend.say(backend.address, Message(f"{number}番", "ja"))
    await expect(lines(page, "clinic")).to_have_count(20)
    place = await page.evaluate(
        "async up => { scrollTo(0, document.body.scrollHeight - innerHeight - up);"
        " for (let frames = 3; frames; frames--) await new Promise(requestAnimationFrame);"
        " return scrollY; }",
        up,
    )
    backend.say(backend.address, Message("新着", "ja"))
    await expect(page.locator("#newest")).to_be_visible()
    assert await page.evaluate("scrollY") == place
    await page.click("#newest")
    assert await page.evaluate("scrollY") > place
    await expect(page.locator("#newest")).to_be_hidden()
    backend.say(backend.address, Message("もう一つ", "ja"))
    await expect(lines(page, "clinic").last).to_have_text("もう一つ")
    await expect(lines(page, "clinic").last).to_be_in_viewport()


async def test_at_a_zoom_of_200_percent_a_long_message_is_shown_from_its_beginning(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await page.set_viewport_size({"width": 180, "height": 370})
    await begin(page, url, backend)
    backend.say(backend.address, Message("x" * 900, "en"))
    await expect(lines(page, "clinic")).to_have_count(1)
    top = (
        "async line => { for (let frames = 3; frames; frames--)"
        " await new Promise(requestAnimationFrame); return line.getBoundingClientRect().top; }"
    )
    assert 0 <= await lines(page, "clinic").last.evaluate(top) < 100


@pytest.mark.parametrize("language", LANGUAGES)
async def test_on_a_phone_the_button_of_sending_took_a_row_of_its_own(
    page: Page, url: str, backend: MemoryBackend, language: str
) -> None:
    await begin(page, url, backend)
    await page.select_option("#language", language)
    bottom = "element => element.getBoundingClientRect().bottom"
    for width in (360, 180):
        await page.set_viewport_size({"width": width, "height": 740})
        assert await page.locator("#words").evaluate(bottom) == pytest.approx(
            await page.locator("#send").evaluate(bottom), abs=1
        )
    await expect(page.locator("#send")).to_have_accessible_name(SENDS[language])
