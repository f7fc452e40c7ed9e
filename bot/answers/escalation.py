"""Requests from the chats of staff: escalations, and the patients behind them.

Who asks is read from the account, never from what a flow holds: in a patient's chat nothing of this
is answered.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.audit.service import record
from clinic.conversation.service import prolong
from clinic.db import Tx
from clinic.escalation import service
from clinic.escalation.accounts import try_staff_code
from clinic.escalation.types import CodeRefused, Gone, Mine, Owned, Taken, Theirs
from clinic.message.service import write_staff_message
from flows import effects, events

GONE = events.EscalationAnswered("gone")


async def _try_code(tx: Tx, asker: Asker, what: effects.TryStaffCode) -> events.Answer:
    outcome = await try_staff_code(tx, asker.keys, asker.account_id, what.code)
    if isinstance(outcome, CodeRefused):
        return events.LinkRefused(outcome.reason)
    return events.StaffLinked(outcome)


async def _act(tx: Tx, asker: Asker, what: effects.ActOnEscalation) -> events.Answer:
    if asker.staff is None:
        return GONE
    staff, escalation = asker.staff.id, what.escalation_id
    match what.act:
        case "acknowledge":
            return await _answered(tx, asker, escalation, await service.own(tx, staff, escalation))
        case "called":
            called = await service.mark_called(tx, staff, escalation)
            return await _answered(tx, asker, escalation, called)
        case "take_over":
            minutes = asker.settings.policy.staff_lease_minutes
            taken = await service.take_chat(tx, staff, escalation, minutes)
            return await _answered(tx, asker, escalation, taken)
        case "hand_back":
            returned = await service.give_back_chat(tx, staff, escalation)
            return await _answered(tx, asker, escalation, Mine(False) if returned else Gone())


async def _close(tx: Tx, asker: Asker, what: effects.CloseEscalation) -> events.Answer:
    if asker.staff is None:
        return GONE
    closed = await service.close(
        tx, asker.keys, asker.staff.id, what.escalation_id, what.disposition
    )
    return await _answered(tx, asker, what.escalation_id, closed)


async def _write(tx: Tx, asker: Asker, what: effects.WriteToPatient) -> events.Answer:
    """Only while the staff member has the conversation; writing keeps it."""
    if asker.staff is None:
        return GONE
    staff = asker.staff.id
    conversation = await service.conversation_of(tx, what.escalation_id)
    if not await prolong(tx, conversation, staff, asker.settings.policy.staff_lease_minutes):
        return GONE
    outbox = await write_staff_message(tx, asker.keys, conversation, staff, what.text)
    await record(tx, "staff", staff, "staff:conversation:answer", conversation, {"outbox": outbox})
    return events.EscalationAnswered("done")


async def _answered(
    tx: Tx, asker: Asker, escalation_id: int, outcome: Owned | Taken
) -> events.EscalationAnswered:
    match outcome:
        case Mine() | Taken(True):
            who = await service.read_patient(tx, asker.keys, escalation_id)
            return events.EscalationAnswered("done", who=who.name, phone=who.phone)
        case Theirs("acknowledged", name):
            return events.EscalationAnswered("theirs", name)
        case Theirs(_, name):
            return events.EscalationAnswered("closed", name)
        case Taken(_, name):
            return events.EscalationAnswered("busy", name)
        case Gone():
            return GONE


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    effects.TryStaffCode: _try_code,
    effects.ActOnEscalation: _act,
    effects.CloseEscalation: _close,
    effects.WriteToPatient: _write,
}
