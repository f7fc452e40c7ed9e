"""Requests about what comes next of follow-up plans."""

from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.plan.ahead import ask_for_call, list_ahead, stop_by_patient
from flows import events
from flows.ahead_effects import AskForCall, ListAhead, StopPlan
from flows.ahead_events import AheadListed, PlanCallAsked, PlanOver, PlanStopped


async def _list(tx: Tx, asker: Asker, _: ListAhead) -> events.Answer:
    zone = ZoneInfo(asker.settings.clinic.time_zone)
    return AheadListed(await list_ahead(tx, _theirs(asker), zone))


async def _call(tx: Tx, asker: Asker, what: AskForCall) -> events.Answer:
    name = await ask_for_call(tx, what.plan_id, _theirs(asker), asker.conversation_id)
    return PlanOver() if name is None else PlanCallAsked(name)


async def _stop(tx: Tx, asker: Asker, what: StopPlan) -> events.Answer:
    name = await stop_by_patient(tx, what.plan_id, _theirs(asker), asker.conversation_id)
    return PlanOver() if name is None else PlanStopped(name)


def _theirs(asker: Asker) -> list[int]:
    """Whose plans may be told here: of a proven link, and not of a one-time link, which was sent
    for one thing."""
    linked = asker.scope and asker.scope.patient.id
    return [it.id for it in asker.patients if it.proven and it.id != linked]


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    ListAhead: _list,
    AskForCall: _call,
    StopPlan: _stop,
}
