"""What becomes of messages in a real browser when the connection fails."""

import pytest
from playwright.async_api import Page, Route, expect

from bot.channels.channel import TextReceived
from bot.channels.webchat.parse import parse
from clinic.message.types import Button, Message
from tests.channels.webchat.backend import MemoryBackend
from tests.e2e.webchat.talk import begin, lines, say
from tests.integration.local.watch import eventually_async

pytestmark = pytest.mark.browser

NOTICES = """() => {
  const notice = document.querySelector("#notice");
  window.notices = [];
  new MutationObserver(() => notices.push(notice.textContent)).observe(
    notice, {childList: true, characterData: true, subtree: true});
}"""


async def test_a_message_without_connection_is_kept_over_a_reload_and_sent_once(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.down = True
    await say(page, "聞こえますか")
    await say(page, "もしもし")
    notice = page.locator("#notice")
    await expect(notice).to_have_text("接続が切れています。つながり次第、送信します。")
    await page.reload()
    await expect(lines(page, "patient")).to_have_text(["聞こえますか", "もしもし"])
    await expect(page.locator(".line .state").last).to_have_text("送信待ち")
    backend.down = False
    await page.evaluate("dispatchEvent(new Event('online'))")
    await backend.event(3)
    await expect(notice).to_have_text("")
    await expect(page.locator(".line[data-state]:not([data-state=''])")).to_have_count(0)
    await expect(lines(page, "patient")).to_have_text(["聞こえますか", "もしもし"])
    said = [parse(received.payload).content for received in backend.tries[1:]]
    assert said == [TextReceived("聞こえますか"), TextReceived("もしもし")]


async def test_an_event_whose_answer_is_lost_is_sent_again_as_the_same_event(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    lost = 0

    async def lose_the_first_answer(route: Route) -> None:
        nonlocal lost
        await route.fetch()
        lost += 1
        await route.abort()
        await page.unroute("**/chat/api/events")

    await page.route("**/chat/api/events", lose_the_first_answer)
    await page.evaluate(NOTICES)  # it stands for a second, which a look may miss
    await say(page, "一度だけ")

    async def come_and_gone() -> bool:
        return bool(await page.evaluate("notices.some(one => one) && !notices.at(-1)"))

    await eventually_async(come_and_gone, "the notice comes and goes")
    assert (lost, len(backend.tries), len(backend.events)) == (1, 3, 2)
    await expect(lines(page, "patient")).to_have_text(["一度だけ"])


async def test_an_event_that_can_never_be_taken_says_so_and_holds_up_nothing(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, Message("?", "ja", buttons=(Button("x", "t"),)))
    await page.get_by_role("button", name="x", exact=True).wait_for()
    await page.route("**/chat/api/events", lambda route: route.fulfill(status=400, body="{}"))
    await say(page, "だめ")
    await expect(page.locator(".state")).to_have_text(["", "", "送信できませんでした。 取り消す"])
    await page.unroute("**/chat/api/events")
    await page.get_by_role("button", name="取り消す").click()
    await expect(lines(page, "patient")).to_have_count(0)
    await expect(page.get_by_role("button", name="x", exact=True)).to_be_enabled()
    await say(page, "次")
    assert parse((await backend.event(2)).payload).content == TextReceived("次")
