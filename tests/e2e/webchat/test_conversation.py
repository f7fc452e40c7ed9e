"""A patient and the clinic talk in a real browser."""

from datetime import date

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bot.channels.channel import ButtonPressed, ContactShared, DatePicked, Started, TextReceived
from bot.channels.webchat.parse import parse
from clinic.message.types import Button, Message
from tests.channels.webchat.backend import MemoryBackend
from tests.e2e.webchat.talk import EVERYTHING, QUESTION, begin, lines, say

pytestmark = pytest.mark.browser


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


async def test_a_bubble_of_a_doctor_said_staff_instead_of_who_writes(
    page: Page, url: str, backend: MemoryBackend
) -> None:
    await begin(page, url, backend)
    backend.say(backend.address, Message("拝見します。", "ja"), "staff", name="佐藤", doctor=True)
    backend.say(backend.address, Message("お待ちください。", "ja"), "staff", name="鈴木")
    backend.say(backend.address, Message("受付です。", "ja"), "staff")
    await expect(page.locator(".line.staff .who")).to_have_text(["佐藤 · 医師", "鈴木", "スタッフ"])


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
