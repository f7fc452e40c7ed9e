"""A patient's answer by a button under a plan's message."""

from collections.abc import Sequence
from typing import Literal

from clinic.db import Tx
from clinic.plan.service import take_back


async def reply(
    tx: Tx,
    activity_id: int,
    how: Literal["fine", "help"],
    patient_ids: Sequence[int],
    conversation_id: int,
) -> str | None:
    """Note how a patient is; whose plan it is. None if it is none of these patients.

    Whoever needs help is a task at once, later than the step ended too; "fine" counts once.
    """
    row = await tx.fetchrow(
        """select a.id, a.state, a.plan_id, a.outbox_id, a.task_id, p.patient_id, w.name
           from care_plan_activity a join care_plan p on p.id = a.plan_id
           join patient w on w.id = p.patient_id
           where a.id = $1 and p.patient_id = any($2::bigint[]) for update of a""",
        activity_id,
        list(patient_ids),
    )
    if row is None or (how == "fine" and row["state"] == "cancelled"):
        return None
    if how == "help":
        await tx.execute(
            """insert into task (key, kind, patient_id, conversation_id, detail)
               values ($1, 'plan_alert', $2, $3, $4) on conflict (key) do nothing""",
            f"plan:{activity_id}:help",
            row["patient_id"],
            conversation_id,
            {"reason": "plan_help", "plan": row["plan_id"], "activity": activity_id},
        )
    await tx.execute(
        """update care_plan_activity set answer = $2,
             state = case when state = 'asked' then 'completed' else state end,
             reason = case when state = 'asked' then $2 else reason end,
             settled_at = coalesce(settled_at, now()), next_at = null
           where id = $1 and (state = 'asked' or answer is distinct from 'help')""",
        activity_id,
        how,
    )
    open_rows = {"outbox_id": row["outbox_id"], "request_id": None, "task_id": row["task_id"]}
    await take_back(tx, [open_rows], "answered")
    name: str = row["name"]
    return name
