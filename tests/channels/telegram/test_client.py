"""Sending against a Telegram as strict as the real one: what each ending means."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from telegram.error import TelegramError

from bot.channels.channel import (
    ButtonPressed,
    Inbound,
    NotSent,
    Refused,
    Sent,
    TextReceived,
    Unknown,
    WebhookState,
)
from bot.channels.rate_limit import Bucket, RateLimiter
from bot.channels.telegram import client
from bot.channels.telegram.client import ALLOWED_UPDATES, TelegramChannel, outcome_of
from bot.local.simulators.telegram import TOKEN
from clinic.message.types import Button, Card, ContactRequest, Link, Message
from tests.channels.telegram import spec

KEY = UUID(int=1)
HELLO = Message("Hello <Hanako> & \u200e co", "en")
AT = datetime(2026, 9, 1, tzinfo=UTC)


async def send(channel, message=HELLO, address="11"):
    return await channel.send(address, message, key=KEY)


async def test_a_message_arrives_as_it_was_written(telegram, channel):
    telegram.start(11)
    outcome = await send(channel)
    (entry,) = telegram.ledger.entries
    assert outcome == Sent(str(entry["message_id"]))
    assert entry["text"] == HELLO.text


async def test_every_part_of_a_message_is_taken(telegram, channel):
    telegram.start(11)
    message = Message(
        "一" * 5000,
        "ja",
        card=Card("予約", (("日時", "9:30"),)),
        buttons=(Button("はい", "yes"), Button("戻る", "back", "navigation")),
        links=(Link("地図", "https://example.org/"), Link("電話", "tel:119")),
        contact_request=ContactRequest("番号を送る", "c"),
        urgent=True,
    )
    for part in channel.split(message):
        assert isinstance(await send(channel, part), Sent)
    first, second, third = telegram.ledger.entries
    assert first["entities"][0]["type"] == "bold"
    assert second["text"].endswith("予約\n日時: 9:30\n\n電話: 119")
    assert [entity["type"] for entity in second["entities"]] == ["bold"]
    assert len(second["reply_markup"]["inline_keyboard"]) == 3
    assert third["text"] == "番号を送る"
    assert telegram.user(11).keyboard == third["reply_markup"]
    await send(channel, Message("ありがとう", "ja"))
    assert telegram.user(11).keyboard is None


@pytest.mark.parametrize(
    ("fault", "kind", "arrived"),
    [
        ("500", Unknown, 0),
        ("reset", Unknown, 0),
        ("accept_then_500", Unknown, 1),
        ("accept_then_reset", Unknown, 1),
        ("accept_then_silence", Unknown, 1),
        ("429", NotSent, 0),
    ],
)
async def test_a_bad_answer_is_told_for_what_it_is(
    telegram, channel, monkeypatch, fault, kind, arrived
):
    if fault == "accept_then_silence":
        monkeypatch.setattr(client, "READ_TIMEOUT", 0.2)
    telegram.start(11)
    telegram.faults.once(fault)
    assert isinstance(await send(channel), kind)
    assert len(telegram.ledger.entries) == arrived


async def test_a_429_stops_the_whole_channel_for_the_time_named(telegram, channel):
    telegram.start(11)
    telegram.faults.once("429")
    assert await send(channel) == NotSent("too many requests", 2.0, whole_channel=True)


async def test_a_chat_takes_a_short_burst_and_then_one_a_second(telegram, channel):
    telegram.start(11)
    outcomes = [await send(channel) for _ in range(6)]
    assert [type(outcome) for outcome in outcomes] == [Sent] * 4 + [NotSent] * 2
    assert telegram.api.too_early == 1
    telegram.time.advance(2)
    assert isinstance(await send(channel), Sent)


async def test_within_the_channels_own_rates_there_is_no_429(telegram, channel):
    """Three messages to each of 100 patients, by the limiter: none refused, none too slow."""
    limiter = RateLimiter(None)
    for user in range(100):
        telegram.start(user)
    waiting = [str(user) for user in range(100)] * 3
    began = telegram.time.now()
    while waiting:
        chat = Bucket(f"telegram:{waiting[0]}", channel.rate_per_chat, 3)
        every = Bucket("telegram", channel.rate, channel.burst)
        if wait := await limiter.take("telegram", every, chat, now=telegram.time.now()):
            telegram.time.advance(wait)
        else:
            assert isinstance(await send(channel, address=waiting.pop(0)), Sent)
    assert telegram.answers == {"sendMessage 200": 300}
    assert telegram.time.now() - began == pytest.approx((300 - 12) / 29.5, abs=0.1)


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [
        ("block", Refused("bot was blocked by the user", gone=True)),
        ("deactivate", Refused("user is deactivated", gone=True)),
        ("user", Refused("Chat not found", gone=True)),
    ],
)
async def test_an_account_that_takes_nothing_is_gone(telegram, channel, happens, outcome):
    if happens != "user":
        telegram.start(11)
    getattr(telegram, happens)(11)
    assert await send(channel) == outcome
    assert telegram.ledger.entries == []


@pytest.mark.parametrize("token", ["not-a-token", "1:wrong"])
async def test_a_wrong_token_is_refused(telegram, token):
    channel = TelegramChannel(token, "s3cret", telegram.url)
    assert await send(channel) == Refused("unauthorised")
    await channel.close()


async def test_where_nobody_listens_nothing_was_sent(unused_tcp_port):
    channel = TelegramChannel(TOKEN, "s3cret", f"http://127.0.0.1:{unused_tcp_port}")
    assert await send(channel) == NotSent("not connected")
    await channel.close()


async def test_a_full_pool_is_not_sent(telegram, channel, monkeypatch):
    """A wait for a free connection that ran out wrote nothing."""
    monkeypatch.setattr(client, "CONNECTIONS", 1)
    monkeypatch.setattr(client, "CONNECT_TIMEOUT", 0.1)
    telegram.start(11)
    telegram.faults.once("accept_then_silence")
    telegram.faults.silence = 0.5
    outcomes = await asyncio.gather(send(channel), send(channel))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotSent", "Unknown"]


async def answering(status, body, content_type="application/json"):
    async def answer(_):
        return web.Response(status=status, body=body, content_type=content_type)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (502, b"<html>Hello Hanako</html>", Unknown("Bad Gateway (502)")),
        (504, b"", Unknown("Gateway Timeout (504)")),
        (200, b"<html>", Unknown("no JSON in the answer")),
        (200, b'{"ok": true, "result": {"message_id": 7}}', Sent(None)),
        (302, b"", Unknown("Found (302)")),
        (429, b"slow down", NotSent("too many requests", 1.0, whole_channel=True)),
        (
            400,
            b'{"ok": false, "description": "Bad Request: can\'t parse entities: tag \\"Hanako\\""}',
            Refused("Can't parse entities"),
        ),
    ],
)
async def test_an_answer_of_another_kind_is_judged_without_quoting_it(status, body, outcome):
    runner, url = await answering(status, body)
    channel = TelegramChannel(TOKEN, "s3cret", url)
    assert await send(channel) == outcome
    await channel.close()
    await runner.cleanup()


def test_an_error_of_a_kind_not_known_is_unknown():
    assert outcome_of(TelegramError("strange")) == Unknown("strange")


async def test_no_words_of_a_message_are_logged(telegram, channel, caplog):
    telegram.start(11)
    with caplog.at_level("DEBUG"):
        telegram.faults.once("accept_then_500")
        await send(channel)
        await send(channel)
    assert "Hanako" not in caplog.text
    assert TOKEN not in caplog.text


async def test_a_pressed_button_is_answered_once(telegram, channel):
    telegram.start(11)
    await send(channel, Message("?", "en", buttons=(Button("Yes", "y"),)))
    telegram.press(11, "Yes")
    ((query_id, query),) = telegram.api.queries.items()
    pressed = Inbound(ButtonPressed("y"), AT, callback_id=query_id)
    await channel.acknowledge(pressed, "11")
    assert query.answered
    await channel.acknowledge(pressed, "11")  # too old now, and no matter
    assert telegram.answers["answerCallbackQuery 400"] == 1


async def test_a_text_is_answered_with_typing(telegram, channel):
    telegram.start(11)
    await channel.acknowledge(Inbound(TextReceived("hi"), AT), "11")
    assert telegram.user(11).typing == 1


async def test_acknowledging_never_raises_and_never_waits(telegram, channel, monkeypatch):
    monkeypatch.setattr(client, "ACKNOWLEDGE_TIMEOUT", 0.05)
    text = Inbound(TextReceived("hi"), AT)
    await channel.acknowledge(text, "11")  # chat not found
    await channel.acknowledge(text, "no chat id")
    telegram.start(11)
    telegram.faults.once("accept_then_silence", method="sendChatAction")
    await asyncio.wait_for(channel.acknowledge(text, "11"), 10)


async def test_the_webhook_may_be_set_again_and_again(telegram, channel):
    assert await channel.set_webhook("https://clinic.example/webhooks/telegram") is None
    state = await channel.webhook_state()
    assert state == WebhookState("https://clinic.example/webhooks/telegram", None, 0)
    again = await channel.set_webhook("https://clinic.example/webhooks/telegram")
    assert again == "Telegram did not take the webhook address: too many requests"
    telegram.time.advance(1)
    assert await channel.set_webhook("https://clinic.example/webhooks/telegram") is None
    assert telegram.webhooks.secret == "s3cret"
    assert telegram.webhooks.allowed == ALLOWED_UPDATES


async def test_the_bots_name_for_links_is_asked_once(telegram, channel):
    assert await channel.own_name() == "kayoi_test_bot"
    assert await channel.own_name() == "kayoi_test_bot"
    assert telegram.answers["getMe 200"] == 1


async def test_a_bot_without_network_has_no_name_yet(unused_tcp_port):
    channel = TelegramChannel(TOKEN, "s3cret", f"http://127.0.0.1:{unused_tcp_port}")
    assert await channel.own_name() is None
    await channel.close()


async def test_telegram_tells_no_profile(channel):
    assert await channel.profile("11") == {}


async def test_a_closed_channel_leaves_no_connection_open(telegram):
    channel = TelegramChannel(TOKEN, "s3cret", telegram.url)
    await channel.own_name()
    session = channel._request._session
    await channel.close()
    assert isinstance(session, aiohttp.ClientSession)
    assert session.closed


def field(name, *types, required=False):
    return {"name": name, "types": list(types), "required": required}


def test_the_schema_check_finds_what_is_wrong(monkeypatch):
    """The judge itself: unknown, missing and mistyped parameters are told."""
    keyboard = field("keys", "Array of Array of Key")
    text = field("text", "String", required=True)
    schema = {
        "methods": {"sendMessage": {"fields": [field("chat_id", "Integer"), text, keyboard]}},
        "types": {"Key": {"fields": [field("data", "String")]}},
    }
    monkeypatch.setattr(spec, "schema", lambda: schema)
    params = {"chat_id": True, "colour": 1, "keys": [[{"data": "y"}, {"date": "y"}], [7]]}
    assert spec.check_call("sendMessage", params | {"text": "x"}) == (
        "sendMessage.colour: unknown field",
        "sendMessage.chat_id: no integer",
        "sendMessage.keys[0][1].date: unknown field",
        "sendMessage.keys[1][0]: no object",
    )
    assert spec.check_call("sendMessage", {}) == ("sendMessage.text: missing",)
    assert spec.check_call("sendMassage", {}) == ("sendMassage: no such method",)
