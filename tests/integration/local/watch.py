"""Looking at processes from outside, for the tests of stores and supervisor."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import psutil

from bot.local.place import find
from bot.local.store import Store


def server_of(store: Store) -> psutil.Process:
    """The server process of an embedded store."""
    name = {"postgres": "postmaster.pid", "valkey": "valkey.pid"}[store.name]
    return psutil.Process(
        int((find(store.data_dir, store.name).data / name).read_text().split()[0])
    )


def ended(process: psutil.Process) -> bool:
    """Whether it has come to its end; whoever is its parent may still have to notice."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def eventually(true: Callable[[], bool], what: str, within: float = 15.0) -> None:
    """Wait until it is true; the time only bounds a failing test."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.02)


async def eventually_async(
    true: Callable[[], Awaitable[bool]], what: str, within: float = 15.0
) -> None:
    """As `eventually`, for what has to be awaited."""
    deadline = time.monotonic() + within
    while not await true():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        await asyncio.sleep(0.02)
