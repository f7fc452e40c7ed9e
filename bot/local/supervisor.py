"""The supervisor of `kayoi run`: stores first, then the processes, all kept alive and stopped."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.local import leash
from bot.local.place import StoreFailed
from bot.local.store import Store

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds before a dead process is started again
_SETTLED = 10.0  # seconds after which a process counts as well started
_GLANCE = 0.1  # seconds between two tries of a process that is not ready yet
_STORE_GLANCE = 0.5  # seconds between two looks at the stores' guards
_PROCESSES_WITHIN = 6.5  # seconds for all processes to end; what is left of 10 is for the stores
_STORES_WITHIN = 3.0
_TRIES = 3  # a process that dies so often before it was ever ready will not come up

Line = Callable[[str, str], None]
Ready = Callable[[], Awaitable[bool]]


class ProcessFailed(Exception):
    """A process did not come up at the start; the text names it and how it ended."""


@dataclass(frozen=True, slots=True)
class Process:
    """A program to keep running. `ready` is asked until it says so; None: ready once started.

    One that is `told` something is started before the stores, so that it may load meanwhile, and
    hears it as a line of JSON on stdin when all is prepared. Others start only then.
    """

    name: str
    argv: Sequence[str]
    ready: Ready | None = None
    environment: Mapping[str, str] = field(default_factory=dict)  # added to our own
    told: Mapping[str, str] | None = None  # as it is by then


def answers(url: str) -> Ready:
    """Readiness by `GET url` (http) answering 200 within two seconds.

    Somebody else's server on that port would answer too: look before (`ports.taken`).
    """
    parts = urlsplit(url)
    assert parts.hostname is not None, url

    async def ask() -> bool:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
                try:
                    writer.write(
                        f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode()
                    )
                    return b" 200 " in await reader.readline()
                finally:
                    writer.close()
        return False

    return ask


@dataclass(slots=True)
class _Kept:
    process: Process
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    running: asyncio.subprocess.Process | None = None
    reader: asyncio.Task[None] | None = None  # passes on what it prints until it has ended


class Supervisor:
    """Runs processes on stores until told to stop, and starts again whatever dies.

    `prepare` runs between stores and processes (migrations). `on_ready` is called once, when all
    processes are ready. `on_line` gets each line that a process prints, with the process's name.
    """

    def __init__(
        self,
        stores: Sequence[Store],
        processes: Sequence[Process],
        *,
        prepare: Callable[[], Awaitable[None]],
        on_ready: Callable[[], Awaitable[None]],
        on_line: Line,
        start_within: float = 60.0,
    ) -> None:
        self._stores = stores
        self._kept = [_Kept(process) for process in processes]
        self._prepare = prepare
        self._on_ready = on_ready
        self._on_line = on_line
        self._start_within = start_within
        self._prepared = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then end the processes in their order and after them the stores.

        That takes 10 seconds at most. Raises StoreFailed, ProcessFailed, or what `prepare` and
        `on_ready` raise, after everything that had been started is stopped.
        """
        work = asyncio.create_task(self._work())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work  # it only ends by raising
        finally:
            stopped.cancel()
            work.cancel()
            await asyncio.wait((work,))
            await self._stop()

    async def _work(self) -> None:
        watches = [asyncio.create_task(self._keep(kept)) for kept in self._kept]
        try:
            await asyncio.gather(*(asyncio.to_thread(store.start) for store in self._stores))
            await self._prepare()
            self._prepared.set()
            watches.append(asyncio.create_task(self._watch_stores()))
            watches.append(asyncio.create_task(self._announce()))
            await asyncio.gather(*watches)
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def _announce(self) -> None:
        try:
            async with asyncio.timeout(self._start_within):
                for kept in self._kept:
                    await kept.ready.wait()
        except TimeoutError:
            late = ", ".join(kept.process.name for kept in self._kept if not kept.ready.is_set())
            raise ProcessFailed(f"not ready within {self._start_within:.0f} s: {late}") from None
        await self._on_ready()

    async def _watch_stores(self) -> None:
        """A guard restarts its server; we replace guards."""
        while True:
            await asyncio.sleep(_STORE_GLANCE)
            for store in self._stores:
                if not store.guarded():
                    log.error("the guard of %s is gone; starting another", store.name)
                    with contextlib.suppress(StoreFailed):  # the next glance tries again
                        await asyncio.to_thread(store.ensure)

    async def _keep(self, kept: _Kept) -> None:
        pause, deaths, name = _FIRST_PAUSE, 0, kept.process.name
        loop = asyncio.get_running_loop()
        if kept.process.told is None:
            await self._prepared.wait()
        while True:
            started = loop.time()
            running = kept.running = await _start(kept.process)
            kept.reader = asyncio.create_task(self._read_lines(name, running))
            sentry = asyncio.create_task(self._see_to(kept, running))
            try:
                code = await running.wait()
            finally:
                sentry.cancel()
            await _last_words(kept)
            deaths += 1
            if not kept.ready.is_set() and deaths == _TRIES:
                raise ProcessFailed(f"{name} ended {_TRIES} times at the start, code {code}")
            if loop.time() - started > _SETTLED:
                pause = _FIRST_PAUSE
            log.error("%s ended with code %s; starting it again in %.1f s", name, code, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _see_to(self, kept: _Kept, running: asyncio.subprocess.Process) -> None:
        """Tell it what it waits for, and wait until it is ready."""
        await self._prepared.wait()
        if running.stdin is not None:
            running.stdin.write(json.dumps(dict(kept.process.told or {})).encode() + b"\n")
            running.stdin.close()
        await _await_ready(kept)

    async def _read_lines(self, name: str, running: asyncio.subprocess.Process) -> None:
        assert running.stdout is not None
        rest = b""
        while chunk := await running.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._on_line(name, line.decode(errors="replace"))
        if rest:
            self._on_line(name, rest.decode(errors="replace"))

    async def _stop(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PROCESSES_WITHIN
        for left, kept in zip(range(len(self._kept), 0, -1), self._kept, strict=True):
            # Each may use an equal part of the time that is left: the last, the worker, the most.
            await _end(kept, (deadline - loop.time()) / left)
        # Not at once with the processes: what they still write has to arrive.
        await asyncio.gather(
            *(asyncio.to_thread(store.stop, _STORES_WITHIN) for store in self._stores)
        )


async def _await_ready(kept: _Kept) -> None:
    ready = kept.process.ready
    while True:
        if ready is None or await ready():
            kept.ready.set()
            return
        await asyncio.sleep(_GLANCE)


async def _start(process: Process) -> asyncio.subprocess.Process:
    """Start it in a process group of its own, so that a terminal's Ctrl-C is ours alone."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(Path(leash.__file__))),
        *(str(os.getpid()), str(int(signal.SIGTERM))),
        *process.argv,
        env={**os.environ, **process.environment},
        stdin=asyncio.subprocess.DEVNULL if process.told is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def _end(kept: _Kept, within: float) -> None:
    running = kept.running
    if running is None or running.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(within):
            await running.wait()
    except TimeoutError:
        log.error("%s did not stop within %.1f s: killed", kept.process.name, within)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        await running.wait()
    await _last_words(kept)


async def _last_words(kept: _Kept) -> None:
    """Let what the process printed last arrive; a child it left behind may keep the pipe open."""
    if kept.reader is not None:
        await asyncio.wait((kept.reader,), timeout=0.5)
        kept.reader.cancel()
