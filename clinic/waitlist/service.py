"""Slot rescue: a time that became free is kept while it is offered, wave after wave.

Whoever acts on a rescue locks its row first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.booking.actor import Actor
from clinic.booking.keeping import keep_slot
from clinic.booking.locks import give_back
from clinic.booking.types import Slot
from clinic.config import Settings
from clinic.db import Tx
from clinic.waitlist.types import Candidate, Freed, Waves

_RESCUE = """
select q.*, i.time_zone, i.name as site_name, s.name as service_name, s.duration,
  g.patient_id as freed_by, h.held_until, now() as now
from slot_rescue q join site i on i.id = q.site_id join service s on s.id = q.service_id
join appointment g on g.id = q.appointment_id left join appointment h on h.id = q.hold_id
"""


@dataclass(frozen=True, slots=True)
class Rescue:
    """A rescue's row under our lock."""

    id: int
    freed: Freed
    freed_by: int  # the patient who had the time
    site_name: Mapping[str, str]
    service_name: Mapping[str, str]
    state: str
    wave: int
    depth: int
    hold_id: int | None
    held_until: datetime | None
    now: datetime

    @property
    def slot(self) -> Slot:
        """The time as booking knows one."""
        one = self.freed
        begin, end = one.starts_at, one.ends_at
        return Slot(one.service_id, one.site_id, "", one.practitioner_id, "", begin, end, ())

    @property
    def is_kept(self) -> bool:
        """Whether the time is kept for those who were asked."""
        return self.held_until is not None and self.held_until > self.now


def waves_of(settings: Settings) -> Waves:
    """How this installation offers freed times."""
    one = settings.waitlist
    return Waves(
        size=one.wave_size,
        length=timedelta(minutes=one.wave_minutes),
        hurried=timedelta(minutes=one.hurried_minutes),
        hurried_within=timedelta(hours=one.hurried_within_hours),
        least_ahead=timedelta(hours=one.least_hours_ahead),
        most=one.waves,
        depth=one.chain,
    )


async def claim_due(tx: Tx) -> Rescue | None:
    """The rescue that is to be looked at first and that no other worker has, locked."""
    row = await tx.fetchrow(
        f"""{_RESCUE} where q.state = 'open' and q.due_at <= now()
            order by q.due_at, q.id limit 1 for update of q skip locked"""
    )
    return _rescue(row) if row else None


async def read_rescue(tx: Tx, rescue_id: int) -> Rescue:
    """A rescue as it stands. Rescues are never deleted."""
    return _rescue(await tx.fetchrow(f"{_RESCUE} where q.id = $1", rescue_id))


async def keep(tx: Tx, actor: Actor, rescue: Rescue, minutes: int) -> int | None:
    """Keep the time for a new wave, whatever kept it before; None: it is not to be had."""
    await let_go(tx, rescue)
    return await keep_slot(tx, actor, rescue.slot, rescue.freed_by, minutes)


async def let_go(tx: Tx, rescue: Rescue) -> None:
    """Let everybody book the time."""
    if rescue.hold_id is not None:
        await give_back(tx, rescue.hold_id)
        await tx.execute("update slot_rescue set hold_id = null where id = $1", rescue.id)


async def end(tx: Tx, rescue: Rescue, reason: str) -> None:
    """Nobody is asked any more."""
    await let_go(tx, rescue)
    await lapse_offers(tx, rescue.id)
    await tx.execute(
        """update slot_rescue set state = 'ended', reason = $2, ended_at = now()
           where id = $1""",
        rescue.id,
        reason,
    )


async def write_offer(
    tx: Tx, rescue: Rescue, candidate: Candidate, account_id: int, until: datetime
) -> int:
    """An offer of the rescue's next wave; its id."""
    offer: int = await tx.fetchval(
        """with offered as (
             update waitlist_entry set state = 'offered' where id = $5)
           insert into slot_offer (rescue_id, wave, patient_id, account_id, entry_id, moving_id,
             held_until)
           values ($1, $2, $3, $4, $5, $6, $7) returning id""",
        rescue.id,
        rescue.wave + 1,
        candidate.patient_id,
        account_id,
        candidate.entry_id,
        candidate.visit_id,
        until,
    )
    return offer


async def note_left_out(tx: Tx, rescue: Rescue, candidate: Candidate, reason: str) -> None:
    """Somebody who would have been asked, and why they were not."""
    await tx.execute(
        """insert into slot_offer (rescue_id, wave, patient_id, entry_id, held_until, state, reason)
           values ($1, $2, $3, $4, now(), 'left_out', $5)""",
        rescue.id,
        rescue.wave + 1,
        candidate.patient_id,
        candidate.entry_id,
        reason,
    )


async def lapse_offers(tx: Tx, rescue_id: int) -> None:
    """The time to answer is up; who is on the waitlist waits on."""
    await tx.execute(
        """with lapsed as (
             update slot_offer set state = 'lapsed', reason = coalesce(reason, 'no_answer')
             where rescue_id = $1 and state = 'offered' returning entry_id)
           update waitlist_entry set state = 'waiting'
           where id in (select entry_id from lapsed) and state = 'offered'""",
        rescue_id,
    )


async def lapse_undelivered(tx: Tx, rescue_id: int) -> int:
    """Lapse the offers that never arrived; how many people may still answer."""
    await tx.execute(
        """with lost as (
             update slot_offer f set state = 'lapsed', reason = coalesce(o.reason, o.state)
             from outbox o where o.id = f.outbox_id and f.rescue_id = $1 and f.state = 'offered'
               and o.state in ('refused', 'expired', 'skipped') returning f.entry_id)
           update waitlist_entry set state = 'waiting'
           where id in (select entry_id from lost) and state = 'offered'""",
        rescue_id,
    )
    waiting: int = await tx.fetchval(
        "select count(*) from slot_offer where rescue_id = $1 and state = 'offered'", rescue_id
    )
    return waiting


def _rescue(row: Mapping[str, Any]) -> Rescue:
    zone = ZoneInfo(row["time_zone"])
    freed = Freed(
        row["service_id"],
        row["practitioner_id"],
        row["site_id"],
        row["starts_at"].astimezone(zone),
        row["ends_at"].astimezone(zone),
    )
    return Rescue(
        id=row["id"],
        freed=freed,
        freed_by=row["freed_by"],
        site_name=row["site_name"],
        service_name=row["service_name"],
        state=row["state"],
        wave=row["wave"],
        depth=row["depth"],
        hold_id=row["hold_id"],
        held_until=row["held_until"],
        now=row["now"],
    )
