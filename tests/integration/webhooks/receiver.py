"""Another system: hears webhooks, verifies them as docs/webhooks.md says, answers as told."""

import asyncio
import base64
import hmac
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from bot.environment import Environment
from clinic.ids import new_key
from clinic.webhook import service
from clinic.webhook.announce import announce
from clinic.webhook.types import Ids, Kind, Wanted
from scheduler.webhooks import EACH, LEASE, Webhooks

EVERYTHING = tuple(Kind)


@dataclass
class Heard:
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    def signed_by(self, shown: str) -> bool:
        """Whether one of the signatures is made with this secret."""
        secret = base64.b64decode(shown.removeprefix("whsec_"))
        head = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}."
        mac = hmac.digest(secret, head.encode() + self.body, "sha256")
        wanted = "v1," + base64.b64encode(mac).decode()
        return wanted in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    heard: list[Heard] = field(default_factory=list)
    hold: asyncio.Event | None = None  # answers only once it is set
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.heard]


def listen(receiver: Receiver) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        receiver.heard.append(Heard(headers, await request.read()))
        receiver.arrived.set()
        if receiver.hold is not None:
            await receiver.hold.wait()
        return web.Response(status=receiver.status, headers=receiver.headers, body=receiver.answer)

    app = web.Application()
    app.router.add_post("/in", take)
    return app


@dataclass
class Teller:
    """The clinic's side: endpoints, events and one worker."""

    env: Environment

    async def add(self, url: str, kinds: tuple[Kind, ...] = EVERYTHING) -> tuple[int, str]:
        async with self.env.database.transaction() as tx:
            return await service.add(tx, self.env.keys, Wanted("Sheet", url, kinds))

    async def say(self, kind: Kind, *subjects: Ids) -> None:
        async with self.env.database.transaction() as tx:
            await announce(tx, kind, *subjects)

    def worker(self) -> Webhooks:
        """One that sees all that it begins through, however slow the machine."""
        return Webhooks(self.env, patience=60.0)

    async def deliver(self) -> int:
        """One worker delivers all that is due now, and stops; how much that was."""
        worker = self.worker()
        found = await worker.deliver()
        await worker.finish()
        return found

    async def rows(self, query: str, *values: object) -> list[Any]:
        async with self.env.database.transaction() as tx:
            rows: list[Any] = await tx.fetch(query, *values)
            return rows

    async def states(self) -> list[tuple[str, int]]:
        rows = await self.rows("select state, attempts from webhook_delivery order by id")
        return [(row["state"], row["attempts"]) for row in rows]

    async def pass_time(self, interval: str) -> None:
        """As if so much time had gone by for what waits."""
        await self.rows(
            f"""update webhook_delivery set send_at = send_at - interval '{interval}'
                where settled_at is null"""
        )

    async def crash_in_the_middle(self) -> None:
        """A worker takes what is due, and is never heard of again."""
        async with self.env.database.transaction() as tx:
            assert await service.claim(tx, self.env.keys, (), new_key(), most=EACH, lasts=LEASE)
