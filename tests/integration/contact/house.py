"""A clinic with an SMS gateway, a mail server and its public pages, and patients without a chat."""

import asyncio
import hashlib
import re
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.channels.webchat.render import render
from bot.environment import Environment
from bot.local.simulators.sms import SmsSimulator
from bot.outbox import Sender
from clinic.contact.service import ensure_account
from clinic.contact.types import LetterChannel
from clinic.errors import DatabaseDown
from clinic.ids import new_key
from clinic.message.service import transcript
from tests.channels.email.server import MailServer

PUBLIC = "https://chat.example/kayoi"
MARIA, TARO = "+819012345678", "+819011112222"
_PATH = re.compile(rf"{PUBLIC}(/[lu]/[A-Za-z0-9_-]+)")
Client = TestClient[web.Request, web.Application]


@dataclass
class House:
    env: Environment
    sender: Sender
    sms: SmsSimulator
    mail: MailServer
    client: Client

    async def value(self, query: str, *arguments: Any) -> Any:
        async with self.env.database.transaction() as tx:
            return await tx.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        async with self.env.database.transaction() as tx:
            return [tuple(row.values()) for row in await tx.fetch(query, *arguments)]

    async def execute(self, query: str, *arguments: Any) -> None:
        async with self.env.database.transaction() as tx:
            await tx.execute(query, *arguments)

    async def patient(
        self, name: str = "Maria Ito", phone: str | None = None, email: str | None = None
    ) -> int:
        """Somebody whom the clinic knows."""
        key, keys = new_key(), self.env.keys
        sealed = [
            value and made
            for column, value in (("phone", phone), ("email", email))
            for made in (
                value and keys.seal(value.encode(), f"patient.{column}", key),
                value and keys.index(column, value),
            )
        ]
        made = await self.value(
            """insert into patient (key, name, language, phone, phone_index, email, email_index)
               values ($1, $2, 'en', $3, $4, $5, $6) returning id""",
            key,
            name,
            *sealed,
        )
        return cast(int, made)

    async def allow(self, patient: int, channel: LetterChannel) -> int:
        """Staff write down that the patient may be written to there; the chat account."""
        async with self.env.database.transaction() as tx:
            made = await ensure_account(tx, self.env.keys, self.env.settings, patient, channel)
        assert made is not None
        return made

    async def visit(self, patient: int, hours: int = 20) -> int:
        """A visit in so many hours whose reminder is due."""
        service, site, practitioner = (
            await self.rows(
                """select v.id, s.id, r.id from service v, site s, resource r
                   where r.kind = 'practitioner' order by v.id, s.id, r.id limit 1"""
            )
        )[0]
        made = await self.value(
            """insert into appointment (key, status, version, patient_id, service_id, site_id,
                 practitioner_id, starts_at, ends_at, during)
               select $1, 'booked', 1, $2, $3, $4, $5, s, s + interval '30 min',
                      tstzrange(s, s + interval '30 min')
               from (select now() + make_interval(hours => $6) as s) at returning id""",
            new_key(),
            patient,
            service,
            site,
            practitioner,
            hours,
        )
        await self.execute(
            """insert into timer (key, kind, due_at, appointment_id, version)
               values ($1, 'reminder', now(), $2, 1)""",
            f"reminder:{made}:1:1440",
            made,
        )
        return cast(int, made)

    async def opens(self, link: str) -> "Browser":
        """Press the one button behind a link, and be in the web chat."""
        answer = await self.client.post(link, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        path, _, secret = answer.headers["Location"].partition("#s=")
        assert path == "../chat"
        return Browser(self, secret)


@dataclass
class Browser:
    """A web chat page that a link opened."""

    house: House
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    async def messages(self) -> list[dict[str, Any]]:
        """What the clinic said there, as the page is told it; read from the ledger, since the page
        itself may not ask as often as a test does."""
        address = hashlib.sha256(self.secret.encode()).hexdigest()
        keys = self.house.env.keys
        async with self.house.env.database.transaction() as tx:
            account = await tx.fetchval(
                "select id from chat_account where address_index = $1",
                keys.index("address", f"webchat:{address}"),
            )
            lines = await transcript(tx, keys, account)
        return [render(line.message) for line in lines if line.message and line.state == "sent"]

    async def newest(self, count: int) -> dict[str, Any]:
        """The newest message, when there are at least so many."""

        async def there() -> bool:
            return len(await self.messages()) >= count

        await until(there)
        return (await self.messages())[-1]

    async def does(self, **event: str) -> dict[str, Any]:
        """Do something, and see what the clinic answers."""
        before = len(await self.messages())
        body = {"id": str(uuid.uuid4()), "language": "en", **event}
        answer = await self.house.client.post("/chat/api/events", json=body, headers=self.headers)
        assert answer.status == 202
        return await self.newest(before + 1)

    async def presses(self, message: dict[str, Any], label: str) -> dict[str, Any]:
        (button,) = [one for one in message["buttons"] if one["label"].startswith(label)]
        return await self.does(kind="press", token=button["token"], label=button["label"])


def link_in(words: str) -> str:
    """The path of the one link in an SMS or a mail."""
    (path,) = [path for path in _PATH.findall(words) if path.startswith("/l/")]
    return str(path)


async def until(happens: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Look until it has happened. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            with suppress(DatabaseDown):  # a machine at its limit
                if await happens():
                    return
            await asyncio.sleep(0.02)
