"""The statements that work the days of a month out. $1 its first day, $2 its last, $3 the clinic's
zone. Days of visits are days of their site.

What is counted is told apart from the counting: clinic.figures.behind lists the same rows.
"""

from clinic.figures import rules
from clinic.record.service import CURRENT

_CHAPTERS = ", ".join(f"('{code}', '{first}', '{last}')" for code, first, last in rules.CHAPTERS)
MONTH = "date_trunc('month', on_date)::date"  # of what is told; recompute has one month only
# The main confirmed disease in the newest month of which a record tells, up to that of the visit.
_DISEASE = f"""
  disease as (
    select distinct on (w.patient_id, w.month) w.patient_id, w.month, h.code as chapter
    from (select distinct patient_id, {MONTH} as month from {{whose}}) w
    cross join lateral (select max(month) as month from source_record o
      where o.patient_id = w.patient_id and o.month <= w.month and o.replaced_by_id is null) newest
    join source_record r on r.patient_id = w.patient_id and r.month = newest.month
      and r.replaced_by_id is null
    join condition x on x.record_id = r.id and not x.suspected
    join (values {_CHAPTERS}) h (code, first, last)
      on upper(left(x.icd10, 3)) collate "C" between h.first and h.last
    order by w.patient_id, w.month, x.main desc, x.id)"""  # noqa: S608  # constants
OF_DISEASE = "left join disease e on e.patient_id = {of}.patient_id and e.month = " + MONTH
_NEAR = """a.starts_at >= ($1::date - 1)::timestamptz and a.starts_at < ($2::date + 2)::timestamptz
      and (a.starts_at at time zone s.time_zone)::date between $1 and $2"""
DUE = f"""
  due as (
    select a.id as visit_id, a.patient_id, (a.starts_at at time zone s.time_zone)::date as on_date,
      a.practitioner_id, a.service_id, extract(epoch from a.ends_at - a.starts_at) / 60 as minutes,
      case when a.status in ('arrived', 'fulfilled') then 'came'
        when a.status = 'noshow' then 'missed' when a.status = 'booked' then 'open'
        when a.updated_at > a.starts_at - interval '{rules.LATE_HOURS} hours' then 'late'
        else 'cancelled' end as kind
    from appointment a join site s on s.id = a.site_id
    where a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled') and {_NEAR})"""  # noqa: S608  # constants
DUE_DISEASE = _DISEASE.format(whose="due")
VISITS = f"""
with {DUE},
{DUE_DISEASE}
insert into figure_day (figure, on_date, kind, chapter, doctor_id, service_id, n, total)
select 'visit', on_date, kind, coalesce(chapter, ''), practitioner_id, service_id, count(*),
  sum(minutes)
from due {OF_DISEASE.format(of="due")} group by 2, 3, 4, 5, 6"""  # noqa: S608  # constants
# One for each patient and day; of an own visit and a receipt that tell of one day, the own visit.
DAYS = f"""
  day as (
    select distinct on (patient_id, on_date) * from (
      select x.patient_id, x.on_date, null::bigint as doctor_id, null::bigint as service_id,
        null::timestamptz as starts_at, null::bigint as visit_id
      from encounter x
      where x.on_date between $1 and $2 and x.setting = 'outpatient' and {CURRENT}
      union all
      select a.patient_id, (a.starts_at at time zone s.time_zone)::date, a.practitioner_id,
        a.service_id, a.starts_at, a.id
      from appointment a join site s on s.id = a.site_id
      where a.status in ('arrived', 'fulfilled') and {_NEAR}) told
    order by patient_id, on_date, starts_at nulls last)"""  # noqa: S608  # constants
DAY_DISEASE = _DISEASE.format(whose="day")
SEEN = f"""
  seen as (
    select d.*, coalesce(e.chapter, '') as chapter, d.on_date - greatest(
        (select x.on_date from encounter x where x.patient_id = d.patient_id
           and x.on_date < d.on_date and x.setting = 'outpatient' and {CURRENT}
         order by x.on_date desc limit 1),
        (select max((a.starts_at at time zone s.time_zone)::date)
         from appointment a join site s on s.id = a.site_id
         where a.patient_id = d.patient_id and a.status in ('arrived', 'fulfilled')
           and a.starts_at < (d.on_date + 1)::timestamptz
           and (a.starts_at at time zone s.time_zone)::date < d.on_date)) as gap
    from day d {OF_DISEASE.format(of="d")})"""  # noqa: S608  # constants
FIRST = "case when gap is null then 'first' else 'repeat' end"
ARRIVALS = f"""
with {DAYS},
{DAY_DISEASE},
{SEEN},
gaps as (
    insert into figure_day (figure, on_date, kind, chapter, doctor_id, n)
    select 'gap', $1, gap::text, chapter, doctor_id, count(*) from seen
    where gap <= {rules.LONGEST_GAP} group by 3, 4, 5)
insert into figure_day (figure, on_date, kind, chapter, doctor_id, service_id, n)
select 'arrival', on_date, {FIRST}, chapter,
  doctor_id, service_id, count(*) from seen group by 2, 3, 4, 5, 6"""  # noqa: S608  # constants
AGAIN = f"""
  once as (
    select distinct on (patient_id, {MONTH}) * from day order by patient_id, {MONTH}, on_date),
  again as (
    select o.*, exists (select from encounter x where x.patient_id = o.patient_id
        and x.on_date > o.on_date and x.on_date <= o.on_date + {rules.RETURN_DAYS}
        and x.setting = 'outpatient' and {CURRENT})
      or exists (select from appointment a join site s on s.id = a.site_id
        where a.patient_id = o.patient_id and a.status in ('arrived', 'fulfilled')
          and (a.starts_at at time zone s.time_zone)::date > o.on_date
          and (a.starts_at at time zone s.time_zone)::date <= o.on_date + {rules.RETURN_DAYS}
        ) as back
    from once o)"""  # noqa: S608  # constants
KEPT = f"""
with {DAYS},
{DAY_DISEASE},
{AGAIN}
insert into figure_day (figure, on_date, chapter, doctor_id, n, total)
select 'kept', $1, coalesce(e.chapter, ''), a.doctor_id, count(*), count(*) filter (where a.back)
from again a {OF_DISEASE.format(of="a")} group by 3, 4"""  # noqa: S608  # constants
_WITHIN = """{at} >= $1::date::timestamp at time zone $3::text
      and {at} < ($2::date + 1)::timestamp at time zone $3::text"""
ASKED = f"""
    select a.created_at as at, 'booked' as kind, a.practitioner_id as doctor_id, a.service_id,
      a.patient_id, a.id as visit_id
    from appointment a where a.status not in ('held', 'proposed', 'expired')
      and {_WITHIN.format(at="a.created_at")}
    union all
    select w.created_at, 'waitlist', w.practitioner_id, w.service_id, w.patient_id, null
    from waitlist_entry w where {_WITHIN.format(at="w.created_at")}
    union all
    select e.at, 'nothing', null, v.id, null, null
    from figure_event e join service v on v.id = e.subject
    where e.figure = 'nothing' and {_WITHIN.format(at="e.at")}"""  # noqa: S608  # constants
WANTED = f"""
insert into figure_day (figure, on_date, kind, doctor_id, service_id, n)
select 'wanted', (at at time zone $3::text)::date, kind, doctor_id, service_id, count(*)
from ({ASKED}) asked group by 2, 3, 4, 5"""  # noqa: S608  # constants
# How the first contact came: what staff wrote down, else what made the record.
FOUND_US = f"""
select p.id as patient_id, p.created_at as at,
  case when p.acquired_by <> '' then 'told:' || p.acquired_by
    when exists (select from patient_change c where c.patient_id = p.id and c.made) then 'import'
    when exists (select from appointment a join recipient r on r.booked_id = a.id
      where a.patient_id = p.id) then 'campaign'
    when l.proof = 'code' then 'qr' when l.channel is not null then 'chat:' || l.channel
    else 'desk' end as kind
from patient p left join lateral (
    select o.proof, t.channel from link o join chat_account t on t.id = o.account_id
    where o.patient_id = p.id and o.created_at < p.created_at + interval '7 days'
    order by o.id limit 1) l on true
where p.merged_into_id is null
  and not exists (select from erasure e where e.patient_id = p.id)
  and {_WITHIN.format(at="p.created_at")}"""  # noqa: S608  # constants
SOURCES = f"""
insert into figure_day (figure, on_date, kind, n)
select 'source', (at at time zone $3::text)::date, kind, count(*) from ({FOUND_US}) found
group by 2, 3"""  # noqa: S608  # constants
TOLD = f"""
  select at, channel || ':' || stage as kind, patient_id, visit_id from (
    select r.settled_at as at, t.channel, r.patient_id, r.booked_id as visit_id,
      unnest(array['sent', 'answered', 'booked', 'came']) as stage,
      unnest(array[1, (r.answered_at is not null)::int, (r.booked_id is not null)::int,
        (a.status in ('arrived', 'fulfilled'))::int]) as n
    from recipient r join chat_account t on t.id = r.account_id
    left join appointment a on a.id = r.booked_id
    where r.state in ('sent', 'unknown') and {_WITHIN.format(at="r.settled_at")}) told
  where n > 0"""  # noqa: S608  # constants
REPLIES = f"""
insert into figure_day (figure, on_date, kind, n)
select 'reply', (at at time zone $3::text)::date, kind, count(*) from ({TOLD}) told
group by 2, 3"""  # noqa: S608  # constants
# What receipts of the month charge: 1 point is 10 yen.
POINTS = f"""
insert into figure_day (figure, on_date, kind, chapter, n, total)
select 'points', $1, r.setting, coalesce(d.chapter, ''), count(*), sum(r.points)
from source_record r left join lateral (
    select h.code as chapter from condition x
    join (values {_CHAPTERS}) h (code, first, last)
      on upper(left(x.icd10, 3)) collate "C" between h.first and h.last
    where x.record_id = r.id and not x.suspected order by x.main desc, x.id limit 1) d on true
where r.month between $1 and $2 and $3::text <> '' and r.replaced_by_id is null
  and r.points is not null
group by 3, 4"""  # noqa: S608  # constants
ALERTED = f"""
select e.id as escalation_id, e.conversation_id, e.patient_id, e.created_at as at,
  coalesce(floor(extract(epoch from e.acknowledged_at - e.created_at) / 60)::int::text, '') as kind
from escalation e where {_WITHIN.format(at="e.created_at")}"""  # noqa: S608  # constants
ALERTS = f"""
insert into figure_day (figure, on_date, kind, n)
select 'alert', (at at time zone $3::text)::date, kind, count(*) from ({ALERTED}) alerted
group by 2, 3"""  # noqa: S608  # constants
# From the queue to the first message that a member of staff wrote, within a week.
QUEUED = f"""
select c.id as conversation_id, e.at,
  coalesce(floor(extract(epoch from o.at - e.at) / 60)::int::text, '') as kind
from figure_event e join conversation c on c.id = e.subject left join lateral (
    select min(created_at) as at from outbox where account_id = c.account_id
      and staff_id is not null and created_at between e.at and e.at + interval '7 days') o on true
where e.figure = 'queued' and {_WITHIN.format(at="e.at")}"""  # noqa: S608  # constants
ANSWERS = f"""
insert into figure_day (figure, on_date, kind, n)
select 'answer', (at at time zone $3::text)::date, kind, count(*) from ({QUEUED}) queued
group by 2, 3"""  # noqa: S608  # constants
# Where conversations were left: `left` of today, `left_in` of days that are over.
LEFT = f"""
select c.id as conversation_id, e.at, e.kind
from figure_event e join conversation c on c.id = e.subject
where e.figure in ('left', 'left_in') and {_WITHIN.format(at="e.at")}"""  # noqa: S608  # constants
STATEMENTS = (
    *((VISITS, False), (ARRIVALS, False), (KEPT, False)),
    *((statement, True) for statement in (WANTED, SOURCES, REPLIES, POINTS, ALERTS, ANSWERS)),
)
LEFT_DAYS = 400  # that the conversations behind a sum are known for
# Steps of days that are over, kept as sums; of those left also which conversations they were.
FOLD = """
with over as (
    delete from figure_event
    where figure in ('step', 'left', 'goal')
      and at < date_trunc('day', now() at time zone $1::text) at time zone $1::text
    returning figure, kind, subject, at, (at at time zone $1::text)::date as on_date),
kept as (
    insert into figure_event (at, figure, kind, subject)
    select at, 'left_in', kind, subject from over where figure = 'left' and subject is not null)
insert into figure_day (figure, on_date, kind, n)
select figure, on_date, kind, count(*) from over group by 1, 2, 3"""
FORGET = f"""
delete from figure_event where figure = 'left_in'
  and at < now() - interval '{LEFT_DAYS} days'"""  # noqa: S608  # a constant
# When something changed what was known of months long over.
CHANGED = """
select greatest('-infinity'::timestamptz,
  (select max(greatest(committed_at, undone_at)) from import_run
   where state in ('committed', 'undone')),
  (select max(greatest(merged_at, undone_at)) from patient_merge),
  (select max(erased_at) from erasure))"""
