"""A webhook request taken apart: whose it is, and which events it holds."""

import json
from typing import Any

import pytest
from linebot.v3.webhook import SignatureValidator

from bot.channels.channel import Ignored, Malformed, TextReceived, Unsigned
from bot.channels.line.parse import parse
from bot.channels.line.webhook import read, sign

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"


def event(**changes: Any) -> dict[str, Any]:
    """A text message, as LINE documents it, with changes."""
    return {
        "type": "message",
        "message": {"type": "text", "id": "14353798921116", "text": "予約", "quoteToken": "q"},
        "timestamp": 1625665242211,
        "source": {"type": "user", "userId": "U80696558e1aa831"},
        "replyToken": "757913772c4646b784d4b7ce46d12671",
        "mode": "active",
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "deliveryContext": {"isRedelivery": False},
    } | changes


def body(*events: Any) -> bytes:
    batch = {"destination": "U" + "b" * 32, "events": events}
    return json.dumps(batch, ensure_ascii=False).encode()


def signed(raw: bytes) -> dict[str, str]:
    return {"x-line-signature": sign(raw, SECRET)}


def test_the_signature_is_the_one_that_lines_own_sdk_takes() -> None:
    raw = body(event())
    assert SignatureValidator(SECRET).validate(raw.decode(), sign(raw, SECRET))


@pytest.mark.parametrize("name", ["x-line-signature", "X-Line-Signature", "X-LINE-SIGNATURE"])
def test_the_headers_name_may_be_written_in_any_case(name: str) -> None:
    raw = body(event())
    assert len(read({name: sign(raw, SECRET)}, raw, SECRET)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-line-signature": ""},
        {"x-line-signature": "é" * 44},
        {"x-line-signature": "\udcff"},
        {"x-line-signature": sign(body(event()), "another channel's secret")},
        {"x-line-signature": sign(body(event()) + b" ", SECRET)},
        {"x-line-signature": sign(body(event()), SECRET).rstrip("=")},
        {"x-telegram-bot-api-secret-token": sign(body(event()), SECRET)},
    ],
)
def test_what_line_did_not_sign_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unsigned):
        read(headers, body(event()), SECRET)


def test_a_channel_without_a_secret_takes_nothing() -> None:
    raw = body(event())
    with pytest.raises(Unsigned):
        read({"x-line-signature": sign(raw, "")}, raw, "")


def test_lines_liveness_check_is_a_batch_without_events() -> None:
    assert read(signed(body()), body(), SECRET) == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b'{"events": 1}', b"{}", b"\xff\xfe", b'{"a":' * 60_000],
)
def test_what_is_no_batch_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(signed(raw), raw, SECRET)


def test_each_event_stands_on_its_own() -> None:
    other = event(
        webhookEventId="01FZ74A0TDDPYRVKNK77XKC3ZS", source={"type": "user", "userId": "U2"}
    )
    raw = body(event(), other)
    first, second = read(signed(raw), raw, SECRET)
    assert (first.event_id, first.address) == ("01FZ74A0TDDPYRVKNK77XKC3ZR", "U80696558e1aa831")
    assert (second.event_id, second.address) == ("01FZ74A0TDDPYRVKNK77XKC3ZS", "U2")
    assert first.occurred_at.isoformat() == "2021-07-07T13:40:42.211000+00:00"
    assert json.loads(second.payload) == other


@pytest.mark.parametrize(
    "odd",
    [
        "not an object",
        7,
        None,
        [],
        {},
        {"type": 5, "timestamp": "soon", "mode": {}, "source": [], "webhookEventId": 3},
        event(timestamp=10**30, webhookEventId="x" * 500),
        event(mode="dreaming", timestamp=None, webhookEventId="other"),
    ],
)
def test_an_odd_event_does_not_lose_its_batch(odd: Any) -> None:
    raw = body(odd, event())
    found = read(signed(raw), raw, SECRET)
    assert parse(found[1].payload).content == TextReceived("予約")
    assert found[0].event_id != found[1].event_id
    assert found[0].occurred_at.tzinfo
    if isinstance(odd, dict):
        parse(found[0].payload)
    else:
        with pytest.raises(Malformed):
            parse(found[0].payload)


def test_an_event_without_an_id_has_the_same_one_when_redelivered() -> None:
    nameless = {k: v for k, v in event().items() if k != "webhookEventId"}
    again = nameless | {"deliveryContext": {"isRedelivery": True}}
    ids = {read(signed(raw), raw, SECRET)[0].event_id for raw in (body(nameless), body(again))}
    assert len(ids) == 1
    other = body(nameless | {"timestamp": 1625665242212})
    assert read(signed(other), other, SECRET)[0].event_id not in ids


def test_an_event_on_standby_is_kept_and_not_answered() -> None:
    raw = body(event(mode="standby"))
    [kept] = read(signed(raw), raw, SECRET)
    assert parse(kept.payload).content == Ignored("standby")


def test_half_a_surrogate_pair_can_be_stored_and_read() -> None:
    raw = body(event()).replace("予約".encode(), rb"a\ud83d\u0000b")
    [kept] = read(signed(raw), raw, SECRET)
    assert parse(kept.payload).content == TextReceived("a\ufffd\ufffdb")
