"""Waiting for something to become true, never for luck."""

import asyncio
import time
from collections.abc import Awaitable, Callable

GLANCE = 0.05  # s
Condition = Callable[[], Awaitable[bool]] | Callable[[], bool]


async def until(condition: Condition, within: float, what: str) -> float:
    """Wait for a condition; the seconds it took. Fails the test after `within` seconds."""
    began = time.monotonic()
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return time.monotonic() - began
        assert time.monotonic() - began < within, f"not within {within:.0f} s: {what}"
        await asyncio.sleep(GLANCE)
