"""A patient sees that a staff member writes, and no more often than needed."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.conversations import typing
from admin.security import PLAIN_COOKIE
from bot.channels.rate_limit import LocalLimiter
from bot.channels.webchat.channel import WebChatChannel
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, SETTINGS, House


@pytest.fixture
async def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of whom it was shown to."""
    monkeypatch.setattr(typing, "_limiter", LocalLimiter())
    return []


@pytest.fixture
async def desk(database: Database, house: House, shown: list[str]) -> AsyncIterator[Browser]:
    async def tell(address: str) -> None:
        shown.append(address)

    channel = WebChatChannel(tell, typing=tell)
    app = create_app(database, KEYS, SETTINGS, channels={"webchat": channel})
    token = await house.session(await house.staff("desk", Role.STAFF))
    async with (
        TestServer(app) as server,
        ClientSession(cookies={PLAIN_COOKIE: token}, cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        browser = Browser(session, server, "")
        found = re.search(r'name="csrf" value="([^"]+)"', await browser.read("/account"))
        assert found is not None
        browser.csrf = found[1]
        yield browser


async def writes(desk: Browser, talk: int) -> None:
    await desk.post(f"/conversations/{talk}/here", typing="yes")
    await asyncio.gather(*typing._under_way)


async def test_a_patient_sees_who_answers_writing_and_not_at_every_key(
    house: House, desk: Browser, shown: list[str]
) -> None:
    talk = await house.conversation(said="hello", channel="webchat")
    await writes(desk, talk)
    assert shown == []  # the bot answers still
    await desk.post(f"/conversations/{talk}/take-over")
    typing._limiter = LocalLimiter()
    for _ in range(5):
        await writes(desk, talk)
    assert len(shown) == 1
    await house.rows("update conversation set owner_until = now() - interval '1 min'")
    typing._limiter = LocalLimiter()
    await writes(desk, talk)
    assert len(shown) == 1  # the lease is over
