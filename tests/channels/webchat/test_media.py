"""Pictures and files over real connections, in front of a backend in memory."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from uuid import UUID

import pytest
from aiohttp import ClientResponse, ClientSession

from bot.channels.channel import MediaReceived
from bot.channels.webchat import api, parse, upload
from bot.channels.webchat.page import HERE
from tests.channels.webchat.backend import MANY, MemoryBackend, serving
from tests.channels.webchat.caller import ADDRESS, MINE, SECRET, event
from tests.channels.webchat.files import HTML, SVG, jpeg, png

ID = str(UUID(int=1))


async def send(client: ClientSession, content: object, **headers: str) -> ClientResponse:
    given = {
        "Content-Type": "application/octet-stream",
        "X-Kayoi-Event": ID,
        "X-Kayoi-Language": "ja",
        **headers,
    }
    data = BytesIO(content) if isinstance(content, bytes) else content
    return await client.post("/chat/api/media", data=data, headers=given)


async def test_a_picture_is_stored_and_its_event_names_it(
    backend: MemoryBackend, client: ClientSession
) -> None:
    answer = await send(client, png())
    assert (answer.status, await answer.json()) == (202, {"id": ID})
    (received,) = backend.tries
    key, content_type, content = backend.files[ADDRESS, received.event_id]
    assert (content_type, content) == ("image/png", png())
    understood = parse.parse(received.payload)
    assert understood.content == MediaReceived("image", str(key), "image/png", len(png()))
    assert understood.language == "ja"
    assert parse.media_of(received.payload) == understood.content
    history = await (await client.get("/chat/api/history")).json()
    (line,) = history["lines"]
    assert (line["media"], line["size"], line["event"]) == ("image", len(png()), ID)
    assert "kayoi_media" not in line


async def test_a_picture_sent_again_after_a_lost_answer_is_one_picture(
    backend: MemoryBackend, client: ClientSession
) -> None:
    for _ in range(3):
        assert (await send(client, png())).status == 202
    assert (len(backend.files), len(backend.events), len(backend.tries)) == (1, 1, 3)


@pytest.mark.parametrize("content", [SVG, HTML, b"\xff\xd8\xff" + HTML, b"PK\x03\x04", b"MZ"])
@pytest.mark.parametrize("name", ["image/jpeg", "application/octet-stream"])
async def test_a_page_called_a_picture_is_refused_whatever_it_is_called(
    backend: MemoryBackend, client: ClientSession, content: bytes, name: str
) -> None:
    answer = await send(client, content, **{"Content-Type": name})
    assert answer.status == 415
    assert (backend.tries, backend.files) == ([], {})


async def test_a_picture_with_a_script_in_it_is_a_picture_and_nothing_else(
    backend: MemoryBackend, client: ClientSession
) -> None:
    assert (await send(client, jpeg(comment=HTML))).status == 202
    ((_, content_type, content),) = backend.files.values()
    assert (content_type, content) == ("image/jpeg", jpeg(comment=HTML))  # nothing is stripped


async def test_an_empty_file_is_told_from_a_wrong_one(client: ClientSession) -> None:
    assert await (await send(client, b"")).json() == {"error": "empty"}
    assert await (await send(client, SVG)).json() == {"error": "wrong_kind"}


async def test_twenty_megabytes_are_answered_413_and_not_kept(
    backend: MemoryBackend, url: str
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield jpeg()
        for _ in range(20):
            yield bytes(1024 * 1024)

    for content in (jpeg() + bytes(20 * 1024 * 1024), chunks()):
        async with ClientSession(url, headers=MINE) as client:
            assert (await send(client, content, Expect="100-continue")).status == 413
    assert (backend.tries, backend.files) == ([], {})


async def test_as_much_as_is_promised_is_taken(
    backend: MemoryBackend, client: ClientSession
) -> None:
    whole = jpeg() + bytes(upload.MOST - len(jpeg()))
    assert (await send(client, whole)).status == 202
    assert (await send(client, whole + b"x")).status == 413
    assert len(backend.files) == 1


async def test_a_compressed_file_is_refused_unread(client: ClientSession) -> None:
    assert (await send(client, png(), **{"Content-Encoding": "gzip"})).status == 415


@pytest.mark.parametrize("id", ["", "1", "../../etc/passwd", "x" * 36])
async def test_a_file_needs_the_id_of_its_event(
    backend: MemoryBackend, client: ClientSession, id: str
) -> None:
    assert (await send(client, png(), **{"X-Kayoi-Event": id})).status == 400
    assert backend.files == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
async def test_another_site_cannot_send_a_file(
    backend: MemoryBackend, client: ClientSession, headers: dict[str, str]
) -> None:
    assert (await send(client, png(), **headers)).status == 403
    assert backend.files == {}


async def test_nothing_is_taken_without_a_secret(backend: MemoryBackend, url: str) -> None:
    async with ClientSession(url) as client:
        assert (await send(client, png())).status == 401
    assert backend.files == {}


@pytest.mark.parametrize("field", ["kayoi_media", "media_id"])
async def test_a_foreign_conversation_cannot_name_somebody_elses_file(
    backend: MemoryBackend, client: ClientSession, url: str, field: str
) -> None:
    await send(client, png())
    ((key, _, _),) = backend.files.values()
    stolen = event(2, kind="media", media="image", size=1, **{field: str(key)})
    async with ClientSession(url, headers={"Authorization": f"Bearer {'x' * 43}"}) as foreign:
        assert (await foreign.post("/chat/api/events", json=stolen)).status == 400
        assert (await (await foreign.get("/chat/api/history")).json())["lines"] == []
        assert (await send(foreign, png())).status == 202  # the same id is another event there
    assert len({key for key, _, _ in backend.files.values()}) == 2


async def test_files_have_a_limit_of_their_own(backend: MemoryBackend) -> None:
    few = replace(MANY, media_per_conversation=1.0, media_conversation_burst=3 * api.UNIT)
    async with serving(backend, few) as url, ClientSession(url, headers=MINE) as client:
        answers = [await send(client, png()) for _ in range(4)]
        assert [one.status for one in answers] == [202, 202, 202, 429]
        assert int(answers[-1].headers["Retry-After"]) >= 1
        assert (await client.post("/chat/api/events", json=event(9))).status == 202


async def test_without_a_database_the_page_tries_again(
    backend: MemoryBackend, client: ClientSession
) -> None:
    backend.down = True
    assert (await send(client, png())).status == 503
    backend.down = False
    assert (await send(client, png())).status == 202


async def test_no_log_tells_of_a_file(
    client: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await send(client, png())
        await send(client, HTML)
    assert SECRET not in caplog.text
    assert "alert(1)" not in caplog.text


def test_the_page_promises_what_the_server_takes() -> None:
    source = (HERE / "static" / "attach.js").read_text()
    assert f"MOST = {upload.MOST // 1024 // 1024} * 1024 * 1024" in source
