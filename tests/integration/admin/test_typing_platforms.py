"""Staff write in the panel, and the patient's own app shows it: LINE and Telegram, by simulators
that are as strict as the platforms' own descriptions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.conversations import typing
from admin.security import PLAIN_COOKIE
from bot.channels.channel import Channel
from bot.channels.line.client import LineChannel
from bot.channels.rate_limit import LocalLimiter
from bot.channels.telegram.client import TelegramChannel
from bot.local.ports import free_port
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.telegram import TOKEN, TelegramSimulator
from bot.local.simulators.telegram_state import SimulatedTime
from clinic.conversation.service import account_of
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.staff.types import Role
from tests.channels.line.conftest import PATIENT, Requests
from tests.channels.telegram.spec import check_call
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, SETTINGS, House

CHAT = 4711  # on Telegram


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has written yet."""
    monkeypatch.setattr(typing, "_limiter", LocalLimiter())


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
async def line(requests: Requests) -> AsyncIterator[LineSimulator]:
    simulator = LineSimulator(time=SimulatedTime(manual=True), validator=requests)
    await simulator.start()
    simulator.platform.users.add(PATIENT)
    yield simulator
    await simulator.stop()
    assert requests.problems == []


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramSimulator]:
    async with TelegramSimulator(validator=check_call, manual_time=True) as simulator:
        simulator.start(CHAT)
        yield simulator
        assert simulator.spec_problems == []


@asynccontextmanager
async def desk(house: House, channel: Channel) -> AsyncIterator[Browser]:
    """Staff at a panel where this channel is set up."""
    app = create_app(house.database, KEYS, SETTINGS, channels={channel.name: channel})
    token = await house.session(await house.staff("desk", Role.STAFF))
    try:
        async with (
            TestServer(app) as server,
            ClientSession(
                cookies={PLAIN_COOKIE: token}, cookie_jar=CookieJar(unsafe=True)
            ) as session,
        ):
            browser = Browser(session, server, "")
            page = await browser.read("/account")
            browser.csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
            yield browser
    finally:
        await channel.close()


async def answered(house: House, browser: Browser, channel: str, address: str) -> int:
    """A conversation with this address, which the desk has taken over."""
    async with house.database.transaction() as tx:
        account = await account_of(tx, KEYS, channel, address)
    await browser.post(f"/conversations/{account.conversation_id}/take-over")
    typing._limiter = LocalLimiter()
    return account.conversation_id


async def writes(browser: Browser, talk: int) -> None:
    response = await browser.post(f"/conversations/{talk}/here", typing="yes")
    assert response.status == 204
    await asyncio.gather(*typing._under_way)


async def said(house: House, talk: int, **columns: str) -> None:
    """A message to the patient of the conversation is on its way."""
    account = await house.value("select account_id from conversation where id = $1", talk)
    async with house.database.transaction() as tx:
        await enqueue(tx, KEYS, Outgoing(account, Message("hello", "en"), "k", "staff"))
    for name, value in columns.items():
        await house.rows(f"update outbox set {name} = {value}")


async def test_line_shows_its_loading_animation_for_a_few_seconds(
    house: House, line: LineSimulator, requests: Requests
) -> None:
    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    async with desk(house, channel) as browser:
        talk = await answered(house, browser, "line", PATIENT)
        for _ in range(3):
            await writes(browser, talk)
    assert line.platform.loading == [PATIENT]
    shown = [(path, body) for _, path, body in requests.seen if path.endswith("loading/start")]
    assert [body for _, body in shown] == [{"chatId": PATIENT, "loadingSeconds": 5}]


async def test_telegram_shows_the_word_typing(house: House, telegram: TelegramSimulator) -> None:
    async with desk(house, TelegramChannel(TOKEN, "s3cret", telegram.url)) as browser:
        talk = await answered(house, browser, "telegram", str(CHAT))
        for _ in range(3):
            await writes(browser, talk)
    assert telegram.user(CHAT).typing == 1


@pytest.mark.parametrize(
    ("columns", "signs"),
    [
        ({}, 0),
        ({"state": "'leased'"}, 0),
        ({"state": "'inflight'"}, 0),
        ({"send_at": "now() + interval '1 hour'"}, 1),
        ({"state": "'sent'"}, 1),
        ({"state": "'skipped'"}, 1),
    ],
)
async def test_a_message_on_its_way_goes_before_the_sign(
    house: House, telegram: TelegramSimulator, columns: dict[str, str], signs: int
) -> None:
    async with desk(house, TelegramChannel(TOKEN, "s3cret", telegram.url)) as browser:
        talk = await answered(house, browser, "telegram", str(CHAT))
        await said(house, talk, **columns)
        await writes(browser, talk)
    assert telegram.user(CHAT).typing == signs


async def test_many_who_write_at_once_leave_the_platform_to_messages(
    house: House, telegram: TelegramSimulator
) -> None:
    chats = [CHAT + number for number in range(1, 9)]
    async with desk(house, TelegramChannel(TOKEN, "s3cret", telegram.url)) as browser:
        talks = []
        for chat in chats:
            telegram.start(chat)
            talks.append(await answered(house, browser, "telegram", str(chat)))
        # As if all wrote in one instant.
        typing._limiter = Still()
        for talk in talks:
            await writes(browser, talk)
    assert sum(telegram.user(chat).typing for chat in chats) == typing.RATE


class Still(LocalLimiter):
    """A limiter whose clock stands still."""

    def take(self, channel, buckets, now):
        return super().take(channel, buckets, 0.0)


async def test_a_platform_that_refuses_keeps_nobody_from_writing(
    house: House, telegram: TelegramSimulator
) -> None:
    telegram.block(CHAT)
    async with desk(house, TelegramChannel(TOKEN, "s3cret", telegram.url)) as browser:
        await writes(browser, await answered(house, browser, "telegram", str(CHAT)))
    assert telegram.user(CHAT).typing == 0


async def test_a_platform_that_is_down_keeps_nobody_from_writing(house: House) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with desk(house, LineChannel("secret", "token", nobody)) as browser:
        await writes(browser, await answered(house, browser, "line", PATIENT))


async def test_who_does_not_answer_the_conversation_shows_nothing(
    house: House, line: LineSimulator
) -> None:
    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    async with desk(house, channel) as browser:
        async with house.database.transaction() as tx:
            account = await account_of(tx, KEYS, "line", PATIENT)
        await writes(browser, account.conversation_id)
    assert line.platform.loading == []
