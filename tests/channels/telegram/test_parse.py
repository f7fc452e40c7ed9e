"""Updates of Telegram and what Kayoi understands."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.channel import (
    ButtonPressed,
    ContactShared,
    Followed,
    Ignored,
    Malformed,
    MediaReceived,
    Started,
    TextEdited,
    TextReceived,
    Unfollowed,
)
from bot.channels.telegram.parse import address_of, load, parse

HANAKO = {
    "id": 11,
    "is_bot": False,
    "first_name": "花子",
    "last_name": "佐藤",
    "language_code": "ja",
}
CHAT = {"id": 11, "type": "private", "first_name": "花子"}
GROUP = {"id": -200, "type": "supergroup", "title": "family"}
AT = 1_788_000_000


def update(kind, **fields):
    return json.dumps({"update_id": 7, kind: fields}).encode()


def message(chat=CHAT, **fields):
    return update("message", message_id=5, date=AT, chat=chat, **{"from": HANAKO}, **fields)


def press(chat=CHAT, **fields):
    shown = {"message_id": 4, "date": AT, "chat": chat}
    return update("callback_query", id="99", message=shown, **{"from": HANAKO}, **fields)


def member(status, chat=CHAT):
    status = {"user": {"id": 1, "is_bot": True, "first_name": "Kayoi"}, "status": status}
    return update("my_chat_member", chat=chat, date=AT, new_chat_member=status, **{"from": HANAKO})


def contact(**fields):
    return message(contact={"first_name": "花子", **fields})


@pytest.mark.parametrize(
    ("payload", "content"),
    [
        (message(text="予約したい"), TextReceived("予約したい")),
        (message(text="/start"), Started("")),
        (message(text="/start Ab-9_"), Started("Ab-9_")),
        (message(text="/start@kayoi_bot Ab"), Started("Ab")),
        (message(text="/Start Ab"), Started("Ab")),
        (message(text="/started"), TextReceived("/started")),
        (message(text="/help"), TextReceived("/help")),
        (message(text="half \ud83d and nul \0"), TextReceived("half � and nul �")),
        (message(photo=[{"file_id": "s"}, {"file_id": "l"}]), MediaReceived("image", "l")),
        (message(voice={"file_id": "v"}), MediaReceived("audio", "v")),
        (message(document={"file_id": "d"}), MediaReceived("file", "d")),
        (message(sticker={"file_id": "s", "emoji": "👍"}), MediaReceived("sticker", "s")),
        (message(location={"latitude": 35.0, "longitude": 139.0}), MediaReceived("location", "")),
        (message(photo=[{"file_id": "l"}], caption="胸が痛い"), TextReceived("胸が痛い")),
        (contact(phone_number="819012345678", user_id=11), ContactShared("+819012345678", True)),
        (contact(phone_number="+81 90-1234", user_id=11), ContactShared("+81901234", True)),
        (contact(phone_number="819012345678", user_id=12), ContactShared("+819012345678", False)),
        (contact(phone_number="819012345678"), ContactShared("+819012345678", False)),
        (contact(phone_number="０９０-1234"), ContactShared("0901234", False)),
        (contact(phone_number="0081901234"), ContactShared("+81901234", False)),
        (contact(phone_number="?", user_id=11), Ignored("contact")),
        (message(dice={"emoji": "🎲", "value": 3}), Ignored("message")),
        (message(photo=[]), Ignored("message")),
        (message(text=["not", "text"]), Ignored("message")),
        (message(chat=GROUP, text="hello"), Ignored("group")),
        (update("message"), Ignored("message")),
        (press(data="tok-1"), ButtonPressed("tok-1")),
        (press(game_short_name="chess"), Ignored("callback_query")),
        (press(chat=GROUP, data="tok-1"), Ignored("group")),
        (member("kicked"), Unfollowed()),
        (member("member"), Followed()),
        (member("restricted"), Ignored("my_chat_member")),
        (member("kicked", GROUP), Ignored("group")),
        (update("edited_message", chat=CHAT, date=AT, text="x"), TextEdited("x")),
        (update("edited_message", chat=CHAT, date=AT), Ignored("edited_message")),
        (update("channel_post", chat={"id": -1, "type": "channel"}, text="x"), Ignored("group")),
        (update("poll_answer", poll_id="1"), Ignored("poll_answer")),
        (update("thing_of_2031", shiny={"new": True}), Ignored("thing_of_2031")),
        (b'{"update_id": 7}', Ignored("unknown")),
    ],
)
def test_an_update_is_understood(payload, content):
    assert parse(payload).content == content


def test_a_message_tells_who_when_and_in_which_language():
    inbound = parse(message(text="hi"))
    assert inbound.occurred_at == datetime.fromtimestamp(AT, UTC)
    assert (inbound.message_id, inbound.callback_id) == ("5", None)
    assert (inbound.language, inbound.display_name) == ("ja", "花子 佐藤")


def test_a_pressed_button_tells_which_query_to_answer():
    inbound = parse(press(data="tok-1"))
    assert (inbound.callback_id, inbound.message_id) == ("99", None)


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"7", b'{"message": {}}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_update_is_malformed(payload):
    with pytest.raises(Malformed):
        parse(payload)


KINDS = ["message", "edited_message", "callback_query", "my_chat_member", "new_kind"]
NAMES = ["chat", "from", "id", "type", "text", "contact", "user_id", "phone_number", "date", "data"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("private"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "message", "photo", "voice"]), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(KINDS), JSON)
def test_no_content_of_an_update_raises(kind, content):
    payload = json.dumps({"update_id": 7, kind: content}).encode()
    parse(payload)
    assert isinstance(address_of(load(payload)), str)
