"""The web chat's HTTP interface: the page, its events in, its lines out.

A browser names its conversation by a secret of 256 bits that it made itself and sends as
`Authorization: Bearer`. There are no cookies, so no other site can act for it. The chat address is
the secret's SHA-256; the secret itself is neither stored nor logged.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from bot.channels.channel import Malformed, Received
from bot.channels.rate_limit import Bucket, LocalLimiter
from bot.channels.webchat import parse
from bot.channels.webchat.hub import TooManyStreams, Wakes
from bot.channels.webchat.page import COMMON, Page
from bot.channels.webchat.render import render_line
from bot.channels.webchat.types import Line, PageSettings
from clinic import clock
from clinic.errors import DatabaseDown

log = logging.getLogger(__name__)

BODY_LIMIT = 16 * 1024  # bytes: 4000 characters of any script
BODY_TIME = 10.0  # s
WINDOW = 50  # lines
REREAD = 10.0  # s; finds what no wake-up told of, and is the heartbeat
WRITE_TIME = 10.0  # s until a browser that takes nothing counts as gone
MICROSECONDS = 1_000_000

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # 256 bits as base64url

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Backend(Protocol):
    """What the web chat needs of the rest of Kayoi."""

    page: PageSettings

    async def accept(self, received: Received, address: str) -> None:
        """Store the event durably, once per event id. Raises DatabaseDown."""
        ...

    async def history(self, address: str, until: datetime | None, limit: int) -> list[Line]:
        """The newest `limit` lines of both sides, oldest first; () of an unknown address.

        `until`: only lines at or before that instant, so that lines of one instant are never cut
        apart. Raises DatabaseDown.
        """
        ...

    def subscribe(self, address: str) -> AbstractContextManager[Wakes]:
        """The wake-ups of a conversation (`hub.Hub`). Raises TooManyStreams."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second, and how many may come at once, in this process."""

    per_conversation: float = 2.0
    conversation_burst: float = 30.0
    # A whole waiting room or village may share one address.
    per_source: float = 20.0
    source_burst: float = 200.0
    source_streams: int = 200  # open at once; or one source could take those of all others


def routes(backend: Backend, limits: Limits | None = None) -> list[web.RouteDef]:
    """The routes under /chat. Raises KayoiError on settings that make no page.

    `request.remote` must be the browser's address: behind a proxy the application sets it.
    """
    page = Page(backend.page)
    api = Api(backend, limits or Limits())
    return [
        web.get("/chat", page.show),
        web.get("/chat/embed.js", page.embed),
        web.get("/chat/static/{name}", page.file),
        web.post("/chat/api/events", api.guarded(api.event)),
        web.get("/chat/api/history", api.guarded(api.history)),
        web.get("/chat/api/stream", api.guarded(api.stream)),
    ]


class Api:
    """The handlers behind the page."""

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self._backend = backend
        self._limits = limits
        self._limiter = LocalLimiter()
        self._streams = Counter[str | None]()  # open, by source

    def guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Let through only requests of our own page, with a secret, within the limits."""

        async def guard(request: web.Request) -> web.StreamResponse:
            if not _own_page(request, self._backend.page.public_origin):
                return _answer(403, {"error": "foreign_origin"})
            wait = self._take(self._source(request))
            if wait:
                return _too_many(wait)
            scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not _SECRET.fullmatch(secret):
                return _answer(401, {"error": "no_secret"}, {"WWW-Authenticate": "Bearer"})
            address = hashlib.sha256(secret.encode()).hexdigest()
            wait = self._take(self._conversation(address))
            if wait:
                return _too_many(wait)
            try:
                return await handler(request, address)
            except DatabaseDown:
                return _answer(503, {"error": "not_now"}, {"Retry-After": "2"})

        return guard

    async def event(self, request: web.Request, address: str) -> web.Response:
        """Take one event. 202 means that it is stored, also if it was stored before."""
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            return _refused(415, "not_json")
        try:
            body = await _body(request)
        except TimeoutError:
            return _refused(408, "too_slow")
        if body is None:
            return _refused(413, "too_large")
        now = clock.now()
        try:
            event = parse.load(body)
            payload = parse.stamp(event, now)
            parse.parse(payload)
        except Malformed as error:
            return _answer(400, {"error": "malformed", "reason": str(error)})
        known_by = parse.event_id(event)
        # Anybody may choose any UUID: it must not shut out the same one of another conversation.
        unique = f"{known_by}@{address[:32]}"
        await self._backend.accept(Received(unique, address, now, payload), address)
        return _answer(202, {"id": known_by})

    async def history(self, request: web.Request, address: str) -> web.Response:
        """The newest lines, or with `?until=` those at or before an instant."""
        try:
            asked = request.query.get("until")
            until = datetime.fromisoformat(asked) if asked else None
            if until is not None and until.tzinfo is None:
                return _answer(400, {"error": "malformed", "reason": "an instant without its zone"})
            until = until and until.astimezone(UTC)
        except (ValueError, OverflowError):
            return _answer(400, {"error": "malformed", "reason": "no such instant"})
        lines = await self._backend.history(address, until, WINDOW)
        shown = [render_line(line) for line in lines]
        return _answer(200, {"lines": shown, "more": len(lines) == WINDOW})

    async def stream(self, request: web.Request, address: str) -> web.StreamResponse:
        """New lines as they come (server-sent events), until the browser or the server goes."""
        try:
            with self._counted(request.remote), self._backend.subscribe(address) as wakes:
                response = web.StreamResponse(headers=COMMON | _STREAM_HEADERS)
                await response.prepare(request)
                try:
                    await self._pour(response, address, wakes)
                except (ConnectionResetError, TimeoutError):
                    log.debug("a stream's browser is gone")
                    response.force_close()
                return response
        except TooManyStreams as error:
            # The page asks for the history from time to time instead.
            return _answer(429 if error.here else 503, {"error": "too_many_streams"})

    @contextmanager
    def _counted(self, source: str | None) -> Iterator[None]:
        """Count a stream of a source while the context is open. Raises TooManyStreams."""
        if self._streams[source] >= self._limits.source_streams:
            raise TooManyStreams(here=True)
        self._streams[source] += 1
        try:
            yield
        finally:
            self._streams[source] -= 1
            if not self._streams[source]:
                del self._streams[source]

    async def _pour(self, response: web.StreamResponse, address: str, wakes: Wakes) -> None:
        """Write each line once.

        Lines are not committed in the order of their ids or instants, so each time the whole
        window is read again and compared with what went out.
        """
        sent: frozenset[str] = frozenset()
        while not wakes.over:
            try:
                lines = await self._backend.history(address, None, WINDOW)
            except DatabaseDown:
                lines = []
            fresh = [line for line in lines if line.id not in sent]
            news = b"".join(b"data: " + orjson.dumps(render_line(line)) + b"\n\n" for line in fresh)
            async with asyncio.timeout(WRITE_TIME):
                await response.write(news or b": nothing new\n\n")
            if lines:
                sent = frozenset(line.id for line in lines)
            await wakes.wait(REREAD)

    def _source(self, request: web.Request) -> Bucket:
        return Bucket(f"from {request.remote}", self._limits.per_source, self._limits.source_burst)

    def _conversation(self, address: str) -> Bucket:
        return Bucket(address, self._limits.per_conversation, self._limits.conversation_burst)

    def _take(self, bucket: Bucket) -> float:
        """Seconds to wait; 0 means that the request may pass."""
        now = time.monotonic() * MICROSECONDS
        return self._limiter.take("webchat", (bucket,), now) / MICROSECONDS


_STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep lines back
}


def _own_page(request: web.Request, public_origin: str | None) -> bool:
    """Whether the request comes from our page, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    if public_origin is not None:
        return origin == public_origin
    return urlsplit(origin).netloc == request.host


async def _body(request: web.Request) -> bytes | None:
    """The body, None if it is too large. Raises TimeoutError."""
    if (request.content_length or 0) > BODY_LIMIT:
        return None
    body = bytearray()
    async with asyncio.timeout(BODY_TIME):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > BODY_LIMIT:
                return None
    return bytes(body)


def _answer(
    status: int, content: dict[str, Any], headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps(content),
        content_type="application/json",
        headers=COMMON | {"Cache-Control": "no-store"} | (headers or {}),
    )


def _refused(status: int, error: str) -> web.Response:
    """The body was not read: the connection goes with it."""
    response = _answer(status, {"error": error})
    response.force_close()
    return response


def _too_many(wait: float) -> web.Response:
    return _answer(429, {"error": "too_many"}, {"Retry-After": str(int(wait) + 1)})
