import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nlu.embedded import Embedded
from nlu.rasa import FAILURES, LARGEST_ANSWER, REST, Breaker, Rasa
from nlu.reading import Reading

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN = "hard-to-guess"
TEXT = "Cancel MY appointment, I have a fever"
GOOD = {
    "text": TEXT,
    "intent": {"name": "nlu_fallback", "confidence": 0.9},
    "intent_ranking": [
        {"name": "nlu_fallback", "confidence": 0.9},
        {"name": "thanks", "confidence": 0.2},
        {"name": "complaint", "confidence": 0.6},
        {"name": "unheard_of", "confidence": 0.1},
    ],
}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Server:
    """A Rasa server that does what a test wants of it."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = answering(GOOD)
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.clock = Clock()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(
            (f"{request.method} {request.path}", dict(request.query), await request.json())
        )
        return await self.behaviour(request)


def answering(answer: object, status: int = 200) -> Behaviour:
    async def behaviour(_: web.Request) -> web.StreamResponse:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(body=body, status=status, content_type="application/json")

    return behaviour


async def hanging(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def dripping(request: web.Request) -> web.StreamResponse:
    """Each byte comes soon enough, and there is no end of them."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def flooding(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(64):
        await response.write(b" " * LARGEST_ANSWER)
    return response


async def breaking_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def redirecting(_: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("/elsewhere")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, TestServer]]:
    acted = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", acted.handle)
    running = TestServer(app)
    await running.start_server()
    yield acted, running
    await running.close()


@pytest.fixture
async def rasa(server: tuple[Server, TestServer]) -> AsyncIterator[Rasa]:
    acted, running = server
    client = Rasa(
        str(running.make_url("/")), TOKEN, Embedded(), timeout=5.0, breaker=Breaker(acted.clock)
    )
    yield client
    await client.close()


@pytest.fixture
async def hasty(server: tuple[Server, TestServer]) -> AsyncIterator[Rasa]:
    """One that gives the server a fifth of a second."""
    acted, running = server
    url, breaker = str(running.make_url("/")), Breaker(acted.clock)
    client = Rasa(url, TOKEN, Embedded(), timeout=0.2, breaker=breaker)
    yield client
    await client.close()


@pytest.fixture
def embedded() -> Reading:
    return Embedded().reading(TEXT, "en")


async def test_only_parse_is_asked_with_the_token_and_the_folded_text(
    server: tuple[Server, TestServer], rasa: Rasa
) -> None:
    await rasa.read(TEXT, "en")
    assert server[0].asked == [
        ("POST /model/parse", {"token": TOKEN}, {"text": "cancel my appointment, i have a fever"})
    ]


async def test_intents_of_ours_are_ranked_and_entities_added(rasa: Rasa) -> None:
    reading = await rasa.read(TEXT, "en")
    assert [intent for intent, _ in reading.ranking] == ["complaint", "thanks"]
    assert reading.confidence == pytest.approx(0.75)
    assert [one.value for one in reading.entities] == ["fever"]


@pytest.mark.parametrize(
    "behaviour",
    [
        flooding,
        breaking_off,
        redirecting,
        answering(GOOD, status=500),
        answering({"status": "failure"}, status=401),
        answering(b"<html>"),
        answering(b""),
        answering(b"\xff\xfe"),
        answering(b"[" * 50_000),
        answering([]),
        answering({"intent_ranking": None}),
        answering({"intent_ranking": []}),
        answering({"intent_ranking": [{"name": "nlu_fallback", "confidence": 1}]}),
        answering({"intent_ranking": [{"name": "book", "confidence": 2}]}),
        answering({"intent_ranking": [{"name": "book", "confidence": "high"}]}),
        answering(b'{"intent_ranking": [{"name": "book", "confidence": NaN}]}'),
        answering({"intent_ranking": [{"name": ["book"], "confidence": 0.5}]}),
    ],
)
async def test_whatever_goes_wrong_the_embedded_model_reads(
    server: tuple[Server, TestServer], rasa: Rasa, embedded: Reading, behaviour: Behaviour
) -> None:
    server[0].behaviour = behaviour
    async with asyncio.timeout(4.5):
        assert await rasa.read(TEXT, "en") == embedded


@pytest.mark.parametrize("behaviour", [hanging, dripping])
async def test_a_server_that_has_no_end_is_waited_for_only_so_long(
    server: tuple[Server, TestServer], hasty: Rasa, embedded: Reading, behaviour: Behaviour
) -> None:
    server[0].behaviour = behaviour
    async with asyncio.timeout(10):
        assert await hasty.read(TEXT, "en") == embedded


async def test_a_server_that_is_not_there_is_no_error(embedded: Reading) -> None:
    running = TestServer(web.Application())
    await running.start_server()
    url = str(running.make_url("/"))
    await running.close()
    rasa = Rasa(url, None, Embedded(), timeout=0.2)
    assert await rasa.read(TEXT, "en") == embedded
    await rasa.close()


async def test_after_failures_in_a_row_the_server_is_left_alone_then_tried_once(
    server: tuple[Server, TestServer], rasa: Rasa, embedded: Reading
) -> None:
    acted = server[0]
    acted.behaviour = answering(b"", status=503)
    for _ in range(FAILURES + 3):
        assert await rasa.read(TEXT, "en") == embedded
    assert len(acted.asked) == FAILURES
    acted.clock.now += REST
    await asyncio.gather(*(rasa.read(TEXT, "en") for _ in range(5)))
    assert len(acted.asked) == FAILURES + 1
    acted.clock.now += REST
    acted.behaviour = answering(GOOD)
    assert (await rasa.read(TEXT, "en")).intent == "complaint"
    assert (await rasa.read(TEXT, "en")).intent == "complaint"
    assert len(acted.asked) == FAILURES + 3


async def test_one_failure_between_good_answers_changes_nothing(
    server: tuple[Server, TestServer], rasa: Rasa
) -> None:
    for _ in range(FAILURES + 1):
        server[0].behaviour = answering(b"")
        await rasa.read(TEXT, "en")
        server[0].behaviour = answering(GOOD)
        assert (await rasa.read(TEXT, "en")).intent == "complaint"


async def test_no_word_of_the_patient_and_no_token_is_logged(
    server: tuple[Server, TestServer], hasty: Rasa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for behaviour in (answering(GOOD), answering(b""), hanging, breaking_off):
        server[0].behaviour = behaviour
        for _ in range(FAILURES):
            await hasty.read(TEXT, "en")
        server[0].clock.now += REST
    said = "\n".join(record.getMessage() for record in caplog.records if record.name == "nlu.rasa")
    assert "rasa: " in said
    assert "appointment" not in said
    assert "fever" not in said
    assert TOKEN not in caplog.text.replace("/model/parse?token=" + TOKEN, "")
