"""Finds visits that may be empty bookings, for somebody to call."""

from clinic.db import Tx
from clinic.waitlist import rules
from clinic.waitlist.types import BookingFacts

LIMIT = 500
# Those that were booked or changed of late, and those that are near: the rest was looked at before.
_OPEN = f"""
select v.id, v.patient_id, v.confirmed_at is not null as confirmed, v.starts_at - now() as until,
  (select count(*) from appointment x where x.patient_id = v.patient_id and x.status = 'noshow'
     and x.starts_at > now() - interval '1 year') as no_shows,
  (select count(*) from appointment x join site i on i.id = x.site_id
   where x.patient_id = v.patient_id and x.service_id = v.service_id and x.status = 'booked'
     and x.id < v.id and (x.starts_at at time zone i.time_zone)::date
                       = (v.starts_at at time zone i.time_zone)::date) as same_day,
  near.visits, near.patients
from appointment v join patient p on p.id = v.patient_id
cross join lateral (
  select count(*) as visits, count(distinct x.patient_id) as patients
  from appointment x join patient o on o.id = x.patient_id
  where x.status = 'booked' and x.starts_at > now()
    and (x.account_id = v.account_id or o.phone_index = p.phone_index or x.id = v.id)
    and x.created_at between v.created_at - interval '1 day'
                         and v.created_at + interval '1 day') near
where v.status = 'booked' and v.starts_at > now() and v.confirmed_at is null
  and (v.updated_at > now() - interval '1 day' or v.starts_at < now() + $1::interval)
  and not exists (select from task t where t.appointment_id = v.id and t.kind = 'call')
order by v.starts_at limit {LIMIT}
"""  # noqa: S608  # constants


async def note_suspicious(tx: Tx) -> int:
    """Make a call task of each suspicious visit, once; how many there were.

    A visit that is to be called about anyway is left alone.
    """
    rows = await tx.fetch(_OPEN, rules.SOON)
    found = 0
    for row in rows:
        reason = rules.suspicion(
            BookingFacts(
                confirmed=row["confirmed"],
                until=row["until"],
                open_together=row["visits"],
                patients=row["patients"],
                same_day=row["same_day"],
                no_shows=row["no_shows"],
            )
        )
        if reason is not None:
            found += 1
            await tx.execute(
                """insert into task (key, kind, patient_id, appointment_id, detail)
                   values ($1, 'call', $2, $3, $4) on conflict (key) do nothing""",
                f"suspicious:{row['id']}",
                row["patient_id"],
                row["id"],
                {"reason": reason},
            )
    return found
