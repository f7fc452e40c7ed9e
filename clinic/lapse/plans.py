"""Treatment plans (療養計画書): when one was given, and to whom the next one is due."""

from collections.abc import Sequence
from datetime import date

from clinic.db import Tx
from clinic.lapse import rules
from clinic.lapse.evidence import FACTS, LASTS, NAMED_ACTS
from clinic.lapse.presets import document
from clinic.lapse.types import PlanDue

# The first fee of a patient for whom nobody wrote down a plan. $1: codes, $2: patients or null.
_FIRST_FEES = """
select q.patient_id, min(q.on_date) as on_date from procedure q
left join source_record r on r.id = q.record_id
where q.code = any ($1::text[]) and q.on_date is not null
  and ($2::bigint[] is null or q.patient_id = any ($2::bigint[]))
  and (q.record_id is null or r.replaced_by_id is null)
  and not exists (
    select from plan_date d where d.patient_id = q.patient_id and not d.estimated)
group by q.patient_id
"""
_FORGET = f"""
delete from plan_date d where d.estimated
  and ($2::bigint[] is null or d.patient_id = any ($2::bigint[]))
  and (d.patient_id, d.on_date) not in ({_FIRST_FEES})
"""  # noqa: S608  # constants
_ESTIMATE = f"""
insert into plan_date (patient_id, on_date, estimated)
select patient_id, on_date, true from ({_FIRST_FEES}) f on conflict do nothing
"""  # noqa: S608  # constants
# $1: the horizon, $2: today, $3: the zone, $4: codes, $5: plans before this day are due.
_DUE = f"""
with newest as (
  select distinct on (patient_id) patient_id, on_date, estimated from plan_date
  order by patient_id, on_date desc)
select n.patient_id, p.chart, n.on_date, n.estimated, f.booked_on
from newest n join patient p on p.id = n.patient_id
cross join lateral ({FACTS.format(patients="(select * from patient where id = n.patient_id)")}) f
where n.on_date < $5::date and not f.merged and not f.deceased
  and (f.moved_on is null or f.seen_on > f.moved_on)
  and f.seen_on > $1::date - interval '{rules.GONE} months'
  and exists (
    select from procedure q left join source_record r on r.id = q.record_id
    where q.patient_id = n.patient_id and q.code = any ($4::text[])
      and (q.record_id is null or r.replaced_by_id is null)
      and q.on_date > f.seen_on - interval '{rules.GONE} months')
order by f.booked_on nulls last, n.on_date, n.patient_id
"""  # noqa: S608  # constants


async def estimate(tx: Tx, patients: Sequence[int] | None) -> None:
    """Let the first lifestyle fee stand for the plan that receipts do not tell of.

    For these patients, or all (None); after each import and undo. What staff wrote comes first.
    """
    values = await _codes(tx), None if patients is None else list(patients)
    await tx.execute(_FORGET, *values, timeout=LASTS)
    await tx.execute(_ESTIMATE, *values, timeout=LASTS)


async def give(tx: Tx, patient: int, on: date, staff: int | None) -> None:
    """Write down that a plan was handed over on a day. Estimates of the patient are over."""
    await tx.execute("delete from plan_date where patient_id = $1 and estimated", patient)
    await tx.execute(
        """insert into plan_date (patient_id, on_date, written_by_id) values ($1, $2, $3)
           on conflict do nothing""",
        patient,
        on,
        staff,
    )


async def due(tx: Tx, as_of: date, horizon: date, today: date, zone: str) -> list[PlanDue]:
    """Whose next plan is to be given at the next visit, soonest booked first.

    Patients who still come and for whom the fee was charged lately: see rules.plan_due_on.
    """
    before = rules.add_months(as_of.replace(day=1), 1 - rules.PLAN)
    rows = await tx.fetch(_DUE, horizon, today, zone, await _codes(tx), before, timeout=LASTS)
    return [
        PlanDue(
            patient=row["patient_id"],
            chart=row["chart"],
            plan_on=row["on_date"],
            estimated=row["estimated"],
            due_on=rules.plan_due_on(row["on_date"]),
            booked_on=row["booked_on"],
        )
        for row in rows
    ]


async def _codes(tx: Tx) -> list[str]:
    """The lifestyle fees: codes of ours, and of uploaded masters by their names."""
    said = document()["plan"]
    rows = await tx.fetch(NAMED_ACTS, said["act_names"])
    return sorted({*said["acts"], *(row["code"] for row in rows)})
