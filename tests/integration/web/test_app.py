"""The public application: what it takes, what it refuses, and with what answer."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot import start
from bot.app import BODY_LIMIT, create_app
from bot.environment import Environment
from clinic.config import Channels, Line, Server, Settings, Telegram

pytestmark = pytest.mark.server
LINE_SECRET = "line-secret"
TELEGRAM_SECRET = "telegram-secret"


@pytest.fixture
async def env(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Environment]:
    # The platforms' addresses lead nowhere: here only what comes in matters.
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=tmp_path,
        server=Server(public_url="https://chat.example", trusted_proxies=("127.0.0.1",)),
        channels=Channels(
            line=Line(
                channel_secret=SecretStr(LINE_SECRET),
                channel_access_token=SecretStr("t"),
                api_base="http://127.0.0.1:9",
            ),
            telegram=Telegram(
                token=SecretStr("1:t"),
                webhook_secret=SecretStr(TELEGRAM_SECRET),
                api_base="http://127.0.0.1:9",
            ),
        ),
    )
    env = await start.environment(settings)
    yield env
    await start.close(env)


@pytest.fixture
async def client(env: Environment) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    server = TestServer(create_app(env))
    async with TestClient(server, auto_decompress=False) as client:
        yield client


def line_event(number: int = 1, **over: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1_780_000_000_000 + number,
        "webhookEventId": f"01HZZZZZZZZZZZZZZZZZZZ{number:04}",
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": f"U{number:032}"},
        "replyToken": f"{number:032}",
        "message": {"type": "text", "id": str(number), "text": "hello"},
        **over,
    }


def signed(body: bytes) -> dict[str, str]:
    mark = hmac.new(LINE_SECRET.encode(), body, hashlib.sha256).digest()
    return {"X-Line-Signature": base64.b64encode(mark).decode(), "Content-Type": "application/json"}


def line_body(*events: dict[str, Any]) -> bytes:
    return json.dumps({"destination": "U0", "events": list(events)}).encode()


async def stored(env: Environment) -> int:
    async with env.database.transaction() as tx:
        return int(await tx.fetchval("select count(*) from inbound"))


async def test_a_signed_batch_is_stored_whole(client: Any, env: Environment) -> None:
    body = line_body(line_event(1), line_event(2), line_event(3))
    response = await client.post("/webhooks/line", data=body, headers=signed(body))
    assert response.status == 200
    assert await stored(env) == 3


async def test_lines_liveness_check_is_answered(client: Any, env: Environment) -> None:
    body = line_body()
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 200
    assert await stored(env) == 0


@pytest.mark.parametrize(
    "headers", [{}, {"X-Line-Signature": "AAAA"}, {"X-Line-Signature": "ü"}], ids=str
)
async def test_an_unsigned_webhook_is_refused_and_stores_nothing(
    client: Any, env: Environment, headers: dict[str, str]
) -> None:
    response = await client.post("/webhooks/line", data=line_body(line_event()), headers=headers)
    assert response.status == 401
    assert await stored(env) == 0


async def test_a_webhook_signed_for_another_body_is_refused(client: Any, env: Environment) -> None:
    headers = signed(line_body(line_event(2)))
    response = await client.post("/webhooks/line", data=line_body(line_event(1)), headers=headers)
    assert response.status == 401
    assert await stored(env) == 0


async def test_telegrams_secret_is_demanded(client: Any, env: Environment) -> None:
    update = {"update_id": 7, "message": {"message_id": 1}}
    assert (await client.post("/webhooks/telegram", json=update)).status == 401
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    assert (await client.post("/webhooks/telegram", json=update, headers=headers)).status == 200
    assert await stored(env) == 1


async def test_a_body_over_the_limit_is_refused(client: Any, env: Environment) -> None:
    body = b" " * (BODY_LIMIT + 1)
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 413
    assert await stored(env) == 0


async def test_what_is_not_json_is_refused(client: Any, env: Environment) -> None:
    body = b"{not json"
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 400
    assert await stored(env) == 0


async def test_a_packed_body_is_not_unpacked(client: Any) -> None:
    body = line_body()
    headers = {**signed(body), "Content-Encoding": "gzip"}
    assert (await client.post("/webhooks/line", data=body, headers=headers)).status == 415


async def test_an_unknown_kind_of_event_is_kept_and_ignored(client: Any, env: Environment) -> None:
    odd = line_event(1, type="hologram", hologram={"x": [1, {"y": None}]})
    body = line_body(odd, line_event(2))
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 200
    assert await stored(env) == 2


async def test_one_odd_event_does_not_lose_its_batch(client: Any, env: Environment) -> None:
    body = line_body(
        line_event(1, webhookEventId="x" * 5000),
        line_event(2, timestamp="soon"),
        line_event(3, source=None),
        line_event(4, webhookEventId=None),
        line_event(5),
    )
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 200
    assert await stored(env) == 5


async def test_a_text_with_a_nul_is_kept(client: Any, env: Environment) -> None:
    message = {"type": "text", "id": "1", "text": "a\x00b\ud83d"}
    body = line_body(line_event(1, message=message))
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 200
    assert await stored(env) == 1


async def test_without_the_database_webhooks_get_503(client: Any, env: Environment) -> None:
    await env.database.close()
    body = line_body(line_event())
    assert (await client.post("/webhooks/line", data=body, headers=signed(body))).status == 503
    assert (await client.get("/readyz")).status == 503


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/chat"),
        ("GET", "/nowhere"),
        ("GET", "/webhooks/line"),
        ("GET", "/visits/x.ics"),
        ("POST", "/webhooks/telegram"),
        ("POST", "/chat/api/events"),
    ],
)
async def test_every_answer_carries_the_security_headers(
    client: Any, method: str, path: str
) -> None:
    response = await client.request(method, path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in response.headers
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31")


async def test_an_address_without_https_is_not_said_to_need_it(env: Environment) -> None:
    server = env.settings.server.model_copy(update={"public_url": "http://192.0.2.1"})
    settings = env.settings.model_copy(update={"server": server})
    async with TestClient(TestServer(create_app(replace(env, settings=settings)))) as client:
        response = await client.get("/healthz")
        assert "Strict-Transport-Security" not in response.headers


async def test_a_calendar_file_needs_its_mark(client: Any) -> None:
    key = "00000000-0000-4000-8000-000000000000"
    assert (await client.get(f"/visits/{key}.ics?mark=00")).status == 404
    assert (await client.get("/visits/none.ics")).status == 404


async def test_metrics_are_not_on_the_public_port(client: Any) -> None:
    assert (await client.get("/metrics")).status == 404
