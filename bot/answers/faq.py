"""Requests about what the clinic has written for patients."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.faq import service
from flows import effects, events


async def _read(tx: Tx, asker: Asker, request: effects.ReadFaq) -> events.FaqRead:
    return events.FaqRead(await service.read_answer(tx, request.topic, asker.language))


async def _rate(tx: Tx, asker: Asker, deed: effects.RateFaq) -> None:
    await service.rate(tx, deed.topic, asker.language, helped=deed.helped)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    effects.ReadFaq: _read,
}
DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {effects.RateFaq: _rate}
