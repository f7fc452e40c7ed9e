"""The places in today's queue of those whom a chat account speaks for."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from bot.answers.booking import actor_of
from clinic.db import Tx
from clinic.reception.service import tickets
from clinic.reception.types import Place
from flows import events
from flows.queue_effects import ReadQueue
from flows.queue_events import QueueRead


async def _read(tx: Tx, asker: Asker, _: ReadQueue) -> events.Answer:
    actor = actor_of(asker)
    mine = [
        one
        for one in await tickets(tx)
        if actor.may_see(one.appointment_id, one.patient_id, one.account_id)
    ]
    rows = await tx.fetch(
        "select id, name from patient where id = any ($1)", [one.patient_id for one in mine]
    )
    names = {row["id"]: row["name"] for row in rows}
    return QueueRead(
        tuple(Place(names[one.patient_id], one.number, one.ahead, one.state) for one in mine)
    )


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {ReadQueue: _read}
