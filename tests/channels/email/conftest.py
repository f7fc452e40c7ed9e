"""An SMTP server on loopback that does as it is told, and keeps what it was given."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.email.server import MailServer


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server
