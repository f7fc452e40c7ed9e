"""What the table of the API's routes is made of, and what a handler is given."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel

from bot.api.models import NoQuery
from bot.api.problem import Problem
from bot.environment import Environment
from clinic.api_key.types import ApiKey, Scope
from clinic.booking.actor import Actor
from clinic.crypto import Sealed
from clinic.db import Tx


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a key, inside its transaction. `query` and `body` are of the route's models."""

    tx: Tx
    env: Environment
    key: ApiKey
    path: Mapping[str, str]
    query: Any
    body: Any

    @property
    def actor(self) -> Actor:
        """The key as one who books."""
        language = self.env.settings.clinic.languages[0]
        return Actor("api_key", self.key.id, language, self.env.settings, self.env.keys)

    def uuid(self, name: str) -> UUID | None:
        """A UUID of the path; None if it is none."""
        try:
            return UUID(self.path[name])
        except ValueError:
            return None

    def cursor(self, route: str, place: Sequence[object]) -> str:
        """A place in a list, sealed: it tells nothing and fits this list and key only."""
        plain = orjson.dumps(place, default=str)
        sealed = self.env.keys.seal(plain, f"cursor.{route}", self.key.id)
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def place(self, route: str, cursor: str | None) -> list[Any] | None:
        """The place that a cursor means. Raises ValueError for one that is not ours."""
        if cursor is None:
            return None
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            found: list[Any] = orjson.loads(
                self.env.keys.open(sealed, f"cursor.{route}", self.key.id)
            )
        except (NotBase64, Sealed) as error:
            raise ValueError("no cursor of ours") from error
        return found


@dataclass(frozen=True, slots=True)
class Done:
    """What a call gives. `subject` is the row it was about and `detail` what else, for the audit;
    `account`: has a message that waits to be sent."""

    content: Any
    subject: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    account: int | None = None


Handler = Callable[[Call], Awaitable[Done | Problem]]
Again = Callable[[Call, int], Awaitable[Done | Problem]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its method, who may call it, what it takes and gives.

    `name` is the OpenAPI operation and stands in the audit trail. `again` answers a POST that was
    carried out before; with it the route demands an Idempotency-Key. `conflicts`: it may be 409.
    """

    method: Literal["GET", "POST", "PATCH"]
    path: str
    name: str
    scope: Scope
    handler: Handler
    gives: type[BaseModel] | None
    summary: str
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] | None = None
    status: int = 200
    again: Again | None = None
    conflicts: bool = False
