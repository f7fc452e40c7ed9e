"""Patients who write all the time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.platforms import line_user
from tests.e2e.reliability.rig import Rig
from tests.e2e.reliability.sizes import SAYINGS

TALKERS = 4
PAUSE = 0.1  # s of each of them between two messages
PATIENTS = 30
FIRST = 200_000  # the number of the first of these patients


@asynccontextmanager
async def talking(rig: Rig) -> AsyncIterator[None]:
    """Have patients write on LINE while the body runs."""
    numbers, stopped = count(), asyncio.Event()

    async def talk() -> None:
        while not stopped.is_set():
            n = next(numbers)
            user = line_user(FIRST + int(chance(rig.seed, "talker", n) * PATIENTS))
            await rig.line.act("say", user, text=SAYINGS[n % len(SAYINGS)])
            await asyncio.sleep(PAUSE)

    talkers = [asyncio.create_task(talk()) for _ in range(TALKERS)]
    try:
        yield
    finally:
        stopped.set()
        await asyncio.gather(*talkers)
