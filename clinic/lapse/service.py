"""Groups, who is in them and how everybody stands: worked out in SQL for many patients at once.

The SQL says what clinic.lapse.rules says: a test compares the two on random patients.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

from clinic.db import Tx
from clinic.lapse import rules
from clinic.lapse.definition import read_group
from clinic.lapse.evidence import FACTS, LASTS, Membership
from clinic.lapse.presets import document, presets
from clinic.lapse.types import LISTED, Group, HorizonMode, Listed, Recomputed, State

log = logging.getLogger(__name__)
BATCH = 20_000  # patients at a time
_ACUTE = [f"{prefix}%" for prefix in rules.ACUTE]

# In the SQL below $1 is the horizon and $2 today. `w` is a window: last_visit_on, lapsed_on ...
_BY_DATES = f"""case
  when $1::date > greatest((w.last_visit_on + interval '{rules.DORMANT} months')::date, w.lapsed_on)
    then 'dormant'
  when $1::date >= w.lapsed_on then 'lapsed'
  when $1::date >= w.at_risk_on then 'at_risk'
  when $1::date >= w.expected_on then 'due'
  else 'active' end"""
_EXCLUDED = f"""case
  when f.merged then 'merged'
  when f.deceased then 'deceased'
  when f.moved_on is not null and (f.seen_on is null or f.seen_on <= f.moved_on) then 'moved'
  when f.booked_on is not null then null
  when f.seen_on is null then 'never_seen'
  when f.opted_out then 'opted_out'
  when f.inpatient and $1::date <= (date_trunc('month', f.newest_month::timestamp)
    + interval '{rules.AWAY + 1} months - 1 day')::date then 'inpatient'
  when w.only is not null then w.only
  when greatest($1::date, $2::date) <= f.messaged_on + {rules.COOL_DOWN} then 'messaged' end"""

# From lapse_facts, lapse_evidence and lapse_member; $3: patterns of acute diseases.
_STANDINGS = f"""
with passing as (
  select e.patient_id, case when bool_and(e.suspected) then 'suspected_only'
    when bool_and(e.suspected or e.ended or e.icd10 like any ($3::text[])) then 'acute_only'
    end as only
  from lapse_evidence e join lapse_facts f on f.patient_id = e.patient_id
  where e.kind = 'condition'
    and (e.month is null or f.newest_month is null or e.month >= f.newest_month)
  group by e.patient_id),
ruled as (
  select m.*, g.mode, g.strict, g.definition, g.at_risk_months, g.refill_days, g.interval_days,
    g.grace_days, coalesce(g.lapsed_months, 2 * g.at_risk_months) as lapsed_months,
    f.seen_on, f.median_gap, f.supply_until, f.long_supply,
    case when coalesce((g.definition ->> 'any_disease')::bool, false) then null
      else passing.only end as only,
    case when f.seen_on is null or g.at_risk_months is null or g.mode <> 'supply' then null
      when f.supply_until is not null then 'supply'
      when f.refill then 'refill'
      when f.median_gap is not null and f.visit_count > {rules.LEAST_GAPS} then 'usual'
      when g.interval_days is not null then 'interval' end as rule
  from lapse_member m join lapse_facts f on f.patient_id = m.patient_id
  join care_group g on g.id = m.group_id
  left join passing on passing.patient_id = m.patient_id),
told as (
  select r.*, case r.rule
    when 'supply' then least(r.supply_until, r.seen_on + {rules.SUSPECT})
    when 'refill' then r.seen_on + r.refill_days
    when 'usual' then r.seen_on + least({rules.USUAL[1]}, greatest({rules.USUAL[0]}, r.median_gap))
    when 'interval' then r.seen_on + r.interval_days end as told_on
  from ruled r),
own as (
  select t.*, coalesce(t.long_supply and t.told_on < t.seen_on + {rules.LONG}, false) as long,
    case when t.seen_on is not null
      then (t.since_on + make_interval(months => t.at_risk_months))::date end as late_on,
    case when t.seen_on is not null
      then (t.since_on + make_interval(months => t.lapsed_months))::date end as gone_on
  from told t),
alone as (
  select o.*, case when o.long then o.seen_on + {rules.LONG}
      when o.rule is not null then o.told_on
      when o.mode = 'fixed' and o.late_on is not null
        then least(o.late_on, o.since_on + o.interval_days)
      else o.late_on end as expected_on,
    case when o.long then o.seen_on + {rules.LONG} + o.grace_days
      when o.rule is not null then o.told_on + o.grace_days
      else o.late_on end as risk_on,
    case when o.late_on is null
        then case when o.definition ? 'seasonal' then 'seasonal' else 'months' end
      when o.long then 'long'
      when o.rule is not null then o.rule
      when o.definition ->> 'since' = 'act' then 'act'
      when o.definition ? 'insurance_months' then 'insurance'
      else 'months' end as key
  from own o),
w as (
  select a.patient_id, a.group_id, a.only, a.key, a.seen_on as last_visit_on, a.expected_on,
    case when a.strict or a.risk_on is null then a.risk_on
      else max(a.risk_on) filter (where not a.strict) over mine end as at_risk_on,
    case when a.strict or a.risk_on is null then greatest(a.gone_on, a.risk_on)
      else max(greatest(a.gone_on, a.risk_on)) filter (where not a.strict) over mine
      end as lapsed_on,
    jsonb_build_object('key', a.key,
      'on', case a.key when 'supply' then a.told_on when 'refill' then a.told_on
        when 'act' then a.since_on
        when 'insurance' then (date_trunc('month', a.seen_on::timestamp) + make_interval(
          months => (a.definition ->> 'insurance_months')::int + 1, days => -1))::date end,
      'days', case a.key when 'usual' then a.told_on - a.seen_on
        when 'interval' then a.interval_days when 'long' then {rules.LONG} end,
      'months', case when a.key = 'months' and a.late_on is not null then a.at_risk_months end,
      'only', a.only) as reason
  from alone a window mine as (partition by a.patient_id))
insert into lapse as kept (patient_id, group_id, state, last_visit_on, expected_on, at_risk_on,
  lapsed_on, reason)
select w.patient_id, w.group_id,
  case when x.why is not null then 'excluded' when f.booked_on is not null then 'booked'
    else {_BY_DATES} end,
  w.last_visit_on,
  case when x.why is null and f.booked_on is not null then f.booked_on else w.expected_on end,
  w.at_risk_on, w.lapsed_on, jsonb_strip_nulls(w.reason || jsonb_build_object('excluded', x.why))
from w join lapse_facts f on f.patient_id = w.patient_id
cross join lateral (select {_EXCLUDED} as why) x
on conflict (patient_id, group_id) do update set state = excluded.state,
  last_visit_on = excluded.last_visit_on, expected_on = excluded.expected_on,
  at_risk_on = excluded.at_risk_on, lapsed_on = excluded.lapsed_on, reason = excluded.reason,
  computed_at = now()
where (kept.state, kept.last_visit_on, kept.expected_on, kept.at_risk_on, kept.lapsed_on,
  kept.reason) is distinct from (excluded.state, excluded.last_visit_on, excluded.expected_on,
  excluded.at_risk_on, excluded.lapsed_on, excluded.reason)
"""  # noqa: S608  # constants
_LEFT = """
delete from lapse l using lapse_facts f
where l.patient_id = f.patient_id and not exists (
  select from lapse_member m where m.patient_id = l.patient_id and m.group_id = l.group_id)
"""
# Time went on: states that follow from dates alone.
_RESTATED = f"""
update lapse w set state = {_BY_DATES}, computed_at = now()
where w.state not in ('booked', 'excluded') and w.state <> {_BY_DATES}
"""  # noqa: S608  # constants
# Patients whose state changes without a new record: $1 horizon, $2 today, $3 zone.
_RESTLESS = f"""
select patient_id from lapse where state = 'booked'
  or (state = 'excluded' and reason ->> 'excluded' in ('opted_out', 'inpatient', 'messaged'))
union select patient_id from appointment where status = 'booked'
  and starts_at >= least($2::date, $1::date + 1)::timestamp at time zone $3::text
union select l.patient_id from link l join chat_account a on a.id = l.account_id
  where l.ended_at is null and a.opted_out_at is not null
union select patient_id from outreach_member
  where left_out is null and sent_on >= $2::date - {rules.COOL_DOWN}
union select id from patient p
  where (merged_into_id is not null or deceased_on is not null or moved_on is not null)
    and exists (select from lapse l where l.patient_id = p.id and l.state <> 'excluded')
"""  # noqa: S608  # constants
_MONTHS = """
select month, kind = 'uke' as uke, array_agg(distinct coalesce(report ->> 'payer', '')) as payers
from import_run where state = 'committed' and month is not null and kind <> 'master'
group by month, kind = 'uke'
"""
# $1: the last day of the month, $2: the time zone.
_OWN = """
select count(*) from (
  select distinct patient_id, (starts_at at time zone $2::text)::date from appointment
  where status in ('arrived', 'fulfilled')
    and starts_at >= date_trunc('month', $1::date::timestamp) at time zone $2::text
    and starts_at < ($1::date + 1)::timestamp at time zone $2::text) days
"""
_TOLD = """
select count(*) from (
  select distinct e.patient_id, e.on_date from encounter e
  where e.setting = 'outpatient'
    and e.on_date between date_trunc('month', $1::date::timestamp)::date and $1::date
    and not exists (
      select from source_record r where r.id = e.record_id and r.replaced_by_id is not null)) days
"""
# Booked, gone, opted out: as it is now, whatever was computed last. In order first, so that only
# those who are listed are looked at for it.
_LISTED = f"""
select * from (
  select w.*, p.chart, f.booked_on, x.why,
    case when x.why is not null then 'excluded' when f.booked_on is not null then 'booked'
      else w.by_dates end as now
  from (
    select w.*, g.code, g.name, g.position, {_BY_DATES} as by_dates
    from (select *, reason ->> 'only' as only from lapse) w
    join care_group g on g.id = w.group_id and g.active
    where ($4::text is null or g.code = $4::text)
      and ($6::bool or $1::date >= least(w.expected_on, w.at_risk_on))
      and ({_BY_DATES} = any ($5::text[]) or array['booked', 'excluded'] && $5::text[])
    order by w.last_visit_on desc nulls last, w.patient_id, g.position
    offset 0) w
  join patient p on p.id = w.patient_id
  cross join lateral ({FACTS.format(patients="(select * from patient where id = w.patient_id)")}) f
  cross join lateral (select {_EXCLUDED} as why) x) listed
where now = any ($5::text[])
order by last_visit_on desc nulls last, patient_id, position limit $7 offset $8
"""  # noqa: S608  # constants


async def install(tx: Tx) -> None:
    """Write the groups that Kayoi brings along into a database that has none."""
    if await tx.fetchval("select exists (select from care_group)"):
        return
    kept = {group.code: group for group in presets()}
    for said in document()["groups"]:
        group = kept[said["code"]]
        await tx.execute(
            """insert into care_group (code, name, definition, mode, at_risk_months, lapsed_months,
                 grace_days, interval_days, refill_days, strict, position)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing""",
            group.code,
            said["name"],
            said["definition"],
            group.mode,
            group.at_risk_months,
            group.lapsed_months,
            group.grace_days,
            group.interval_days,
            group.refill_days,
            group.strict,
            group.position,
        )


async def groups(tx: Tx) -> tuple[Group, ...]:
    """The active groups, in their order. One whose definition is not understood is left out."""
    rows = await tx.fetch("select * from care_group where active order by position, id")
    read = [(row["id"], read_group(dict(row))) for row in rows]
    for number, group in read:
        if not isinstance(group, Group):
            log.error("care_group %s is not understood: %s", number, group)
    return tuple(group for _, group in read if isinstance(group, Group))


async def today(tx: Tx, zone: str) -> date:
    """The day it is in a time zone, by PostgreSQL's clock."""
    on: date = await tx.fetchval("select (now() at time zone $1)::date", zone)
    return on


async def horizon(tx: Tx, zone: str, mode: HorizonMode = "auto") -> date:
    """The day up to which we know who came: see rules.horizon and HorizonMode."""
    on = await today(tx, zone)
    if mode == "today":
        return on
    imported = await _imported(tx, on)
    if mode == "import" or imported is None:
        return imported or on
    own = await tx.fetchval(_OWN, imported, zone)
    told = await tx.fetchval(_TOLD, imported, timeout=LASTS) if own else 0
    return rules.horizon(on, imported, own, told)


async def _imported(tx: Tx, on: date) -> date | None:
    """How far imports reach: receipts by their months; lists without months by the last visit."""
    rows = await tx.fetch(_MONTHS)
    uke = any(row["uke"] for row in rows)
    months = {row["month"]: row["payers"] for row in rows if row["uke"] == uke}
    until = rules.imported_until(months, on)
    if until is not None:
        return until
    told: date | None = await tx.fetchval(
        """select max(last_visit_on) from patient_summary
           where exists (select from import_run where state = 'committed' and kind <> 'master')"""
    )
    return told


async def recompute(
    tx: Tx, patients: Sequence[int] | None, zone: str, mode: HorizonMode = "auto"
) -> Recomputed:
    """Work out anew how patients stand: these, or all (None). Their summaries are refreshed before.

    Everybody else's state follows the horizon and what was booked, sent or stopped since; with no
    patients at all it is what a new day asks for. One recompute at a time; nothing is committed.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('lapse', 0))")
    await install(tx)
    on, until = await today(tx, zone), await horizon(tx, zone, mode)
    members = Membership(tx, await groups(tx), zone)
    await members.prepare()
    changed = 0
    async for batch in _batches(tx, patients, until, on, zone):
        await members.find(until, on, batch)
        changed += _count(await tx.execute(_LEFT, timeout=LASTS))
        changed += _count(await tx.execute(_STANDINGS, until, on, _ACUTE, timeout=LASTS))
    if patients is not None:
        changed += _count(await tx.execute(_RESTATED, until, timeout=LASTS))
    return Recomputed(until, changed)


async def _batches(
    tx: Tx, patients: Sequence[int] | None, until: date, on: date, zone: str
) -> AsyncIterator[list[int]]:
    if patients is not None:
        rows = await tx.fetch(_RESTLESS, until, on, zone, timeout=LASTS)
        ids = sorted({*patients, *(row["patient_id"] for row in rows)})
        for start in range(0, len(ids), BATCH):
            yield ids[start : start + BATCH]
        return
    last = 0
    while rows := await tx.fetch(
        "select id from patient where id > $1 order by id limit $2", last, BATCH
    ):
        yield [row["id"] for row in rows]
        last = rows[-1]["id"]


def _count(status: str) -> int:
    """The number of rows in what PostgreSQL says of a statement."""
    return int(status.split()[-1])


async def listing(
    tx: Tx,
    group: str | None,
    states: Sequence[State] = LISTED,
    as_of: date | None = None,
    *,
    zone: str,
    mode: HorizonMode = "auto",
    limit: int | None = None,
    offset: int = 0,
) -> list[Listed]:
    """Who stands so in a group (by its code; None: in any), the last seen first.

    `as_of` is taken for the horizon. A booking, a death, a stop or a sending since the last
    recompute counts at once.
    """
    on = await today(tx, zone)
    until = as_of or await horizon(tx, zone, mode)
    rows = await tx.fetch(
        _LISTED,
        until,
        on,
        zone,
        group,
        list(states),
        not set(states) <= set(LISTED),  # the others have no dates to search by
        limit,
        offset,
        timeout=LASTS,
    )
    return [_listed(row, until) for row in rows]


def _listed(row: Any, until: date) -> Listed:
    expected = row["booked_on"] if row["now"] == "booked" else row["expected_on"]
    reason = {**row["reason"], "excluded": row["why"]}
    return Listed(
        patient=row["patient_id"],
        chart=row["chart"],
        group=row["code"],
        name=row["name"],
        state=row["now"],
        last_visit_on=row["last_visit_on"],
        expected_on=expected,
        at_risk_on=row["at_risk_on"],
        lapsed_on=row["lapsed_on"],
        reason=rules.told(row["now"], reason, row["last_visit_on"], expected, until),
    )
