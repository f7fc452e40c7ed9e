"""Finds who could use a time that is free again: the waitlist first, then who is due."""

from collections.abc import Mapping
from typing import Any

from clinic.db import Tx
from clinic.waitlist import rules
from clinic.waitlist.types import Candidate, Freed, Wishes

MOST = 300  # of each source that are looked at for one wave
# Nobody who is only due is asked twice in a week, whatever becomes free.
REST = "7 days"

# $1 rescue, $2 service, $3 practitioner, $4 and $5 begin and end, $6 local date
_ASKABLE = """
  and p.deceased_on is null and p.merged_into_id is null
  and not exists (select from slot_offer o where o.rescue_id = $1 and o.patient_id = p.id)
  and not exists (select from slot_offer o join slot_rescue q on q.id = o.rescue_id
                  where o.patient_id = p.id and o.state = 'offered' and q.state = 'open')
  and not exists (select from slot_rescue q join appointment g on g.id = q.appointment_id
                  where q.id = $1 and g.patient_id = p.id)
  and not exists (select from appointment b where b.patient_id = p.id
                  and b.status in ('booked', 'arrived') and b.starts_at < $5 and b.ends_at > $4)
"""
_WAITING = f"""
select e.*, v.id as visit, v.starts_at as visit_at
from waitlist_entry e join patient p on p.id = e.patient_id
left join lateral (
  select a.id, a.starts_at from appointment a
  where a.patient_id = e.patient_id and a.service_id = e.service_id and a.status = 'booked'
    and a.starts_at > now() order by (a.id = e.appointment_id) desc nulls last, a.starts_at limit 1
) v on true
where e.state = 'waiting' and e.service_id = $2
  and (e.practitioner_id is null or e.practitioner_id = $3)
  and $6::date between e.from_on and e.until_on and e.part in ('any', $7::text)
  and (e.weekdays = '[]' or e.weekdays @> to_jsonb($8::int))
  and (v.starts_at is null or v.starts_at >= $5) {_ASKABLE}
order by e.created_at limit {MOST}
"""  # noqa: S608  # constants
_DUE = f"""
select l.patient_id, min(l.expected_on) as expected_on
from rescue_group w join care_group g on g.id = w.group_id and g.active
join lapse l on l.group_id = g.id and l.state in ('due', 'at_risk')
join patient p on p.id = l.patient_id
where w.service_id = $2
  and not exists (select from appointment b where b.patient_id = p.id and b.status = 'booked'
                  and b.starts_at > now())
  and not exists (select from waitlist_entry e where e.patient_id = p.id and e.service_id = $2
                  and e.state in ('waiting', 'offered'))
  and not exists (select from slot_offer o where o.patient_id = p.id and o.entry_id is null
                  and o.state <> 'left_out' and o.created_at > now() - interval '{REST}')
  and exists (select from link k where k.patient_id = p.id and k.ended_at is null)
  and $3::bigint is not null and $6::date is not null {_ASKABLE}
group by l.patient_id order by min(l.expected_on), l.patient_id limit {MOST}
"""  # noqa: S608  # constants


async def waiting(tx: Tx, rescue_id: int, freed: Freed) -> tuple[Candidate, ...]:
    """Who is on the waitlist and could use the time, in the order in which they are asked."""
    at = freed.starts_at
    rows = await tx.fetch(_WAITING, *_asked(rescue_id, freed), rules.part_of_day(at), at.weekday())
    return rules.order(map(_entry, rows), freed)


async def due(tx: Tx, rescue_id: int, freed: Freed) -> tuple[Candidate, ...]:
    """Who is due for the service without having asked, the longest first."""
    rows = await tx.fetch(_DUE, *_asked(rescue_id, freed))
    found = (Candidate(row["patient_id"], expected_on=row["expected_on"]) for row in rows)
    return rules.order(found, freed)


def _asked(rescue_id: int, freed: Freed) -> tuple[object, ...]:
    return (
        rescue_id,
        freed.service_id,
        freed.practitioner_id,
        freed.starts_at,
        freed.ends_at,
        freed.starts_at.date(),
    )


def _entry(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        patient_id=row["patient_id"],
        entry_id=row["id"],
        account_id=row["account_id"],
        asked_at=row["created_at"],
        wishes=Wishes(row["from_on"], row["until_on"], tuple(row["weekdays"]), row["part"]),
        practitioner_id=row["practitioner_id"],
        visit_id=row["visit"],
        visit_at=row["visit_at"],
    )
