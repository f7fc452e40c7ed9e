"""What the browser keeps on the chat page: words and pictures that are not sent yet."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.channels.webchat.backend import MemoryBackend
from tests.channels.webchat.files import png
from tests.e2e.webchat.talk import begin, lines
from tests.e2e.webchat.test_attaching import PHOTO, choose
from tests.e2e.webchat.test_one_time_link import ADDRESS, SECRET, VISIT

pytestmark = pytest.mark.browser


async def test_words_typed_before_the_pages_script_has_come_stay_and_are_kept(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    await page.fill("#words", "古い")  # an older draft
    came = asyncio.Event()

    async def late(route: Route) -> None:
        await came.wait()
        await route.continue_()

    await page.route("**/chat.js*", late)
    await page.goto(f"{url}/chat?lang=ja", wait_until="commit")
    await page.fill("#words", "あたらしい")
    came.set()
    await expect(page.locator(".languages button")).not_to_have_count(0)  # the script is there
    await page.wait_for_load_state()
    await expect(page.locator("#words")).to_have_value("あたらしい")
    await page.unroute("**/chat.js*")
    await page.reload()
    await expect(page.locator("#words")).to_have_value("あたらしい")


@pytest.mark.parametrize("ended", [False, True])
async def test_a_link_does_not_lose_the_pictures_that_the_browsers_own_conversation_has_to_send(
    page: Page, url: str, backend: MemoryBackend, ended: bool
) -> None:
    await begin(page, url, backend)
    backend.down = True
    await choose(page, PHOTO)
    await expect(page.locator(".line .state").last).to_have_text("送信待ち")
    backend.down = False
    await page.route("**/chat/api/media", lambda route: route.abort())
    backend.say(ADDRESS, VISIT)
    await page.goto("about:blank")
    await page.goto(f"{url}/chat?lang=ja#s={SECRET}")
    await expect(lines(page, "clinic")).to_have_text(["ご予約のお知らせ"])
    if ended:
        await page.click("#end")
        await page.click("#ending button[value=end]")
        await expect(lines(page, "patient")).to_have_count(1)
    await page.unroute("**/chat/api/media")
    own = await page.context.new_page()
    await own.goto(f"{url}/chat?lang=ja")
    await backend.event(2)
    assert [content for _, _, content in backend.files.values()] == [png()]
