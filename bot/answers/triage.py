"""Requests and deeds about triage runs."""

from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.triage import service
from flows import events
from flows.triage_effects import AnswerCheckIn, KeepTriage, ScheduleCheckIn
from flows.triage_events import CheckInAnswered, CheckInGone


async def _keep(tx: Tx, asker: Asker, deed: KeepTriage) -> None:
    patient = deed.patient_id if deed.patient_id in asker.patient_ids else None
    finished = service.Finished(asker.conversation_id, deed.run, deed.asked, patient, deed.before)
    await service.keep(tx, asker.keys, finished)


async def _schedule(tx: Tx, asker: Asker, deed: ScheduleCheckIn) -> None:
    begins, ends = asker.settings.policy.quiet_hours
    quiet = time.fromisoformat(begins), time.fromisoformat(ends)
    due_at = service.check_in_at(asker.now, quiet)
    await service.schedule_check_in(tx, asker.conversation_id, deed.run_id, due_at)


async def _check_in(tx: Tx, asker: Asker, request: AnswerCheckIn) -> events.Answer:
    found = await service.answer_check_in(
        tx, asker.keys, asker.conversation_id, request.run_id, request.how
    )
    if found is None:
        return CheckInGone()
    # Of whom this chat speaks for no more, nothing is told.
    patient = found.patient_id if found.patient_id in asker.patient_ids else None
    if found.patient_id is not None and patient is None:
        return CheckInGone()
    return CheckInAnswered(found.presentation, found.who, patient, found.name, found.times)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    AnswerCheckIn: _check_in,
}
DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {
    KeepTriage: _keep,
    ScheduleCheckIn: _schedule,
}
