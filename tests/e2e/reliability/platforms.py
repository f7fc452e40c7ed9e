"""The platforms as the runs see them: what they sent us, what they delivered, what they are told.

Events are also made here, for the runs that decide themselves where and how often one arrives.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.channels.line.webhook import sign
from bot.local.simulators.telegram import TOKEN
from bot.local.simulators.telegram_state import chance

Json = dict[str, Any]

LINE_SECRET = "simulated-secret"
TELEGRAM_SECRET = "simulated-webhook-secret"
DEADLINE = aiohttp.ClientTimeout(2.0)  # LINE counts a later answer as none


def line_user(number: int) -> str:
    """A well-formed LINE user id."""
    return f"U{number:032x}"


def telegram_user(number: int) -> int:
    """A Telegram user id."""
    return 200_000_000 + number


@dataclass(slots=True)
class _Platform:
    url: str
    ledger_file: Path
    session: aiohttp.ClientSession

    def ledger(self) -> list[Json]:
        """What it delivered, from the file on the disk."""
        if not self.ledger_file.exists():
            return []
        written = self.ledger_file.read_bytes()
        whole = written[: written.rfind(b"\n") + 1]  # the last line may be half written
        return [json.loads(line) for line in whole.splitlines()]

    async def control(self, what: str, **asked: Any) -> Any:
        """Tell the simulator something."""
        async with self.session.post(f"{self.url}/_control/{what}", json=asked) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def answers(self) -> bool:
        """Whether it listens."""
        try:
            async with self.session.get(f"{self.url}/_control/stats"):
                return True
        except aiohttp.ClientError:
            return False


@dataclass(slots=True)
class Line(_Platform):
    """LINE, in a process of its own."""

    token: str = "simulated-token"

    async def act(self, do: str, user: str, **asked: Any) -> list[int]:
        """A patient does something; the statuses our webhook answered."""
        statuses: list[int] = (await self.control("act", do=do, user=user, **asked))["statuses"]
        return statuses

    async def stats(self) -> Json:
        """Counters of calls, faults and webhooks."""
        found: Json = await self.control("stats")
        return found


@dataclass(slots=True)
class Telegram(_Platform):
    """Telegram, in a process of its own."""

    token: str = TOKEN

    async def stats(self) -> Json:
        """Counters of answers, faults and webhooks."""
        async with self.session.get(f"{self.url}/_control/stats") as answer:
            found: Json = await answer.json()
            return found

    async def call(self, method: str, **asked: Any) -> None:
        """Call a method of the Bot API."""
        async with self.session.post(f"{self.url}/bot{self.token}/{method}", json=asked) as answer:
            assert answer.status == 200, await answer.text()


# Events of our own making ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook event that can be sent anywhere, any number of times."""

    channel: str
    event_id: str
    user: str
    body: bytes
    headers: Mapping[str, str]

    async def post(self, session: aiohttp.ClientSession, url: str) -> int:
        """Send it; the status, 0 for no answer in time."""
        try:
            async with session.post(
                url, data=self.body, headers=self.headers, timeout=DEADLINE
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0


def line_event(
    number: int, user: str, at: float, text: str = "", *, token: str = "", reply_token: str = ""
) -> Event:
    """A LINE event: a text, or a press of the button `token`. `at`: Unix seconds.

    LINE knows nothing of it, so a `reply_token` is refused as if it had died.
    """
    event_id = "01" + hashlib.blake2b(f"{number}".encode(), digest_size=12).hexdigest().upper()
    event: Json = {
        "type": "postback" if token else "message",
        "mode": "active",
        "timestamp": int(at * 1000),
        "source": {"type": "user", "userId": user},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
    }
    if reply_token:
        event["replyToken"] = reply_token
    if token:
        event["postback"] = {"data": token}
    else:
        event["message"] = {"type": "text", "id": str(number), "quoteToken": "q", "text": text}
    body = json.dumps({"destination": "U" + "b" * 32, "events": [event]}).encode()
    headers = {"Content-Type": "application/json", "x-line-signature": sign(body, LINE_SECRET)}
    return Event("line", event_id, user, body, headers)


def telegram_event(number: int, user: int, at: float, text: str) -> Event:
    """A Telegram update with a text. `at`: Unix seconds."""
    person = {"id": user, "is_bot": False, "first_name": "P", "language_code": "en"}
    update = {
        "update_id": 900_000_000 + number,
        "message": {
            "message_id": number + 1,
            "from": person,
            "chat": {"id": user, "type": "private", "first_name": "P"},
            "date": int(at),
            "text": text,
        },
    }
    headers = {
        "Content-Type": "application/json",
        "X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET,
    }
    body = json.dumps(update).encode()
    return Event("telegram", str(update["update_id"]), str(user), body, headers)


def shuffled(seed: int, items: list[Any], *name: object) -> list[Any]:
    """The items in an order that depends on the seed only."""
    numbered = sorted(enumerate(items), key=lambda item: chance(seed, *name, item[0]))
    return [item for _, item in numbered]
