"""Plans of patients, as staff see, begin, change and end them. A doctor sees own patients'."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.db import Tx
from clinic.plan import rules, service
from clinic.plan.definitions import going_by
from clinic.plan.types import After, Definition, Step
from clinic.staff.access import LASTING_PATIENTS, OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

Edit = Callable[[Definition], Definition | None]
LISTED_AT_MOST = 200
STOPS = ("staff_stopped", "patient_wish", "treated_elsewhere", "mistake")  # what staff can say


@dataclass(frozen=True, slots=True)
class Row:
    """One plan in a list."""

    id: int
    title: dict[str, str]
    patient_id: int
    name: str
    chart: str | None
    anchor_on: date
    state: str
    reason: str | None
    done: int
    total: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One due point with the step it comes from (None: the step was dropped)."""

    id: int
    step_id: str
    step: Step | None
    n: int
    due_at: datetime
    state: str
    reason: str | None
    answer: str | None
    settled_at: datetime | None
    settled_by: str | None
    response_id: int | None
    task_id: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One patient's plan with all its due points."""

    row: Row
    definition: Definition
    definition_id: int
    edited: bool
    started_by: str | None
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A due point that came to nothing."""

    plan_id: int
    title: dict[str, str]
    patient_id: int
    name: str
    step_id: str
    state: str
    reason: str | None
    at: datetime


_ROWS = f"""select p.id, d.title, p.patient_id, w.name, w.chart, p.anchor_on, p.state, p.reason,
      (select count(*) from care_plan_activity a where a.plan_id = p.id
         and a.state not in ('waiting', 'to_decide', 'asked')) as done,
      (select count(*) from care_plan_activity a where a.plan_id = p.id) as total,
      (select min(due_at) from care_plan_activity a where a.plan_id = p.id
         and a.state = 'waiting') as next_at
    from care_plan p join plan_definition d on d.id = p.definition_id
    join patient w on w.id = p.patient_id
    where ($2 or p.patient_id in ({OWN_PATIENTS}))"""  # noqa: S608  # constants


async def access_followed(tx: Tx, staff: Staff, code: str) -> list[Row]:
    """The patients on a plan, those whose plan runs first."""
    rows = await tx.fetch(
        f"""{_ROWS} and p.code = $3 order by p.state = 'active' desc, next_at nulls last, p.id desc
            limit {LISTED_AT_MOST}""",
        staff.id,
        sees_all_patients(staff.role),
        code,
    )
    return await _listed(tx, staff, rows)


async def access_plans_of(tx: Tx, staff: Staff, patient_id: int) -> list[Row] | None:
    """The plans of one patient, newest first; None if this staff member may not see them."""
    if not await _visible(tx, staff, patient_id):
        return None
    rows = await tx.fetch(
        f"{_ROWS} and p.patient_id = $3 order by p.id desc limit {LISTED_AT_MOST}",
        staff.id,
        sees_all_patients(staff.role),
        patient_id,
    )
    return await _listed(tx, staff, rows)


async def _listed(tx: Tx, staff: Staff, rows: Sequence[Any]) -> list[Row]:
    if rows:
        plans = {"plans": [row["id"] for row in rows]}
        await record(tx, "staff", staff.id, "staff:care_plan:list", None, plans)
    return [Row(**row) for row in rows]


async def access_plan(tx: Tx, staff: Staff, plan_id: int) -> Shown | None:
    """One plan with what became of each step; None if there is none that one may see."""
    row = await tx.fetchrow(
        f"{_ROWS} and p.id = $3", staff.id, sees_all_patients(staff.role), plan_id
    )
    if row is None:
        return None
    plan = await tx.fetchrow(
        """select p.steps, p.definition_id, d.content, s.name as started_by from care_plan p
           join plan_definition d on d.id = p.definition_id
           left join staff s on s.id = p.started_by_id where p.id = $1""",
        plan_id,
    )
    definition = going_by(plan["content"], plan["steps"])
    steps = {step.id: step for step in definition.steps}
    activities = await tx.fetch(
        """select a.id, a.step as step_id, a.n, a.due_at, a.state, a.reason, a.answer, a.settled_at,
                  s.name as settled_by, a.response_id, a.task_id
           from care_plan_activity a left join staff s on s.id = a.settled_by_id
           where a.plan_id = $1 order by a.due_at, a.id""",
        plan_id,
    )
    await record(tx, "staff", staff.id, "staff:care_plan:read", plan_id)
    return Shown(
        Row(**row),
        definition,
        plan["definition_id"],
        plan["steps"] is not None,
        plan["started_by"],
        tuple(Activity(**one, step=steps.get(one["step_id"])) for one in activities),
    )


async def access_enrol(
    tx: Tx, zone: ZoneInfo, staff: Staff, definition_id: int, patient_id: int, anchor_on: date
) -> int | None:
    """Begin an active plan by hand; its id, None if one may not or it is not active.

    An hour in an emergency is not enough: who began a plan goes on seeing its patient.
    """
    if not await _visible(tx, staff, patient_id, of=LASTING_PATIENTS):
        return None
    active = await tx.fetchval(
        "select id from plan_definition where id = $1 and status = 'active'", definition_id
    )
    if active is None:
        return None
    return await service.enrol(tx, definition_id, patient_id, anchor_on, zone, staff_id=staff.id)


async def access_stop(tx: Tx, staff: Staff, plan_id: int, reason: str) -> bool:
    """End a plan before its time. False if one may not, it is over, or that is no reason."""
    if reason not in STOPS or await _plan(tx, staff, plan_id) is None:
        return False
    return await service.stop(tx, [plan_id], reason, staff_id=staff.id) == 1


async def access_add_step(tx: Tx, zone: ZoneInfo, staff: Staff, plan_id: int, step: Step) -> bool:
    """One more step for this patient, under a number of its own. False if one may not."""

    def added(before: Definition) -> Definition | None:
        taken = {one.id for one in before.steps}
        free = next(name for n in range(1, len(taken) + 2) if (name := f"own_{n}") not in taken)
        return rules.with_step(before, replace(step, id=free))

    return await _edit(tx, zone, staff, plan_id, added)


async def access_move_step(
    tx: Tx, zone: ZoneInfo, staff: Staff, plan_id: int, step_id: str, after: After
) -> bool:
    """A step at another time for this patient. False if one may not, or there is no such step."""
    return await _edit(tx, zone, staff, plan_id, lambda it: rules.with_moved(it, step_id, after))


async def access_drop_step(
    tx: Tx, zone: ZoneInfo, staff: Staff, plan_id: int, step_id: str
) -> bool:
    """Leave a step out for this patient. False if one may not, or it is the only one."""
    return await _edit(tx, zone, staff, plan_id, lambda one: rules.without_step(one, step_id))


async def access_move_anchor(
    tx: Tx, zone: ZoneInfo, staff: Staff, plan_id: int, anchor_on: date
) -> bool:
    """Count a plan from another day. False if one may not, or it is over."""
    plan = await _plan(tx, staff, plan_id)
    if plan is None:
        return False
    return await service.rearrange(tx, plan_id, plan.definition, anchor_on, zone, staff.id)


async def access_decide(tx: Tx, staff: Staff, activity_id: int, *, send: bool) -> int | None:
    """Say or skip what was past when the plan began; the plan, None if that is decided already."""
    plan_id = await tx.fetchval("select plan_id from care_plan_activity where id = $1", activity_id)
    if plan_id is None or await _plan(tx, staff, plan_id) is None:
        return None
    decided = await service.decide(tx, activity_id, send=send, staff_id=staff.id)
    return int(plan_id) if decided else None


async def access_dropped(tx: Tx, staff: Staff) -> list[Dropped]:
    """What came to nothing in the last 30 days, newest first: skipped, cancelled, unanswered."""
    rows = await tx.fetch(
        f"""select p.id as plan_id, d.title, p.patient_id, w.name, a.step as step_id, a.state,
                   a.reason, a.settled_at as at
            from care_plan_activity a join care_plan p on p.id = a.plan_id
            join plan_definition d on d.id = p.definition_id join patient w on w.id = p.patient_id
            where a.state in ('skipped', 'cancelled', 'unanswered')
              and a.settled_at > now() - interval '30 days'
              and ($2 or p.patient_id in ({OWN_PATIENTS}))
            order by a.settled_at desc, a.id desc limit {LISTED_AT_MOST}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
    )
    if rows:
        plans = {"plans": sorted({row["plan_id"] for row in rows})}
        await record(tx, "staff", staff.id, "staff:care_plan:dropped", None, plans)
    return [Dropped(**row) for row in rows]


async def _edit(tx: Tx, zone: ZoneInfo, staff: Staff, plan_id: int, change: Edit) -> bool:
    plan = await _plan(tx, staff, plan_id)
    if plan is None:
        return False
    edited = change(plan.definition)
    if edited is None:
        return False
    return await service.rearrange(tx, plan_id, edited, plan.anchor_on, zone, staff.id)


async def _plan(tx: Tx, staff: Staff, plan_id: int) -> service.Running | None:
    plan = await service.running(tx, plan_id)
    if plan is None or not await _visible(tx, staff, plan.patient_id):
        return None
    return plan


async def _visible(tx: Tx, staff: Staff, patient_id: int, *, of: str = OWN_PATIENTS) -> bool:
    found = await tx.fetchval(
        f"""select p.id from patient p where p.id = $3 and ($2 or p.id in ({of}))
              and p.merged_into_id is null
              and not exists (select 1 from erasure e where e.patient_id = p.id)""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        patient_id,
    )
    return found is not None
