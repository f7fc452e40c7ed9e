"""The web chat as a channel: a message is sent by being stored, and its page is woken."""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.channels.channel import Inbound, MediaReceived, NoMedia, Outcome, Reply, Sent
from bot.channels.media import TOO_LARGE
from bot.channels.webchat import parse
from clinic.crypto import Sealed
from clinic.errors import DatabaseDown
from clinic.message.types import Message

log = logging.getLogger(__name__)


Wake = Callable[[str], Awaitable[None]]
Read = Callable[[UUID], Awaitable[bytes | None]]


async def nothing(_: UUID) -> None:
    """No files are kept where nobody looks at them."""


async def silence(_: str) -> None:
    """Nobody hears of it where nobody writes."""


class WebChatChannel:
    """Implements `bot.channels.channel.Channel` and `KeepsMedia`."""

    name = "webchat"
    rate: float | None = None
    rate_per_chat: float | None = None
    burst = 1.0
    resends_safely = True  # a row is one line of the page, however often it is sent
    acknowledge_after = 0.0

    def __init__(self, wake: Wake, read: Read = nothing, typing: Wake = silence) -> None:
        """`wake` tells every web process that the conversation of an address has something new.

        `read` gives the file that was stored by a key, None once it is erased. `typing` tells web
        processes that somebody writes there.
        """
        self._wake, self._typing = wake, typing
        self._read = read

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

    def media_of(self, payload: bytes) -> MediaReceived | None:
        """The file that a stored event brought. Raises Malformed."""
        return parse.media_of(payload)

    async def fetch(self, media: MediaReceived, most: int) -> bytes | NoMedia:
        """The file, of at most `most` bytes. Never raises."""
        try:
            content = await self._read(UUID(media.media_id))
        except (DatabaseDown, Sealed) as error:
            log.warning("a file cannot be read: %s", type(error).__name__)
            return NoMedia(type(error).__name__)
        if content is None:
            return NoMedia("erased")
        return TOO_LARGE if len(content) > most else content

    async def show_typing(self, address: str) -> None:
        """Three dots on the pages that are open. Never raises."""
        with contextlib.suppress(DatabaseDown):
            await self._typing(address)

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
