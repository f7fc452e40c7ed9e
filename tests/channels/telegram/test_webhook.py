"""The door: the secret, the event's identity, its account and time."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.channels.channel import (
    ButtonPressed,
    ContactShared,
    Followed,
    Malformed,
    MediaReceived,
    Started,
    TextEdited,
    TextReceived,
    Unfollowed,
    Unsigned,
)
from bot.channels.telegram.parse import parse
from bot.channels.telegram.webhook import read
from clinic import clock
from clinic.message.types import Button, Message
from tests.channels.telegram.test_parse import AT, GROUP, member, message, press

SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}
NOW = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({}, "s3cret"),
        ({"X-Telegram-Bot-Api-Secret-Token": "s3cre"}, "s3cret"),
        ({"X-Telegram-Bot-Api-Secret-Token": "ひみつ"}, "s3cret"),
        ({"X-Telegram-Bot-Api-Secret-Token": ""}, ""),
        ({}, ""),
    ],
)
def test_without_the_secret_nothing_is_read(headers, secret):
    with pytest.raises(Unsigned):
        read(headers, message(text="hi"), secret)


@pytest.mark.parametrize(
    ("body", "address", "occurred_at"),
    [
        (message(text="hi"), "11", datetime.fromtimestamp(AT, UTC)),
        (member("kicked"), "11", datetime.fromtimestamp(AT, UTC)),
        (press(data="tok"), "11", NOW),
        (message(chat=GROUP, text="hi"), "", datetime.fromtimestamp(AT, UTC)),
        (press(chat=GROUP, data="tok"), "", NOW),
        (b'{"update_id": 7}', "", NOW),
    ],
)
def test_an_event_has_its_id_account_and_time(body, address, occurred_at):
    (event,) = read(SECRET, body, "s3cret")
    assert (event.event_id, event.address, event.occurred_at) == ("7", address, occurred_at)
    assert parse(event.payload).occurred_at == occurred_at
    assert json.loads(event.payload).items() >= json.loads(body).items()


def test_the_header_may_come_in_any_case():
    headers = {"x-telegram-bot-api-secret-token": "s3cret"}
    (event,) = read(headers, press(data="tok"), "s3cret")
    assert parse(event.payload).content == ButtonPressed("tok")


def test_a_signed_body_that_is_no_update_is_malformed():
    with pytest.raises(Malformed):
        read(SECRET, b"[]", "s3cret")


async def test_what_people_do_comes_in_as_what_it_is(telegram, channel):
    """The simulator's updates, which follow the published schema, read and understood."""
    telegram.user(11, first_name="花子", language_code="ja")
    telegram.start(11, "code-7")
    await channel.send(
        "11", Message("?", "ja", buttons=(Button("はい", "tok-1"),)), key=UUID(int=1)
    )
    telegram.say(11, "予約")
    telegram.press(11, "はい")
    telegram.share_contact(11, "819012345678")
    telegram.share_contact(11, "819012345678", owner=12)
    telegram.share_contact(11, "0312345678", owner=0)
    telegram.send_media(11, "photo", b"...")
    telegram.edit(11, 2, "やめる")
    telegram.block(11)
    telegram.start(11)
    events = []
    for update in telegram.webhooks.updates.values():
        events += read(SECRET, json.dumps(update).encode(), "s3cret")
    understood = [parse(event.payload) for event in events]
    assert [inbound.content for inbound in understood] == [
        Started("code-7"),
        TextReceived("予約"),
        ButtonPressed("tok-1"),
        ContactShared("+819012345678", own=True),
        ContactShared("+819012345678", own=False),
        ContactShared("0312345678", own=False),
        MediaReceived("image", "photo-00000001"),
        TextEdited("やめる"),
        Unfollowed(),
        Followed(),
        Started(""),
    ]
    assert {event.address for event in events} == {"11"}
    assert len({event.event_id for event in events}) == len(events)
    assert {(inbound.language, inbound.display_name) for inbound in understood} == {("ja", "花子")}
