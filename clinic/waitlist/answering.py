"""What people answer to the offer of a freed time. The first yes has it.

Whoever answers locks the rescue's row first, so that of several yeses one comes first; that only
one offer of a rescue is accepted, and that nobody else has the time, the database sees to as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from clinic.audit.service import record
from clinic.booking import visits
from clinic.booking.actor import Actor
from clinic.booking.keeping import book_kept, nearest_others
from clinic.booking.locks import give_back
from clinic.booking.search import in_language
from clinic.booking.service import move_visit
from clinic.booking.types import Changed, Refused, ServiceOption, Taken, Visit
from clinic.db import Tx
from clinic.message.service import WAITS, WITHDRAWN
from clinic.waitlist.service import Rescue, end, read_rescue, waves_of
from clinic.waitlist.types import Accepted, Declined, Missed
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind


@dataclass(frozen=True, slots=True)
class Won:
    """An accepted offer, and the offers of those who are to be told that somebody was quicker."""

    accepted: Accepted
    tell: tuple[int, ...] = ()


async def accept(tx: Tx, actor: Actor, offer_id: int) -> Won | Missed:
    """A yes to an offer, by the chat account that it was made to.

    Saying yes twice changes nothing and answers the same.
    """
    found = await _locked_offer(tx, actor, offer_id)
    if found is None:
        return Missed("unknown")
    offer, rescue = found
    if offer["state"] == "accepted":
        visit = await visits.visit_now(tx, actor, offer["booked_id"])
        return Won(Accepted(visit)) if visit else Missed("unknown")
    if rescue.state != "open":
        why = "taken" if rescue.state == "rescued" else "late"
        return await _missed(tx, actor, offer, rescue, why)
    if offer["wave"] != rescue.wave or not rescue.is_kept:
        return await _missed(tx, actor, offer, rescue, "late")
    outcome = await _give(tx, actor, offer, rescue)
    if isinstance(outcome, Missed):
        if outcome.why == "impossible":
            await end(tx, rescue, "impossible")
        return await _missed(tx, actor, offer, rescue, outcome.why)
    tell = await _settle_won(tx, actor, offer, rescue, outcome.visit.id)
    return Won(outcome, tell)


async def decline(tx: Tx, actor: Actor, offer_id: int) -> Declined | Accepted | Missed:
    """A no to an offer: this time is not offered to them again. Accepted: they had said yes."""
    found = await _locked_offer(tx, actor, offer_id)
    if found is None:
        return Missed("unknown")
    offer, rescue = found
    if offer["state"] == "accepted":
        visit = await visits.visit_now(tx, actor, offer["booked_id"])
        return Accepted(visit) if visit else Missed("unknown")
    if offer["state"] == "offered":
        await _close(tx, offer, "declined")
        await record(tx, "patient", actor.id, "patient:offer:decline", offer_id)
        await tx.execute(
            """update slot_rescue set due_at = now() where id = $1 and state = 'open'
                 and not exists (select from slot_offer where rescue_id = $1
                                 and state = 'offered')""",
            rescue.id,
        )
    return Declined(offer["entry_id"] is not None)


# Inside -------------------------------------------------------------------------------------------


async def _locked_offer(
    tx: Tx, actor: Actor, offer_id: int
) -> tuple[Mapping[str, Any], Rescue] | None:
    """An offer to this account about somebody it still speaks for, with its rescue locked."""
    rescue_id = await tx.fetchval("select rescue_id from slot_offer where id = $1", offer_id)
    if rescue_id is None:
        return None
    await tx.execute("select from slot_rescue where id = $1 for update", rescue_id)
    # Read by statements of their own: they see what whoever was before us committed.
    offer = await tx.fetchrow(
        """select o.*, q.booked_id from slot_offer o join slot_rescue q on q.id = o.rescue_id
           where o.id = $1""",
        offer_id,
    )
    rescue = await read_rescue(tx, rescue_id)
    if offer["account_id"] != actor.account_id or not actor.acts_for(offer["patient_id"]):
        return None
    return offer, rescue


async def _give(
    tx: Tx, actor: Actor, offer: Mapping[str, Any], rescue: Rescue
) -> Accepted | Missed:
    """Book the time, or move the later visit to it, as the clinic: it has invited the patient."""
    clinic = replace(actor, kind="system", id=None)
    assert rescue.hold_id is not None
    later = await _later_visit(tx, offer)
    try:
        async with tx.transaction():
            if later is None:
                account = offer["account_id"]
                patient = offer["patient_id"]
                outcome: Visit | Taken | Changed | Refused = await book_kept(
                    tx, clinic, rescue.hold_id, rescue.slot, patient, account
                )
            else:
                await give_back(tx, rescue.hold_id)
                outcome = await move_visit(tx, clinic, later["id"], later["version"], rescue.slot)
            if not isinstance(outcome, Visit):
                raise _Refusal(isinstance(outcome, Refused))
    except _Refusal as refusal:
        return Missed("overlap" if refusal.overlaps else "impossible")
    if later is None:
        return Accepted(outcome)
    await _guard_chain(tx, later, rescue, waves_of(actor.settings).depth)
    return Accepted(outcome, later["starts_at"].astimezone(outcome.starts_at.tzinfo))


class _Refusal(Exception):
    """Undoes what was begun for an offer that cannot be kept."""

    def __init__(self, overlaps: bool) -> None:
        self.overlaps = overlaps


async def _later_visit(tx: Tx, offer: Mapping[str, Any]) -> Any:
    """The visit that the time stands in for, as it is now."""
    return await tx.fetchrow(
        """select a.id, a.version, a.starts_at from appointment a
           join slot_rescue q on q.id = $3
           where a.patient_id = $1 and a.status = 'booked' and a.service_id = q.service_id
             and a.starts_at > q.starts_at and $4::bigint is not null
           order by (a.id = $2) desc nulls last, a.starts_at limit 1""",
        offer["patient_id"],
        offer["moving_id"],
        offer["rescue_id"],
        offer["entry_id"],
    )


async def _guard_chain(tx: Tx, later: Mapping[str, Any], rescue: Rescue, most: int) -> None:
    """A time freed by moving into a freed time is one deeper; at some depth it simply stays free,
    for moving people about has no end."""
    await tx.execute(
        """update slot_rescue set depth = $2,
             state = case when $3 then 'ended' else state end,
             reason = case when $3 then 'chain' end, ended_at = case when $3 then now() end
           where key = $1 and state = 'open'""",
        f"{later['id']}:{later['version']}",
        rescue.depth + 1,
        rescue.depth + 1 > most,
    )


async def _settle_won(
    tx: Tx, actor: Actor, offer: Mapping[str, Any], rescue: Rescue, visit_id: int
) -> tuple[int, ...]:
    """Close the rescue; the offers of those to be told that somebody was quicker."""
    await tx.execute(
        "update slot_offer set state = 'accepted', answered_at = now() where id = $1", offer["id"]
    )
    await tx.execute(
        """update slot_rescue set state = 'rescued', booked_id = $2, hold_id = null,
             ended_at = now() where id = $1""",
        rescue.id,
        visit_id,
    )
    await tx.execute(
        """update waitlist_entry set state = 'booked', ended_at = now()
           where patient_id = $1 and service_id = $2 and state in ('waiting', 'offered')""",
        offer["patient_id"],
        rescue.freed.service_id,
    )
    ids = {"rescue_id": rescue.id, "appointment_id": visit_id, "patient_id": offer["patient_id"]}
    await announce(tx, Kind.WAITLIST_RESCUED, ids)
    rows = await tx.fetch(
        f"""with others as (
             update slot_offer set state = 'taken' where rescue_id = $1 and state = 'offered'
             returning id, entry_id, outbox_id),
           waits as (
             update waitlist_entry set state = 'waiting'
             where id in (select entry_id from others) and state = 'offered'),
           spared as (
             update outbox o set {WITHDRAWN}
             where o.id in (select outbox_id from others) and {WAITS} returning o.id, o.state)
           select id from others
           where outbox_id not in (select id from spared where state = 'skipped')
           order by id""",  # noqa: S608  # constants
        rescue.id,
        "slot_taken",
    )
    await record(
        tx, "patient", actor.id, "patient:offer:accept", offer["id"], {"appointment": visit_id}
    )
    return tuple(row["id"] for row in rows)


async def _missed(
    tx: Tx, actor: Actor, offer: Mapping[str, Any], rescue: Rescue, why: Any
) -> Missed:
    """Somebody was quicker, or it is too late: what else there is."""
    if offer["state"] in ("offered", "lapsed"):
        ended = {"taken": "taken", "late": "late"}.get(why, "lapsed")
        await _close(tx, offer, ended, None if ended == why else why)
    elif offer["state"] == "taken":
        why = "taken"
    others = await nearest_others(tx, actor, rescue.slot, offer["patient_id"])
    name = in_language(rescue.service_name, actor.language)
    service = ServiceOption(rescue.freed.service_id, name, rescue.freed.minutes)
    waits = offer["entry_id"] is not None
    return Missed(why, waits, offer["patient_id"], service, others)


async def _close(tx: Tx, offer: Mapping[str, Any], state: str, reason: str | None = None) -> None:
    """The end of an offer that brought no visit; who is on the waitlist waits on."""
    await tx.execute(
        """update slot_offer set state = $2, reason = $3, answered_at = now()
           where id = $1""",
        offer["id"],
        state,
        reason,
    )
    await tx.execute(
        "update waitlist_entry set state = 'waiting' where id = $1 and state = 'offered'",
        offer["entry_id"],
    )
