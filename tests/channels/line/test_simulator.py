"""The simulator is as strict as LINE: it is the judge of delivery, so it is judged here."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web

from bot.channels.channel import Inbound, Unsigned
from bot.channels.line.parse import parse
from bot.channels.line.webhook import read
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.line_platform import LinePlatform
from bot.local.simulators.line_rules import problems
from bot.local.simulators.telegram_state import Faults, Ledger, SimulatedTime
from clinic.message.types import Button, Message
from tests.channels import specs
from tests.channels.line.conftest import PATIENT, Requests

HELLO = {"messages": [{"type": "text", "text": "hello"}]}
KEY = "123e4567-e89b-12d3-a456-426614174000"
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Clinic:
    """A webhook: what it got, and what it answers next (200 when nothing is left)."""

    secret: str
    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[Inbound] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            events = read(request.headers, raw, self.secret)
        except Unsigned:
            return web.Response(status=401)
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            await asyncio.sleep(30)  # ended by LINE, which hangs up after its deadline
        self.bodies.append(json.loads(raw))
        self.ids += [event.event_id for event in events]
        self.got += [parse(event.payload) for event in events]
        return web.Response(status=status)


@pytest.fixture
async def clinic(line: LineSimulator) -> AsyncIterator[Clinic]:
    clinic = Clinic(line.channel_secret)
    app = web.Application()
    app.router.add_post("/webhooks/line", clinic.take)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    clinic.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/line"
    line.webhooks.url = clinic.url
    yield clinic
    await runner.cleanup()


@pytest.fixture
def platform() -> LinePlatform:
    platform = LinePlatform(SimulatedTime(manual=True), Ledger())
    platform.users.add(PATIENT)
    return platform


def push(platform: LinePlatform, key: str | None = None, **changes: Any) -> int:
    return platform.push({"to": PATIENT, **HELLO, **changes}, key, "r").status


def reply(platform: LinePlatform, token: str, key: str | None = None) -> int:
    return platform.reply({"replyToken": token, **HELLO}, key, "r").status


def test_a_retry_key_works_once_in_24_hours(platform: LinePlatform) -> None:
    assert [push(platform, KEY), push(platform, KEY)] == [200, 409]
    platform.time.advance(86_399)
    assert push(platform, KEY) == 409
    platform.time.advance(1)
    assert push(platform, KEY) == 200
    assert len(platform.ledger.entries) == 2


def test_a_refused_retry_tells_what_was_accepted(platform: LinePlatform) -> None:
    body = {"to": PATIENT, **HELLO}
    first = platform.push(body, KEY, "request 1")
    again = platform.push(body, KEY, "request 2")
    assert again.headers["x-line-accepted-request-id"] == "request 1"
    assert again.body["sentMessages"] == first.body["sentMessages"]
    assert platform.changed_retries == []
    push(platform, KEY, notificationDisabled=True)
    assert platform.changed_retries == [KEY]


def test_a_retry_key_is_a_uuid_and_not_for_replies(platform: LinePlatform) -> None:
    assert push(platform, "reminder-7") == 400
    assert reply(platform, platform.text(PATIENT, "hi")["replyToken"], KEY) == 400
    assert platform.ledger.entries == []


def test_a_reply_token_works_once_and_for_a_minute_after_each_delivery(
    platform: LinePlatform,
) -> None:
    token = platform.text(PATIENT, "hi")["replyToken"]
    assert [reply(platform, token), reply(platform, token)] == [200, 400]
    token = platform.text(PATIENT, "hi")["replyToken"]
    platform.time.advance(61)
    assert reply(platform, token) == 400
    platform.delivered(token)
    assert reply(platform, token) == 200
    token = platform.text(PATIENT, "hi")["replyToken"]
    platform.time.advance(1201)
    platform.delivered(token)
    assert reply(platform, token) == 400


def test_replies_are_free_and_blocked_patients_do_not_count(platform: LinePlatform) -> None:
    platform.quota = 1
    assert [push(platform), push(platform)] == [200, 429]
    assert reply(platform, platform.text(PATIENT, "hi")["replyToken"]) == 200
    platform.quota = 2
    platform.unfollow(PATIENT)
    assert push(platform) == 200
    assert platform.used == 1
    assert len(platform.received(PATIENT)) == 2


def test_the_2001st_call_of_a_second_is_too_fast(platform: LinePlatform) -> None:
    assert [platform.too_fast("push") for _ in range(2000)] == [None] * 2000
    limited = platform.too_fast("push")
    assert limited
    assert limited.status == 429
    assert platform.too_fast("reply") is None
    platform.time.advance(0.01)
    assert platform.too_fast("push") is None


def flex(*contents: Any, **more: Any) -> list[Any]:
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": contents}}
    bubble["body"]["contents"] = list(contents)  # type: ignore[index]  # a dict of dicts
    return [{"type": "flex", "altText": "a", "contents": bubble} | more]


def quick(label: str, n: int = 1) -> list[Any]:
    item = {"type": "action", "action": {"type": "postback", "label": label, "data": "d"}}
    return [{"type": "text", "text": "t", "quickReply": {"items": [item] * n}}]


TEXT = {"type": "text", "text": "t"}
BUTTON = {"type": "button", "action": {"type": "uri", "label": "a", "uri": "https://a.example"}}


def acting(**action: Any) -> list[Any]:
    return flex({**BUTTON, "action": action})


def test_what_line_takes() -> None:
    for messages in (
        [TEXT],
        [TEXT] * 5,
        [{"type": "text", "text": "😀" * 2500}],
        [{"type": "sticker", "packageId": "1", "stickerId": "2"}],
        quick("👨‍👩‍👧‍👦" * 20, 13),
        flex(TEXT, BUTTON),
        acting(type="datetimepicker", label="a", data="d", mode="date", min="2026-01-01"),
    ):
        assert problems(messages) == []


@pytest.mark.parametrize(
    "messages",
    [
        None,
        [],
        [TEXT] * 6,
        ["text"],
        [{"type": "hologram"}],
        [{"type": "text", "text": " "}],
        [{"type": "text", "text": "😀" * 2500 + "a"}],
        [{"type": "text", "text": "\ud83d"}],
        quick("", 1),
        quick("a" * 21),
        quick("a", 14),
        quick("a", 0),
        flex(TEXT, altText=""),
        flex(TEXT, altText="a" * 1501),
        flex({"type": "text", "text": ""}),
        flex({"type": "text", "text": "a", "size": "huge"}),
        flex({"type": "text", "text": "a", "color": "red"}),
        flex({"type": "text", "text": "a" * 31_000}),
        flex({"type": "gadget"}),
        flex({"type": "box", "layout": "diagonal", "contents": []}),
        flex({"type": "box", "layout": "baseline", "contents": [BUTTON]}),
        flex({"type": "button"}),
        flex(TEXT, contents={"type": "bubble"}),
        flex(TEXT, contents={"type": "carousel", "contents": []}),
        acting(type="postback", label="a" * 41, data="d"),
        acting(type="postback", label="a", data="d" * 301),
        acting(type="postback", label="a", data="d", displayText="a", text="a"),
        acting(type="uri", label="a", uri="ftp://a.example"),
        acting(type="uri", label="a", uri="https://a.example/道"),
        acting(type="uri", label="a", uri="https://a.example/" + "a" * 1000),
        acting(type="camera", label="a"),
        acting(
            type="datetimepicker",
            label="a",
            data="d",
            mode="date",
            min="2026-01-01",
            max="2026-01-01",
        ),
        acting(type="datetimepicker", label="a", data="d", mode="date", initial="1800-01-01"),
    ],
)
def test_what_line_refuses(messages: Any, platform: LinePlatform) -> None:
    assert problems(messages)
    assert push(platform, messages=messages) == 400
    assert platform.ledger.entries == []


def test_seeded_faults_are_the_same_at_each_run() -> None:
    rates = {"accept_then_500": 0.03, "500": 0.03, "429": 0.03, "reset": 0.02}
    runs = []
    for seed in (1, 1, 2):
        faults = Faults(seed, rates, stream="line")
        runs.append([faults.next() for _ in range(5000)])
    assert runs[0] == runs[1] != runs[2]
    assert 0.08 < sum(map(bool, runs[0])) / 5000 < 0.14


async def test_what_patients_do_arrives_signed_and_as_documented(
    line: LineSimulator, clinic: Clinic
) -> None:
    message = line.platform.text(PATIENT, "予約")
    assert await line.webhooks.deliver([message, line.platform.picture(PATIENT, b"jpeg")]) == [200]
    assert await line.press(PATIENT, "tok") == [200]
    assert await line.pick_date(PATIENT, "tok", date(2026, 9, 2)) == [200]
    assert await line.unsend(PATIENT, message["message"]["id"]) == [200]
    assert await line.unfollow(PATIENT) == [200]
    assert await line.follow(PATIENT) == [200]
    names = [type(inbound.content).__name__ for inbound in clinic.got]
    assert names == [
        "TextReceived",
        "MediaReceived",
        "ButtonPressed",
        "DatePicked",
        "Unsent",
        "Unfollowed",
        "Followed",
    ]
    assert [bool(inbound.reply_token) for inbound in clinic.got] == [
        True, True, True, True, False, False, True,
    ]  # fmt: skip
    specs.needed("webhook.yml")
    for body in clinic.bodies:
        assert specs.problems("webhook.yml", "CallbackRequest", body) == []


@pytest.mark.parametrize("answer", [500, 401, 0])
async def test_what_was_not_taken_comes_again_as_the_same_event(
    line: LineSimulator, clinic: Clinic, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.answers = [answer]
    with monkeypatch.context() as patched:
        if not answer:
            patched.setattr("bot.local.simulators.line_webhooks.DEADLINE", 0.1)
        assert await line.say(PATIENT, "予約") == [answer]
    [event_id] = line.webhooks.untaken
    assert await line.webhooks.redeliver() == [200]
    assert line.webhooks.untaken == {}
    assert clinic.ids[-1] == event_id
    assert clinic.got[-1].redelivered


async def test_redelivery_can_be_switched_on(line: LineSimulator, clinic: Clinic) -> None:
    line.webhooks.redelivery_after = 10
    clinic.answers = [500]
    await line.say(PATIENT, "予約")
    line.time.advance(9)
    assert len(line.webhooks.attempts) == 1
    line.time.advance(2)
    await asyncio.gather(*line.webhooks._waiting)
    assert [attempt.status for attempt in line.webhooks.attempts] == [500, 200]
    assert len(set(clinic.ids)) == 1


async def test_events_can_come_twice_and_out_of_order(line: LineSimulator, clinic: Clinic) -> None:
    events = [line.platform.text(PATIENT, str(n)) for n in range(20)]
    assert await line.webhooks.deliver(events[:1], copies=2) == [200, 200]
    assert await line.webhooks.deliver_shuffled(events) == [200] * 20
    assert len(clinic.ids) == 22
    assert sorted(set(clinic.ids)) == [event["webhookEventId"] for event in events]
    assert clinic.ids[2:] != sorted(clinic.ids[2:])


async def test_a_webhook_with_another_secret_is_not_taken(
    line: LineSimulator, clinic: Clinic
) -> None:
    clinic.secret = "another"
    assert await line.say(PATIENT, "予約") == [401]
    assert clinic.got == []


async def test_media_can_be_fetched_until_it_is_unsent(line: LineSimulator) -> None:
    message_id = line.platform.picture(PATIENT, b"jpeg")["message"]["id"]
    url = f"{line.base}/v2/bot/message/{message_id}/content"
    headers = {"Authorization": f"Bearer {line.channel_access_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        assert await (await session.get(url)).read() == b"jpeg"
        line.platform.unsend(PATIENT, message_id)
        assert (await session.get(url)).status == 410
        assert (await session.get(url.replace(message_id, "7"))).status == 404


async def test_a_patient_presses_what_the_chat_shows(
    line: LineSimulator, clinic: Clinic, requests: Requests
) -> None:
    from bot.channels.line.client import LineChannel

    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    message = Message("?", "ja", buttons=(Button("はい", "y"), Button("戻る", "b", "navigation")))
    await channel.send(PATIENT, message, key=UUID(KEY))
    assert line.buttons(PATIENT) == {"はい": "y", "戻る": "b"}
    await channel.close()


async def test_it_runs_by_itself_and_is_driven_from_outside(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.local.simulators.line", "--ledger", str(ledger), "--anyone"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    base = json.loads(await process.stdout.readline())["line"]
    headers = {"Authorization": "Bearer simulated-token", "X-Line-Retry-Key": KEY}

    async with aiohttp.ClientSession() as session:

        async def control(what: str, **asked: Any) -> Any:
            async with session.post(f"{base}/_control/{what}", json=asked) as answer:
                return await answer.json()

        await control("faults", once=["accept_then_500"])
        for status in (500, 409):
            body = {"to": PATIENT, **HELLO}
            url = f"{base}/v2/bot/message/push"
            async with session.post(url, json=body, headers=headers) as answer:
                assert answer.status == status
        [entry] = await control("ledger")
        assert (entry["chat"], entry["retry_key"], entry["body"]) == (
            PATIENT,
            KEY,
            body["messages"],
        )
        assert (await control("act", do="unfollow", user=PATIENT))["statuses"] == [0]
        stats = await control("stats")
        assert stats["calls"] == {"push 200": 1, "push 409": 1}
        assert stats["faults"] == {"accept_then_500": 1}
        assert len(stats["untaken"]) == 1
    process.terminate()
    assert await process.wait() == 0
    assert json.loads(ledger.read_text())["chat"] == PATIENT
