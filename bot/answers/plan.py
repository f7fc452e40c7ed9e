"""What the buttons under a follow-up plan's messages do."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.plan.replies import reply
from flows import events
from flows.plan_effects import AnswerPlan
from flows.plan_events import PlanAnswered, PlanGone


async def _answer(tx: Tx, asker: Asker, request: AnswerPlan) -> events.Answer:
    name = await reply(
        tx, request.activity_id, request.how, asker.patient_ids, asker.conversation_id
    )
    return PlanGone() if name is None else PlanAnswered(name)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {AnswerPlan: _answer}
