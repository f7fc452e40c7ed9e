"""What the web chat's pages read and write: the ledgers, and wake-ups from PostgreSQL."""

import asyncio
import logging
from contextlib import AbstractContextManager
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from bot.channels.channel import Received
from bot.channels.webchat.hub import Hub, Wakes
from bot.channels.webchat.types import Line, PageSettings
from bot.environment import Environment
from bot.inbox import Inbox
from bot.start import TYPED, WAKE
from bot.turns import Turns
from clinic.conversation.service import account_of
from clinic.db import connect_arguments
from clinic.media.service import keep
from clinic.message.service import open_message

log = logging.getLogger(__name__)
LISTEN_CHECK = 5.0  # s between looks at whether the listening connection lives
# Purposes of messages whose buttons stay good after other answers.
STANDING = frozenset({"queue", "reminder", "alert", "on_call", "check_in", "question"})


class WebChatBackend:
    """Implements `bot.channels.webchat.api.Backend`."""

    def __init__(self, env: Environment, inbox: Inbox, turns: Turns) -> None:
        """Events go to `inbox` and are carried on by `turns`."""
        self._env = env
        self._inbox = inbox
        self._turns = turns
        self.hub = Hub()

    @property
    def page(self) -> PageSettings:
        """What the page shows of the clinic, as staff have it now."""
        settings = self._env.settings
        clinic, server = settings.clinic, settings.server
        origin = urlsplit(server.public_url) if server.public_url else None
        return PageSettings(
            clinic_name=clinic.name,
            languages=clinic.languages,
            allowed_origins=settings.channels.webchat.allowed_origins,
            phone=clinic.phone,
            emergency_number=clinic.emergency_number,
            public_origin=f"{origin.scheme}://{origin.netloc}" if origin else None,
        )

    async def accept(self, received: Received, address: str) -> None:
        """Store the event and carry its conversation on. Raises DatabaseDown."""
        assert received.address == address
        stored = await self._inbox.accept("webchat", received)
        if stored.account_id is not None:
            self._turns.wake(stored.account_id)

    async def keep(self, event_id: str, address: str, content_type: str, content: bytes) -> UUID:
        """Store the file that an event will tell of; its key. Raises DatabaseDown."""
        keys = self._env.keys
        async with self._env.database.transaction() as tx:
            account = await account_of(tx, keys, "webchat", address)
            return await keep(tx, keys, account.account_id, event_id, content_type, content)

    async def history(self, address: str, until: datetime | None, limit: int) -> list[Line]:
        """The newest lines of both sides, oldest first. Raises DatabaseDown."""
        keys = self._env.keys
        async with self._env.database.transaction() as tx:
            rows = await tx.fetch(
                """with account as (
                     select id from chat_account where channel = 'webchat' and address_index = $1)
                   select * from (
                     (select 'i' || i.id as id, i.received_at as at, i.event_id as name,
                             i.payload as content, null as purpose, null as staff, null as role
                      from inbound i join account on account.id = i.account_id
                      where $2::timestamptz is null or i.received_at <= $2
                      order by i.id desc limit $3)
                     union all
                     (select 'o' || o.id, greatest(o.created_at, o.send_at), o.key::text,
                             o.content, o.purpose, s.name, s.role
                      from outbox o join account on account.id = o.account_id
                      left join staff s on s.id = o.staff_id
                      where o.state in ('inflight', 'sent')
                        and ($2::timestamptz is null or greatest(o.created_at, o.send_at) <= $2)
                      order by o.id desc limit $3)
                   ) lines order by at desc, id desc limit $3""",
                keys.index("address", f"webchat:{address}"),
                until,
                limit,
            )
        return [self._line(row) for row in reversed(rows)]

    def _line(self, row: asyncpg.Record) -> Line:
        content: bytes | None = row["content"]
        if row["id"].startswith("i"):
            event = content and self._env.keys.open(content, "inbound.payload", row["name"])
            return Line(row["id"], "patient", row["at"], event=event)
        assert content is not None
        return Line(
            row["id"],
            "staff" if row["staff"] else "clinic",
            row["at"],
            message=open_message(self._env.keys, row["name"], content),
            standing=row["purpose"] in STANDING,
            name=row["staff"] or "",
            doctor=row["role"] == "doctor",
        )

    def subscribe(self, address: str) -> AbstractContextManager[Wakes]:
        """The wake-ups of a conversation. Raises TooManyStreams."""
        return self.hub.subscribe(self._env.keys.index("address", f"webchat:{address}"))

    def _heard(self, said: str) -> None:
        index = said.removesuffix(TYPED)
        (self.hub.wake if index == said else self.hub.typed)(index)

    async def listen(self) -> None:
        """Hear of new messages from every process, until cancelled; reconnects by itself."""
        url = self._env.settings.database_url
        assert url is not None
        while True:
            try:
                connection = await asyncpg.connect(
                    **connect_arguments(url.get_secret_value()), timeout=2
                )
                try:
                    await connection.add_listener(WAKE, lambda *said: self._heard(said[3]))
                    self.hub.wake_all()  # what came while nobody listened
                    while not connection.is_closed():
                        await asyncio.sleep(LISTEN_CHECK)
                        await connection.fetchval("select 1", timeout=2)
                finally:
                    connection.terminate()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("not listening for wake-ups: %s", type(error).__name__)
            await asyncio.sleep(1)
