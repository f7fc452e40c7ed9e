"""The web chat's events over real connections, in front of a backend in memory."""

import gzip
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiohttp import ClientSession

from bot.channels.channel import TextReceived
from bot.channels.webchat import api, parse
from tests.channels.webchat.backend import MANY, SETTINGS, MemoryBackend, serving
from tests.channels.webchat.caller import ADDRESS, MINE, SECRET, event, line_of, post


async def test_an_event_is_stored_under_the_hash_of_the_secret(
    backend: MemoryBackend, client: ClientSession
) -> None:
    before = datetime.now(UTC)
    answer = await client.post("/chat/api/events", json=event(language="ja"))
    assert (answer.status, await answer.json()) == (202, {"id": str(UUID(int=1))})
    (received,) = backend.tries
    assert (received.event_id, received.address) == (f"{UUID(int=1)}@{ADDRESS[:32]}", ADDRESS)
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
