"""The way to PostgreSQL: one pool, one transaction helper, migrations.

Models declare the schema and Tortoise migrates it; queries are SQL on the connection that a
`service` function is given.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import orjson

from clinic.errors import DatabaseDown

log = logging.getLogger(__name__)
T = TypeVar("T")
Tx: TypeAlias = (
    asyncpg.Connection
)  # what a service function is given: a connection inside a transaction

CONNECT_TIMEOUT = 1.0  # s; a webhook must get its 503 within 1.5 s
COMMAND_TIMEOUT = 10.0  # s
LISTEN_CHECK = 5.0  # s between looks at whether a listening connection lives
LISTEN_AGAIN = 1.0  # s
DEADLOCK_TRIES = 4
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_205_120  # any fixed number: one process migrates at a time
COLLISIONS = (  # nothing is wrong with a transaction that ends so: it may be tried again
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
_SETTINGS = {
    "application_name": "kayoi",
    "lock_timeout": "5s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
    "jit": "off",  # compiling costs more than any of our queries
}
_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,  # shut down, crash, cannot connect now
    asyncpg.exceptions.TooManyConnectionsError,
)


def connect_arguments(url: str) -> dict[str, Any]:
    """asyncpg's arguments for a database URL; `?host=` names a socket directory."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "host": query.get("host") or parts.hostname or "127.0.0.1",
        "port": parts.port or int(query.get("port", 5432)),
        "user": unquote(parts.username or "kayoi"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or "kayoi",
        **({"ssl": query["sslmode"]} if "sslmode" in query else {}),
    }


async def _prepare(connection: Tx) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value).decode(),
        decoder=orjson.loads,
    )


async def _leave(connection: Tx) -> None:
    """Nothing: locks and settings of ours end with their transaction, and nobody listens here."""


def _arguments(url: str) -> dict[str, Any]:
    return {
        **connect_arguments(url),
        "timeout": CONNECT_TIMEOUT,
        "command_timeout": COMMAND_TIMEOUT,
        "server_settings": _SETTINGS,
    }


class Lane:
    """One connection for statements that are each a transaction, one after the other.

    One trip to the server instead of three, and no waiting for the pool: a webhook is answered
    while all of the pool's connections are taken by transactions that wait for each other.
    """

    def __init__(self, url: str) -> None:
        """The connection is made when it is first needed, and again after it was lost."""
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    async def fetch(self, statement: str, *values: object) -> list[Any]:
        """The rows of one statement, committed. Raises DatabaseDown as `Database.transaction`."""
        async with self._turn:
            try:
                with _telling():
                    if self._connection is None:
                        self._connection = await asyncpg.connect(**_arguments(self._url))
                        await _prepare(self._connection)
                    rows: list[Any] = await self._connection.fetch(statement, *values)
                    return rows
            except DatabaseDown:
                self.close()
                raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


class Database:
    """A pool of connections to one database, and lanes beside it."""

    def __init__(self, url: str, pool: asyncpg.Pool) -> None:
        self._url, self._pool = url, pool
        self._lanes: list[Lane] = []

    @classmethod
    async def open(cls, url: str, *, connections: int = 10) -> "Database":
        """Prepare a pool of at most `connections`; none is made before the first is needed."""
        pool = asyncpg.create_pool(
            **_arguments(url),
            min_size=0,
            max_size=connections,
            init=_prepare,
            # asyncpg would ask the server to forget what no transaction of ours leaves behind.
            reset=_leave,
        )
        return cls(url, await pool)

    def lane(self) -> "Lane":
        """A connection of its own for a series of single statements, closed with the database."""
        lane = Lane(self._url)
        self._lanes.append(lane)
        return lane

    async def listen(
        self, channel: str, heard: Callable[[str], None], again: Callable[[bool], None]
    ) -> None:
        """Hear what is told on a channel, over a connection of its own, until cancelled.

        `again` is told whether we hear: True after each connecting, False once it was lost. What
        was told in between nobody heard.
        """
        while True:
            try:
                arguments = _arguments(self._url)
                arguments["server_settings"] = _SETTINGS | {"application_name": channel}
                connection = await asyncpg.connect(**arguments)
                try:
                    await connection.add_listener(channel, lambda *said: heard(said[3]))
                    again(True)
                    while not connection.is_closed():
                        await asyncio.sleep(LISTEN_CHECK)
                        await connection.fetchval("select 1")
                finally:
                    connection.terminate()
                    again(False)
            except (*_GONE, asyncpg.PostgresError) as error:
                log.warning("not listening: %s", type(error).__name__)
            await asyncio.sleep(LISTEN_AGAIN)

    async def close(self) -> None:
        """Give all connections back to the server."""
        for lane in self._lanes:
            lane.close()
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One READ COMMITTED transaction. Raises DatabaseDown if it could not be carried out.

        After DatabaseDown the commit may have happened all the same, if the server went away
        during it; whoever tries again relies on unique keys.
        """
        with _telling():
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection

    async def retrying(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again if it collided with others: see COLLISIONS."""
        for left in reversed(range(DEADLOCK_TRIES)):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except COLLISIONS:
                if not left:
                    raise
        raise AssertionError("unreachable")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Tx]:
    """A connection for long work, no statement of which is cut off. Raises DatabaseDown."""
    try:
        connection = await asyncpg.connect(**connect_arguments(url), timeout=10)
    except _GONE as error:
        raise DatabaseDown(type(error).__name__) from error
    try:
        await _prepare(connection)
        yield connection
    finally:
        await connection.close(timeout=5)


@contextmanager
def _telling() -> Iterator[None]:
    """Tell that the server is away from other faults."""
    try:
        yield
    except _GONE as error:
        if isinstance(error, ValueError):  # asyncpg.DataError: our own bug
            raise
        raise DatabaseDown(type(error).__name__) from error


def tortoise_config(url: str) -> dict[str, Any]:
    """Tortoise's configuration: only migrations use it."""
    arguments = connect_arguments(url)
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {**arguments, "minsize": 1, "maxsize": 2},
            }
        },
        "apps": {
            "clinic": {
                "models": [
                    f"clinic.{feature}.models"
                    for feature in (
                        "api_key",
                        "audit",
                        "booking",
                        "calendar_feed",
                        "campaign",
                        "canned",
                        "cohort",
                        "consent",
                        "contact",
                        "conversation",
                        "document",
                        "escalation",
                        "faq",
                        "figures",
                        "importer",
                        "installation",
                        "lapse",
                        "link",
                        "media",
                        "message",
                        "observation",
                        "outreach",
                        "patient",
                        "picture",
                        "plan",
                        "policy",
                        "quality",
                        "questionnaire",
                        "reception",
                        "record",
                        "segment",
                        "setting",
                        "staff",
                        "task",
                        "triage",
                        "waitlist",
                        "webhook",
                    )
                ],
                "default_connection": "default",
                "migrations": "clinic.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def migrate(url: str) -> None:
    """Bring the schema up to date; several processes may call it at once.

    Raises DatabaseDown if PostgreSQL cannot be reached.
    """
    try:
        guard = await asyncpg.connect(**connect_arguments(url), timeout=10)
    except _GONE as error:
        raise DatabaseDown(type(error).__name__) from error
    try:
        await guard.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
        if await _applied(guard) != {file.stem for file in MIGRATIONS.glob("0*.py")}:
            await _apply(url)
    finally:
        await guard.close()


async def _applied(connection: Tx) -> set[str]:
    if await connection.fetchval("select to_regclass('tortoise_migrations')") is None:
        return set()
    rows = await connection.fetch("select name from tortoise_migrations where app = 'clinic'")
    return {row["name"] for row in rows}


async def _apply(url: str) -> None:
    from tortoise import Tortoise  # takes a second to load, and only migrations need it
    from tortoise.migrations.api import migrate as apply

    try:
        await apply(config=tortoise_config(url))
    finally:
        await Tortoise.close_connections()
