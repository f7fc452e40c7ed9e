"""Attacks on the public application, each named after what it once achieved."""

import asyncio
import json
import logging
import signal
from contextlib import suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDict

from bot import app
from bot.channels.line.webhook import MOST_EVENTS, sign
from bot.commands.serve import serve_web
from bot.environment import Environment
from bot.local.ports import free_port

pytestmark = pytest.mark.server
Client = TestClient[web.Request, web.Application]


async def raw(port: int | None, request: bytes) -> bytes:
    """The first line of the answer to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await asyncio.wait_for(reader.readline(), 20)
    writer.close()
    return line


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/webhooks/telegram", b"X-Telegram-Bot-Api-Secret-Token"),
        ("/webhooks/line", b"X-Line-Signature"),
    ],
)
async def test_a_secret_of_bytes_that_are_no_text_is_refused_like_any_other(
    client: Client, path: str, header: bytes
) -> None:
    request = b"POST %s HTTP/1.1\r\nHost: x\r\n%s: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}"
    assert b" 401 " in await raw(client.port, request % (path.encode(), header))


async def test_a_body_that_never_ends_does_not_keep_its_connection(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "BODY_TIME", 0.05)
    request = b"POST /webhooks/line HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
    assert b" 408 " in await raw(client.port, request)


async def test_a_batch_of_tens_of_thousands_of_empty_events_does_not_stop_the_loop(
    client: Client, env: Environment
) -> None:
    body = json.dumps({"events": [{}] * (MOST_EVENTS + 1)}).encode()
    headers = {"X-Line-Signature": sign(body, "line-secret")}
    assert (await client.post("/webhooks/line", data=body, headers=headers)).status == 400
    async with env.database.transaction() as tx:
        assert await tx.fetchval("select count(*) from inbound") == 0


async def test_an_event_id_that_another_conversation_chose_too_swallows_nothing(
    client: Client, env: Environment
) -> None:
    event = {"id": "00000000-0000-4000-8000-000000000001", "kind": "text", "text": "hello"}
    for secret in ("a" * 43, "b" * 43, "b" * 43):
        headers = {"Authorization": f"Bearer {secret}"}
        answer = await client.post("/chat/api/events", json=event, headers=headers)
        assert (answer.status, await answer.json()) == (202, {"id": event["id"]})
    async with env.database.transaction() as tx:
        assert await tx.fetchval("select count(*) from inbound") == 2


async def test_a_proxy_that_adds_its_own_header_is_heard_and_the_browsers_one_is_not() -> None:
    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=request.remote)

    inner = web.Application(middlewares=[app._behind_proxies(("127.0.0.1",))])
    inner.router.add_get("/", tell)
    both = [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "203.0.113.9")]
    async with TestClient(TestServer(inner)) as client:
        answer = await client.get("/", headers=CIMultiDict(both))
        assert await answer.text() == "203.0.113.9"


async def test_a_request_that_cannot_be_read_leaves_nothing_of_itself_in_the_log(
    env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    loop, port = asyncio.get_running_loop(), free_port()
    server = env.settings.server.model_copy(update={"port": port})
    settings = env.settings.model_copy(update={"server": server})
    was = logging.getLogger("aiohttp.server").level
    serving = asyncio.create_task(serve_web(settings))
    try:
        answer = b""
        for _ in range(200):
            with suppress(ConnectionRefusedError):
                request = b"GET / HTTP/1.1\r\nHost: x\r\nCookie: canary=secret\x00\r\n\r\n"
                answer = await raw(port, request)
                break
            await asyncio.sleep(0.02)
        assert b" 400 " in answer
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        logging.getLogger("aiohttp.server").setLevel(was)
    assert "canary" not in caplog.text
