"""The stores of the reliability runs, and what can happen to them."""

import asyncio
import os
import secrets
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import asyncpg
import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.local.place import find
from bot.local.postgres import Postgres
from bot.local.store import Store
from bot.local.valkey import Valkey
from clinic.db import connect_arguments, migrate
from tests.e2e.reliability.waiting import until

# What a commit wrote survives the death of the server, but not that of the machine: nobody pulls
# the plug here, and fsync would measure this machine's disk.
SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class Stores:
    """PostgreSQL and Valkey: given ones, or embedded ones that may be killed."""

    def __init__(self, folder: Path, database_url: str | None, redis_url: str | None) -> None:
        self._postgres = None if database_url else Postgres(folder, settings=SETTINGS)
        self._valkey = None if redis_url else Valkey(folder)
        self._given = database_url or "", redis_url or ""
        self._template = f"kayoi_reliability_{secrets.token_hex(4)}"

    @property
    def server_url(self) -> str:
        return self._postgres.url if self._postgres else self._given[0]

    @property
    def redis_url(self) -> str:
        return self._valkey.url if self._valkey else self._given[1]

    async def __aenter__(self) -> Self:
        """Start what is ours, and make a migrated database to clone."""
        for store in (self._postgres, self._valkey):
            if store:
                await asyncio.to_thread(store.start)
        await self._execute(f'create database "{self._template}" template template0')
        await migrate(_named(self.server_url, self._template))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave nothing behind."""
        await self._execute(f'drop database if exists "{self._template}" with (force)')
        for store in (self._postgres, self._valkey):
            if store:
                await asyncio.to_thread(store.stop)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """A database of its own with the newest schema, and an empty Valkey."""
        name = f"kayoi_run_{secrets.token_hex(6)}"
        await self._execute(f'create database "{name}" template "{self._template}"')
        await self.flush()
        try:
            yield _named(self.server_url, name)
        finally:
            await self._execute(f'drop database "{name}" with (force)')

    async def flush(self) -> None:
        """Erase what Valkey holds."""
        async with Redis.from_url(self.redis_url) as redis:
            await redis.flushdb()

    @asynccontextmanager
    async def postgres_down(self, seconds: float) -> AsyncIterator[float]:
        """PostgreSQL stopped in the middle of everything (immediate), for so long.

        The body runs meanwhile; afterwards it accepts connections again.
        """
        assert self._postgres, "a given server is not ours to stop"
        async with _down(self._postgres, signal.SIGQUIT, seconds):
            yield seconds
        await until(self._postgres_answers, 30, "PostgreSQL accepts connections")

    @asynccontextmanager
    async def valkey_down(self, seconds: float, *, erase: bool) -> AsyncIterator[float]:
        """Valkey killed (-9) for so long; with `erase` it comes back with nothing."""
        assert self._valkey, "a given server is not ours to kill"
        async with _down(self._valkey, signal.SIGKILL, seconds):
            if erase:
                for entry in find(self._valkey.data_dir, "valkey").data.iterdir():
                    if entry.is_dir():
                        shutil.rmtree(entry)
                    elif entry.suffix != ".pid":
                        entry.unlink()
            yield seconds
        await until(self._valkey_answers, 30, "Valkey answers")

    async def _postgres_answers(self) -> bool:
        try:
            connection = await asyncpg.connect(**connect_arguments(self.server_url), timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def _valkey_answers(self) -> bool:
        try:
            async with Redis.from_url(self.redis_url) as redis:
                return bool(await redis.ping())
        except (OSError, RedisError):
            return False

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(**connect_arguments(self.server_url))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def _down(store: Store, number: int, seconds: float) -> AsyncIterator[None]:
    """The server killed and its guard, which would start it again, frozen for a while."""
    data = find(store.data_dir, store.name).data
    pid_file = data / ("postmaster.pid" if store.name == "postgres" else "valkey.pid")
    await until(pid_file.exists, 10, "the server runs")
    server = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
    guard = server.ppid()
    assert guard > 1
    os.kill(guard, signal.SIGSTOP)
    try:
        server.send_signal(number)
        began = time.monotonic()
        # Its parent, the guard, cannot reap it now.
        await until(lambda: server.status() == psutil.STATUS_ZOMBIE, 10, "the server is dead")
        yield
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    finally:
        os.kill(guard, signal.SIGCONT)


def _named(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()
