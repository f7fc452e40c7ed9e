"""What a patient does on the chat page, and what the clinic says there."""

from datetime import date
from typing import Any

from playwright.async_api import Page

from bot.channels.channel import Started
from bot.channels.webchat.parse import parse
from clinic.message.types import Button, Card, ContactRequest, DatePick, Link, Message
from tests.channels.webchat.backend import SETTINGS, MemoryBackend

LANGUAGES = SETTINGS.languages
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


async def begin(page: Page, url: str, backend: MemoryBackend) -> None:
    """Open the chat and press Start, as a new patient does."""
    await page.goto(f"{url}/chat?lang=ja")
    await page.click("#start")
    assert parse((await backend.event(1)).payload).content == Started("")


async def say(page: Page, text: str) -> None:
    await page.fill("#words", text)
    await page.click("#composer .primary")


def lines(page: Page, side: str) -> Any:
    return page.locator(f".line.{side}:not([hidden]) .words")
