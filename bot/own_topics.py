"""The topics that the clinic wrote itself, as this process looks for them in texts."""

from clinic.db import Tx
from clinic.faq import own
from nlu.reading import Near
from nlu.topics import Taught, Topics


class OwnTopics:
    """Finds the clinic's own topics. The pulse of a process keeps them fresh."""

    def __init__(self) -> None:
        """There are none until the first `refresh`."""
        self._topics = Topics()
        self._version = ""

    async def refresh(self, tx: Tx) -> bool:
        """Take over what staff changed; whether anything was."""
        version = await own.version(tx)
        if version == self._version:
            return False
        kept = await own.in_use(tx)
        self._topics = Topics(Taught(one.id, one.words.names, one.words.examples) for one in kept)
        self._version = version
        return True

    def find(self, text: str, language: str) -> tuple[Near, ...]:
        """The topics that a text may be about, the likeliest first. `language`: the chat's."""
        return self._topics.find(text, language)
