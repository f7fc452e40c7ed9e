"""Tells open pages that something changed: server-sent events of topics and ids, never of words.

PostgreSQL tells every panel process at the commit (the triggers of migration 0013), over one
connection of its own. A page that hears of a topic fetches the parts that show it, by the same
addresses that it polls while there is no stream. What a stream may tell is what its session may
see; the stream ends with the session and does not prolong it.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

from admin.keys import DATABASE, LIVE, SESSION
from admin.security import session_again
from clinic.db import Database
from clinic.errors import DatabaseDown
from clinic.staff.access.conversations import access_visible_accounts
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Session

log = logging.getLogger(__name__)
CHANNEL = "kayoi_live"
DESK_ONLY = frozenset({"imports"})
TOPICS = frozenset({"conversations", "tasks", "escalations", "visits", "imports", "notices"})
TOGETHER = 0.05  # s for which changes are gathered: one turn of a chat makes several
HEARTBEAT = 10.0  # s between looks at whether the session still holds
PATIENCE = 1.0  # s for the listening to begin
STREAMS = 500  # in one process
STREAMS_EACH = 12  # of one session: a browser that wants more polls
PENDING = 200  # ids that wait for one stream; more are one "something changed"


class Stream:
    """What one page has yet to hear."""

    def __init__(self, session: Session, topics: frozenset[str]) -> None:
        self.session, self.topics = session, topics
        self.over = False
        self._said: set[str] = set()
        self._rung = asyncio.Event()

    def tell(self, topic: str, one: str = "") -> None:
        """Note that something of a topic changed: all of it, or the one of that id."""
        if topic in self.topics:
            self._said.add(f"{topic}:{one}" if len(self._said) < PENDING else f"{topic}:")
            self._rung.set()

    def check(self) -> None:
        """Look at once whether the session still holds."""
        self._rung.set()

    def end(self) -> None:
        """Nothing more is told."""
        self.over = True
        self._rung.set()

    async def take(self) -> set[str]:
        """What was said since the last time, as topic:id; nothing after a while of silence."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT):
                await self._rung.wait()
            if not self.over:
                await asyncio.sleep(TOGETHER)
        self._rung.clear()
        said, self._said = self._said, set()
        return said


class Live:
    """All streams of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.hears = asyncio.Event()  # set while PostgreSQL tells us
        self._listening: asyncio.Task[None] | None = None
        self._streams: set[Stream] = set()

    async def begin(self) -> bool:
        """Listen, from the first stream on until the application stops; whether we do."""
        if self._listening is None:
            listen = self._database.listen(CHANNEL, self._hear, self._again)
            self._listening = asyncio.create_task(listen)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.hears.wait()
        return self.hears.is_set()

    async def stop(self, _app: web.Application) -> None:
        """Listen no more."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def shut(self, _app: web.Application) -> None:
        """End all streams, so that the process can stop."""
        for stream in self._streams:
            stream.end()

    @contextmanager
    def open(self, session: Session, topics: frozenset[str]) -> Iterator[Stream | None]:
        """A stream of a session; None if there are too many."""
        own = sum(one.session.id == session.id for one in self._streams)
        if len(self._streams) >= STREAMS or own >= STREAMS_EACH:
            yield None
            return
        stream = Stream(session, topics)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def _hear(self, said: str) -> None:
        topic, _, one = said.partition(":")
        for stream in self._streams:
            if topic == "sessions":
                # Which of the person's sessions ended, each stream asks for itself.
                if str(stream.session.staff.id) == one:
                    stream.check()
            elif topic != "notices" or str(stream.session.staff.id) == one:
                stream.tell(topic, one if topic == "conversations" else "")

    def _again(self, listening: bool) -> None:
        """A page without a stream polls: so those that nobody tells anything end theirs."""
        if listening:
            self.hears.set()
        else:
            self.hears.clear()
        for stream in self._streams:
            if listening:
                for topic in stream.topics:
                    stream.tell(topic)
            else:
                stream.end()


def topics_of(role: Role, wanted: str) -> frozenset[str]:
    """The topics that a page asks for, as far as the role may hear of them."""
    known = TOPICS if role is not Role.DOCTOR else TOPICS - DESK_ONLY
    return frozenset(wanted.split(",")) & known


async def events(request: web.Request) -> web.StreamResponse:
    """The stream of one page: `event: topic`, `data: id` or nothing for all of it."""
    session = request[SESSION]
    topics = topics_of(session.staff.role, request.query.get("topics", ""))
    headers = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return web.Response(headers=headers)
    if not await request.app[LIVE].begin():
        raise web.HTTPServiceUnavailable
    with request.app[LIVE].open(session, topics) as stream:
        if stream is None:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        # A reader of the first bytes knows that what changes from now on is told.
        await response.write(b"retry: 2000\nevent: ready\ndata:\n\n")
        with suppress(ConnectionResetError):
            await _tell(request, response, stream)
    return response


async def _tell(request: web.Request, response: web.StreamResponse, stream: Stream) -> None:
    while True:
        said = await stream.take()
        if stream.over or not await _holds(request, stream):
            await response.write(b"event: over\ndata:\n\n")
            return
        if said and not sees_all_patients(stream.session.staff.role):
            said = await _seen(request, stream, said)
        lines = [
            f"event: {topic}\ndata: {one}\n\n"
            for topic, _, one in (it.partition(":") for it in sorted(said))
        ]
        await response.write("".join(lines).encode() or b": still here\n\n")


async def _holds(request: web.Request, stream: Stream) -> bool:
    """Whether the session is still what it was: asked before anything is told."""
    try:
        session = await session_again(request)
    except DatabaseDown:
        return False
    return session is not None and session.staff.role == stream.session.staff.role


async def _seen(request: web.Request, stream: Stream, said: set[str]) -> set[str]:
    """Without the conversations that this person may not see."""
    accounts = {
        int(one)
        for topic, _, one in (it.partition(":") for it in said)
        if topic == "conversations" and one
    }
    async with request.app[DATABASE].transaction() as tx:
        seen = await access_visible_accounts(tx, stream.session.staff, sorted(accounts))
    return said - {f"conversations:{one}" for one in accounts - seen}
