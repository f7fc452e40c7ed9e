"""The web chat's history and stream over real connections, in front of a backend in memory."""

import asyncio
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from bot.channels.webchat import api
from clinic.message.types import Message
from tests.channels.webchat.backend import MANY, MemoryBackend, serving
from tests.channels.webchat.caller import ADDRESS, MINE, line_of


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


@pytest.mark.parametrize(
    "until",
    [
        "yesterday",
        "2026-11-24T10:00:00",
        "1",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
    ],
)
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
        assert asyncio.get_running_loop().time() - began < 8  # a stream looks again after ten
        assert await stream.content.read() == b"\n"


async def test_one_source_cannot_take_the_streams_of_all_others(backend: MemoryBackend) -> None:
    limits = replace(MANY, source_streams=2)
    async with serving(backend, limits) as url, ClientSession(url) as client:
        statuses = []
        for letter in "abc":
            headers = {"Authorization": "Bearer " + letter * 43}
            statuses.append((await client.get("/chat/api/stream", headers=headers)).status)
        assert statuses == [200, 200, 429]


async def test_a_person_who_writes_is_seen_to_write(
    backend: MemoryBackend, client: ClientSession
) -> None:
    backend.say(ADDRESS, Message("hello", "en"))
    async with client.get("/chat/api/stream") as stream:
        await line_of(stream)
        backend.hub.typed(ADDRESS)
        async with asyncio.timeout(5):
            while (raw := await stream.content.readline()) != b"event: typing\n":
                assert raw, "the stream ended"
        assert await stream.content.readline() == b"data: yes\n"
        backend.say(ADDRESS, Message("more", "en"))
        assert (await line_of(stream))["message"]["text"] == "more"
