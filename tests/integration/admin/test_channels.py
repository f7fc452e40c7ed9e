"""The page of the channels: what it tells, and trying one out."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from bot.channels.channel import Channel, Quota
from bot.channels.line.client import LineChannel
from bot.local.simulators.line import LineSimulator
from clinic.config import Settings
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, House

SECRET, TOKEN = "a-secret-of-line", "a-token-of-line"
LINE = {"channel_secret": SECRET, "channel_access_token": TOKEN}
OURS = Settings(
    server=cast("Any", {"public_url": "https://chat.example"}),
    channels=cast("Any", {"line": LINE}),
)


@pytest.fixture
async def line() -> AsyncIterator[LineChannel]:
    simulator = LineSimulator(quota=200)
    await simulator.start()
    channel = LineChannel(simulator.channel_secret, simulator.channel_access_token, simulator.base)
    yield channel
    await channel.close()
    await simulator.stop()


@pytest.fixture
async def server(database: Database, line: LineChannel) -> AsyncIterator[TestServer]:
    """In place of the panel without channels."""
    found: dict[str, Channel] = {"line": line}
    app = create_app(database, KEYS, OURS, {"line": "@sakura"}, channels=found)
    async with TestServer(app) as server:
        yield cast("TestServer", server)


async def test_the_page_tells_the_address_the_link_and_what_is_left(
    chief: Browser, line: LineChannel
) -> None:
    text = await chief.read("/settings/channels")
    assert "https://chat.example/webhooks/line" in text
    assert "https://line.me/R/ti/p/%40sakura" in text
    assert SECRET not in text
    assert TOKEN not in text
    assert await line.quota() == Quota(200, 0)
    assert "200" in await chief.read("/settings/channels/line/quota")
    assert (await chief.get("/settings/channels/telegram/quota")).status == 404


async def test_a_webhook_that_is_not_ours_is_told_apart_from_one_that_is_not_reached(
    chief: Browser,
) -> None:
    elsewhere = await (await chief.post("/settings/channels/line/probe")).text()
    assert "is-bad" in elsewhere
    hooked = await (await chief.post("/settings/channels/line/hook")).text()
    assert "is-bad" in hooked, "nothing answers at chat.example"
    assert "is-good" not in hooked


async def test_a_test_message_goes_to_ones_own_chat_only(house: House, chief: Browser) -> None:
    none = await chief.post("/settings/channels/test")
    assert none.headers["Location"].startswith("/settings/channels?nowhere")
    talk = await house.conversation()
    account = await house.value("select account_id from conversation where id = $1", talk)
    admin = await house.value("select id from staff where role = $1", Role.ADMIN)
    await house.rows(
        "insert into staff_account (staff_id, account_id) values ($1, $2) returning id",
        admin,
        account,
    )
    sent = await chief.post("/settings/channels/test")
    [row] = await house.rows("select id, account_id, purpose, staff_id from outbox")
    assert (row["account_id"], row["purpose"], row["staff_id"]) == (account, "on_call", admin)
    assert f"tested={row['id']}" in sent.headers["Location"]
    await house.rows("update outbox set state = 'sent' returning id")
    assert "is-good" in await chief.read(f"/settings/channels/test/{row['id']}")
    other = await house.tell(talk, "秘密")
    assert (await chief.get(f"/settings/channels/test/{other}")).status == 404
