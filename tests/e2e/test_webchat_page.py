"""The chat page in a real browser, in front of a backend in memory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from bot.channels.channel import ButtonPressed, ContactShared, DatePicked, Started, TextReceived
from bot.channels.webchat.parse import parse
from clinic.message.types import Button, Card, ContactRequest, DatePick, Link, Message
from tests.channels.webchat.backend import SETTINGS, MemoryBackend, serving
from tests.e2e.browser import opened, violations, watch

pytestmark = pytest.mark.browser

LANGUAGES = SETTINGS.languages
EVIL = "\u202e</p><script>pwned()</script><img src=x onerror=pwned()>{{7*7}}"
QUESTION = Message(
    "ご希望の時間をお選びください。",
    "ja",
    buttons=(Button("10:00", "t1"), Button("10:30", "t2"), Button("メニュー", "m", "navigation")),
)
EVERYTHING = (
    QUESTION,
    Message(
        "",
        "ja",
        card=Card("ご予約の内容", (("日時", "12月10日（木）10:30"), ("担当", "佐藤 花子 先生"))),
        buttons=(Button("この内容で予約する", "y", "primary"), Button("もどる", "b", "navigation")),
    ),
    Message(
        "すぐに119番へ電話してください。",
        "ja",
        urgent=True,
        links=(Link("119番に電話する", "tel:119"), Link("地図", "https://clinic.example/map")),
    ),
    Message(
        "ご希望の日",
        "ja",
        date_pick=DatePick("日", "d", date(2026, 12, 10), date(2026, 12, 1), date(2027, 1, 31)),
    ),
    Message("お電話番号", "ja", contact_request=ContactRequest("お電話番号", "c")),
    Message("x" * 300, "en"),
)


@pytest.fixture(scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with opened(chromium) as browser:
        yield browser


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
async def url(backend: MemoryBackend) -> AsyncIterator[str]:
    async with serving(backend) as url:
        yield url


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 360, "height": 740}
    )
    context.set_default_timeout(10_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page in which nothing may go wrong."""
    page = await context.new_page()
    faults = watch(page)
    yield page
    assert faults == []


async def begin(page: Page, url: str, backend: MemoryBackend) -> None:
    """Open the chat and press Start, as a new patient does."""
    await page.goto(f"{url}/chat?lang=ja")
    await page.click("#start")
    assert parse((await backend.event(1)).payload).content == Started("")


async def say(page: Page, text: str) -> None:
    await page.fill("#words", text)
    await page.click("#composer button")


def lines(page: Page, side: str) -> Any:
    return page.locator(f".line.{side}:not([hidden]) .words")


async def test_a_patient_and_the_clinic_talk_and_a_reload_shows_it_again(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, QUESTION)
    await expect(lines(page, "clinic")).to_have_text([QUESTION.text])
    await expect(page.locator("#welcome")).to_be_hidden()
    await say(page, "午後がいいです\n三時ごろ")
    inbound = parse((await backend.event(2)).payload)
    assert (inbound.content, inbound.language) == (TextReceived("午後がいいです\n三時ごろ"), "ja")
    await expect(page.locator("#writing")).to_be_visible()
    backend.say(backend.address, Message("田中です。", "ja"), side="staff")
    await expect(page.locator("#writing")).to_be_hidden()
    await expect(lines(page, "staff")).to_have_text(["田中です。"])
    await page.reload()
    await expect(page.locator(".line:not([hidden]) .words")).to_have_text(
        [QUESTION.text, "午後がいいです\n三時ごろ", "田中です。"]
    )
    await expect(page.locator(".day:visible")).to_have_text(["今日"])
    assert len(backend.tries) == 2


async def test_a_look_at_the_page_leaves_no_trace(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await page.goto(f"{url}/chat")
    await expect(page.locator("#start")).to_be_visible()
    assert await page.evaluate("localStorage.getItem('kayoi.chat.secret')") is None
    assert backend.tries == []


async def test_a_choice_is_made_by_keyboard_alone_and_stays_readable(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await page.goto(f"{url}/chat?lang=ja")
    await page.focus("#start")
    await page.keyboard.press("Enter")
    await backend.event(1)
    backend.say(backend.address, QUESTION)
    second = page.get_by_role("button", name="10:30")
    await expect(second).to_be_visible()
    await page.focus("#log")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(second).to_be_focused()
    await page.keyboard.press("Enter")
    pressed = parse((await backend.event(2)).payload)
    assert pressed.content == ButtonPressed("t2")
    await expect(lines(page, "patient")).to_have_text(["10:30"])
    await expect(page.get_by_role("button", name="10:30 (選択済み)")).to_be_disabled()
    await expect(page.get_by_role("button", name="10:00")).to_be_disabled()
    # The focus goes on from there: the next question's first choice is one Tab away.
    backend.say(backend.address, Message("よろしいですか。", "ja", buttons=(Button("はい", "y"),)))
    await expect(page.get_by_role("button", name="はい")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="はい")).to_be_focused()
    await page.reload()
    await expect(page.get_by_role("button", name="10:30 (選択済み)")).to_be_disabled()
    await expect(page.get_by_role("button", name="はい")).to_be_enabled()


async def test_the_buttons_of_a_reminder_stay_good(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(
        backend.address, Message("明日", "ja", buttons=(Button("変更", "a.m"),)), standing=True
    )
    await expect(page.get_by_role("button", name="変更")).to_be_visible()
    await say(page, "あ")
    await backend.event(2)
    await page.get_by_role("button", name="変更").click()
    assert parse((await backend.event(3)).payload).content == ButtonPressed("a.m")


async def test_enter_that_ends_a_conversion_sends_nothing(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    await page.focus("#words")
    devtools = await page.context.new_cdp_session(page)
    await devtools.send(
        "Input.imeSetComposition", {"text": "よやく", "selectionStart": 3, "selectionEnd": 3}
    )
    await page.keyboard.press("Enter")
    # Safari says it only by the key code.
    await page.evaluate(
        "document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}))"
    )
    assert len(backend.tries) == 1
    await page.fill("#words", "予約")  # what the conversion ended in
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("x")
    await page.keyboard.press("Enter")
    assert parse((await backend.event(2)).payload).content == TextReceived("予約\nx")
    assert len(backend.tries) == 2


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
    await say(page, "一度だけ")
    await expect(page.locator("#notice")).not_to_have_text("")
    await expect(page.locator("#notice")).to_have_text("")
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


async def test_a_day_is_picked_within_its_bounds(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, EVERYTHING[3])
    field = page.get_by_label("日", exact=True)
    await field.fill("2027-02-01")
    choose = page.get_by_role("button", name="この日にする")
    await choose.click()
    await expect(page.locator(".wrong")).to_have_text(
        "2026年12月1日(火) から 2027年1月31日(日) までの日を選んでください。"
    )
    await field.fill("2027-01-05")
    await expect(page.locator(".picked")).to_have_text("2027年1月5日(火)")
    await choose.click()
    picked = parse((await backend.event(2)).payload)
    assert picked.content == DatePicked("d", date(2027, 1, 5))
    await expect(lines(page, "patient")).to_have_text(["2027年1月5日(火)"])


async def test_a_telephone_number_is_given(page: Page, url: str, backend: MemoryBackend) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, EVERYTHING[4])
    field = page.get_by_label("お電話番号", exact=True)
    send = page.get_by_role("button", name="この番号を送る")
    await field.fill("ひみつ")
    await send.click()
    await expect(page.locator(".wrong")).to_have_text("電話番号を数字で入力してください。")
    await field.fill("０９０-1234-5678")
    await send.click()
    given = parse((await backend.event(2)).payload)
    assert given.content == ContactShared("09012345678", own=False)


async def test_the_code_of_a_link_is_used_once_and_only_when_asked(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await page.goto(f"{url}/chat?lang=ja&start=CODE-1")
    await page.click("#start")
    assert parse((await backend.event(1)).payload).content == Started("CODE-1")
    assert "CODE" not in page.url
    await page.goto(f"{url}/chat?lang=ja&start=CODE-2")
    await expect(page.locator("#continue")).to_be_visible()
    assert len(backend.tries) == 1
    await page.click("#go_on")
    assert parse((await backend.event(2)).payload).content == Started("CODE-2")
    await expect(page.locator("#continue")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#continue")).to_be_hidden()


async def test_ending_erases_the_conversation_from_the_device(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    await page.fill("#words", "書きかけ")
    await page.click("#end")
    await page.get_by_role("button", name="会話にもどる").click()
    assert await page.input_value("#words") == "書きかけ"
    await page.click("#end")
    await page.get_by_role("button", name="終了して消す").click()
    await expect(page.locator("#welcome")).to_be_visible()
    kept = await page.evaluate("Object.keys(localStorage).sort()")
    assert set(kept) <= {"kayoi.chat.language", "kayoi.chat.size"}
    assert await page.input_value("#words") == ""
    await page.click("#start")
    await backend.event(2)
    assert len(backend.lines) == 2


async def test_a_conversation_ended_in_one_tab_is_gone_from_the_other(
    context: BrowserContext, page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, QUESTION)
    other = await context.new_page()
    await other.goto(f"{url}/chat?lang=ja")
    await expect(lines(other, "clinic")).to_have_count(1)
    await page.click("#end")
    await page.get_by_role("button", name="終了して消す").click()
    await expect(other.locator("#welcome")).to_be_visible()


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


async def test_names_and_texts_that_look_like_markup_do_nothing(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    backend.page = replace(SETTINGS, clinic_name=EVIL)
    pwned: list[object] = []
    await page.expose_function("pwned", lambda: pwned.append(1))
    async with serving(backend) as evil_url:
        await begin(page, evil_url, backend)
        backend.say(
            backend.address,
            Message(
                EVIL,
                "ja",
                card=Card(EVIL, ((EVIL, EVIL),)),
                buttons=(Button(EVIL, "t"), Button(EVIL, "n", "navigation")),
                links=(
                    Link(EVIL, "javascript:pwned()"),
                    Link(EVIL, "https://x.example/" + EVIL),
                ),
                date_pick=DatePick(
                    EVIL, "d", date(2026, 12, 10), date(2026, 12, 1), date(2027, 1, 31)
                ),
                contact_request=ContactRequest(EVIL, "c"),
                urgent=True,
            ),
        )
        await say(page, EVIL)
        await backend.event(2)
        await page.locator(".choices button").first.wait_for()
        await page.reload()
        await expect(lines(page, "clinic")).to_have_text([EVIL])
        await expect(lines(page, "patient")).to_have_text([EVIL])
        assert await page.locator("h1").inner_text() == EVIL
        assert await page.locator("#log :is(script, img, iframe, style)").count() == 0
        assert await page.locator("a[href^=javascript]").count() == 0
        assert "49" not in await page.locator("#log").inner_text()
    assert pwned == []


@pytest.fixture
async def clinic_site(url: str) -> AsyncIterator[str]:
    """A clinic's own site, with a strict policy, that shows the chat."""
    policy = f"default-src 'none'; script-src {url}; frame-src {url}"

    async def home(request: web.Request) -> web.Response:
        html = (
            '<!doctype html><html lang="ru"><title>c</title><body><main><h1>c</h1></main>'
            f'<script src="{url}/chat/embed.js" data-start="CODE"></script></body></html>'
        )
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=html, content_type="text/html", headers=headers)

    app = web.Application()
    app.add_routes([web.get("/", home)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_clinics_site_shows_the_chat_with_one_tag(
    page: Page, url: str, backend: MemoryBackend, clinic_site: str
) -> None:
    await page.goto(clinic_site)
    launcher = page.get_by_role("button", name="Чат с клиникой")
    await expect(launcher).to_have_attribute("aria-expanded", "false")
    assert len(page.frames) == 1  # nothing is loaded before it is asked for
    await launcher.focus()
    await page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    await chat.locator("#start").click()
    assert parse((await backend.event(1)).payload).content == Started("CODE")
    backend.say(backend.address, Message("Здравствуйте", "ru"))
    await expect(chat.locator(".clinic .words")).to_have_text("Здравствуйте")
    assert await violations(page) == []
    await chat.locator("#words").press("Escape")
    await expect(launcher).to_be_focused()
    await expect(page.locator("iframe")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(chat.locator(".clinic .words")).to_have_text("Здравствуйте")
    await page.get_by_role("button", name="Закрыть чат").click()
    await expect(launcher).to_be_focused()
