"""Follow-up plans by PostgreSQL's clock: who is enrolled, what is due, what came back, what ends.

Any number of workers: rows are claimed with `skip locked`, and whatever is written for one has a
key of its own. What fell due while no worker ran is done late, or ends as too late; never silently.
"""

from collections.abc import Sequence
from typing import Any

from bot.environment import Environment
from clinic.db import Tx
from clinic.plan import rules
from clinic.plan.apply import apply, due_definitions
from clinic.plan.service import stop
from clinic.plan.types import PatientFacts
from scheduler.due import FAILED, safely
from scheduler.plan_answers import settle_answers, settle_readings, settle_tasks
from scheduler.plan_steps import ROW, call, carry_out, end, follow

AT_ONCE = 50
_FACTS = """
  select p.id, p.patient_id, d.content -> 'stop' as stop,
    who.deceased_on is not null as deceased,
    who.moved_on is not null and not coalesce(s.last_visit_on > who.moved_on, false) as moved,
    who.merged_into_id is not null
      or exists (select from erasure e where e.patient_id = who.id) as gone,
    greatest(
      (select max(v.starts_at)::date from appointment v where v.patient_id = p.patient_id
         and v.status in ('arrived', 'fulfilled') and v.starts_at > p.created_at),
      case when s.last_visit_on > p.created_at::date then s.last_visit_on end) as came_on
  from care_plan p join plan_definition d on d.id = p.definition_id
  join patient who on who.id = p.patient_id
  left join patient_summary s on s.patient_id = p.patient_id
  where p.state = 'active'"""
# Of a plan that is not over nothing is read twice.
_ENDED = f"""
  select * from ({_FACTS} and (p.definition_id = $1 or p.id = any($2::bigint[]))) f
  where deceased or moved or gone or stop ? 'visit' and came_on is not null"""  # noqa: S608  # constants


async def sweep(env: Environment) -> int:
    """Carry all plans on as far as they are due; how much there was. Raises DatabaseDown."""
    async with env.database.transaction() as tx:
        found = await _look_after(tx, env)
    async with env.database.transaction() as tx:
        found += await settle_answers(tx, env)
        found += await settle_readings(tx)
        found += await settle_tasks(tx)
        found += await follow(tx)
    async with env.database.transaction() as tx:
        found += await _fire(tx, env)
    return found


async def _look_after(tx: Tx, env: Environment) -> int:
    """Once a minute: enrol by the rules, end what is over. One definition that is wrong keeps no
    other from it."""
    counts: list[int] = []

    async def look(definition_id: int) -> None:
        counts.append(await _stop_ended(tx, definition_id, ()))
        counts.append(await apply(tx, definition_id, env.zone))
        await _complete(tx, definition_id)

    for definition_id in await due_definitions(tx):
        await safely(tx, "plan rule", definition_id, look(definition_id))
    return sum(counts)


async def _stop_ended(tx: Tx, definition_id: int | None, plans: Sequence[int]) -> int:
    """End the plans of who died, moved away or, where that ends a plan, came."""
    count = 0
    for row in await tx.fetch(_ENDED, definition_id, list(plans)):
        reason = rules.stop_reason(row["stop"] or (), _facts(row))
        if reason is not None:
            count += await stop(tx, [row["id"]], reason)
    return count


def _facts(row: Any) -> PatientFacts:
    return PatientFacts(row["deceased"], row["moved"], row["gone"], row["came_on"])


async def _fire(tx: Tx, env: Environment) -> int:
    """What is due, of patients for whom nothing has changed that ends it."""
    due = await tx.fetch(
        """select plan_id from care_plan_activity where next_at <= now()
           order by next_at limit $1""",
        AT_ONCE,
    )
    if not due:
        return 0
    stopped = await _stop_ended(tx, None, [row["plan_id"] for row in due])
    rows = await tx.fetch(
        f"""{ROW} where a.next_at <= now() and a.state in ('waiting', 'asked')
              and p.state = 'active'
            order by a.next_at limit {AT_ONCE} for update of a skip locked"""
    )
    for row in rows:
        reason = await safely(tx, "plan", row["id"], carry_out(tx, env, row))
        if reason == FAILED:
            await call(tx, row, "plan_failed")
        if reason is not None:
            await end(tx, row["id"], "skipped", reason)
    return len(rows) + stopped


async def _complete(tx: Tx, definition_id: int) -> None:
    """Plans of which nothing is left to come."""
    await tx.execute(
        """update care_plan p set state = 'completed', ended_at = now()
           where p.state = 'active' and p.definition_id = $1 and not exists (
             select from care_plan_activity a where a.plan_id = p.id
               and a.state in ('waiting', 'to_decide', 'asked'))""",
        definition_id,
    )
