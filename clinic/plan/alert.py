"""A doctor is called because of an answer to a plan."""

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation.service import raise_escalation
from clinic.escalation.types import Raised

RULE = "plan_answer"  # of an escalation: flows.reasons has its words


async def call_doctor(
    tx: Tx,
    keys: KeyRing,
    activity_id: int,
    rule: str,
    level: int,
    *,
    account_id: int | None = None,
) -> None:
    """Alert whoever is on call; of a patient without a chat it is a task, the gravest kind.

    `account_id`: the chat that answered, else one that speaks for the patient.
    """
    row = await tx.fetchrow(
        """select p.id as plan_id, p.code, p.patient_id, a.step from care_plan_activity a
           join care_plan p on p.id = a.plan_id where a.id = $1""",
        activity_id,
    )
    chat = await tx.fetchrow(
        """select c.id, c.account_id from conversation c
           where c.account_id = coalesce($2::bigint, (
             select l.account_id from link l where l.patient_id = $1 and l.ended_at is null
             order by l.relation <> 'self', l.id limit 1)) for no key update""",
        row["patient_id"],
        account_id,
    )
    if chat is None:
        detail = {"reason": "plan_doctor", "level": level, "plan": row["plan_id"]}
        await tx.execute(
            """insert into task (key, kind, patient_id, detail) values ($1, 'plan_alert', $2, $3)
               on conflict (key) do nothing""",
            f"plan:{activity_id}:doctor:{rule[:48]}",
            row["patient_id"],
            {**detail, "activity": activity_id},
        )
        return
    raised = Raised(
        conversation_id=chat["id"],
        source="questionnaire",
        rule=rule,
        level=level,
        patient_id=row["patient_id"],
        reasons=(row["code"], row["step"]),
    )
    await raise_escalation(tx, keys, chat["account_id"], raised)
