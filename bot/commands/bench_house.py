"""What a bench runs on: stores, a database of its own for each side, and processes measured."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import SecretStr

from bot.commands.bench_clinic import ZONE, Patient, seed
from bot.commands.bench_load import BenchFailed, Line
from bot.commands.bench_raw import Step, write_task
from bot.commands.bench_scratch import database
from bot.commands.stores import stores
from bot.local import leash
from bot.local.ports import free_port
from bot.local.supervisor import answers
from clinic import clock
from clinic.config import Channels, Settings
from clinic.config import Line as LineSettings
from clinic.db import Database, migrate
from clinic.ids import new_secret

START_WITHIN = 30.0  # s
STOP_WITHIN = 10.0  # s


@dataclass(frozen=True, slots=True)
class House:
    """The stores of a bench. `settings` are the product's; `raw_url` is a database like its own."""

    settings: Settings
    raw_url: str
    raw_port: int
    patients: list[Patient]
    line: Line
    folder: Path

    @property
    def url(self) -> str:
        """The product's database."""
        assert self.settings.database_url is not None
        return self.settings.database_url.get_secret_value()

    def to_product(self) -> None:
        """From now on LINE sends its webhooks to the product."""
        base = f"http://127.0.0.1:{self.settings.server.port}"
        self.line.simulator.webhooks.url = f"{base}/webhooks/line"

    def to_raw(self, what: str) -> None:
        """From now on LINE sends its webhooks to the raw loop: book or store."""
        self.line.simulator.webhooks.url = f"http://127.0.0.1:{self.raw_port}/{what}"


@asynccontextmanager
async def house(patients: int) -> AsyncIterator[House]:
    """Have it standing for a while with so many patients, and leave nothing behind.

    The stores that are configured are used, in databases made for the bench; else embedded ones.
    Raises KayoiError if they do not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="kayoi-bench-"))
    folder.chmod(0o711)  # noqa: ASYNC240  # the stores' own user has to walk through
    line = Line(new_secret(), new_secret())
    try:
        configured = Settings.read(None).model_copy(update={"data_dir": folder / "data"})
        async with stores(configured) as running:
            assert running.database_url is not None
            server = running.database_url.get_secret_value()
            async with database(server) as url:
                await migrate(url)
                settings = _settings(running, url, line, await line.simulator.start())
                seeded = await _seed(settings, url, patients)
                async with database(server, template=url) as raw_url:
                    yield House(settings, raw_url, free_port(), seeded, line, folder)
    finally:
        await line.simulator.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _seed(settings: Settings, url: str, patients: int) -> list[Patient]:
    opened = await Database.open(url, connections=1)
    try:
        async with opened.transaction() as tx:
            return await seed(tx, settings, patients, clock.now().astimezone(ZONE).date())
    finally:
        await opened.close()


def _settings(running: Settings, url: str, line: Line, api_base: str) -> Settings:
    """The product's settings: those of a new installation on these stores, with LINE alone."""
    fresh = Settings.model_construct()
    token = line.simulator.channel_access_token
    channel = LineSettings(
        channel_secret=SecretStr(line.simulator.channel_secret),
        channel_access_token=SecretStr(token),
        api_base=api_base,
    )
    return fresh.model_copy(
        update={
            "database_url": SecretStr(url),
            "redis_url": running.redis_url,
            "data_dir": running.data_dir,
            "server": fresh.server.model_copy(update={"port": free_port()}),
            "channels": Channels(line=channel),
        }
    )


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a child's environment; nothing of our own configuration is left in it."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    line = settings.channels.line
    assert line.channel_secret is not None
    assert line.channel_access_token is not None
    assert line.api_base is not None
    inherited = {name: value for name, value in os.environ.items() if name[:6] != "KAYOI_"}
    return inherited | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "KAYOI_DATABASE_URL": settings.database_url.get_secret_value(),
        "KAYOI_REDIS_URL": settings.redis_url.get_secret_value(),
        "KAYOI_DATA_DIR": str(settings.data_dir),
        "KAYOI_SERVER__PORT": str(settings.server.port),
        "KAYOI_CHANNELS__LINE__CHANNEL_SECRET": line.channel_secret.get_secret_value(),
        "KAYOI_CHANNELS__LINE__CHANNEL_ACCESS_TOKEN": line.channel_access_token.get_secret_value(),
        "KAYOI_CHANNELS__LINE__API_BASE": line.api_base,
    }


@asynccontextmanager
async def process(
    name: str, argv: list[str], url: str, folder: Path, environment: Mapping[str, str]
) -> AsyncIterator[psutil.Process]:
    """Run a program of ours until it answers at `url` and then as long as it is needed.

    `folder` is where it runs and where NAME.log gets what it prints. Raises BenchFailed if it does
    not come up, or ended before we ended it.
    """
    said = folder / f"{name}.log"
    with said.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(Path(leash.__file__))),
            *(str(os.getpid()), str(int(signal.SIGTERM))),
            *(sys.executable, *argv),
            env=dict(environment),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        ready, deadline = answers(url), asyncio.get_running_loop().time() + START_WITHIN
        while not await ready():
            if child.returncode is not None or asyncio.get_running_loop().time() > deadline:
                raise BenchFailed(f"{name} did not come up: {said.read_text()[-500:]}")
            await asyncio.sleep(0.05)
        yield psutil.Process(child.pid)
        if child.returncode is not None:
            raise BenchFailed(f"{name} ended by itself: {said.read_text()[-500:]}")
    finally:
        if child.returncode is None:
            child.terminate()
            try:
                await asyncio.wait_for(child.wait(), STOP_WITHIN)
            except TimeoutError:
                child.kill()
                await child.wait()


@asynccontextmanager
async def web(house: House) -> AsyncIterator[psutil.Process]:
    """The product's public process; LINE sends its webhooks there."""
    base = f"http://127.0.0.1:{house.settings.server.port}"
    argv, told = ["-m", "bot", "web"], environment(house.settings)
    async with process("web", argv, f"{base}/readyz", house.folder, told) as running:
        yield running


@asynccontextmanager
async def raw(house: House, steps: Sequence[Step]) -> AsyncIterator[psutil.Process]:
    """The raw loop's process. `steps`: the messages of a booking."""
    task = house.folder / "raw.json"
    api_base = house.settings.channels.line.api_base
    assert api_base is not None
    write_task(
        task,
        url=house.raw_url,
        port=house.raw_port,
        api_base=api_base,
        token=house.line.simulator.channel_access_token,
        steps=steps,
        patients=house.patients,
    )
    url = f"http://127.0.0.1:{house.raw_port}/readyz"
    argv, told = ["-m", "bot.commands.bench_raw", str(task)], environment(house.settings)
    async with process("raw", argv, url, house.folder, told) as running:
        yield running
