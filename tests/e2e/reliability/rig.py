"""One clinic under test: stores, web and worker processes, and the platforms that keep the ledger.

All processes are real. The simulators of LINE and Telegram live in processes of their own, so that
nothing that is done to Kayoi can touch what they have written down.
"""

import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import aiohttp

from bot.local.ports import free_port
from clinic.crypto import KeyRing
from clinic.db import Database
from tests.e2e.reliability.hatchery import LINE, PRODUCT, TELEGRAM, Child, Hatchery
from tests.e2e.reliability.platforms import LINE_SECRET, TELEGRAM_SECRET, Line, Telegram
from tests.e2e.reliability.stores import Stores
from tests.e2e.reliability.waiting import until

MASTER_KEY = "1:" + "5e" * 32
ZONE = ZoneInfo("Asia/Tokyo")
START_WITHIN = 120.0  # s; a process that is not forked reads its word lists anew
# What a started process needs of ours, and nothing that points to other servers.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONHASHSEED")


@dataclass(slots=True)
class Rig:
    """Opened by `Rigs`. `seed` decides everything that a run leaves to chance."""

    hatchery: Hatchery
    stores: Stores
    folder: Path
    database_url: str
    database: Database
    keys: KeyRing
    line: Line
    telegram: Telegram
    seed: int
    quiet_hours: tuple[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)  # by number of the web process
    children: list[Child] = field(default_factory=list)  # web and worker, dead ones too
    kills: int = 0

    # Processes ------------------------------------------------------------------------------------

    async def web(self, number: int = 0, /, **over: str) -> Child:
        """Start web process `number`; those of one number share a port. It answers already."""
        while len(self.ports) <= number:
            self.ports.append(free_port())
        child = await self._hatch("web", {"KAYOI_SERVER__PORT": str(self.ports[number]), **over})
        url = f"http://127.0.0.1:{self.ports[number]}/healthz"

        async def answers() -> bool:
            assert child.alive, child.said()
            try:
                async with self.line.session.get(url) as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await until(answers, START_WITHIN, "a web process answers")
        return child

    async def worker(self, **over: str) -> Child:
        """Start a worker. It stops in order already."""
        child = await self._hatch("worker", over)
        await until(lambda: _hears_sigterm(child), START_WITHIN, "a worker works")
        return child

    async def _hatch(self, command: str, over: dict[str, str]) -> Child:
        before = over.pop("before", "")
        child = await self.hatchery.hatch(
            command,
            PRODUCT,
            [command],
            environment={**self.environment(), **over},
            folder=self.folder,
            before=before,
        )
        self.children.append(child)
        return child

    def environment(self) -> dict[str, str]:
        """The settings of the product's processes."""
        line, telegram = "KAYOI_CHANNELS__LINE__", "KAYOI_CHANNELS__TELEGRAM__"
        begins, ends = self.quiet_hours
        return {
            **_inherited(),
            "KAYOI_DATABASE_URL": self.database_url,
            "KAYOI_REDIS_URL": self.stores.redis_url,
            "KAYOI_DATA_DIR": str(self.folder),
            "KAYOI_SECRETS__MASTER_KEY_FILE": str(self.folder / "keys"),
            "KAYOI_POLICY__QUIET_HOURS": f'["{begins}", "{ends}"]',
            f"{line}CHANNEL_SECRET": LINE_SECRET,
            f"{line}CHANNEL_ACCESS_TOKEN": self.line.token,
            f"{line}API_BASE": self.line.url,
            f"{telegram}TOKEN": self.telegram.token,
            f"{telegram}WEBHOOK_SECRET": TELEGRAM_SECRET,
            f"{telegram}API_BASE": self.telegram.url,
            **self.settings,
        }

    async def kill(self, child: Child) -> None:
        """kill -9, of a running process, and count it."""
        assert child.alive, f"{child.name} died by itself:\n{child.said()}"
        self.kills += 1
        await child.end(signal.SIGKILL)

    async def stop(self, child: Child) -> float:
        """SIGTERM; the seconds until it had ended, in order."""
        began = time.monotonic()
        code = await child.end(signal.SIGTERM)
        assert code == 0, f"{child.name} ended with {code}:\n{child.said()}"
        return time.monotonic() - began

    def webhook(self, channel: str, number: int = 0) -> str:
        """The address of a channel's webhook at web process `number`."""
        return f"http://127.0.0.1:{self.ports[number]}/webhooks/{channel}"

    async def connect_platforms(self) -> None:
        """Have LINE and Telegram send their webhooks to web process 0, and again what failed."""
        await self.line.control(
            "webhook", url=self.webhook("line"), redelivery_after=REDELIVERY_AFTER
        )
        await self.telegram.call(
            "setWebhook", url=self.webhook("telegram"), secret_token=TELEGRAM_SECRET
        )

    def complaints(self) -> list[str]:
        """Errors that processes logged: bugs, where nothing was broken on purpose."""
        return [
            f"{child.name}: {line}"
            for child in self.children
            for line in child.said().splitlines()
            if " ERROR " in line or "Traceback" in line or "never retrieved" in line
        ]

    # The database ---------------------------------------------------------------------------------

    async def value(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        async with self.database.transaction() as tx:
            return await tx.fetchval(query, *values)

    async def rows(self, query: str, *values: object) -> list[Any]:
        """The rows of a query."""
        async with self.database.transaction() as tx:
            found: list[Any] = await tx.fetch(query, *values)
            return found

    async def handled(self) -> bool:
        """Whether no event waits."""
        return not await self.value("select count(*) from inbound where state = 'new'")

    async def unfinished(self) -> list[Any]:
        """What waits, for what, how many, tries, and when it is due: the first and the last."""
        return await self.rows(
            """select 'inbound', state, reason, count(*), max(attempts),
                      (min(received_at) - now())::text, (max(received_at) - now())::text
               from inbound where state = 'new' group by state, reason
               union all
               select 'timer', kind, reason, count(*), 0,
                      (min(due_at) - now())::text, (max(due_at) - now())::text
               from timer where state = 'waiting' and due_at <= now() group by kind, reason
               union all
               select 'outbox', state, reason, count(*), max(attempts),
                      (min(send_at) - now())::text, (max(send_at) - now())::text
               from outbox where state in ('pending', 'leased', 'inflight')
                 or (state = 'unknown' and send_at < 'infinity') group by state, reason
               union all
               select 'chunk', state, reason, count(*), max(attempts),
                      (min(send_at) - now())::text, (max(send_at) - now())::text
               from chunk where state in ('pending', 'leased', 'inflight')
                 or (state = 'unknown' and send_at < 'infinity') group by state, reason
               union all
               select 'recipient', state, reason, count(*), 0,
                      (min(due_at) - now())::text, (max(due_at) - now())::text
               from recipient where state in ('pending', 'queued') group by state, reason"""
        )

    async def taken_and_settled(self) -> bool:
        """Whether Telegram, too, has nothing left that it will deliver after a longer pause."""
        pending = (await self.telegram.stats())["webhook_pending"]
        return not pending and await self.settled()

    async def settled(self) -> bool:
        """Whether every event is handled, and every message at its end.

        A second try that is due in a while is moved up: nobody learns anything from waiting.
        """
        async with self.database.transaction() as tx:
            for table in ("outbox", "chunk"):  # what somebody is at has no need of it
                await tx.execute(
                    f"""update {table} set send_at = now() where id in (
                          select id from {table} where state = 'unknown'
                            and send_at < 'infinity' and send_at > now()
                          for update skip locked)"""
                )
            open_now = await tx.fetchval(
                """select (select count(*) from inbound where state = 'new')
                   + (select count(*) from timer where state = 'waiting' and due_at <= now())
                   + (select count(*) from outbox where state in ('pending', 'leased', 'inflight')
                      or (state = 'unknown' and send_at < 'infinity'))
                   + (select count(*) from campaign where state = 'running'
                      and made_until is null)
                   + (select count(*) from recipient where state in ('pending', 'queued'))"""
            )
        return not open_now


REDELIVERY_AFTER = 1.0  # s until LINE sends again what was not taken


@dataclass(slots=True)
class Rigs:
    """Opens rigs on the same stores, one after the other."""

    hatchery: Hatchery
    stores: Stores
    folder: Path
    opened: int = 0

    @asynccontextmanager
    async def open(
        self, *, seed: int, webs: int = 0, workers: int = 0, quiet_now: bool = False
    ) -> AsyncIterator[Rig]:
        """A clinic of its own, with so many web (on one port) and worker processes.

        What the run found out is printed if the test fails, with the seed.
        """
        self.opened += 1
        folder = self.folder / f"rig{self.opened}"
        folder.mkdir()
        (folder / "keys").write_text(MASTER_KEY)
        async with self.stores.database() as url, _Platforms(self.hatchery, folder, seed) as both:
            database = await Database.open(url, connections=8)
            rig = Rig(
                hatchery=self.hatchery,
                stores=self.stores,
                folder=folder,
                database_url=url,
                database=database,
                keys=KeyRing({1: bytes.fromhex(MASTER_KEY.partition(":")[2])}),
                line=both.line,
                telegram=both.telegram,
                seed=seed,
                quiet_hours=await quiet_hours(database, now=quiet_now),
            )
            print(f"seed {seed}, logs in {folder}")
            try:
                for _ in range(webs):
                    await rig.web()
                if webs:
                    await rig.connect_platforms()
                for _ in range(workers):
                    await rig.worker()
                yield rig
            finally:
                print("\n".join(rig.complaints()[-20:]))
                for row in await rig.unfinished():
                    print("unfinished:", *row.values())
                for child in rig.children:
                    await child.end()
                await database.close()


@dataclass(slots=True)
class _Platforms:
    hatchery: Hatchery
    folder: Path
    seed: int
    line: Line = field(init=False)
    telegram: Telegram = field(init=False)
    _children: list[Child] = field(default_factory=list)
    _session: aiohttp.ClientSession = field(init=False)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        ledgers = self.folder / "line.jsonl", self.folder / "telegram.jsonl"
        urls = []
        for module, ledger in zip((LINE, TELEGRAM), ledgers, strict=True):
            port = free_port()
            arguments = ["--port", str(port), "--ledger", str(ledger), "--seed", str(self.seed)]
            if module == LINE:
                arguments += ["--secret", LINE_SECRET, "--anyone"]
            self._children.append(
                await self.hatchery.hatch(
                    module.rpartition(".")[2],
                    module,
                    arguments,
                    environment=_inherited(),
                    folder=self.folder,
                )
            )
            urls.append(f"http://127.0.0.1:{port}")
        self.line = Line(urls[0], ledgers[0], self._session)
        self.telegram = Telegram(urls[1], ledgers[1], self._session)
        for platform in (self.line, self.telegram):
            await until(platform.answers, START_WITHIN, f"{platform.url} answers")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children:
            await child.end()
        await self._session.close()


async def quiet_hours(database: Database, *, now: bool) -> tuple[str, str]:
    """Quiet hours by PostgreSQL's clock that hold now, or that are far away."""
    async with database.transaction() as tx:
        at: datetime = await tx.fetchval("select now()")
    local = at.astimezone(ZONE)
    first, last = (-2, 2) if now else (10, 12)
    return tuple(f"{local + timedelta(hours=hours):%H:%M}" for hours in (first, last))  # type: ignore[return-value]  # two of them


def _hears_sigterm(child: Child) -> bool:
    """Whether it catches SIGTERM, or has died of something else already."""
    try:
        status = Path(f"/proc/{child.pid}/status").read_text()
    except FileNotFoundError:
        return True
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return not child.alive or bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}
