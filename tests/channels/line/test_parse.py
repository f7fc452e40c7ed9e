"""What each LINE event means."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.channel import (
    AccountLinked,
    ButtonPressed,
    Content,
    DatePicked,
    Followed,
    Ignored,
    Malformed,
    MediaReceived,
    TextReceived,
    Unfollowed,
    Unsent,
)
from bot.channels.line.parse import parse
from tests.channels.line.test_webhook import event

GROUP = {"type": "group", "groupId": "C1", "userId": "U1"}


def understood(**changes: Any) -> Content:
    return parse(json.dumps(event(**changes)).encode()).content


def message(**content: Any) -> Content:
    return understood(message={"id": "325708", "quoteToken": "q", **content})


def postback(**content: Any) -> Content:
    return understood(type="postback", postback=content)


@pytest.mark.parametrize(
    ("content", "meaning"),
    [
        (message(type="text", text="明日の予約"), TextReceived("明日の予約")),
        (message(type="text", text="😀", emojis=[{"index": 0}]), TextReceived("😀")),
        (message(type="text"), Ignored("message:text")),
        (message(type="image", contentProvider={"type": "line"}), MediaReceived("image", "325708")),
        (message(type="video", duration=60000), MediaReceived("video", "325708")),
        (message(type="audio", duration=60000), MediaReceived("audio", "325708")),
        (message(type="file", fileName="a.pdf", fileSize=9), MediaReceived("file", "325708")),
        (message(type="sticker", packageId="1"), MediaReceived("sticker", "325708")),
        (message(type="location", latitude=35.6), MediaReceived("location", "325708")),
        (message(type="hologram"), Ignored("message:hologram")),
        (message(), Ignored("message:unknown")),
        (understood(message="?"), Ignored("message:unknown")),
        (postback(data="tok"), ButtonPressed("tok")),
        (postback(data="tok", params={"date": "2026-03-04"}), DatePicked("tok", date(2026, 3, 4))),
        (
            postback(data="tok", params={"datetime": "2026-03-04T10:30"}),
            DatePicked("tok", date(2026, 3, 4)),
        ),
        (postback(data="tok", params={"time": "10:30"}), ButtonPressed("tok")),
        (postback(data="tok", params={"date": "soon"}), ButtonPressed("tok")),
        (postback(data="m", params={"newRichMenuAliasId": "b"}), ButtonPressed("m")),
        (understood(type="follow", follow={"isUnblocked": True}), Followed()),
        (understood(type="unfollow"), Unfollowed()),
        (understood(type="unsend", unsend={"messageId": "325708"}), Unsent("325708")),
        (
            understood(type="accountLink", link={"result": "ok", "nonce": "n"}),
            AccountLinked("n", ok=True),
        ),
        (
            understood(type="accountLink", link={"result": "failed", "nonce": "n"}, source=None),
            AccountLinked("n", ok=False),
        ),
        (understood(type="join", source=GROUP), Ignored("group:join")),
        (understood(source=GROUP), Ignored("group:message")),
        (understood(source={"type": "room", "roomId": "R1"}), Ignored("room:message")),
        (understood(source={"type": "planet"}), Ignored("planet:message")),
        (understood(source=None), Ignored("message")),
        (understood(type="beacon", beacon={"hwid": "d4"}), Ignored("beacon")),
        (understood(type="invented in 2031"), Ignored("invented in 2031")),
        (understood(type=None), Ignored("unknown")),
        (understood(mode="standby"), Ignored("standby")),
        (understood(mode="invented in 2031"), TextReceived("予約")),
    ],
)
def test_what_an_event_means(content: Content, meaning: Content) -> None:
    assert content == meaning


def test_a_message_tells_its_id_time_and_reply_token() -> None:
    inbound = parse(json.dumps(event(deliveryContext={"isRedelivery": True})).encode())
    assert inbound.message_id == "14353798921116"
    assert inbound.reply_token == "757913772c4646b784d4b7ce46d12671"
    assert inbound.occurred_at == datetime(2021, 7, 7, 13, 40, 42, 211000, UTC)
    assert inbound.redelivered


def test_what_is_ignored_offers_no_reply() -> None:
    assert parse(json.dumps(event(source=GROUP)).encode()).reply_token is None


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b"{", b"[" * 100_000])
def test_what_is_no_object_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        parse(payload)


FIELDS = [*sorted(event()), "postback", "link", "unsend"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["type", "text", "id", "data", "params", "date", "userId", "result"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_no_odd_value_anywhere_raises(changes: dict[str, Any]) -> None:
    for kind in ("message", "postback", "accountLink", "unsend"):
        parse(json.dumps(event(type=kind) | changes).encode())
