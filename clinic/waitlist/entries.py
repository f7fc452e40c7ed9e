"""Who waits for an earlier time: joining, seeing and leaving the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.types import PractitionerOption, ServiceOption
from clinic.db import Tx
from clinic.waitlist.types import Waiting, Wishes

# An entry with the names that belong to it; those that still wait are open.
ENTRY = """
select e.*, p.name as patient_name, s.name as service, s.duration, r.name as practitioner,
  v.starts_at as visit_at,
  coalesce((select i.time_zone from site i where i.id = v.site_id),
           (select i.time_zone from site i order by i.id limit 1)) as time_zone
from waitlist_entry e join patient p on p.id = e.patient_id join service s on s.id = e.service_id
left join resource r on r.id = e.practitioner_id
left join appointment v on v.id = e.appointment_id and v.status = 'booked'
"""
OPEN = "e.state in ('waiting', 'offered')"
# Why an entry waits for nothing any more, the first that holds.
_STALE = """
  case when p.deceased_on is not null or p.merged_into_id is not null then 'patient'
       when e.until_on < (now() at time zone z.name)::date then 'over'
       when e.appointment_id is not null and v.status <> 'booked' then 'visit_gone'
       when not s.active then 'service_gone' end"""


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody waits for. `appointment_id`: the later visit that would be moved."""

    patient_id: int
    service_id: int
    practitioner_id: int | None
    wishes: Wishes
    appointment_id: int | None = None


async def join(tx: Tx, actor: Actor, wanted: Joining) -> int | None:
    """Put a patient on the list; the entry's id, or None where the actor may not.

    Who waits for the service already keeps their place, with the new wishes.
    """
    if not actor.acts_for(wanted.patient_id) or not await _offered(tx, wanted):
        return None
    entry: int = await tx.fetchval(
        """insert into waitlist_entry (patient_id, account_id, service_id, practitioner_id,
             appointment_id, weekdays, part, from_on, until_on, added_by_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (patient_id, service_id) where state in ('waiting', 'offered') do update
             set account_id = coalesce(excluded.account_id, waitlist_entry.account_id),
               practitioner_id = excluded.practitioner_id,
               appointment_id = excluded.appointment_id, weekdays = excluded.weekdays,
               part = excluded.part, from_on = excluded.from_on, until_on = excluded.until_on
           returning id""",
        wanted.patient_id,
        actor.account_id,
        wanted.service_id,
        wanted.practitioner_id,
        wanted.appointment_id,
        sorted(set(wanted.wishes.weekdays)),
        wanted.wishes.part,
        wanted.wishes.from_on,
        wanted.wishes.until_on,
        actor.id if actor.kind == "staff" else None,
    )
    await record(tx, actor.kind, actor.id, f"{actor.kind}:waitlist:join", entry)
    return entry


async def list_waiting(tx: Tx, actor: Actor) -> tuple[Waiting, ...]:
    """What the people of a chat wait for, the oldest first."""
    rows = await tx.fetch(
        f"{ENTRY} where e.patient_id = any($1::bigint[]) and {OPEN} order by e.id",
        list(actor.patient_ids),
    )
    seen = [row for row in rows if _may_see(actor, row)]
    return tuple(to_waiting(row, actor.language) for row in seen)


async def leave(tx: Tx, actor: Actor, entry_id: int) -> bool:
    """Take an entry off the list; False if it is not there (for this actor)."""
    row = await tx.fetchrow(
        "select patient_id, account_id from waitlist_entry where id = $1 for update", entry_id
    )
    if row is None or not _may_see(actor, row):
        return False
    left = await tx.fetchval(
        f"""update waitlist_entry e set state = 'left', ended_at = now()
            where e.id = $1 and {OPEN} returning id""",  # noqa: S608  # constants
        entry_id,
    )
    if left is not None:
        await record(tx, actor.kind, actor.id, f"{actor.kind}:waitlist:leave", entry_id)
    return left is not None


async def end_stale(tx: Tx, limit: int = 200) -> int:
    """End entries that can come to nothing any more; how many there were."""
    rows = await tx.fetch(
        f"""update waitlist_entry w set state = 'ended', reason = stale.why, ended_at = now()
            from (select e.id, {_STALE} as why
                  from waitlist_entry e join patient p on p.id = e.patient_id
                  join service s on s.id = e.service_id
                  left join appointment v on v.id = e.appointment_id
                  cross join lateral (select coalesce(
                    (select i.time_zone from site i where i.id = v.site_id),
                    (select i.time_zone from site i order by i.id limit 1)) as name) z
                  where e.state = 'waiting' and {_STALE} is not null
                  order by e.id limit $1 for update of e skip locked) stale
            where w.id = stale.id returning w.id""",  # noqa: S608  # constants
        limit,
    )
    return len(rows)


def to_waiting(row: Mapping[str, Any], language: str) -> Waiting:
    """An entry's row as its patient sees it."""
    zone = ZoneInfo(row["time_zone"])
    practitioner = None
    if row["practitioner_id"] is not None:
        name = in_language(row["practitioner"], language)
        practitioner = PractitionerOption(row["practitioner_id"], name)
    return Waiting(
        id=row["id"],
        patient_id=row["patient_id"],
        patient_name=row["patient_name"],
        service=ServiceOption(
            row["service_id"], in_language(row["service"], language), row["duration"]
        ),
        practitioner=practitioner,
        wishes=Wishes(row["from_on"], row["until_on"], tuple(row["weekdays"]), row["part"]),
        since=row["created_at"].astimezone(zone),
        visit_at=row["visit_at"].astimezone(zone) if row["visit_at"] else None,
    )


def _may_see(actor: Actor, row: Mapping[str, Any]) -> bool:
    """As of a visit that this patient would have booked: of no visit the id is 0."""
    return actor.may_see(0, row["patient_id"], row["account_id"])


async def _offered(tx: Tx, wanted: Joining) -> bool:
    """Whether there are such times: by this practitioner, and the later visit is of the patient."""
    found: bool = await tx.fetchval(
        """select exists (select from service where id = $1 and active)
             and ($2::bigint is null or exists (
               select from service_resource n join resource r on r.id = n.resource_id
               where n.service_id = $1 and r.id = $2 and r.active and r.kind = 'practitioner'))
             and ($3::bigint is null or exists (
               select from appointment where id = $3 and patient_id = $4 and service_id = $1
                 and status = 'booked'))""",
        wanted.service_id,
        wanted.practitioner_id,
        wanted.appointment_id,
        wanted.patient_id,
    )
    return found
