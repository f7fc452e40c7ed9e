"""What comes next of the plans that a patient is in, and what the patient may ask for there."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from clinic.db import Tx
from clinic.ids import new_key
from clinic.plan import rules
from clinic.plan.definitions import going_by
from clinic.plan.service import stop
from clinic.plan.types import Ahead, Offer

STOPPED = "patient_wish"  # why a plan ended


async def list_ahead(tx: Tx, patient_ids: Sequence[int], zone: ZoneInfo) -> tuple[Ahead, ...]:
    """The plans of these patients of which something is to come that they will see."""
    rows = await tx.fetch(
        """select p.id, who.name, p.steps, d.content,
             array_agg(a.step order by a.id) as names,
             array_agg(greatest(a.due_at, a.next_at, now()) order by a.id) as times
           from care_plan p join plan_definition d on d.id = p.definition_id
           join patient who on who.id = p.patient_id
           join care_plan_activity a on a.plan_id = p.id and a.state = 'waiting'
           where p.patient_id = any($1::bigint[]) and p.state = 'active'
           group by p.id, who.name, d.content order by p.id""",
        list(patient_ids),
    )
    found = (_ahead(row, zone) for row in rows)
    return tuple(sorted((one for one in found if one.coming), key=lambda one: one.coming[0].at))


def _ahead(row: Any, zone: ZoneInfo) -> Ahead:
    definition = going_by(row["content"], row["steps"])
    waiting = zip(row["names"], row["times"], strict=True)
    coming = rules.ahead(definition.steps, waiting, zone)
    return Ahead(row["id"], row["name"], coming, definition.offers)


async def ask_for_call(
    tx: Tx, plan_id: int, patient_ids: Sequence[int], conversation_id: int
) -> str | None:
    """A task for staff to telephone, one at a time; whom it is about.

    None if there is no such plan any more of these patients, or it does not offer that.
    """
    row = await _offering(tx, plan_id, patient_ids, "call")
    if row is None:
        return None
    await _tell_staff(tx, row, "call", "plan_call_me", conversation_id)
    name: str = row["name"]
    return name


async def stop_by_patient(
    tx: Tx, plan_id: int, patient_ids: Sequence[int], conversation_id: int
) -> str | None:
    """End the plan, and tell staff, who may see it otherwise; whom it is about. None: as above."""
    row = await _offering(tx, plan_id, patient_ids, "stop")
    if row is None or not await stop(tx, [plan_id], STOPPED):
        return None
    await _tell_staff(tx, row, "plan_alert", "plan_stopped_by_patient", conversation_id)
    name: str = row["name"]
    return name


async def _offering(tx: Tx, plan_id: int, patient_ids: Sequence[int], offer: Offer) -> Any:
    row = await tx.fetchrow(
        """select p.id, p.patient_id, p.steps, d.content, who.name from care_plan p
           join plan_definition d on d.id = p.definition_id
           join patient who on who.id = p.patient_id
           where p.id = $1 and p.patient_id = any($2::bigint[]) and p.state = 'active'
           for update of p""",
        plan_id,
        list(patient_ids),
    )
    offered = row is not None and offer in going_by(row["content"], row["steps"]).offers
    return row if offered else None


async def _tell_staff(tx: Tx, row: Any, kind: str, reason: str, conversation_id: int) -> None:
    """A task of the plan, unless one for the same is open: the plan's row is locked."""
    await tx.execute(
        """insert into task (key, kind, patient_id, conversation_id, detail)
           select $1, $2::text, $3::bigint, $4, $5::jsonb where not exists (
             select from task where patient_id = $3 and kind = $2::text and state = 'open'
               and detail ->> 'reason' = $6::text and (detail ->> 'plan')::bigint = $7)""",
        f"plan:{row['id']}:{new_key().hex}",
        kind,
        row["patient_id"],
        conversation_id,
        {"reason": reason, "plan": row["id"]},
        reason,
        row["id"],
    )
