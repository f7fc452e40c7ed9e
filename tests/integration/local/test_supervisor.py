"""The supervisor: starts in order, restarts what dies, stops in time, leaves nobody behind."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from bot.local import supervisor
from bot.local.place import StoreFailed
from bot.local.ports import free_port, taken
from bot.local.postgres import Postgres
from bot.local.store import Store
from bot.local.supervisor import Process, ProcessFailed, Supervisor, answers
from bot.local.valkey import Valkey
from tests.integration.local.watch import ended, eventually, eventually_async, server_of

REPOSITORY = Path(__file__).parents[3]
# Prints its process id; on SIGTERM says goodbye and ends.
OBEDIENT = """
import os, signal, sys
def bye(*_):
    print("bye", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, bye)
print(os.getpid(), flush=True)
while True:
    signal.pause()
"""
# Prints its process id, and then the line that it is told.
TOLD = """
import os, signal, sys
print(os.getpid(), flush=True)
print("told", sys.stdin.readline(), flush=True)
while True:
    signal.pause()
"""
DEAF = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
while True:
    signal.pause()
"""
SERVER = """
import http.server, sys
address = ("127.0.0.1", int(sys.argv[1]))
http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
"""
# A supervisor of two processes, to be killed from outside.
SUPERVISED = """
import asyncio, sys
from bot.local.supervisor import Process, Supervisor
async def nothing(): pass
async def main():
    processes = [Process(name, [sys.executable, "-c", sys.argv[1]]) for name in ("web", "worker")]
    await Supervisor([], processes, prepare=nothing, on_ready=nothing,
                     on_line=lambda name, line: print(line, flush=True)).run(asyncio.Event())
asyncio.run(main())
"""


def script(name: str, code: str, *arguments: str) -> Process:
    return Process(name, [sys.executable, "-c", code, *arguments])


class Observed:
    """A supervisor under way: what its processes said, in order, and when all were ready."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.ready = asyncio.Event()
        self.stop = asyncio.Event()
        self.prepared_before: list[tuple[str, str]] | None = None

    async def on_ready(self) -> None:
        self.ready.set()

    async def prepare(self) -> None:
        self.prepared_before = list(self.lines)

    def on_line(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    def pids(self, name: str) -> list[int]:
        return [int(line) for who, line in self.lines if who == name and line.isdigit()]

    async def until(self, name: str, starts: int) -> psutil.Process:
        """The process `name` after its so-and-so-many-th start."""

        async def started() -> bool:
            return len(self.pids(name)) >= starts

        await eventually_async(started, f"start {starts} of {name}")
        return psutil.Process(self.pids(name)[starts - 1])


@asynccontextmanager
async def supervised(
    *processes: Process, stores: tuple[Store, ...] = (), seen: Observed | None = None
) -> AsyncIterator[Observed]:
    seen = seen or Observed()
    run = asyncio.create_task(
        Supervisor(
            stores,
            processes,
            prepare=seen.prepare,
            on_ready=seen.on_ready,
            on_line=seen.on_line,
        ).run(seen.stop)
    )
    ready = asyncio.create_task(seen.ready.wait())
    try:
        await asyncio.wait((run, ready), return_when=asyncio.FIRST_COMPLETED)
        if run.done():
            await run
        yield seen
    finally:
        ready.cancel()
        seen.stop.set()
        await asyncio.wait((run,))


async def test_processes_start_after_the_preparation_and_stop_in_their_order() -> None:
    async with supervised(
        script("web", OBEDIENT), script("admin", OBEDIENT), script("worker", OBEDIENT)
    ) as seen:
        pids = [(await seen.until(name, 1)).pid for name in ("web", "admin", "worker")]
    assert seen.prepared_before == []
    assert seen.lines[-3:] == [("web", "bye"), ("admin", "bye"), ("worker", "bye")]
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_process_that_is_told_something_begins_early_and_hears_it_when_prepared() -> None:
    told: dict[str, str] = {}
    web = Process("web", script("web", TOLD).argv, told=told)

    class Slow(Observed):
        async def prepare(self) -> None:
            await self.until("web", 1)
            told["database"] = "here"

    async with supervised(web, seen=Slow()) as seen:
        heard = ("web", 'told {"database": "here"}')

        async def has_heard() -> bool:
            return heard in seen.lines

        await eventually_async(has_heard, "it was told")
        (await seen.until("web", 1)).kill()
        await seen.until("web", 2)  # it is told again

        async def again() -> bool:
            return seen.lines.count(heard) == 2

        await eventually_async(again, "it was told again")


async def test_a_killed_process_is_started_again_and_the_others_are_left_alone() -> None:
    async with supervised(script("web", OBEDIENT), script("worker", OBEDIENT)) as seen:
        (await seen.until("web", 1)).kill()
        (await seen.until("web", 2)).kill()
        await seen.until("web", 3)
        assert len(seen.pids("worker")) == 1


async def test_it_is_ready_when_the_health_page_answers() -> None:
    port = free_port()
    web = script("web", SERVER, str(port))
    web = Process(web.name, web.argv, ready=answers(f"http://127.0.0.1:{port}/"))
    assert not taken("127.0.0.1", port)
    async with supervised(web):
        assert taken("127.0.0.1", port)


async def test_a_process_that_never_answers_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Process(
        "web", script("", OBEDIENT).argv, ready=answers(f"http://127.0.0.1:{free_port()}/healthz")
    )
    seen = Observed()
    with pytest.raises(ProcessFailed, match="not ready within 3 s: web"):
        await Supervisor(
            [],
            [silent],
            prepare=seen.prepare,
            on_ready=seen.on_ready,
            on_line=seen.on_line,
            start_within=3,
        ).run(seen.stop)
    assert not any(map(psutil.pid_exists, seen.pids("web")))


async def test_a_process_that_dies_again_and_again_at_the_start_ends_it() -> None:
    broken = Process(
        "web", script("", "print('wrong'); exit(2)").argv, ready=answers("http://127.0.0.1:1/")
    )
    with pytest.raises(ProcessFailed, match="web ended 3 times at the start, code 2"):
        async with supervised(broken):
            pass


async def test_a_failed_preparation_is_raised_and_nothing_is_started() -> None:
    async def fail() -> None:
        raise StoreFailed("no migration today")

    seen = Observed()
    with pytest.raises(StoreFailed, match="no migration today"):
        await Supervisor(
            [],
            [script("web", OBEDIENT)],
            prepare=fail,
            on_ready=seen.on_ready,
            on_line=seen.on_line,
        ).run(seen.stop)
    assert seen.lines == []


async def test_a_process_deaf_to_sigterm_is_killed_and_the_others_get_their_share_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "_PROCESSES_WITHIN", 4.0)
    async with supervised(script("web", DEAF), script("worker", OBEDIENT)) as seen:
        deaf = await seen.until("web", 1)
        await seen.until("worker", 1)
    assert ended(deaf)
    assert seen.lines[-1] == ("worker", "bye")


def test_the_times_allowed_to_stop_are_ten_seconds_together() -> None:
    assert supervisor._PROCESSES_WITHIN + supervisor._STORES_WITHIN < 10


@pytest.mark.parametrize("kind", ["KILL", "TERM"])
def test_processes_die_with_a_supervisor_that_was_killed(kind: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, OBEDIENT], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        children = [psutil.Process(int(running.stdout.readline())) for _ in range(2)]
        running.send_signal({"KILL": 9, "TERM": 15}[kind])
        eventually(lambda: all(map(ended, children)), "the processes ended with their supervisor")


async def _database_answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


async def _valkey_answers(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


async def _outlives_kills(store: Store, answering: Callable[[str], Awaitable[bool]]) -> None:
    server_of(store).kill()
    await eventually_async(lambda: answering(store.url), f"{store.name} is back", within=10)
    guard = server_of(store).parent()
    assert guard is not None
    guard.kill()
    eventually(lambda: ended(guard), "the guard is dead")

    async def guarded_again() -> bool:
        return store.guarded() and await answering(store.url)

    await eventually_async(guarded_again, f"{store.name} has a guard", within=10)


async def test_killed_stores_and_guards_come_back_while_the_processes_run_on(folder: Path) -> None:
    postgres, valkey = Postgres(folder), Valkey(folder)
    async with supervised(script("worker", OBEDIENT), stores=(postgres, valkey)) as seen:
        await _outlives_kills(postgres, _database_answers)
        await _outlives_kills(valkey, _valkey_answers)
        assert len(seen.pids("worker")) == 1
    assert not postgres.guarded()
    assert not valkey.guarded()


async def test_a_stop_during_the_start_of_the_stores_leaves_none_running(folder: Path) -> None:
    seen, postgres = Observed(), Postgres(folder)
    run = asyncio.create_task(
        Supervisor(
            [postgres],
            [script("web", OBEDIENT)],
            prepare=seen.prepare,
            on_ready=seen.on_ready,
            on_line=seen.on_line,
        ).run(seen.stop)
    )

    async def begun() -> bool:
        return await asyncio.to_thread((folder / "postgres").exists)

    await eventually_async(begun, "the start has begun")
    seen.stop.set()
    await run
    assert not postgres.guarded()
    assert seen.lines == []
