"""A simulator and a channel for each test; every request must follow the published schema."""

import pytest

from bot.channels.telegram.client import TelegramChannel
from bot.local.simulators.telegram import TOKEN, TelegramSimulator
from tests.channels.telegram.spec import check_call, check_update


@pytest.fixture
async def telegram():
    async with TelegramSimulator(validator=check_call, manual_time=True) as simulator:
        yield simulator
        assert simulator.spec_problems == []
        assert [p for u in simulator.webhooks.updates.values() for p in check_update(u)] == []


@pytest.fixture
async def channel(telegram):
    channel = TelegramChannel(TOKEN, "s3cret", telegram.url)
    yield channel
    await channel.close()
