"""A clinic with an API: what programs send, and what they get."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from bot.environment import Environment
from clinic.api_key.service import add_key
from clinic.api_key.types import MadeKey, Scope
from clinic.contact.service import ensure_account
from clinic.ids import new_key
from tests.integration.booking.clinic import Clinic

EVERYTHING = tuple(Scope)


@dataclass
class House:
    env: Environment
    clinic: Clinic
    client: TestClient[web.Request, web.Application]
    _key: MadeKey | None = field(default=None)

    async def value(self, query: str, *arguments: Any) -> Any:
        async with self.env.database.transaction() as tx:
            return await tx.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        async with self.env.database.transaction() as tx:
            return [dict(row) for row in await tx.fetch(query, *arguments)]

    async def key(self, *scopes: str, rate: int = 6_000) -> MadeKey:
        async with self.env.database.transaction() as tx:
            made = await add_key(tx, "a program", scopes or EVERYTHING, rate)
        assert isinstance(made, MadeKey)
        return made

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: MadeKey | None = None,
        once: str | None = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> ClientResponse:
        """A call of the API with a key that may do everything, unless another is given."""
        if key is None:
            self._key = key = self._key or await self.key()
        sent = {"Authorization": f"Bearer {key.secret}", **(headers or {})}
        if method == "POST":
            sent.setdefault("Idempotency-Key", once or str(uuid.uuid4()))
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        address = path if path.startswith("/fhir") else f"/api/v1{path}"
        return await self.client.request(method, address, data=data, headers=sent, params=query)

    async def good(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """What a call gives that goes well."""
        answer = await self.call(method, path, body, **options)
        assert answer.status < 300, (answer.status, await answer.text())
        return await answer.json()

    async def refused(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> tuple[int, str]:
        """Status and code of a call that is refused, in the form of RFC 9457."""
        answer = await self.call(method, path, body, **options)
        assert answer.content_type == "application/problem+json", await answer.text()
        problem = await answer.json()
        assert problem["status"] == answer.status
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status, problem["code"]

    async def patient(self, number: int = 0) -> str:
        """The name of a patient of the clinic."""
        key = await self.value(
            "select key from patient where id = $1", self.clinic.patients[number]
        )
        return str(key)

    async def slot(self, number: int = 0) -> dict[str, str]:
        """A free time some days ahead, as it is booked."""
        on: date = self.clinic.day(3)
        found = await self.good("GET", "/slots", service="visit", on=on.isoformat())
        one = found["items"][number]
        return {name: one[name] for name in ("service", "site", "practitioner", "starts_at")}

    async def booked(self, number: int = 0) -> dict[str, Any]:
        """A visit of the first patient."""
        body = {"patient": await self.patient(), **await self.slot(number)}
        found: dict[str, Any] = await self.good("POST", "/appointments", body)
        return found

    async def reachable(self, phone: str = "+819012345678") -> str:
        """A patient who may be written to by SMS."""
        key, keys = new_key(), self.env.keys
        made = await self.value(
            """insert into patient (key, name, language, phone, phone_index)
               values ($1, '山田 花子', 'ja', $2, $3) returning id""",
            key,
            keys.seal(phone.encode(), "patient.phone", key),
            keys.index("phone", phone),
        )
        async with self.env.database.transaction() as tx:
            assert await ensure_account(tx, keys, self.env.settings, made, "sms")
        return str(key)
