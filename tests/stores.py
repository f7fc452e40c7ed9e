"""Stores for the integration tests: the servers of KAYOI_DATABASE_URL and KAYOI_REDIS_URL where
they are set, embedded ones for the length of the session where not.

Each test gets a database of its own, cloned from one that was migrated once (some 50 ms), and an
empty Redis database. Foreign servers are left as they were found.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from bot.local.postgres import Postgres
from bot.local.valkey import Valkey

ROOM = 4 * 1024**3  # bytes of memory that is free for databases
# Nobody reads these databases after a crash.
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


async def _migrate(url: str) -> None:
    """Bring an empty database to the newest schema."""
    if find_spec("clinic.db") is not None:
        from clinic import db

        await db.migrate(url)


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """In production a webhook is refused within 1.5 s, so that the platform sends it again; a test
    should rather wait while the machine stands still."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("clinic.db.CONNECT_TIMEOUT", 10.0)
        patched.setattr("admin.live.PATIENCE", 10.0)
        yield


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A folder for stores that their user can walk to, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="kayoi-tests-", dir=_in_memory()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def _in_memory() -> str | None:
    """A folder for everybody that lies in memory and has room, if the machine has one.

    A database is a thousand files: a disk takes half a second to copy them, memory a tenth of that.
    """
    for part in psutil.disk_partitions(all=True):
        open_to_all = part.fstype == "tmpfs" and os.stat(part.mountpoint).st_mode & 0o1777 == 0o1777
        if open_to_all and shutil.disk_usage(part.mountpoint).free > ROOM:
            return part.mountpoint
    return None


@pytest.fixture(scope="session")
def server_url(data_dir: Path) -> Iterator[str]:
    """A PostgreSQL where the tests may create databases."""
    given = os.environ.get("KAYOI_DATABASE_URL")
    if given:
        yield given
        return
    with Postgres(data_dir / "session", settings=_HASTY) as postgres:
        yield postgres.url


@pytest.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """The name of a database with the newest schema and nothing in it."""
    async with _database(server_url, f"kayoi_template_{secrets.token_hex(4)}") as name:
        await _migrate(_named(server_url, name))
        yield name


@pytest.fixture
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A fresh database with the newest schema, dropped after the test."""
    async with _database(server_url, f"kayoi_test_{secrets.token_hex(8)}", template) as name:
        yield _named(server_url, name)


@pytest.fixture
async def empty_database_url(server_url: str) -> AsyncIterator[str]:
    """A fresh database with no schema at all, for the tests of migrations."""
    async with _database(server_url, f"kayoi_test_{secrets.token_hex(8)}", "template0") as name:
        yield _named(server_url, name)


@pytest.fixture(scope="session")
def redis_server_url(data_dir: Path) -> Iterator[str]:
    """A Redis or Valkey with an empty database for the tests."""
    given = os.environ.get("KAYOI_REDIS_URL")
    if given:
        yield given
        return
    with Valkey(data_dir / "session") as valkey:
        yield valkey.url


@pytest.fixture
async def redis_url(redis_server_url: str) -> AsyncIterator[str]:
    """An empty Redis database, emptied again after the test. One with keys of others is refused."""
    async with Redis.from_url(redis_server_url) as redis:
        assert await redis.dbsize() == 0, "KAYOI_REDIS_URL names a database that holds keys"
        yield redis_server_url
        await redis.flushdb()


@asynccontextmanager
async def _database(server_url: str, name: str, template: str = "template0") -> AsyncIterator[str]:
    await _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        await _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()
