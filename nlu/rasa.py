"""The interpreter that asks a Rasa server, and the embedded one whenever that does not answer."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any, cast

import aiohttp

from nlu import entities
from nlu.grams import asked, folded
from nlu.interpreter import Interpreter
from nlu.reading import INTENTS, Intent, Reading
from nlu.script import group

log = logging.getLogger(__name__)

LARGEST_ANSWER = 64 * 1024  # bytes
FAILURES = 5  # in a row, and the server is left alone
REST = 10.0  # seconds until one text tries it again
RANKED = 5
# Rasa's regression is too sure of itself, or not enough: see docs/nlu.md.
TEMPERATURE = 1.0


class Breaker:
    """Keeps from a server that fails: open after FAILURES in a row, then one trial every REST."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds that only grow."""
        self._clock = clock
        self._failures = 0
        self._next_trial = 0.0

    @property
    def open(self) -> bool:
        """Whether the server is left alone but for trials."""
        return self._failures >= FAILURES

    def allows(self) -> bool:
        """Whether to ask the server now. A trial is given to one asker only."""
        if not self.open:
            return True
        now = self._clock()
        if now < self._next_trial:
            return False
        self._next_trial = now + REST
        return True

    def succeeded(self) -> None:
        """The server answered."""
        self._failures = 0

    def failed(self) -> None:
        """The server did not answer, or nonsense."""
        self._failures += 1
        if self.open:
            self._next_trial = self._clock() + REST


class _BadAnswerError(Exception):
    """The server answered something else than a parse."""


class Rasa:
    """Rasa's intents, with our entities. Only `POST /model/parse` is ever asked of the server."""

    local = False

    def __init__(
        self,
        url: str,
        token: str | None,
        otherwise: Interpreter,
        timeout: float = 1.5,
        breaker: Breaker | None = None,
    ) -> None:
        """`otherwise` reads what the server does not; `timeout` in seconds."""
        self._url = f"{url.rstrip('/')}/model/parse"
        self._token = {"token": token} if token else {}
        self._otherwise = otherwise
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._breaker = breaker or Breaker()
        self._session: aiohttp.ClientSession | None = None

    async def read(self, text: str, language: str) -> Reading:
        """What the text means to Rasa, or to the other interpreter where Rasa fails."""
        ranking = await self._asked(text, language) if self._breaker.allows() else None
        if ranking is None:
            return await self._otherwise.read(text, language)
        its_group = group(text, language)
        return Reading(ranking, entities.read(folded(text, its_group), its_group))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
        await self._otherwise.close()

    async def _asked(self, text: str, language: str) -> tuple[tuple[Intent, float], ...] | None:
        was_open = self._breaker.open
        try:
            ranking = _ranking(await self._answer(asked(text, group(text, language))))
        except (aiohttp.ClientError, TimeoutError, OSError, _BadAnswerError) as error:
            self._breaker.failed()
            if self._breaker.open and not was_open:
                # Its words could hold the token or the text.
                log.warning("rasa: %s: read by the embedded model for now", type(error).__name__)
            return None
        self._breaker.succeeded()
        if was_open:
            log.warning("rasa: answers again")
        return ranking

    async def _answer(self, text: str) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        async with self._session.post(
            self._url, params=self._token, json={"text": text}, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise _BadAnswerError
            body = b""
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise _BadAnswerError
            return body


def _ranking(body: bytes) -> tuple[tuple[Intent, float], ...]:
    """The intents of Rasa's answer that are ours, the best first."""
    try:
        answer: Any = json.loads(body)
        found = {
            str(one["name"]): float(one["confidence"])
            for one in answer["intent_ranking"]
            if one["name"] in INTENTS  # `nlu_fallback` is none of them
        }
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _BadAnswerError from None
    if not found or not all(0 <= confidence <= 1 for confidence in found.values()):
        raise _BadAnswerError
    tempered = {name: confidence ** (1 / TEMPERATURE) for name, confidence in found.items()}
    whole = sum(tempered.values()) or 1.0
    ranked = sorted(tempered.items(), key=lambda one: -one[1])[:RANKED]
    return tuple((cast(Intent, name), round(share / whole, 4)) for name, share in ranked)
