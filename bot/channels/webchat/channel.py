"""The web chat as a channel: a message is sent by being stored, and its page is woken."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.channels.channel import Inbound, Outcome, Reply, Sent
from bot.channels.webchat import parse
from clinic.errors import DatabaseDown
from clinic.message.types import Message

log = logging.getLogger(__name__)


class WebChatChannel:
    """Implements `bot.channels.channel.Channel`."""

    name = "webchat"
    rate: float | None = None
    rate_per_chat: float | None = None
    resends_safely = True  # a row is one line of the page, however often it is sent
    acknowledge_after = 0.0

    def __init__(self, wake: Callable[[str], Awaitable[None]]) -> None:
        """`wake` tells every web process that the conversation of an address has something new."""
        self._wake = wake

    def split(self, message: Message) -> tuple[Message, ...]:
        """The message itself: the page has no limits of length."""
        return (message,)

    def parse(self, payload: bytes) -> Inbound:
        """Understand one stored event. Raises Malformed; unknown kinds become Ignored."""
        return parse.parse(payload)

    async def send(
        self,
        address: str,
        message: Message,  # noqa: ARG002  # the page reads it from the outbox
        *,
        key: UUID,
        reply: Reply | None = None,  # noqa: ARG002
    ) -> Outcome:
        """Wake the pages of this conversation; those that are shut show the message later."""
        try:
            await self._wake(address)
        except DatabaseDown:
            log.warning("no wake-up for delivery %s: the page finds it by itself", key)
        return Sent()

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Nothing: the page shows by itself that its event was taken."""

    async def profile(self, address: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Nothing is known but what each event tells."""
        return {}

    async def own_name(self) -> str | None:
        """None: the chat is found by the clinic's own address."""
        return None

    async def set_webhook(self, url: str) -> str | None:  # noqa: ARG002
        """Nothing: the page calls us by itself."""
        return None

    async def close(self) -> None:
        """Nothing is open."""
