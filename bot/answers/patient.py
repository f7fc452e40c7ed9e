"""Requests about whom an account speaks for."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from bot.relinked import tell_others
from clinic.db import Tx
from clinic.link.service import Refusal, try_code
from clinic.patient.service import add_provisional
from flows import effects, events


async def _add(tx: Tx, asker: Asker, request: effects.AddPatient) -> events.PatientAdded:
    return events.PatientAdded(
        await add_provisional(
            tx, asker.account_id, request.name, request.relation, request.birth_on
        )
    )


async def _try_code(
    tx: Tx, asker: Asker, request: effects.TryLinkCode
) -> events.Linked | events.LinkRefused:
    outcome = await try_code(tx, asker.keys, asker.account_id, request.code)
    if isinstance(outcome, Refusal):
        return events.LinkRefused(outcome.reason)
    await tell_others(tx, asker.keys, asker.settings, asker.account_id, outcome.id)
    return events.Linked(outcome)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    effects.AddPatient: _add,
    effects.TryLinkCode: _try_code,
}
