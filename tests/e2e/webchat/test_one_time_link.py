"""A web chat that a one-time link of an SMS or a mail opened, in a real browser."""

import hashlib

import pytest
from playwright.async_api import Page, expect

from bot.channels.channel import ButtonPressed
from bot.channels.webchat.parse import parse
from clinic.message.types import Button, Message
from tests.channels.webchat.backend import MemoryBackend
from tests.e2e.webchat.talk import begin, lines, say

pytestmark = pytest.mark.browser
SECRET = "a" * 43
ADDRESS = hashlib.sha256(SECRET.encode()).hexdigest()
VISIT = Message("ご予約のお知らせ", "ja", buttons=(Button("行きます", "t"),))


async def test_the_message_is_there_and_its_button_works_and_the_secret_leaves_the_address(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    backend.say(ADDRESS, VISIT)
    await page.goto(f"{url}/chat?lang=ja#s={SECRET}")
    await expect(lines(page, "clinic")).to_have_text(["ご予約のお知らせ"])
    assert page.url == f"{url}/chat?lang=ja"
    await page.get_by_role("button", name="行きます").click()
    assert parse((await backend.event(1)).payload).content == ButtonPressed("t")
    assert list(backend.lines) == [ADDRESS]
    await page.reload()
    await expect(lines(page, "clinic")).to_have_text(["ご予約のお知らせ"])


async def test_the_conversation_that_the_browser_had_is_kept_beside_it(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    await say(page, "わたしの会話")
    await backend.event(2)
    backend.say(ADDRESS, VISIT)
    await page.goto("about:blank")
    await page.goto(f"{url}/chat?lang=ja#s={SECRET}")
    await expect(lines(page, "clinic")).to_have_text(["ご予約のお知らせ"])
    await expect(lines(page, "patient")).to_have_count(0)
    other = await page.context.new_page()
    await other.goto(f"{url}/chat?lang=ja")
    await expect(lines(other, "patient")).to_have_text(["わたしの会話"])
    # To end the link's conversation leads back to the browser's own one.
    await page.click("#end")
    await page.click("#ending button[value=end]")
    await expect(lines(page, "patient")).to_have_text(["わたしの会話"])


async def test_a_browser_without_a_conversation_of_its_own_goes_on_with_the_links(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    backend.say(ADDRESS, VISIT)
    await page.goto(f"{url}/chat?lang=ja#s={SECRET}")
    await expect(lines(page, "clinic")).to_have_count(1)
    other = await page.context.new_page()
    await other.goto(f"{url}/chat?lang=ja")
    await expect(lines(other, "clinic")).to_have_text(["ご予約のお知らせ"])


async def test_nonsense_behind_the_sign_opens_nothing(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await page.goto(f"{url}/chat?lang=ja#s=<script>")
    await expect(page.locator("#start")).to_be_visible()
    assert page.url == f"{url}/chat?lang=ja"
    assert await page.evaluate("localStorage.getItem('kayoi.chat.link.secret')") is None
