"""Which messages a chat gets, and what it chooses."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.consent.service import covered, record
from clinic.db import Tx
from flows import events
from flows.subscription import CHOSEN
from flows.subscription_effects import ChooseMessages, ReadMessages
from flows.subscription_events import MessagesRead


async def _read(tx: Tx, asker: Asker, request: ReadMessages) -> events.Answer:  # noqa: ARG001
    return MessagesRead(await covered(tx, asker.account_id, CHOSEN))


async def _choose(tx: Tx, asker: Asker, deed: ChooseMessages) -> None:
    version = asker.settings.clinic.notice_in_force
    await record(tx, asker.account_id, deed.purpose, version, given=deed.wanted)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {ReadMessages: _read}
DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {ChooseMessages: _choose}
