"""Sendings and returns in the database."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from clinic.db import Tx
from clinic.outreach import rules
from clinic.outreach.types import (
    Counts,
    Drawn,
    GroupReturns,
    MonthReport,
    Returned,
    SendingReport,
)

# The first visit after each sending, and the import that told of it; of a day that is told twice
# our own booking comes first, then the earlier import. $1: patients or null (all), $2: the zone.
_NOTE = f"""
with member as (
  select m.id, m.patient_id, m.sent_on, m.returned_on, m.returned_by_id from outreach_member m
  where m.left_out is null and ($1::bigint[] is null or m.patient_id = any ($1::bigint[]))),
came as (
  select m.id, v.on_date, v.run_id from member m left join lateral (
    (select e.on_date, r.run_id from encounter e left join source_record r on r.id = e.record_id
     where e.patient_id = m.patient_id and e.setting = 'outpatient'
       and e.on_date > m.sent_on and e.on_date <= m.sent_on + {rules.WITHIN}
       and (e.record_id is null or r.replaced_by_id is null))
    union all
    (select (a.starts_at at time zone $2::text)::date, null from appointment a
     where a.patient_id = m.patient_id and a.status in ('arrived', 'fulfilled')
       and a.starts_at >= (m.sent_on + 1)::timestamp at time zone $2::text
       and a.starts_at < (m.sent_on + {rules.WITHIN + 1})::timestamp at time zone $2::text)
    order by on_date, run_id nulls first limit 1) v on true)
update outreach_member o set returned_on = came.on_date, returned_by_id = came.run_id
from came, member
where came.id = o.id and member.id = o.id
  and (o.returned_on, o.returned_by_id) is distinct from (came.on_date, came.run_id)
returning member.returned_on is null and o.returned_on is not null as new
"""  # noqa: S608  # a constant
_COUNTS = """
select o.id, o.label, min(m.sent_on) as sent_on, max(m.sent_on) as last_on,
  count(*) filter (where not m.held_out) as sent,
  count(m.returned_on) filter (where not m.held_out) as sent_returned,
  count(*) filter (where m.held_out) as held,
  count(m.returned_on) filter (where m.held_out) as held_returned
from outreach o join outreach_member m on m.outreach_id = o.id and m.left_out is null
group by o.id having date_trunc('month', min(m.sent_on)::timestamp)::date = $1
order by min(m.sent_on), o.id
"""
_BY_GROUP = """
select o.id, o.group_id, min(m.sent_on) as sent_on, max(m.sent_on) as last_on,
  count(*) filter (where not m.held_out) as sent,
  count(m.returned_on) filter (where not m.held_out) as sent_returned,
  count(*) filter (where m.held_out) as held,
  count(m.returned_on) filter (where m.held_out) as held_returned
from outreach o join outreach_member m on m.outreach_id = o.id and m.left_out is null
where o.group_id is not null and o.created_at >= $1::date
group by o.id order by o.group_id, min(m.sent_on)
"""


async def record(
    tx: Tx,
    key: UUID,
    label: str,
    purpose: str,
    share: int,
    patients: Sequence[int],
    left_out: Mapping[int, str],
    sent_on: date,
    *,
    group: int | None = None,
    staff: int | None = None,
) -> Drawn:
    """Record a sending and draw who is held out: `share` in per mille, by the sending's own `key`.

    `left_out`: patients of the list to whom nothing can be sent, with the reason. They are told
    before the draw, so that both parts hold only people who could be written to. What fails to
    arrive later changes nothing: a patient stays in the part that was drawn. A sending may be
    recorded in several batches, by the same key; who is in it stays as they are.
    """
    outreach = await tx.fetchval(
        """insert into outreach (key, label, group_id, purpose, share, created_by_id)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (key) do update set label = excluded.label returning id""",
        key,
        label,
        group,
        purpose,
        share,
        staff,
    )
    everybody = sorted({*patients, *left_out})
    held = [it not in left_out and rules.held_out(key, it, share) for it in everybody]
    await tx.execute(
        """insert into outreach_member (outreach_id, patient_id, held_out, left_out, sent_on)
           select $1, m.patient, m.held, m.reason, $5
           from unnest($2::bigint[], $3::bool[], $4::text[]) as m (patient, held, reason)
           on conflict (outreach_id, patient_id) do nothing""",
        outreach,
        everybody,
        held,
        [left_out.get(it) for it in everybody],
        sent_on,
    )
    drawn = list(zip(everybody, held, strict=True))
    return Drawn(
        id=outreach,
        send=tuple(it for it, aside in drawn if not aside and it not in left_out),
        held_out=tuple(it for it, aside in drawn if aside),
        left_out=dict(left_out),
    )


async def note_returns(tx: Tx, patients: Sequence[int] | None, zone: str) -> int:
    """Note who of these (None: of all) came after a sending; how many are newly back.

    After an import is committed or undone, and after visits of our own: what is told no longer is
    taken back.
    """
    rows = await tx.fetch(_NOTE, None if patients is None else list(patients), zone, timeout=120)
    return sum(row["new"] for row in rows)


async def returned_by(tx: Tx, run: int) -> list[Returned]:
    """Who of all sendings came back, as one import told."""
    rows = await tx.fetch(
        """select o.id, o.label, m.patient_id, m.held_out, m.sent_on, m.returned_on
           from outreach_member m join outreach o on o.id = m.outreach_id
           where m.returned_by_id = $1 order by o.id, m.returned_on, m.patient_id""",
        run,
    )
    return [Returned(*row.values()) for row in rows]


async def report(tx: Tx, month: date, horizon: date) -> MonthReport:
    """What the sendings of a month brought so far; `horizon`: how far the data reach.

    Somebody on two lists whose visit counts for both counts twice in the sum.
    """
    rows = await tx.fetch(_COUNTS, month)
    return MonthReport(
        month=month,
        sendings=tuple(
            SendingReport(
                outreach=row["id"],
                label=row["label"],
                sent_on=row["sent_on"],
                complete=rules.complete(row["last_on"], horizon),
                effect=rules.effect(_counts(row)),
            )
            for row in rows
        ),
        together=rules.together([_counts(row) for row in rows]),
    )


async def by_group(tx: Tx, since: date, horizon: date) -> tuple[GroupReturns, ...]:
    """What the sendings to each group's lapse list brought since a day, by month, the newest first.

    `horizon`: how far the data reach. Sendings of a month are each held against their own hold-out.
    """
    parts: dict[tuple[int, date], list[Any]] = {}
    for row in await tx.fetch(_BY_GROUP, since):
        parts.setdefault((row["group_id"], row["sent_on"].replace(day=1)), []).append(row)
    found = [
        GroupReturns(
            group=group,
            month=month,
            complete=all(rules.complete(row["last_on"], horizon) for row in rows),
            effect=rules.together([_counts(row) for row in rows]),
        )
        for (group, month), rows in parts.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.month.toordinal(), one.group)))


def _counts(row: Any) -> Counts:
    return Counts(row["sent"], row["sent_returned"], row["held"], row["held_returned"])
