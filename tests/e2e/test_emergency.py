"""From "my chest hurts" in the web chat to a doctor's answer, and how the panel rings meanwhile."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr

from admin.app import create_app as create_panel
from admin.security import PLAIN_COOKIE
from bot import start
from bot.app import create_app as create_chat
from bot.local.simulators.telegram import TOKEN, TelegramSimulator
from clinic.config import Channels, Settings, Telegram
from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.e2e.reliability.waiting import GLANCE, until
from tests.integration.admin.house import House
from tests.integration.escalations.ward import Ward

pytestmark = pytest.mark.browser
SECRET = "simulated-webhook-secret"
SATO = 200_000_001  # on Telegram
RINGS_WITHIN = 5_000  # ms
PATIENCE = 20.0  # s, for what has no figure of its own
CHEST = "my chest hurts badly and I can't breathe"


@dataclass
class Clinic:
    """All of it in this process: web chat, panel, a worker's sweeps, and Telegram."""

    ward: Ward
    house: House
    telegram: TelegramSimulator
    chat: str
    panel: str

    async def sweep(self) -> None:
        """What a worker does, again and again."""
        while True:
            await self.ward.sweep()
            await asyncio.sleep(GLANCE)

    async def told(self, words: str) -> None:
        """Wait until the doctor at Telegram was sent these words."""
        await until(
            lambda: any(words in text for text in self.telegram.received(SATO)), PATIENCE, words
        )


@pytest.fixture
async def clinic(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramSimulator())
        channel = Telegram(
            token=SecretStr(TOKEN), webhook_secret=SecretStr(SECRET), api_base=telegram.url
        )
        settings = Settings(
            database_url=SecretStr(database_url),
            redis_url=SecretStr(redis_url),
            data_dir=tmp_path,
            channels=Channels(telegram=channel),
        )
        env = await start.environment(settings)
        stack.push_async_callback(start.close, env)
        chat = await stack.enter_async_context(TestServer(create_chat(env)))
        panel = create_panel(env.database, env.keys, settings, {"telegram": "sakura_bot"})
        admin = await stack.enter_async_context(TestServer(panel))
        http = await stack.enter_async_context(ClientSession())
        hook = {"url": str(chat.make_url("/webhooks/telegram")), "secret_token": SECRET}
        async with http.post(f"{telegram.url}/bot{TOKEN}/setWebhook", json=hook) as answer:
            assert answer.status == 200
        urls = (str(server.make_url("/")).rstrip("/") for server in (chat, admin))
        clinic = Clinic(Ward(env), House(env.database), telegram, *urls)
        worker = asyncio.create_task(clinic.sweep())
        yield clinic
        assert not worker.done(), worker.exception()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def page_of(stack: AsyncExitStack, browser: Browser, width: int) -> Page:
    """A page of somebody's own browser, in which nothing may go wrong."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": 800}, locale="en-GB"
    )
    page = await context.new_page()
    faults = watch(page)

    async def close() -> None:
        await context.close()
        assert faults == []

    stack.push_async_callback(close)
    return page


@pytest.fixture
async def panel(browser: Browser) -> AsyncIterator[Page]:
    async with AsyncExitStack() as stack:
        yield await page_of(stack, browser, 1280)


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    async with AsyncExitStack() as stack:
        yield await page_of(stack, browser, 360)


async def link_telegram(clinic: Clinic, page: Page) -> None:
    """Make the doctor's Telegram the doctor's own, by the link that the panel shows."""
    await page.goto(f"{clinic.panel}/on-call")
    await page.get_by_role("button", name="Link my chat").click()
    link = page.get_by_role("link", name="Telegram")
    url = await link.get_attribute("href")
    assert url is not None
    clinic.telegram.user(SATO, language_code="en")
    clinic.telegram.start(SATO, url.partition("?start=")[2])
    await clinic.told("alerts for Dr. Sato come to this chat")


async def say(page: Page, words: str) -> None:
    await page.fill("#words", words)
    await page.click("#composer .primary")


async def test_a_message_rings_in_the_panel_and_a_doctor_answers_from_telegram(
    clinic: Clinic, panel: Page, phone: Page
) -> None:
    sato = await clinic.house.staff("Dr. Sato", Role.DOCTOR)
    await sign_in(panel, clinic.house, clinic.panel, sato)
    await link_telegram(clinic, panel)
    await panel.goto(f"{clinic.panel}/today")
    alarm, words = panel.locator("#alarm"), panel.locator("#alarm-words")
    await expect(alarm).to_be_hidden()
    await expect(alarm).to_have_attribute("data-ringing", "no")

    log = phone.get_by_role("log")
    await phone.goto(f"{clinic.chat}/chat?lang=en")
    await phone.click("#start")
    await log.get_by_role("button", name="I agree").click()
    await say(phone, CHEST)
    await until(
        lambda: _exists(clinic, "select count(*) from escalation"), PATIENCE, "it is escalated"
    )
    await expect(words).to_contain_text("1 emergency to be dealt with", timeout=RINGS_WITHIN)
    await expect(alarm).to_have_attribute("data-ringing", "yes", timeout=RINGS_WITHIN)
    await expect(panel).to_have_title("⚠ EMERGENCY")
    await expect(log).to_contain_text("119")

    await clinic.told(CHEST)
    clinic.telegram.press(SATO, "I take it")
    await clinic.told("This is yours now")
    await expect(alarm).to_have_attribute("data-ringing", "no", timeout=RINGS_WITHIN)
    await expect(alarm).to_be_hidden()
    await expect(panel).to_have_title(re.compile("Kayoi Clinic$"))
    clinic.telegram.press(SATO, "Take over the chat")
    await clinic.told("You are in the chat with the patient now")
    await expect(log).to_contain_text("Dr. Sato of our clinic is answering you here now")
    clinic.telegram.say(SATO, "Sit down. An ambulance is on its way to you.")
    await expect(log.locator(".line.staff .words")).to_have_text(
        "Sit down. An ambulance is on its way to you."
    )
    await say(phone, "Thank you, I am sitting")
    await clinic.told("Thank you, I am sitting")

    await panel.goto(f"{clinic.panel}/escalations")
    await panel.get_by_role("link", name="You have it").click()
    await expect(panel.locator("#thread")).to_contain_text("An ambulance is on its way to you.")
    await expect(panel.get_by_text("Alert 1 to Dr. Sato")).to_be_visible()
    await panel.get_by_label("Ambulance called").check()
    await panel.get_by_role("button", name="Close", exact=True).click()
    await expect(panel.get_by_text("Closed: Ambulance called")).to_be_visible()


# The alarm itself ---------------------------------------------------------------------------------


async def test_a_browser_that_forbids_sound_says_so_and_one_key_turns_it_on(
    clinic: Clinic, panel: Page
) -> None:
    """Nobody has touched this page yet: that is what browsers ask for."""
    token = await clinic.house.session(await clinic.house.staff("Yamada"))
    await panel.context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": clinic.panel}])
    await clinic.house.escalation(await clinic.house.conversation())
    await panel.goto(f"{clinic.panel}/tasks")
    alarm = panel.locator("#alarm")
    await expect(alarm).to_have_attribute("data-ringing", "blocked")
    button = panel.get_by_role("button", name="Turn the sound on")
    await button.focus()
    await panel.keyboard.press("Enter")
    await expect(alarm).to_have_attribute("data-ringing", "yes")
    await expect(button).to_be_hidden()
    await expect(panel.get_by_role("button", name="Mute for 5 minutes")).to_be_focused()


async def test_muting_holds_for_five_minutes_on_every_page_but_not_for_the_next_emergency(
    clinic: Clinic, panel: Page
) -> None:
    talk = await clinic.house.conversation()
    await clinic.house.escalation(talk)
    await panel.clock.install()
    await sign_in(panel, clinic.house, clinic.panel, await clinic.house.staff("Yamada"))
    alarm, mute = panel.locator("#alarm"), panel.get_by_role("button", name="Mute for 5 minutes")
    await expect(alarm).to_have_attribute("data-ringing", "yes")
    await mute.click()
    await expect(alarm).to_have_attribute("data-ringing", "muted")
    await panel.goto(f"{clinic.panel}/conversations")
    await expect(alarm).to_have_attribute("data-ringing", "muted")
    await expect(panel.locator("#alarm-link")).to_be_visible()
    await panel.clock.fast_forward("05:01")
    await expect(alarm).to_have_attribute("data-ringing", re.compile("yes|blocked"))
    await panel.locator("h1").click()
    await mute.click()
    await expect(alarm).to_have_attribute("data-ringing", "muted")
    # A new reason in the same conversation is the same emergency, and worth hearing all the same.
    await clinic.house.escalation(talk, rule="stroke")
    await expect(alarm).to_have_attribute("data-ringing", "yes", timeout=RINGS_WITHIN)
    await expect(panel.locator("#alarm-words")).to_contain_text("1 emergency")
    await mute.click()
    await expect(alarm).to_have_attribute("data-ringing", "muted")
    await clinic.house.escalation(await clinic.house.conversation())
    await expect(alarm).to_have_attribute("data-ringing", "yes", timeout=RINGS_WITHIN)
    await expect(panel.locator("#alarm-words")).to_contain_text("2 emergencies")


async def test_the_bar_leads_to_the_emergency_and_keeps_the_focus_while_it_is_told_anew(
    clinic: Clinic, panel: Page
) -> None:
    one = await clinic.house.escalation(await clinic.house.conversation())
    await sign_in(panel, clinic.house, clinic.panel, await clinic.house.staff("Yamada"))
    link = panel.locator("#alarm-link")
    await link.focus()
    await clinic.house.conversation(owner="queue")
    await expect(panel.locator("#menu-conversations .badge")).to_be_visible(timeout=RINGS_WITHIN)
    await expect(link).to_be_focused()
    await panel.keyboard.press("Enter")
    await panel.wait_for_url(f"**/escalations/{one}")
    await panel.get_by_role("button", name="I take it").click()
    await expect(panel.get_by_text("You have it")).to_be_visible()
    await expect(panel.locator("#alarm")).to_be_hidden()


async def test_a_page_in_the_background_rings_though_its_own_timers_stand_still(
    clinic: Clinic, panel: Page
) -> None:
    await sign_in(panel, clinic.house, clinic.panel, await clinic.house.staff("Yamada"))
    await panel.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")
    await panel.clock.install()
    await panel.goto(f"{clinic.panel}/tasks")
    await panel.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    await clinic.house.escalation(await clinic.house.conversation())
    await expect(panel.locator("#alarm")).to_have_attribute(
        "data-ringing", re.compile("yes|blocked"), timeout=3 * RINGS_WITHIN
    )


async def test_the_patients_own_doctor_sees_at_once_who_opened_the_record(
    clinic: Clinic, panel: Page, phone: Page
) -> None:
    sato, ito = [await clinic.house.staff(name, Role.DOCTOR) for name in ("Dr. Sato", "Dr. Ito")]
    patient = await clinic.house.patient("Tanaka Hanako", chart="1001")
    await clinic.house.visit(patient, await clinic.house.practitioner("Sato", sato))
    await sign_in(panel, clinic.house, clinic.panel, sato)
    await sign_in(phone, clinic.house, clinic.panel, ito)
    await phone.goto(f"{clinic.panel}/emergency")
    await phone.locator("[name=chart]").fill("1001")
    await phone.locator("[name=reason]").fill("unconscious at the door, allergies")
    await phone.get_by_role("button", name="Open the record").click()
    await phone.wait_for_url(f"**/patients/{patient}")
    notice = panel.get_by_role("button", name="Dr. Ito opened the record")
    await expect(notice).to_be_visible(timeout=RINGS_WITHIN)
    for scheme in ("dark", "light"):
        await panel.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(panel) == []
    await notice.click()
    await panel.wait_for_url(f"**/patients/{patient}/timeline?only=access")
    await expect(panel.locator("#timeline")).to_contain_text("Dr. Ito")
    await expect(notice).to_be_hidden()


async def _exists(clinic: Clinic, query: str) -> bool:
    return bool(await clinic.house.value(query))
