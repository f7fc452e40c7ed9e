"""The record's summary, worked out in SQL from what stands."""

from collections.abc import Sequence

from clinic.db import Tx

TIMEOUT = 600.0  # s; of one statement over the whole base
# Codes by which a prescription for 28 days or more, or one to be refilled, shows in a receipt:
# medical fee table of 2024, and the codes that they had before June 2024. A newer master's refill
# codes are known by their name.
LONG = ("120005610", "120005710", "120003170", "120003270")
REFILL = (
    *("120004710", "120004810", "120004910", "120005010"),
    *("120006210", "120006310", "120006410", "120006510"),
)
REFILL_NAME = "処方箋料（リフィル処方箋%"
SUPPLY_AT_MOST = 180  # days; more than that on one receipt line is a slip
MOST = 999_999_999  # visits, or points: what one receipt has room for, and no patient has
GAPS = 6  # the last visits that the usual distance is taken from
GAPS_AT_LEAST = 3

# Whatever stands: rows of imports that nothing replaced, and what staff wrote.
CURRENT = "(x.record_id is null or exists (select 1 from source_record r where r.id = x.record_id and r.replaced_by_id is null))"  # noqa: E501
VISITS = f"""
    select x.patient_id, x.on_date from encounter x
    where {{whose}} and x.setting = 'outpatient' and {CURRENT}
    union
    select x.patient_id, (x.starts_at at time zone s.time_zone)::date
    from appointment x join site s on s.id = x.site_id
    where {{whose}} and x.status in ('arrived', 'fulfilled')"""  # noqa: S608  # constants
_REFRESH = f"""
    with who as ({{who}}),
    visit as ({VISITS}),
    numbered as (
      select patient_id, on_date,
             row_number() over (partition by patient_id order by on_date desc) as n,
             on_date - lag(on_date) over (partition by patient_id order by on_date) as gap
      from visit),
    visits as (
      select patient_id, min(on_date) as first, max(on_date) as last, count(*) as count,
             count(gap) filter (where n < {GAPS}) as gaps,
             percentile_disc(0.5) within group (order by gap) filter (where n < {GAPS}) as gap
      from numbered group by patient_id),
    records as (
      select x.patient_id, max(x.month) as newest,
             sum(x.visit_count) filter (where not exists (
               select 1 from encounter e where e.record_id = x.id)) as undated
      from source_record x where {{whose}} and x.replaced_by_id is null group by x.patient_id),
    months as (
      select x.patient_id, bool_or(x.setting = 'inpatient') filter (
               where x.month = records.newest) as inpatient,
             sum(x.points) filter (
               where x.month > coalesce(v.last, records.newest) - interval '1 year') as points
      from source_record x join records using (patient_id) left join visits v using (patient_id)
      where x.replaced_by_id is null group by x.patient_id),
    year as (
      select v.patient_id, count(*) as count from visit v join visits using (patient_id)
      where v.on_date > visits.last - 365 group by v.patient_id),
    missed as (
      select x.patient_id, count(*) as count from appointment x
      where {{whose}} and x.status = 'noshow' group by x.patient_id),
    medicine as (
      select x.patient_id, max(x.on_date + x.days) as until
      from supply x join visits v on v.patient_id = x.patient_id and x.on_date = v.last
      where x.days between 1 and {SUPPLY_AT_MOST} and {CURRENT} group by x.patient_id),
    prescribed as (
      select x.patient_id, bool_or(x.code = any($2) or x.code in (
               select code from code_name where kind = 'act' and name like '{REFILL_NAME}')
             ) as refill, bool_or(x.code = any($3)) as long
      from procedure x join visits v on v.patient_id = x.patient_id and x.on_date = v.last
      where {CURRENT} group by x.patient_id)
    insert into patient_summary (patient_id, first_visit_on, last_visit_on, visit_count,
      visits_year, no_shows, points_year, median_gap, supply_until, refill, long_supply, inpatient,
      newest_month)
    select who.id, visits.first, visits.last,
           least(coalesce(visits.count, 0) + coalesce(records.undated, 0), {MOST}),
           coalesce(year.count, 0), coalesce(missed.count, 0),
           least(coalesce(months.points, 0), {MOST}),
           case when visits.gaps >= {GAPS_AT_LEAST} then visits.gap end,
           medicine.until, coalesce(prescribed.refill, false), coalesce(prescribed.long, false),
           coalesce(months.inpatient, false), records.newest
    from who
    left join visits on visits.patient_id = who.id
    left join records on records.patient_id = who.id
    left join months on months.patient_id = who.id
    left join year on year.patient_id = who.id
    left join missed on missed.patient_id = who.id
    left join medicine on medicine.patient_id = who.id
    left join prescribed on prescribed.patient_id = who.id
    on conflict (patient_id) do update set
      first_visit_on = excluded.first_visit_on, last_visit_on = excluded.last_visit_on,
      visit_count = excluded.visit_count, visits_year = excluded.visits_year,
      no_shows = excluded.no_shows, points_year = excluded.points_year,
      median_gap = excluded.median_gap, supply_until = excluded.supply_until,
      refill = excluded.refill, long_supply = excluded.long_supply,
      inpatient = excluded.inpatient, newest_month = excluded.newest_month, refreshed_at = now()
"""  # noqa: S608  # constants


async def refresh(tx: Tx, patients: Sequence[int] | None = None) -> None:
    """Work out the summary of these patients, or of all, from what stands now."""
    if patients is None:
        who, whose = "select id from patient where $1::bigint[] is null", "true"
    else:
        who, whose = "select unnest($1::bigint[]) as id", "x.patient_id = any($1)"
    await tx.execute(
        _REFRESH.format(who=who, whose=whose),
        None if patients is None else list(patients),
        list(REFILL),
        list(LONG),
        timeout=TIMEOUT,
    )
