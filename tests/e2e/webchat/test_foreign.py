"""The chat page under hostile texts, and on the site of a clinic."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from bot.channels.channel import Started
from bot.channels.webchat.parse import parse
from clinic.message.types import Button, Card, ContactRequest, DatePick, Link, Message
from tests.channels.webchat.backend import SETTINGS, MemoryBackend, serving
from tests.e2e.browser import violations
from tests.e2e.webchat.talk import begin, lines, say

pytestmark = pytest.mark.browser


EVIL = "\u202e</p><script>pwned()</script><img src=x onerror=pwned()>{{7*191}}"


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
        assert "1337" not in await page.locator("#log").inner_text()
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
