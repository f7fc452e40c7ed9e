"""A web chat in front of a backend in memory, and a browser that knows its secret."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from tests.channels.webchat.backend import MemoryBackend, serving
from tests.channels.webchat.caller import MINE


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
async def url(backend: MemoryBackend) -> AsyncIterator[str]:
    async with serving(backend) as url:
        yield url


@pytest.fixture
async def client(url: str) -> AsyncIterator[ClientSession]:
    async with ClientSession(url, headers=MINE) as client:
        yield client
