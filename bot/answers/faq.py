"""Requests about what the clinic has written for patients."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.faq import own, service
from clinic.faq.types import OWN
from flows import effects, events
from flows.faq_effects import Unanswered, Understood


async def _read(tx: Tx, asker: Asker, request: effects.ReadFaq) -> events.FaqRead:
    if request.topic.startswith(OWN):
        languages = asker.settings.clinic.languages
        told = await own.read_own(tx, request.topic, asker.language, languages)
    else:
        told = await service.read_answer(tx, request.topic, asker.language)
    return events.FaqRead(told.words, "" if told.language == asker.language else told.language)


async def _rate(tx: Tx, asker: Asker, deed: effects.RateFaq) -> None:
    if deed.topic.startswith(OWN):
        await own.rate_own(tx, deed.topic, helped=deed.helped)
    else:
        await service.rate(tx, deed.topic, asker.language, helped=deed.helped)


async def _note(tx: Tx, asker: Asker, deed: Unanswered) -> None:
    event = asker.event_id if asker.said else None
    account, language = asker.account_id, asker.language
    await own.note_unanswered(tx, asker.keys, account, language, deed.why, deed.topic, event)


async def _understood(tx: Tx, asker: Asker, deed: Understood) -> None:  # noqa: ARG001
    await own.forget_unsure(tx, asker.account_id)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    effects.ReadFaq: _read,
}
DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {
    effects.RateFaq: _rate,
    Understood: _understood,
    Unanswered: _note,
}
