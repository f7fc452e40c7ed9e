"""What a campaign takes of each channel's month is seen before it is started."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any, cast

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.campaigns import quotas
from admin.security import PLAIN_COOKIE
from bot.channels.channel import Channel, Quota
from clinic.config import Policy
from clinic.db import Database
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, SETTINGS, House
from tests.integration.admin.test_campaigns import agreed, fields, taken

pytestmark = pytest.mark.server


@dataclass
class Metered:
    """A channel of which the month has so many messages, or that does not answer."""

    found: Quota | None
    name: str = "line"
    silent: bool = False

    async def quota(self) -> Quota | None:
        if self.silent:
            await asyncio.Event().wait()
        return self.found


async def seen(database: Database, house: House, channel: Metered, **policy: Any) -> str:
    """The preview of a campaign to two people, with the channel as it is."""
    for name in ("田中 花子", "佐藤 次郎"):
        await agreed(house, await house.patient(name))
    settings = SETTINGS.model_copy(update={"policy": Policy(**policy)})
    app = create_app(database, KEYS, settings, channels={"line": cast(Channel, channel)})
    staff = await house.staff("山田 受付")
    token = await house.session(staff)
    csrf = await house.value("select csrf_token from staff_session order by id desc limit 1")
    jar = CookieJar(unsafe=True)
    server = TestServer(app)
    async with server, ClientSession(cookies={PLAIN_COOKIE: token}, cookie_jar=jar) as http:
        desk = Browser(http, server, csrf)
        path = await taken(desk, "moved")
        await desk.post(f"{path}/edit", **await fields(desk, path, **{"text-a-ja": "お知らせ"}))
        page = await desk.read(f"{path}/preview", headers={"Accept-Language": "en"})
    row = re.search(r'<tr data-channel="line">(.*?)</tr>', page, re.S)
    assert row, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</header>")[-1]))[:1500]
    return " ".join(re.sub(r"<[^>]+>", " ", row[1]).split())


async def test_the_preview_tells_what_is_left_of_the_month_and_the_cost(
    database: Database, house: House
) -> None:
    channel = Metered(Quota(500, 100))
    line = await seen(database, house, channel, message_cost={"line": 3})
    assert line == "LINE 2 350 Yes 6.00 JPY"


async def test_the_preview_tells_the_day_on_which_the_month_runs_out(
    database: Database, house: House
) -> None:
    line = await seen(database, house, Metered(Quota(1, 0)))  # this month or the next
    assert "2 would not go out" in line
    assert line.startswith("LINE 2 0 Runs out on ")


async def test_a_channel_that_tells_nothing_keeps_nobody_from_the_preview(
    database: Database, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "PATIENCE", 0)
    line = await seen(database, house, Metered(None, silent=True))
    assert line == "LINE 2 The channel does not tell just now – –"


async def test_a_channel_without_a_limit_says_so(database: Database, house: House) -> None:
    assert await seen(database, house, Metered(Quota(None, 7))) == "LINE 2 no limit Yes –"
