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
from uuid import UUID

import orjson
from aiohttp import web

from bot.channels.channel import Malformed, Received
from bot.channels.rate_limit import Bucket, LocalLimiter
from bot.channels.webchat import parse, upload
from bot.channels.webchat.hub import TooManyStreams, Wakes
from bot.channels.webchat.page import COMMON, Page
from bot.channels.webchat.render import render_line
from bot.channels.webchat.types import Line, PageSettings
from clinic import clock
from clinic.errors import DatabaseDown

log = logging.getLogger(__name__)

BODY_LIMIT = 16 * 1024  # bytes: 4000 characters of any script
BODY_TIME = 10.0  # s
MEDIA_TIME = 120.0  # s for a file, over a telephone's line
UPLOADS = 8  # files under way at once in this process: what they may take of its memory
SOURCE_UPLOADS = 4
TYPING = b"event: typing\ndata: yes\n\n"
UNIT = 64 * 1024  # bytes by which files are counted
WINDOW = 50  # lines
REREAD = 10.0  # s; finds what no wake-up told of, and is the heartbeat
WRITE_TIME = 10.0  # s until a browser that takes nothing counts as gone
MICROSECONDS = 1_000_000

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # 256 bits as base64url

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Backend(Protocol):
    """What the web chat needs of the rest of Kayoi."""

    @property
    def page(self) -> PageSettings:
        """What the page shows of the clinic, as it is now."""
        ...

    async def accept(self, received: Received, address: str) -> None:
        """Store the event durably, once per event id. Raises DatabaseDown."""
        ...

    async def keep(self, event_id: str, address: str, content_type: str, content: bytes) -> UUID:
        """Store the file that an event will tell of, once per event id; its key.

        Raises DatabaseDown.
        """
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
    # Of files, in bytes: some dozens at once, and then about one in ten minutes.
    media_per_conversation: float = 16 * 1024
    media_conversation_burst: float = 64 * 1024 * 1024
    media_per_source: float = 64 * 1024
    media_source_burst: float = 512 * 1024 * 1024


def routes(backend: Backend, limits: Limits | None = None) -> list[web.RouteDef]:
    """The routes under /chat. Raises KayoiError on settings that make no page.

    `request.remote` must be the browser's address: behind a proxy the application sets it.
    """
    page = Page(lambda: backend.page)
    api = Api(backend, limits or Limits())
    return [
        web.get("/chat", page.show),
        web.get("/chat/embed.js", page.embed),
        web.get("/chat/static/{name}", page.file),
        web.post("/chat/api/events", api.guarded(api.event)),
        web.post("/chat/api/media", api.guarded(api.media)),
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
        self._uploads = Counter[str | None]()  # under way, by source

    def guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Let through only requests of our own page, with a secret, within the limits."""

        async def guard(request: web.Request) -> web.StreamResponse:
            if not _own_page(request, self._backend.page.public_origin):
                return _answer(403, {"error": "foreign_origin"})
            wait = self._take("webchat", self._source(request))
            if wait:
                return _too_many(wait)
            scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not _SECRET.fullmatch(secret):
                return _answer(401, {"error": "no_secret"}, {"WWW-Authenticate": "Bearer"})
            address = hashlib.sha256(secret.encode()).hexdigest()
            wait = self._take("webchat", self._conversation(address))
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
            body = await _body(request, BODY_LIMIT, BODY_TIME)
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
        await self._backend.accept(
            Received(_unique(known_by, address), address, now, payload), address
        )
        return _answer(202, {"id": known_by})

    async def media(self, request: web.Request, address: str) -> web.Response:
        """Take one picture or file, as the body; the headers name its event and the language.

        202 means that it and its event are stored, also if they were before. What it is, its own
        bytes tell: neither a name nor a type is read.
        """
        if (
            request.content_type != "application/octet-stream"
            or "Content-Encoding" in request.headers
        ):
            return _refused(415, "not_binary")
        asked: parse.Event = {
            "id": request.headers.get("X-Kayoi-Event", ""),
            "language": request.headers.get("X-Kayoi-Language", ""),
        }
        try:
            known_by = parse.event_id(asked)
        except Malformed as error:
            return _answer(400, {"error": "malformed", "reason": str(error)})
        if (request.content_length or 0) > upload.MOST:
            return _refused(413, "too_large")
        with self._uploading(request.remote) as free:
            if not free:
                return _too_many(2)
            try:
                content = await _body(request, upload.MOST, MEDIA_TIME)
            except TimeoutError:
                return _refused(408, "too_slow")
            if content is None:
                return _refused(413, "too_large")
            return await self._keep(request, address, {**asked, "id": known_by}, content)

    async def _keep(
        self, request: web.Request, address: str, event: parse.Event, content: bytes
    ) -> web.Response:
        taken = upload.look(content)
        if taken is None:
            return _answer(415, {"error": "wrong_kind" if content else "empty"})
        wait = self._take("media", *self._volume(request, address, len(content)))
        if wait:
            return _too_many(wait)
        known_by = parse.event_id(event)
        unique = _unique(known_by, address)
        key = await self._backend.keep(unique, address, taken.content_type, content)
        told: parse.Event = {
            **event,
            "kind": "media",
            "media": taken.kind,
            "type": taken.content_type,
            "size": len(content),
        }
        now = clock.now()
        payload = parse.stamp(told, now, media=key)
        await self._backend.accept(Received(unique, address, now, payload), address)
        return _answer(202, {"id": known_by})

    @contextmanager
    def _uploading(self, source: str | None) -> Iterator[bool]:
        """Count a file of a source while the context is open; False if there are too many."""
        if self._uploads.total() >= UPLOADS or self._uploads[source] >= SOURCE_UPLOADS:
            yield False
            return
        self._uploads[source] += 1
        try:
            yield True
        finally:
            self._uploads[source] -= 1
            if not self._uploads[source]:
                del self._uploads[source]

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
            typed, wakes.typed = wakes.typed, False
            news = (TYPING if typed else b"") + b"".join(
                b"data: " + orjson.dumps(render_line(line)) + b"\n\n" for line in fresh
            )
            async with asyncio.timeout(WRITE_TIME):
                await response.write(news or b": nothing new\n\n")
            if lines:
                sent = frozenset(line.id for line in lines)
            await wakes.wait(REREAD)

    def _source(self, request: web.Request) -> Bucket:
        return Bucket(f"from {request.remote}", self._limits.per_source, self._limits.source_burst)

    def _conversation(self, address: str) -> Bucket:
        return Bucket(address, self._limits.per_conversation, self._limits.conversation_burst)

    def _volume(self, request: web.Request, address: str, size: int) -> tuple[Bucket, ...]:
        """What a file of so many bytes takes."""
        limits, units = self._limits, -(-size // UNIT)
        conversation = Bucket(
            f"media of {address}",
            limits.media_per_conversation / UNIT,
            limits.media_conversation_burst / UNIT,
        )
        source = Bucket(
            f"media from {request.remote}",
            limits.media_per_source / UNIT,
            limits.media_source_burst / UNIT,
        )
        return conversation.of(units), source.of(units)

    def _take(self, what: str, *buckets: Bucket) -> float:
        """Seconds to wait; 0 means that the request may pass."""
        now = time.monotonic() * MICROSECONDS
        return self._limiter.take(what, buckets, now) / MICROSECONDS


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


async def _body(request: web.Request, most: int, seconds: float) -> bytes | None:
    """The body, None if it is longer than `most` bytes. Raises TimeoutError."""
    if (request.content_length or 0) > most:
        return None
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > most:
                return None
    return bytes(body)


def _unique(event_id: str, address: str) -> str:
    """Anybody may choose any UUID: it must not shut out the same one of another conversation."""
    return f"{event_id}@{address[:32]}"


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
