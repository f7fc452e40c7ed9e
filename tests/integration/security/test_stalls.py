"""No single request holds up everybody else's, or fills the memory: packed, cut into ten thousand
chunks, nested a hundred thousand deep, or of ten thousand parts (R27)."""

import asyncio
import gc
import gzip
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from admin.app import create_app as create_panel
from admin.security import PLAIN_COOKIE
from bot.app import create_app
from bot.channels.line.webhook import sign
from bot.environment import Environment
from clinic.staff.types import Role
from tests.channels.webchat.caller import MINE
from tests.integration.admin.house import House

STALL = 0.05  # s of the loop's own work between two looks at what else there is to do
MEMORY = 50 * 2**20  # bytes
ANSWERED_WITHIN = 20.0  # s
CHUNKS = PARTS = 10_000
BOMB = gzip.compress(bytes(100 * 2**20), 9)[: 200 * 1024]  # 100 KB that unpack to 100 MB
DEEP = b"[" * 100_000 + b"]" * 100_000
LINE = b'{"destination": "U0", "events": []}'
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=b"


def in_chunks(body: bytes) -> bytes:
    """A byte in each, and lengths that are written as long as may be."""
    return b"".join(b"%016x\r\n%c\r\n" % (1, one) for one in body) + b"0\r\n\r\n"


def in_parts(count: int, *first: tuple[str, str]) -> bytes:
    """A form of so many parts more than the `first`."""
    fields = [*first, *((f"f{n}", "1") for n in range(count))]
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join(part.format(*one) for one in fields).encode() + b"--b--\r\n"


@dataclass(frozen=True, slots=True)
class Case:
    """A request that is meant to hurt, and how it is answered."""

    path: str
    body: bytes
    status: int
    kind: str = JSON
    packed: bool = False
    chunked: bool = False
    signed: bool = False  # as by LINE itself, which could be talked into sending it

    def request(self, more: str) -> bytes:
        """All its bytes. `more`: headers, each with its line's end."""
        chunked, packed = "Transfer-Encoding: chunked", "Content-Encoding: gzip\r\n"
        signature = f"X-Line-Signature: {sign(self.body, 'line-secret')}\r\n"
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: x\r\nContent-Type: {self.kind}\r\n{more}"
            f"{packed if self.packed else ''}{signature if self.signed else ''}"
            f"{chunked if self.chunked else f'Content-Length: {len(self.body)}'}\r\n\r\n"
        )
        return head.encode() + (in_chunks(self.body) if self.chunked else self.body)


PUBLIC = {
    "bomb-line": Case("/webhooks/line", BOMB, 415, packed=True, signed=True),
    "bomb-chat": Case("/chat/api/events", BOMB, 415, packed=True),
    "chunks-line": Case("/webhooks/line", LINE.ljust(CHUNKS), 200, chunked=True, signed=True),
    "chunks-wrong": Case("/webhooks/line", LINE.ljust(CHUNKS), 401, chunked=True),
    "chunks-large": Case("/webhooks/line", LINE.ljust(30 * CHUNKS), 413, chunked=True),
    "deep-line": Case("/webhooks/line", DEEP, 400, signed=True),
    "deep-event": Case("/webhooks/line", LINE.replace(b"[]", b"[" + DEEP + b"]"), 400, signed=True),
    "deep-chat": Case("/chat/api/events", DEEP[92_000:-92_000], 400),
    "fields": Case("/u/x", b"&".join(b"f=1" for _ in range(6 * PARTS)), 413, FORM),
    "fields-few": Case("/u/x", b"&".join(b"f=1" for _ in range(1_000)), 404, FORM),
    "parts": Case("/u/x", in_parts(PARTS // 3), 413, FILES),
    "parts-large": Case("/u/x", in_parts(PARTS), 413, FILES),
    "parts-none": Case("/u/x", b"\r\n" * 12 * PARTS, 413, FILES),
}


class Meter:
    """The longest that the loop worked without looking up, and the most memory, of a while.

    Work is counted in seconds of this thread's processor: what other processes of the machine are
    at does not count.
    """

    def __init__(self) -> None:
        self.stall = 0.0
        self.grown = 0

    async def _watch(self) -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.stall, last = max(self.stall, now - last), now

    @asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        """Watch meanwhile; the collector leaves alone what was there, as in `serve`."""
        gc.collect()
        gc.freeze()
        Path("/proc/self/clear_refs").write_text("5")  # noqa: ASYNC240  # the peak starts anew
        before = memory("VmHWM")
        watching = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            watching.cancel()
            self.grown = memory("VmHWM") - before
            gc.unfreeze()


def memory(name: str) -> int:
    """Of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[int]:
    """The port of an application that is served as bot.commands.serve does."""
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def answer(port: int, request: bytes) -> int:
    """The status, whether the whole request was taken or not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(ANSWERED_WITHIN):
            line = await reader.readline()
        return int(line.split()[1])
    finally:
        writer.transport.abort()


@contextmanager
def untraced() -> Iterator[None]:
    """What measures the coverage takes thrice the time of the code itself."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


async def measured(port: int, case: Case, more: str = "") -> None:
    """Send it once more than is measured: what is done once in a process's life does not count.

    The best of three tries: a stall of the code itself is in each of them.
    """
    request = case.request(more)
    await answer(port, request)
    meters = []
    for _ in range(3):
        meters.append(meter := Meter())
        with untraced():
            async with meter.on():
                status = await answer(port, request)
        assert status == case.status
    stall, grown = min(one.stall for one in meters), min(one.grown for one in meters)
    print(f"{case.path} {len(request)} bytes: {stall * 1000:.1f} ms, {grown >> 20} MB")
    assert stall <= STALL
    assert grown <= MEMORY


@pytest.mark.parametrize("name", PUBLIC)
async def test_no_request_to_the_public_process_holds_the_others_up(
    env: Environment, name: str
) -> None:
    async with served(create_app(env)) as port:
        await measured(port, PUBLIC[name], "".join(f"{n}: {v}\r\n" for n, v in MINE.items()))
    async with env.database.transaction() as tx:
        assert await tx.fetchval("select count(*) from inbound") == 0


@pytest.mark.parametrize("kind", ["parts", "parts-unsigned", "fields", "chunks", "bomb"])
async def test_no_form_of_the_panel_holds_the_others_up(env: Environment, kind: str) -> None:
    house = House(env.database)
    token = await house.session(await house.staff("Yamada", Role.ADMIN))
    csrf = await house.value("select csrf_token from staff_session order by id desc limit 1")
    field = f"csrf={csrf}&q=nobody".encode()
    case = {
        "parts": Case("/imports/upload", in_parts(PARTS, ("csrf", csrf)), 413, FILES),
        "parts-unsigned": Case("/imports/upload", in_parts(PARTS), 413, FILES),
        "fields": Case("/patients", field + b"&f=1" * PARTS, 413, FORM),
        "chunks": Case("/patients", field + b"&f=" + b"1" * CHUNKS, 200, FORM, chunked=True),
        "bomb": Case("/patients", BOMB, 413, FORM, packed=True),
    }[kind]
    app = create_panel(env.database, env.keys, env.settings, channels=env.channels)
    async with served(app) as port:
        await measured(port, case, f"Cookie: {PLAIN_COOKIE}={token}\r\n")


async def test_the_meter_sees_a_loop_that_is_held_up_and_memory_that_is_taken() -> None:
    meter = Meter()
    async with meter.on():
        await asyncio.sleep(0)
        until = time.thread_time() + 2 * STALL
        while time.thread_time() < until:
            pass
        taken = bytearray(b"1") * (2 * MEMORY)
        await asyncio.sleep(0)
    assert len(taken) == 2 * MEMORY
    assert meter.stall > STALL
    assert meter.grown > MEMORY
