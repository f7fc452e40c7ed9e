"""Requests about the waitlist and about freed times that were offered."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from bot.answers.booking import actor_of
from bot.offers import tell_taken
from clinic.db import Tx
from clinic.waitlist import answering, entries
from clinic.waitlist.types import Accepted, Declined, Missed, Wishes
from flows import events
from flows.waitlist_effects import (
    DeclineOffer,
    JoinWaitlist,
    LeaveWaitlist,
    ListWaiting,
    TakeOffer,
)
from flows.waitlist_events import (
    OfferDeclined,
    OfferMissed,
    OfferTaken,
    WaitingListed,
    WaitlistJoined,
    WaitlistLeft,
)


async def _list(tx: Tx, asker: Asker, _: ListWaiting) -> events.Answer:
    return WaitingListed(await entries.list_waiting(tx, actor_of(asker)))


async def _join(tx: Tx, asker: Asker, what: JoinWaitlist) -> events.Answer:
    wishes = Wishes(asker.now.date(), what.until_on, what.weekdays, what.part)
    joining = entries.Joining(
        what.patient_id, what.service_id, what.practitioner_id, wishes, what.appointment_id
    )
    return WaitlistJoined(await entries.join(tx, actor_of(asker), joining) is not None)


async def _leave(tx: Tx, asker: Asker, what: LeaveWaitlist) -> events.Answer:
    await entries.leave(tx, actor_of(asker), what.entry_id)
    return WaitlistLeft()


async def _take(tx: Tx, asker: Asker, what: TakeOffer) -> events.Answer:
    outcome = await answering.accept(tx, actor_of(asker), what.offer_id)
    if isinstance(outcome, Missed):
        return _missed(outcome)
    await tell_taken(tx, asker.keys, asker.settings, outcome.tell)
    return _taken(outcome.accepted)


async def _decline(tx: Tx, asker: Asker, what: DeclineOffer) -> events.Answer:
    match await answering.decline(tx, actor_of(asker), what.offer_id):
        case Declined(waits):
            return OfferDeclined(waits)
        case Accepted() as accepted:
            return _taken(accepted)
        case missed:
            return _missed(missed)


def _taken(accepted: Accepted) -> OfferTaken:
    return OfferTaken(accepted.visit, accepted.instead_of)


def _missed(missed: Missed) -> OfferMissed:
    return OfferMissed(missed.why, missed.waits, missed.patient_id, missed.service, missed.others)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    ListWaiting: _list,
    JoinWaitlist: _join,
    LeaveWaitlist: _leave,
    TakeOffer: _take,
    DeclineOffer: _decline,
}
