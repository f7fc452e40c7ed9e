"""The hint that an answer is being written: for an event whose own answer takes long."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.app import _acknowledge
from bot.channels.channel import Inbound, Received, TextReceived
from bot.runner import Handled
from bot.turns import Turns

AT = datetime(2026, 11, 24, tzinfo=UTC)
AFTER = 0.2  # s


class Slow:
    """A runner whose turns take until they are let go, one by one."""

    def __init__(self) -> None:
        self.may_end = asyncio.Semaphore(0)

    async def handle_next(self, account_id: int) -> Handled:
        await self.may_end.acquire()
        return Handled.LAST


class Hinting:
    """A channel that counts its hints."""

    acknowledge_after = AFTER

    def __init__(self) -> None:
        self.hints = 0

    def parse(self, payload: bytes) -> Inbound:
        return Inbound(TextReceived("hi"), AT)

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        self.hints += 1


@pytest.mark.parametrize("answered", [True, False])
async def test_no_hint_for_an_answered_event_while_the_next_is_handled(answered: bool) -> None:
    runner: Any = Slow()
    channel: Any = Hinting()
    turns = Turns(runner)
    turns.wake(1)
    _acknowledge(channel, Received("e1", "U1", AT, b"{}"), turns, 1)
    if answered:
        runner.may_end.release()
        await turns.idle()
        turns.wake(1)
    await asyncio.sleep(2 * AFTER)
    assert channel.hints == (0 if answered else 1)
    runner.may_end.release()
    await turns.idle()
