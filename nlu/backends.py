"""Which interpreter an installation reads with."""

from nlu.embedded import Embedded
from nlu.interpreter import Interpreter


def interpreter(backend: str, *, url: str, token: str | None, timeout: float) -> Interpreter:
    """The embedded interpreter, or Rasa at `url` with the embedded one behind it.

    `timeout` in seconds. Raises OSError if the embedded models are not there.
    """
    embedded = Embedded()
    if backend == "embedded":
        return embedded
    from nlu.rasa import Rasa  # aiohttp's client is for those who use it

    return Rasa(url, token, embedded, timeout)
