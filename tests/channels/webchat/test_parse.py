import contextlib
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.channel import (
    ButtonPressed,
    ContactShared,
    Content,
    DatePicked,
    Ignored,
    Malformed,
    Started,
    TextReceived,
)
from bot.channels.webchat import parse
from bot.channels.webchat.parse import RECEIVED_AT, load, shown, stamp

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def payload(**fields: object) -> bytes:
    return json.dumps({"id": ID, RECEIVED_AT: NOW.timestamp(), **fields}).encode()


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"kind": "text", "text": "  予約したい\n"}, TextReceived("予約したい")),
        ({"kind": "text", "text": "a\0b"}, TextReceived("a\N{REPLACEMENT CHARACTER}b")),
        ({"kind": "text", "text": "\ud83d"}, TextReceived("\N{REPLACEMENT CHARACTER}")),
        ({"kind": "text", "text": "\ud83d\ude37"}, TextReceived("😷")),
        ({"kind": "text", "text": "x" * 4000}, TextReceived("x" * 4000)),
        ({"kind": "press", "token": "q.3.1.abc", "label": "10:00"}, ButtonPressed("q.3.1.abc")),
        (
            {"kind": "pick", "token": "q.3.d.abc", "day": "2028-02-29"},
            DatePicked("q.3.d.abc", date(2028, 2, 29)),
        ),
        (
            {"kind": "contact", "phone": "０９０-1234 5678"},
            ContactShared("09012345678", own=False),
        ),
        ({"kind": "contact", "phone": "+7 (912) 345-67-89"}, ContactShared("+79123456789", False)),
        (
            {"kind": "contact", "phone": "+81312345678", "own": True},
            ContactShared("+81312345678", False),
        ),
        ({"kind": "start", "payload": "AbC-12_3"}, Started("AbC-12_3")),
        ({"kind": "start"}, Started("")),
        ({"kind": "wave"}, Ignored("unknown")),
        ({"kind": "w" * 99}, Ignored("unknown")),
    ],
)
def test_what_the_page_sends_is_understood(fields: dict[str, object], content: Content) -> None:
    inbound = parse.parse(payload(**fields))
    assert inbound.content == content
    assert inbound.occurred_at == NOW
    assert inbound.message_id == ID


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": 3},
        {"kind": "text"},
        {"kind": "text", "text": " \n"},
        {"kind": "text", "text": 5},
        {"kind": "text", "text": "x" * 4001},
        {"kind": "text", "text": "x", "extra": {"deep": 1}},
        {"kind": "text", "text": "x", "extra": []},
        {"kind": "text", "text": "x", "id": ""},
        {"kind": "text", "text": "x", "id": ID + "0"},
        {"kind": "text", "text": "x", "id": "../" + ID[3:]},
        {"kind": "text", "text": "x", RECEIVED_AT: "now"},
        {"kind": "text", "text": "x", RECEIVED_AT: True},
        {"kind": "text", "text": "x", RECEIVED_AT: 1e30},
        {"kind": "press"},
        {"kind": "press", "token": ""},
        {"kind": "press", "token": "x" * 65},
        {"kind": "press", "token": "a b"},
        {"kind": "press", "token": "選"},
        {"kind": "pick", "token": "t", "day": "2027-02-29"},
        {"kind": "pick", "token": "t", "day": "20270228"},
        {"kind": "pick", "token": "t", "day": "2027-02-28T10:00"},
        {"kind": "pick", "token": "t", "day": "٢٠٢٧-٠٢-٢٨"},
        {"kind": "pick", "day": "2027-02-28"},
        {"kind": "contact", "phone": "12345"},
        {"kind": "contact", "phone": "1" * 16},
        {"kind": "contact", "phone": "call me"},
        {"kind": "start", "payload": "a b"},
        {"kind": "start", "payload": "x" * 129},
    ],
)
def test_what_is_no_event_of_the_page_is_malformed(fields: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        parse.parse(payload(**fields))


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"\xff", b"{", b"[" * 16_000, b'{"id":' * 9_000, b"9" * 9_000, b'"x"'],
)
def test_what_is_no_flat_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        load(raw)


@pytest.mark.parametrize(
    ("said", "known"),
    [("ja", "ja"), ("zh-Hant", "zh-Hant"), ("ru", "ru"), ("de", None), ("JA", None), (1, None)],
)
def test_only_a_language_of_the_page_is_believed(said: object, known: str | None) -> None:
    assert parse.parse(payload(kind="start", language=said)).language == known


def test_the_server_tells_the_time_whatever_the_browser_says() -> None:
    event = load(payload(kind="text", text="x", **{RECEIVED_AT: 1}))
    assert parse.parse(stamp(event, NOW)).occurred_at == NOW


def test_an_id_in_capitals_is_the_same_event() -> None:
    assert parse.event_id(load(payload(id=ID.upper()))) == ID


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"kind": "text", "text": "痛い"}, {"text": "痛い"}),
        ({"kind": "press", "token": "t", "label": "はい"}, {"token": "t", "text": "はい"}),
        ({"kind": "press", "token": "t", "label": "x" * 300}, {"token": "t", "text": "x" * 200}),
        (
            {"kind": "pick", "token": "t", "day": "2026-12-01"},
            {"token": "t", "day": "2026-12-01"},
        ),
        ({"kind": "contact", "phone": "03-1234-5678"}, {"text": "0312345678"}),
        ({"kind": "start", "payload": "SECRETCODE"}, {}),
        ({"kind": "wave", "text": "x"}, {}),
    ],
)
def test_a_patient_is_shown_again_what_they_did(
    fields: dict[str, object], line: dict[str, str]
) -> None:
    assert shown(payload(**fields)) == {"event": ID, **line}


@given(st.dictionaries(st.text(max_size=8), st.text() | st.integers() | st.floats() | st.none()))
def test_any_flat_object_is_an_event_or_malformed(fields: dict[str, object]) -> None:
    with contextlib.suppress(Malformed):
        parse.parse(stamp(load(json.dumps({"id": ID, "kind": "text", **fields}).encode()), NOW))
