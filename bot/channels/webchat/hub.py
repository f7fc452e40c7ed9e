"""Who is looking at which conversation right now, in this process, and how they are woken.

A wake-up says only that there may be something new; what it is, is read from PostgreSQL. So none
needs to be kept, and a lost one costs a delay (see `api.REREAD`), never a message.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class TooManyStreams(Exception):
    """This conversation, its source, or this process has as many open streams as it may."""

    def __init__(self, *, here: bool) -> None:
        """`here`: it is the limit of the conversation or its source that is reached."""
        super().__init__("too many streams")
        self.here = here


class Wakes:
    """The wake-ups of one stream. Several that come before they are waited for count as one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.over = False
        self.typed = False  # somebody at the clinic is writing; whoever tells the page unsets it

    def ring(self) -> None:
        """Wake the stream."""
        self._event.set()

    async def wait(self, timeout: float) -> None:
        """Return at the next wake-up, or after `timeout` seconds without one."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()


class Hub:
    """The open streams of this process."""

    def __init__(self, *, per_conversation: int = 3, overall: int = 1000) -> None:
        self._per_conversation = per_conversation
        self._overall = overall
        self._streams: dict[str, set[Wakes]] = {}
        self._count = 0
        self._closed = False

    @contextmanager
    def subscribe(self, key: str) -> Iterator[Wakes]:
        """The wake-ups of a conversation, while the context is open. Raises TooManyStreams.

        `key` is whatever `wake` is called with, the same for every stream of the conversation.
        """
        if self._closed or self._count >= self._overall:
            raise TooManyStreams(here=False)
        streams = self._streams.setdefault(key, set())
        if len(streams) >= self._per_conversation:
            raise TooManyStreams(here=True)
        wakes = Wakes()
        streams.add(wakes)
        self._count += 1
        try:
            yield wakes
        finally:
            self._count -= 1
            streams.discard(wakes)
            if not streams:
                self._streams.pop(key, None)

    def wake(self, key: str) -> None:
        """Something was written to this conversation, in whichever process."""
        for wakes in self._streams.get(key, ()):
            wakes.ring()

    def typed(self, key: str) -> None:
        """Somebody at the clinic is writing in this conversation."""
        for wakes in self._streams.get(key, ()):
            wakes.typed = True
        self.wake(key)

    def wake_all(self) -> None:
        """Wake-ups may have been missed, such as while the database was away."""
        for key in self._streams:
            self.wake(key)

    def close(self) -> None:
        """End every stream and take no more: call it when the application shuts down."""
        self._closed = True
        for streams in self._streams.values():
            for wakes in streams:
                wakes.over = True
        self.wake_all()
