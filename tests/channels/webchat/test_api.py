"""The web chat over real connections, in front of a backend in memory."""

import asyncio
import gzip
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientResponse, ClientSession

from bot.channels.channel import TextReceived
from bot.channels.webchat import api, parse
from bot.channels.webchat.page import choose_language
from clinic.errors import KayoiError
from clinic.message.types import Message
from tests.channels.webchat.backend import MANY, SETTINGS, MemoryBackend, serving

SECRET = "s" * 43
ADDRESS = hashlib.sha256(SECRET.encode()).hexdigest()
MINE = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
async def url(backend: MemoryBackend) -> AsyncIterator[str]:
    async with serving(backend) as url:
        yield url


@pytest.fixture
async def client(url: str) -> AsyncIterator[ClientSession]:
    async with ClientSession(url, headers=MINE) as client:
        yield client


def event(number: int = 1, **fields: object) -> dict[str, object]:
    return {"id": str(UUID(int=number)), "kind": "text", "text": "頭が痛い", **fields}


async def post(client: ClientSession, body: bytes, **headers: str) -> ClientResponse:
    given = {"Content-Type": "application/json", **headers}
    return await client.post("/chat/api/events", data=body, headers=given)


async def test_an_event_is_stored_under_the_hash_of_the_secret(
    backend: MemoryBackend, client: ClientSession
) -> None:
    before = datetime.now(UTC)
    answer = await client.post("/chat/api/events", json=event(language="ja"))
    assert (answer.status, await answer.json()) == (202, {"id": str(UUID(int=1))})
    (received,) = backend.tries
    assert (received.event_id, received.address) == (str(UUID(int=1)), ADDRESS)
    assert before <= received.occurred_at <= datetime.now(UTC)
    understood = parse.parse(received.payload)
    assert (understood.content, understood.language) == (TextReceived("頭が痛い"), "ja")
    assert SECRET.encode() not in received.payload


async def test_an_event_sent_again_is_taken_again_and_is_one_event(
    backend: MemoryBackend, client: ClientSession
) -> None:
    for _ in range(3):
        assert (await client.post("/chat/api/events", json=event())).status == 202
    assert (len(backend.tries), len(backend.events)) == (3, 1)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 16_000, b'{"id": 1}', b"\xff"])
async def test_what_is_no_event_is_answered_400_and_not_stored(
    backend: MemoryBackend, client: ClientSession, body: bytes
) -> None:
    assert (await post(client, body)).status == 400
    assert backend.tries == []


async def test_a_large_body_is_answered_413(backend: MemoryBackend, client: ClientSession) -> None:
    body = json.dumps(event(text="x" * api.BODY_LIMIT)).encode()
    assert (await post(client, body)).status == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 1024

    answer = await client.post(
        "/chat/api/events", data=chunks(), headers={"Content-Type": "application/json"}
    )
    assert answer.status == 413
    assert backend.tries == []


async def test_a_compressed_body_is_refused_unread(client: ClientSession) -> None:
    answer = await post(client, gzip.compress(b" " * 1000), **{"Content-Encoding": "gzip"})
    assert answer.status == 415


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(client: ClientSession, kind: str) -> None:
    answer = await post(client, json.dumps(event()).encode(), **{"Content-Type": kind})
    assert answer.status == 415


@pytest.mark.parametrize(
    "given", ["", "Bearer", f"Basic {SECRET}", "Bearer short", f"Bearer {SECRET}x", "Bearer ü" * 9]
)
@pytest.mark.parametrize("path", ["events", "history", "stream"])
async def test_nothing_is_answered_without_a_secret(url: str, path: str, given: str) -> None:
    async with ClientSession(url, headers={"Authorization": given}) as client:
        method = "POST" if path == "events" else "GET"
        answer = await client.request(method, f"/chat/api/{path}", json=event())
        assert answer.status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://chat.example"}, 202),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 202),
    ],
)
async def test_only_our_own_page_may_ask(
    client: ClientSession, headers: dict[str, str], status: int
) -> None:
    body = json.dumps(event()).encode()
    assert (await post(client, body, **headers)).status == status


async def test_behind_a_proxy_the_public_address_is_our_own(backend: MemoryBackend) -> None:
    backend.page = replace(SETTINGS, public_origin="https://chat.example")
    async with serving(backend) as url, ClientSession(url, headers=MINE) as client:
        body = json.dumps(event()).encode()
        assert (await post(client, body, Origin="https://chat.example")).status == 202
        assert (await post(client, body, Origin=url)).status == 403


async def test_without_the_database_everything_is_asked_to_come_again(
    backend: MemoryBackend, client: ClientSession
) -> None:
    backend.down = True
    for answer in (
        await client.post("/chat/api/events", json=event()),
        await client.get("/chat/api/history"),
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")


async def test_too_many_requests_of_a_conversation_are_told_when_to_come_again(
    backend: MemoryBackend,
) -> None:
    limits = replace(MANY, per_conversation=0.1, conversation_burst=2)
    async with serving(backend, limits) as url, ClientSession(url, headers=MINE) as client:
        statuses = [(await client.post("/chat/api/events", json=event(n))).status for n in range(3)]
        answer = await client.get("/chat/api/history")
        assert statuses == [202, 202, 429]
        assert (answer.status, (await answer.json())["error"]) == (429, "too_many")
        assert 0 < int(answer.headers["Retry-After"]) <= 11
        other = {"Authorization": "Bearer " + "t" * 43}
        assert (await client.get("/chat/api/history", headers=other)).status == 200


async def test_too_many_requests_of_one_source_are_refused_whatever_their_secrets(
    backend: MemoryBackend,
) -> None:
    limits = replace(MANY, per_source=0.1, source_burst=3)
    async with serving(backend, limits) as url, ClientSession(url) as client:
        statuses = []
        for sign in "abcd":
            secret = {"Authorization": f"Bearer {sign * 43}"}
            statuses.append((await client.get("/chat/api/history", headers=secret)).status)
        assert statuses == [200, 200, 200, 429]


async def test_the_history_is_read_page_by_page_without_a_gap(
    backend: MemoryBackend, client: ClientSession
) -> None:
    for number in range(120):
        backend.say(ADDRESS, Message(str(number), "ja"))
    seen: dict[str, str] = {}
    until, more = "", True
    while more:
        answer = await client.get("/chat/api/history", params={"until": until})
        page = await answer.json()
        until, more = page["lines"][0]["at"], page["more"]
        seen |= {line["id"]: line["message"]["text"] for line in reversed(page["lines"])}
    assert list(seen.values()) == [str(number) for number in reversed(range(120))]


@pytest.mark.parametrize("until", ["yesterday", "2026-11-24T10:00:00", "1"])
async def test_a_history_until_no_instant_is_answered_400(
    client: ClientSession, until: str
) -> None:
    assert (await client.get("/chat/api/history", params={"until": until})).status == 400


async def test_nobody_sees_the_conversation_of_another_secret(
    backend: MemoryBackend, client: ClientSession
) -> None:
    backend.say(ADDRESS, Message("secret", "ja"))
    other = {"Authorization": "Bearer " + "t" * 43}
    answer = await client.get("/chat/api/history", headers=other)
    assert await answer.json() == {"lines": [], "more": False}


async def line_of(stream: ClientResponse) -> dict[str, Any]:
    """The next line of a stream."""
    while True:
        raw = await asyncio.wait_for(stream.content.readline(), 5)
        assert raw, "the stream ended"
        if raw.startswith(b"data: "):
            line: dict[str, Any] = json.loads(raw[6:])
            return line


async def test_a_stream_tells_each_line_once_and_as_it_comes(
    backend: MemoryBackend, client: ClientSession
) -> None:
    backend.say(ADDRESS, Message("old", "ja"))
    async with client.get("/chat/api/stream") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert (await line_of(stream))["message"]["text"] == "old"
        for number in range(60):  # more than one window
            backend.say(ADDRESS, Message(str(number), "ja"))
            assert (await line_of(stream))["message"]["text"] == str(number)


async def test_a_line_committed_late_with_an_earlier_instant_is_not_missed(
    backend: MemoryBackend, client: ClientSession
) -> None:
    backend.say(ADDRESS, Message("first", "ja"))
    backend.say(ADDRESS, Message("third", "ja"))
    late = replace(backend.lines[ADDRESS][0], id="late", message=Message("second", "ja"))
    async with client.get("/chat/api/stream") as stream:
        assert [(await line_of(stream))["id"] for _ in range(2)] == ["clinic0", "clinic1"]
        backend.lines[ADDRESS].insert(1, late)
        backend.hub.wake(ADDRESS)
        assert (await line_of(stream))["id"] == "late"


async def test_a_lost_wake_up_only_delays(
    backend: MemoryBackend, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "REREAD", 0.02)
    async with client.get("/chat/api/stream") as stream:
        assert (await stream.content.readline()).startswith(b":")  # the heartbeat
        backend.hub = type(backend.hub)()
        backend.say(ADDRESS, Message("found", "ja"))
        assert (await line_of(stream))["message"]["text"] == "found"


async def test_a_stream_outlives_an_absence_of_the_database(
    backend: MemoryBackend, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "REREAD", 0.02)
    backend.down = True
    async with client.get("/chat/api/stream") as stream:
        assert (await stream.content.readline()).startswith(b":")
        backend.down = False
        backend.say(ADDRESS, Message("back", "ja"))
        assert (await line_of(stream))["message"]["text"] == "back"


async def test_a_fourth_stream_of_a_conversation_is_refused(client: ClientSession) -> None:
    streams = [await client.get("/chat/api/stream") for _ in range(3)]
    fourth = await client.get("/chat/api/stream")
    assert (fourth.status, await fourth.json()) == (429, {"error": "too_many_streams"})
    for stream in streams:
        stream.close()


async def test_a_browser_that_goes_away_gives_its_stream_back(
    backend: MemoryBackend, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "REREAD", 0.01)
    for _ in range(3):
        (await client.get("/chat/api/stream")).close()
    status = 0
    async with asyncio.timeout(5):
        while status != 200:
            async with client.get("/chat/api/stream") as stream:
                status = stream.status


async def test_open_streams_do_not_hold_up_a_shutdown(backend: MemoryBackend) -> None:
    async with ClientSession(headers=MINE) as client:
        async with serving(backend) as url:
            stream = await client.get(f"{url}/chat/api/stream")
            await stream.content.readline()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 2
        assert await stream.content.read() == b"\n"


PATHS = [
    "/chat",
    "/chat?lang=ru&start=x%22%3E%3Cscript%3E",
    "/chat/embed.js",
    "/chat/static/chat.js",
    "/chat/static/chat.css",
    "/chat/static/nothing.js",
    "/chat/static/..%2Fapi.py",
    "/chat/api/history",
    "/chat/api/stream",
]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_its_policy(url: str, path: str) -> None:
    async with ClientSession(url) as client:
        answer = await client.get(path)
        await answer.read()
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        for part in ("base-uri 'none'", "object-src 'none'", "frame-ancestors"):
            assert part in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers


async def test_the_page_holds_no_script_or_style_of_its_own(url: str) -> None:
    async with ClientSession(url) as client:
        html = await (await client.get("/chat")).text()
    assert html.count("<script") == 1
    assert "<style" not in html
    assert "style=" not in html
    assert " on" not in html.replace(" only", "")


async def test_a_clinic_named_like_markup_is_only_a_name(backend: MemoryBackend) -> None:
    backend.page = replace(SETTINGS, clinic_name="</title><script>alert(1)</script>", phone='"><b>')
    async with serving(backend) as url, ClientSession(url) as client:
        html = await (await client.get("/chat")).text()
    assert "<script>alert" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("origins", "ancestors"),
    [
        ((), "frame-ancestors *"),
        (
            ("https://a.example", "http://b.example:81"),
            "'self' https://a.example http://b.example:81",
        ),
        (("https://*.example",), "'self' https://*.example"),
    ],
)
async def test_the_clinic_says_which_sites_may_show_the_chat(
    backend: MemoryBackend, origins: tuple[str, ...], ancestors: str
) -> None:
    backend.page = replace(SETTINGS, allowed_origins=origins)
    async with serving(backend) as url, ClientSession(url) as client:
        answer = await client.get("/chat")
        await answer.read()
        assert answer.headers["Content-Security-Policy"].endswith(ancestors)


@pytest.mark.parametrize("origin", ["*", "a.example", "https://a; script-src *", "https://a/b", ""])
def test_an_allowed_origin_that_is_none_is_a_fault_of_the_configuration(
    backend: MemoryBackend, origin: str
) -> None:
    backend.page = replace(SETTINGS, allowed_origins=(origin,))
    with pytest.raises(KayoiError):
        api.routes(backend)


async def test_a_file_that_has_not_changed_is_not_sent_again(url: str) -> None:
    async with ClientSession(url) as client:
        first = await client.get("/chat/static/chat.js")
        await first.read()
        again = await client.get(
            "/chat/static/chat.js", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (first.status, again.status) == (200, 304)
        assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["ru-RU"], "ru"),
        (["", "de", "en-GB"], "en"),
        (["zh-TW"], "zh-Hant"),
        (["zh-Hant-HK"], "zh-Hant"),
        (["zh-CN"], "zh-Hans"),
        (["zh"], "zh-Hans"),
        (["zh-Hans-HK"], "zh-Hans"),
        (["de"], "ja"),
        ([], "ja"),
    ],
)
def test_the_page_opens_in_a_language_of_the_clinic(wanted: list[str], chosen: str) -> None:
    assert choose_language(wanted, SETTINGS.languages) == chosen


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("?lang=en", "ru", "en"),
        ("?lang=xx", "ru;q=0.4, zh-TW;q=0.9", "zh-Hant"),
        ("", "en;q=0, ru;q=0.1", "ru"),
        ("", "en;q=rubbish", "ja"),
        ("", "", "ja"),
    ],
)
async def test_the_query_goes_before_the_browsers_languages(
    url: str, query: str, header: str, language: str
) -> None:
    async with ClientSession(url) as client:
        answer = await client.get(f"/chat{query}", headers={"Accept-Language": header})
        assert f'<html lang="{language}"' in await answer.text()


async def test_neither_secret_nor_words_are_logged(
    client: ClientSession, backend: MemoryBackend, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await client.post("/chat/api/events", json=event())
        await post(client, b'{"text": "\xe9\xa0\xad"')
        async with client.get("/chat/api/stream") as stream:
            await line_of(stream)
    for record in caplog.records:
        assert SECRET not in record.getMessage()
        assert "頭" not in record.getMessage()
