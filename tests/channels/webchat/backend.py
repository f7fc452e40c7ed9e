"""The rest of Kayoi as the web chat sees it, in memory, behind a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from aiohttp import web

from bot.channels.channel import Received
from bot.channels.webchat import api
from bot.channels.webchat.hub import Hub, Wakes
from bot.channels.webchat.types import Line, PageSettings
from clinic.errors import DatabaseDown
from clinic.ids import new_key
from clinic.message.types import Message

SETTINGS = PageSettings(
    clinic_name="みどり内科クリニック",
    languages=("ja", "en", "zh-Hant", "zh-Hans", "ru"),
    phone="+81312345678",
    emergency_number="119",
)
MANY = api.Limits(1000.0, 1000.0, 1000.0, 1000.0)


class MemoryBackend:
    """Keeps each conversation as a list of lines. `down`: there is no database."""

    def __init__(self, page: PageSettings = SETTINGS) -> None:
        self.page = page
        self.hub = Hub()
        self.down = False
        self.tries: list[Received] = []  # every event that came in, repeated ones too
        self.events: dict[str, Received] = {}
        self.files: dict[tuple[str, str], tuple[UUID, str, bytes]] = {}
        self.lines: dict[str, list[Line]] = {}
        self.answer: Callable[[Received, str], None] | None = None
        self.came = asyncio.Event()
        # Some way in the past, so that a conversation of a test lies within one day.
        self.time = datetime.now(UTC).replace(microsecond=0)

    async def accept(self, received: Received, address: str) -> None:
        if self.down:
            raise DatabaseDown("test")
        self.tries.append(received)
        if received.event_id not in self.events:
            self.events[received.event_id] = received
            self._add(address, "patient", event=received.payload)
            if self.answer:
                self.answer(received, address)
        self.came.set()

    async def keep(self, event_id: str, address: str, content_type: str, content: bytes) -> UUID:
        if self.down:
            raise DatabaseDown("test")
        return self.files.setdefault((address, event_id), (new_key(), content_type, content))[0]

    async def history(self, address: str, until: datetime | None, limit: int) -> list[Line]:
        if self.down:
            raise DatabaseDown("test")
        lines = sorted(self.lines.get(address, []), key=lambda line: line.at)
        return [line for line in lines if until is None or line.at <= until][-limit:]

    def subscribe(self, address: str) -> AbstractContextManager[Wakes]:
        return self.hub.subscribe(address)

    def say(
        self,
        address: str,
        message: Message,
        side: Literal["clinic", "staff"] = "clinic",
        standing: bool = False,
        name: str = "",
        doctor: bool = False,
    ) -> None:
        """The clinic says something, and the streams are woken."""
        self._add(address, side, None, message, standing, name, doctor)

    @property
    def address(self) -> str:
        """The one conversation there is."""
        (address,) = self.lines
        return address

    async def event(self, number: int) -> Received:
        """The event of this number (from 1), as soon as it is there."""
        while len(self.events) < number:
            self.came.clear()
            await asyncio.wait_for(self.came.wait(), 10)
        return list(self.events.values())[number - 1]

    def _add(
        self,
        address: str,
        side: Literal["patient", "clinic", "staff"],
        event: bytes | None = None,
        message: Message | None = None,
        standing: bool = False,
        name: str = "",
        doctor: bool = False,
    ) -> None:
        self.time += timedelta(milliseconds=1)
        lines = self.lines.setdefault(address, [])
        number = f"{side}{len(lines)}"
        lines.append(Line(number, side, self.time, event, message, standing, name, doctor))
        self.hub.wake(address)


@asynccontextmanager
async def serving(backend: MemoryBackend, limits: api.Limits = MANY) -> AsyncIterator[str]:
    """The address of a server of this backend, such as http://127.0.0.1:41234."""
    app = web.Application()
    app.add_routes(api.routes(backend, limits))

    async def close(app: web.Application) -> None:
        backend.hub.close()

    app.on_shutdown.append(close)
    runner = web.AppRunner(app, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
