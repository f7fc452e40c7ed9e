"""What nobody but the patient and the clinic may know is in no log, metric, address, error page or
key of Valkey, and in no column in the clear that is declared as encrypted (R28).

Words that occur nowhere else go through every door: both platforms, the web chat, the worker, the
panel, and what fails there.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from admin.app import create_app
from admin.security import PLAIN_COOKIE
from bot.channels.line.webhook import sign
from bot.environment import Environment
from bot.outbox import Sender
from bot.runner import Runner
from clinic.sealed import SEALED
from clinic.staff.types import Role
from scheduler.escalations import alert_due
from scheduler.sweeps import Sweeps
from tests.integration.admin.house import House
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server
Client = TestClient[web.Request, web.Application]
NAME, SENTENCE = "Zyxomma Quibberwick", "my plumbago is crepuscular"
PHONE, MAIL = "+819055577731", "zyxomma@quibberwick.example"
LINE_USER, TELEGRAM_USER = "U" + "c4a7e1" * 5 + "zz", 777555333
# Names are plain in the database, since staff search by them; nowhere else.
SECRET = ("plumbago", "crepuscular", "9055577731", "55577731", "quibberwick.example", "c4a7e1c4")
ALL = (*SECRET, "Zyxomma", "Quibberwick", "zyxomma", "777555333")


async def platforms(client: Client) -> None:
    """Messages of both platforms: good ones, one of a stranger and one that is no event."""
    for number, words in enumerate((NAME, SENTENCE, f"I have chest pain, {SENTENCE}")):
        event = {
            "type": "message",
            "webhookEventId": f"01HZZZZZZZZZZZZZZZZZZZZZ0{number}",
            "timestamp": int(time.time() * 1000),
            "mode": "active",
            "replyToken": "r" * 32,
            "deliveryContext": {"isRedelivery": False},
            "source": {"type": "user", "userId": LINE_USER},
            "message": {"type": "text", "id": f"9{number}", "quoteToken": "q", "text": words},
        }
        for events in ([event], [{**event, "type": words, "source": SENTENCE}]):
            body = json.dumps({"destination": "U0", "events": events}).encode()
            headers = {"X-Line-Signature": sign(body, "line-secret")}
            await client.post("/webhooks/line", data=body, headers=headers)
        await client.post("/webhooks/line", data=body, headers={"X-Line-Signature": NAME})
        person = {"id": TELEGRAM_USER, "is_bot": False, "first_name": NAME, "language_code": "en"}
        update = {
            "update_id": 70 + number,
            "message": {
                "message_id": number + 1,
                "date": int(time.time()),
                "chat": {"id": TELEGRAM_USER, "type": "private", "first_name": NAME},
                "from": person,
                "text": words,
                "contact": {"phone_number": PHONE, "first_name": NAME, "user_id": TELEGRAM_USER},
            },
        }
        for secret in ("telegram-secret", SENTENCE):
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            await client.post("/webhooks/telegram", json=update, headers=headers)
    await client.post("/chat/events", data=SENTENCE.encode())


async def webchat(env: Environment) -> None:
    """A patient books, writes, is in an emergency and asks for a person."""
    patient = Rig(env).patient(f"{SENTENCE}{MAIL}")
    await patient.comes_in()
    for words in (SENTENCE, f"my name is {NAME}", PHONE, MAIL, f"chest pain, {SENTENCE}"):
        await patient.says(words)
    await patient.says("I want to talk to a person")
    await patient.says(f"{SENTENCE} {NAME}")


async def work(env: Environment) -> None:
    """What a worker does; nothing that it sends arrives."""
    sender = Sender(env)
    sweeps = Sweeps(env, Runner(env, sender), sender)
    await alert_due(env)
    for _ in range(5):
        await sweeps.inbox()
        await sweeps.timers()
        await sweeps.outbox()
        async with env.database.transaction() as tx:
            await tx.execute("update inbound set received_at = now() - interval '1 minute'")


async def panel(env: Environment, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the desk does with a patient, what fails, and the figures; pages by name."""
    house = House(env.database)
    patient = await house.patient(NAME, kana=NAME, chart="1")
    cookies = {PLAIN_COOKIE: await house.session(await house.staff("Yamada", Role.ADMIN))}
    csrf = await house.value("select csrf_token from staff_session order by id desc limit 1")
    app = create_app(env.database, env.keys, env.settings, channels=env.channels)
    seen: dict[str, str] = {}
    async with TestServer(app) as server, ClientSession(cookies=cookies) as browser:

        async def post(path: str, **fields: str) -> str:
            url = server.make_url(path)
            async with browser.post(url, data={"csrf": csrf, **fields}) as answer:
                assert not any(one in str(answer.url) for one in ALL)
                return await answer.text()

        for path in ("/patients", "/walk-in/find", "/conversations/find", "/merges/find"):
            await post(path, q=NAME)
        await post(f"/patients/{patient}/edit", name=NAME, phone=PHONE, email=MAIL)
        await post(f"/patients/{patient}/notes", kind="visit", note=SENTENCE)
        talk = await house.value("select min(id) from conversation")
        await post(f"/conversations/{talk}/take-over")
        await post(f"/conversations/{talk}/answer", text=SENTENCE)

        def broken(*_arguments: Any, **_named: Any) -> None:
            raise RuntimeError(f"{NAME} {PHONE} {SENTENCE}")

        monkeypatch.setattr("admin.patients.views.access_patients", broken)
        seen["error page"] = await post("/patients", q=NAME)
        async with browser.get(server.make_url("/metrics")) as answer:
            seen["metrics"] = await answer.text()
    return seen


@asynccontextmanager
async def overheard(url: str) -> AsyncIterator[list[str]]:
    """Every command that Valkey is given meanwhile: all keys and values that ever were there."""
    heard: list[str] = []

    async def listen(monitor: Any) -> None:
        async for one in monitor.listen():
            heard.append(str(one))
            if "the end" in heard[-1]:
                return

    async with Redis.from_url(url) as redis, redis.monitor() as monitor:
        listening = asyncio.create_task(listen(monitor))
        yield heard
        async with Redis.from_url(url) as other:
            await other.set("the end", 1)
        await listening


async def columns(env: Environment) -> dict[str, str]:
    """Every declared column as it lies in the database, as text and as bytes."""
    found: dict[str, str] = {}
    async with env.database.transaction() as tx:
        for one in SEALED:
            query = f"select t.{one.name} from {one.table} t where t.{one.name} is not null"
            values = [row[0] for row in await tx.fetch(query)]
            found[one.place] = " ".join(bytes(value).decode("latin-1") for value in values)
    return found


async def test_no_canary_is_found_where_it_does_not_belong(
    env: Environment,
    client: Client,
    redis_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("bot", "clinic", "admin", "scheduler", "flows", "nlu", "aiohttp", "arq", "redis"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with overheard(redis_url) as heard:
        await platforms(client)
        await webchat(env)
        await work(env)
        places = await panel(env, monkeypatch)
    places |= {"logs": caplog.text, "Valkey": "\n".join(heard)}
    kept = await columns(env)
    assert sum(bool(text) for text in kept.values()) > 8, "much was written"
    assert any(place.startswith("Valkey") for place in places), (
        "the platforms' limits are kept there"
    )
    assert "RuntimeError" in places["logs"], "something failed"
    for place, text in places.items():
        for canary in ALL:
            assert canary not in text, place
    for place, text in kept.items():
        for canary in ALL:
            assert canary not in text, place
    async with env.database.transaction() as tx:
        tables = await tx.fetch("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in tables:
            for word in SECRET:
                for spelt in (word, word.encode().hex()):
                    query = f"select count(*) from {table} t where strpos(t::text, $1) > 0"
                    assert await tx.fetchval(query, spelt) == 0, (table, word)
