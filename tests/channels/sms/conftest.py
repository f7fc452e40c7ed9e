"""A gateway and a channel for each test."""

import pytest

from bot.channels.sms.client import SmsChannel
from bot.local.simulators.sms import ACCOUNT, SENDER, TOKEN, SmsSimulator


@pytest.fixture
async def gateway():
    async with SmsSimulator() as simulator:
        yield simulator
        assert simulator.problems == []


@pytest.fixture
async def channel(gateway):
    channel = SmsChannel(ACCOUNT, TOKEN, SENDER, gateway.url)
    yield channel
    await channel.close()
