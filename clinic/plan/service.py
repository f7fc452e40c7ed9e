"""Plans of patients in the database: what begins, changes and ends them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.service import WAITS, WITHDRAWN
from clinic.plan import rules
from clinic.plan.definitions import find, going_by
from clinic.plan.dump import dump_step
from clinic.plan.types import Definition, Kept, Planned

_OPEN = "('waiting', 'to_decide', 'asked')"


@dataclass(frozen=True, slots=True)
class Running:
    """A plan of one patient: the definition it goes by has its own steps where it was edited."""

    id: int
    patient_id: int
    definition: Definition
    anchor_on: date
    state: str


async def enrol(
    tx: Tx,
    definition_id: int,
    patient_id: int,
    anchor_on: date,
    zone: ZoneInfo,
    *,
    staff_id: int | None = None,
) -> int | None:
    """Begin a plan; None if the patient has it for this anchor already, or there is none.

    By hand it may be begun again: the anchor is this act. What is past is decided at once, and
    what staff have to decide is a task.
    """
    found = await find(tx, definition_id)
    if found is None:
        return None
    definition = found.definition
    kind = definition.anchor
    key = f"hand:{new_key().hex}" if staff_id else f"{kind}:{anchor_on.isoformat()}"
    plan_id: int | None = await tx.fetchval(
        """insert into care_plan (code, definition_id, patient_id, anchor_key, anchor_on,
                                  started_by_id)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id""",
        definition.code,
        definition_id,
        patient_id,
        key,
        anchor_on,
        staff_id,
    )
    if plan_id is None:
        return None
    now = await tx.fetchval("select now()")
    await add(tx, plan_id, rules.enrol(definition, anchor_on, now, zone))
    await ask_staff(tx, plan_id)
    by: Literal["staff", "system"] = "staff" if staff_id else "system"
    detail = {"patient": patient_id, "definition": definition_id}
    await record(tx, by, staff_id, f"{by}:care_plan:enrol", plan_id, detail)
    return plan_id


async def add(tx: Tx, plan_id: int, planned: Sequence[Planned]) -> None:
    """Write due points as rows of a plan."""
    await tx.execute(
        """insert into care_plan_activity
             (plan_id, step, n, due_at, useful_until, state, reason, next_at, settled_at)
           select $1, x.step, x.n, x.due_at, x.useful_until, x.state, x.reason,
                  case when x.state = 'waiting' then x.due_at end,
                  case when x.state = 'skipped' then now() end
           from unnest($2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[],
                       $7::text[]) as x(step, n, due_at, useful_until, state, reason)
           on conflict (plan_id, step, n) do nothing""",
        plan_id,
        *_columns(planned),
    )


def _columns(planned: Sequence[Planned]) -> tuple[list[Any], ...]:
    return (
        [one.point.step for one in planned],
        [one.point.n for one in planned],
        [one.point.at for one in planned],
        [one.point.useful_until for one in planned],
        [one.state for one in planned],
        [one.reason for one in planned],
    )


async def ask_staff(tx: Tx, plan_id: int) -> None:
    """A task where staff have to decide what becomes of due points that were past."""
    await tx.execute(
        """insert into task (key, kind, patient_id, detail)
           select 'plan:' || p.id || ':decide:' || max(a.id), 'plan_decide', p.patient_id,
                  jsonb_build_object('reason', 'plan_past', 'plan', p.id)
           from care_plan p join care_plan_activity a on a.plan_id = p.id
           where p.id = $1 and a.state = 'to_decide' group by p.id
           on conflict (key) do nothing""",
        plan_id,
    )


async def running(tx: Tx, plan_id: int, *, lock: bool = False) -> Running | None:
    """A plan with the steps that it goes by; None if there is none."""
    row = await tx.fetchrow(
        f"""select p.id, p.patient_id, p.anchor_on, p.state, p.steps, d.content from care_plan p
            join plan_definition d on d.id = p.definition_id
            where p.id = $1 {"for update of p" if lock else ""}""",  # noqa: S608  # constants
        plan_id,
    )
    if row is None:
        return None
    return Running(
        row["id"],
        row["patient_id"],
        going_by(row["content"], row["steps"]),
        row["anchor_on"],
        row["state"],
    )


async def rearrange(
    tx: Tx, plan_id: int, definition: Definition, anchor_on: date, zone: ZoneInfo, staff_id: int
) -> bool:
    """Give a plan other steps, or another anchor. False if it is over.

    What was asked or has ended stays as it is.
    """
    plan = await running(tx, plan_id, lock=True)
    if plan is None or plan.state != "active":
        return False
    rows = await tx.fetch(
        "select step, n, state from care_plan_activity where plan_id = $1 for update", plan_id
    )
    kept = [Kept((row["step"], row["n"]), row["state"]) for row in rows]
    now = await tx.fetchval("select now()")
    change = rules.rearranged(definition, kept, anchor_on, now, zone)
    await tx.execute(
        "update care_plan set steps = $2, anchor_on = $3 where id = $1",
        plan_id,
        [dump_step(step) for step in definition.steps],
        anchor_on,
    )
    await add(tx, plan_id, change.add)
    await tx.execute(
        """update care_plan_activity a set due_at = x.due_at, useful_until = x.useful_until,
             state = x.state, reason = x.reason,
             next_at = case when x.state = 'waiting' then x.due_at end,
             settled_at = case when x.state = 'skipped' then now() end
           from unnest($2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[],
                       $7::text[]) as x(step, n, due_at, useful_until, state, reason)
           where a.plan_id = $1 and a.step = x.step and a.n = x.n""",
        plan_id,
        *_columns(change.move),
    )
    await tx.execute(
        """update care_plan_activity a set state = 'cancelled', reason = 'dropped', next_at = null,
             settled_at = now(), settled_by_id = $4
           from unnest($2::text[], $3::int[]) as x(step, n)
           where a.plan_id = $1 and a.step = x.step and a.n = x.n""",
        plan_id,
        [step for step, _ in change.cancel],
        [n for _, n in change.cancel],
        staff_id,
    )
    await ask_staff(tx, plan_id)
    await record(tx, "staff", staff_id, "staff:care_plan:edit", plan_id)
    return True


async def stop(tx: Tx, plan_ids: Iterable[int], reason: str, *, staff_id: int | None = None) -> int:
    """End plans before their time; how many. All that was to come is cancelled with the reason."""
    rows = await tx.fetch(
        """update care_plan set state = 'revoked', reason = $2, ended_at = now(), ended_by_id = $3
           where id = any($1::bigint[]) and state = 'active' returning id""",
        list(plan_ids),
        reason,
        staff_id,
    )
    ids = [row["id"] for row in rows]
    ended = await tx.fetch(
        f"""update care_plan_activity set state = 'cancelled', reason = $2, next_at = null,
              settled_at = now(), settled_by_id = $3
            where plan_id = any($1::bigint[]) and state in {_OPEN}
            returning outbox_id, request_id, task_id""",  # noqa: S608  # constants
        ids,
        reason,
        staff_id,
    )
    await take_back(tx, ended, "plan_stopped")
    await tx.execute(
        """update task set state = 'closed', closed_at = now()
           where state = 'open' and kind = 'plan_decide'
             and (detail ->> 'plan')::bigint = any($1::bigint[])""",
        ids,
    )
    by: Literal["staff", "system"] = "staff" if staff_id else "system"
    for plan_id in ids:
        await record(tx, by, staff_id, f"{by}:care_plan:stop", plan_id, {"reason": reason})
    return len(ids)


async def take_back(tx: Tx, ended: Sequence[Any], reason: str) -> None:
    """Of rows that have ended: what still waits to be sent, to be answered or to be done."""
    messages = [row["outbox_id"] for row in ended if row["outbox_id"]]
    await tx.execute(
        f"update outbox o set {WITHDRAWN} where o.id = any($1::bigint[]) and {WAITS}",  # noqa: S608  # constants
        messages,
        reason,
    )
    # If it turns out that a call did not reach the platform, it is too late for another.
    await tx.execute(
        """update outbox set useful_until = least(useful_until, now())
           where id = any($1::bigint[]) and state = 'inflight'""",
        messages,
    )
    await tx.execute(
        """update questionnaire_request set state = 'cancelled', reason = $2, draft = null
           where id = any($1::bigint[]) and state in ('waiting', 'sent', 'in_progress')""",
        [row["request_id"] for row in ended if row["request_id"]],
        reason,
    )
    await tx.execute(
        """update task set state = 'closed', closed_at = now()
           where id = any($1::bigint[]) and state = 'open'""",
        [row["task_id"] for row in ended if row["task_id"]],
    )


async def decide(tx: Tx, activity_id: int, *, send: bool, staff_id: int) -> bool:
    """What becomes of a due point that was past. False if that is decided already."""
    row = await tx.fetchrow(
        """update care_plan_activity a set state = case when $2 then 'waiting' else 'skipped' end,
             reason = case when not $2 then 'staff_skipped' end,
             next_at = case when $2 then now() end,
             useful_until = case when $2 then greatest(useful_until, now() + interval '3 days')
               else useful_until end,
             settled_at = case when not $2 then now() end, settled_by_id = $3
           from care_plan p where a.id = $1 and a.state = 'to_decide' and p.id = a.plan_id
             and p.state = 'active' returning a.plan_id""",
        activity_id,
        send,
        staff_id,
    )
    if row is None:
        return False
    await tx.execute(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2
           where state = 'open' and kind = 'plan_decide' and (detail ->> 'plan')::bigint = $1
             and not exists (select from care_plan_activity
                             where plan_id = $1 and state = 'to_decide')""",
        row["plan_id"],
        staff_id,
    )
    action = "send" if send else "skip"
    await record(tx, "staff", staff_id, f"staff:care_plan_activity:{action}", activity_id)
    return True
