"""Starts processes of Kayoi in some 50 ms instead of seconds, so that they can be killed by dozens.

Run as a program it imports the product once and forks a process for each order on its stdin. The
process then runs the same `main` as the command does, in a session of its own, with an environment,
a folder and a log of its own; only the import and the reading of word lists are saved. `Hatchery`
is the side of the tests.
"""

import asyncio
import contextlib
import importlib
import json
import os
import select
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.local import leash

PRODUCT = "bot.__main__"
LINE = "bot.local.simulators.line"
TELEGRAM = "bot.local.simulators.telegram"
# Imported before the first fork: what processes import as they start, or with their first work.
WARM = (
    PRODUCT,
    LINE,
    TELEGRAM,
    "bot.commands.serve",
    "bot.channels.line.client",
    "bot.channels.telegram.client",
    "bot.channels.webchat.channel",
    "bot.app",
    "admin.app",
    "scheduler.worker",
)
# Read by each process at its start; it costs seconds, and more on a busy machine.
LOADED = ("nlu.red_flags", "nlu.presentations")
GLANCE = 0.01  # s


@dataclass(slots=True)
class Child:
    """A process. `ended` holds its exit code, negative for the signal that killed it."""

    name: str
    pid: int
    log: Path
    ended: asyncio.Future[int] = field(repr=False)

    @property
    def alive(self) -> bool:
        return not self.ended.done()

    def send(self, number: int) -> None:
        """Send it a signal; one that has ended already gets none."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def end(self, number: int = signal.SIGKILL) -> int:
        """End it by a signal; its exit code."""
        self.send(number)
        return await asyncio.shield(self.ended)

    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Hatchery:
    """Use as `async with Hatchery() as hatchery`; every process ends with it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._born: dict[int, asyncio.Future[tuple[int, asyncio.Future[int]]]] = {}
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._orders = 0

    async def __aenter__(self) -> Self:
        root = str(Path(__file__).parents[3])
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__),
            cwd=root,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        if self._reader:
            await self._reader

    async def hatch(
        self,
        name: str,
        module: str,
        arguments: list[str],
        *,
        environment: dict[str, str],
        folder: Path,
        before: str = "",
    ) -> Child:
        """Start `module`'s main. `before` is a module that is imported first, to break things."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._orders += 1
        log = folder / f"{name}-{self._orders}.log"
        order = {
            "order": self._orders,
            "module": module,
            "argv": [name, *arguments],
            "environment": environment,
            "folder": str(folder),
            "log": str(log),
            "before": before,
        }
        loop = asyncio.get_running_loop()
        born = self._born[self._orders] = loop.create_future()
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        pid, ended = await born
        return Child(name, pid, log, ended)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said: dict[str, int] = json.loads(line)
            if "order" in said:
                ended = self._ended[said["pid"]] = asyncio.get_running_loop().create_future()
                self._born.pop(said["order"]).set_result((said["pid"], ended))
            else:
                self._ended.pop(said["pid"]).set_result(said["code"])


# The program ----------------------------------------------------------------------------------


def _become(order: dict[str, Any], parent: int) -> None:
    os.setsid()
    leash.die_with_parent(parent, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(source, target)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = order["argv"]
    if order["before"]:
        importlib.import_module(order["before"])
    importlib.import_module(order["module"]).main()


def _hatch(order: dict[str, Any]) -> int:
    parent = os.getpid()
    if pid := os.fork():
        return pid
    code = 1
    try:
        _become(order, parent)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _tell({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(said: dict[str, int]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def main() -> None:
    """Fork a process for each order until stdin ends; our end then kills all of them."""
    for name in WARM:
        importlib.import_module(name)
    for words in LOADED:
        importlib.import_module(words).load()
    rest = b""
    while True:
        readable, _, _ = select.select([0], [], [], GLANCE)
        if readable:
            chunk = os.read(0, 1 << 16)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                order = json.loads(line)
                _tell({"order": order["order"], "pid": _hatch(order)})
        _reap()


if __name__ == "__main__":
    main()
