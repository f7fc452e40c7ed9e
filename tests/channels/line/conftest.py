import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channels.line.client import LineChannel
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.telegram_state import SimulatedTime
from tests.channels import specs

PATIENT = "U" + "0" * 31 + "1"


@dataclass
class Requests:
    """All requests that LINE got, and what its OpenAPI finds wrong with them."""

    seen: list[tuple[str, str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, method: str, path: str, body: Any) -> None:
        self.arrived.set()
        self.seen.append((method, path, body))
        if specs.have("messaging-api.yml"):
            self.problems += specs.request_problems("messaging-api.yml", method, path, body)

    @property
    def last(self) -> Any:
        return self.seen[-1][2]


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
async def line(requests: Requests) -> AsyncIterator[LineSimulator]:
    """LINE with one friend, at a time that stands still."""
    simulator = LineSimulator(time=SimulatedTime(manual=True), validator=requests)
    await simulator.start()
    simulator.platform.users.add(PATIENT)
    yield simulator
    await simulator.stop()
    assert requests.problems == []


@pytest.fixture
async def channel(line: LineSimulator) -> AsyncIterator[LineChannel]:
    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    yield channel
    await channel.close()
