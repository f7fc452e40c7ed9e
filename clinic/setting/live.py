"""The settings of a process, kept as staff set them (docs/decisions/0016-settings.md)."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as release_of
from pathlib import Path
from typing import Literal

import asyncpg

from clinic.config import Settings, set_by_environment
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.errors import DatabaseDown
from clinic.installation.service import ALIVE, keep, recognise
from clinic.setting import service
from clinic.setting.rules import overlaid

log = logging.getLogger(__name__)
EVERY = 5.0  # s between two looks: a change is in force everywhere within twice that
AGAIN = 0.5  # s, until the first look
FORGOTTEN = "1 day"
Tell = Callable[[], Mapping[str, object]]
Refresh = Callable[[Tx], Awaitable[object]]


def release() -> str:
    """Which Kayoi this is."""
    try:
        return release_of("kayoi")
    except PackageNotFoundError:  # run from its folder
        return "-"


class LiveSettings:
    """Keeps one Settings object in step with the database: whoever holds it sees each change.

    The parts (`clinic`, `policy`, ...) stay frozen; a change swaps a part as a whole, between two
    steps of the event loop.
    """

    def __init__(self, settings: Settings) -> None:
        """Over `settings`, which are left as they are; those in force are `.settings`."""
        self._base = settings
        self.settings = settings.model_copy()
        self.fixed = set_by_environment()
        self.version = 0
        self.left_out: tuple[str, ...] = ()  # keys whose stored values no longer fit

    async def refresh(self, tx: Tx) -> bool:
        """Take over what changed; whether anything did."""
        version = await service.version(tx)
        if version == self.version:
            return False
        await self.reload(tx)
        return True

    async def reload(self, tx: Tx) -> None:
        """Read everything anew, also what this transaction has just written."""
        version = await service.version(tx)
        found, self.left_out = overlaid(self._base, await service.changed(tx), self.fixed)
        for key in self.left_out:
            log.warning("a stored setting does not fit and is left out: %s", key)
        self.settings.become(found)
        self.version = version


async def as_staff_set(settings: Settings) -> Settings:
    """The settings as they are in force now, for a command; as configured while there is no
    database, or none that is up to date."""
    if settings.database_url is None:
        return settings
    live = LiveSettings(settings)
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            await live.refresh(tx)
    except (DatabaseDown, asyncpg.PostgresError):
        return settings
    finally:
        await database.close()
    return live.settings


async def beaten_since(database: Database, moment: datetime) -> bool:
    """Whether all processes that live have looked at keys and settings after `moment`."""
    async with database.transaction() as tx:
        late: bool = await tx.fetchval(
            f"""select exists (select from heartbeat where seen_at <= $1
                               and seen_at > now() - interval '{ALIVE}')""",  # noqa: S608  # a constant
            moment,
        )
    return not late


class Pulse:
    """Says every few seconds that a process lives, and keeps its settings fresh on the way."""

    def __init__(
        self,
        database: Database,
        live: LiveSettings,
        kind: Literal["web", "admin", "worker"],
        tell: Tell = dict,
        folder: Path | None = None,
        keys: KeyRing | None = None,
        also: Sequence[Refresh] = (),
    ) -> None:
        """Of this process; `tell` gives what it has to say of itself, in figures. `folder`: of the
        data, by which a copied database shows at the first beat. `keys` follow their file. `also`
        keeps fresh what else the process holds of what staff wrote."""
        self._folder, self._keys, self._also = folder, keys, also
        self._database, self._live, self._kind, self._tell = database, live, kind, tell
        self._name = f"{kind}:{socket.gethostname()[:64]}:{os.getpid()}"
        self._release = release()[:32]
        self.begun = asyncio.Event()  # what staff set has been read

    async def beat(self) -> None:
        """Once. Raises DatabaseDown."""
        if self._keys is not None:  # before it is said: see `beaten_since`
            self._keys.refresh()
        async with self._database.transaction() as tx:
            await self._live.refresh(tx)
            for refresh in self._also:
                await refresh(tx)
            if self._folder is not None:
                await (keep if self.begun.is_set() else recognise)(tx, self._folder)
            await tx.execute(
                """insert into heartbeat (name, kind, release, settings_version, detail)
                   values ($1, $2, $3, $4, $5)
                   on conflict (name) do update set seen_at = now(), release = excluded.release,
                     settings_version = excluded.settings_version, detail = excluded.detail""",
                self._name,
                self._kind,
                self._release,
                self._live.version,
                dict(self._tell()),
            )

    async def run(self) -> None:
        """Until cancelled; while the database is away, nothing changes."""
        while True:
            # A fresh task: one whose connection broke is never used again.
            (error,) = await asyncio.gather(
                asyncio.create_task(self.beat()), return_exceptions=True
            )
            if error is None:
                self.begun.set()
            elif not isinstance(error, DatabaseDown):
                log.error("pulse failed: %s", type(error).__name__)
            await asyncio.sleep(EVERY if self.begun.is_set() else AGAIN)

    async def stop(self) -> None:
        """Say that it has gone, and forget those that went without saying so."""
        with contextlib.suppress(DatabaseDown):
            async with self._database.transaction() as tx:
                await tx.execute(
                    f"""delete from heartbeat
                        where name = $1 or seen_at < now() - interval '{FORGOTTEN}'""",  # noqa: S608  # a constant
                    self._name,
                )
