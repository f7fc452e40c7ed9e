"""What reads the patients' texts, whichever backend does it."""

from typing import Protocol

from nlu.reading import Reading


class Interpreter(Protocol):
    """Reads one text at a time. Never raises, and never tells its words to anyone.

    `local`: it answers at once, so that it may be asked while a lock is held.
    """

    @property
    def local(self) -> bool: ...

    async def read(self, text: str, language: str) -> Reading:
        """What the text means; `language` is the chat's, one of the five codes."""
        ...

    async def close(self) -> None:
        """Let go of whatever it holds."""
        ...
