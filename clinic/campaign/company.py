"""Who gets more than one message in these moments: they wait for each other, to come as one.

What goes out is judged and sent one by one all the same; see bot.outbox_together.
"""

from collections.abc import Sequence
from datetime import timedelta

from clinic.db import Tx

# How long a message waits for others that are due as it is. They are released within a second or
# two; whoever would release them may be dead, and then it goes alone.
HELD_FOR = timedelta(seconds=20)


async def expected(
    tx: Tx, patients: Sequence[int], but: Sequence[int] = (), *, plans: bool = True
) -> set[int]:
    """Those of these patients for whom something else is due now and not written yet.

    `but`: without these recipients. `plans`: steps of plans count too.
    """
    rows = await tx.fetch(
        """select r.patient_id from recipient r join campaign c on c.id = r.campaign_id
           where r.patient_id = any ($1::bigint[]) and r.state = 'pending'
             and r.due_at <= now() and r.useful_until > now() and r.id <> all ($2::bigint[])
             and c.state = 'running' and c.starts_at <= now()
           union
           select p.patient_id from care_plan p join care_plan_activity a on a.plan_id = p.id
           where $3 and p.patient_id = any ($1::bigint[]) and p.state = 'active'
             and a.state = 'waiting' and a.next_at <= now()""",
        list(patients),
        list(but),
        plans,
    )
    return {row["patient_id"] for row in rows}


async def awaited(tx: Tx, accounts: Sequence[int]) -> set[int]:
    """Those of these chats for which something waits that is to go out in bulk these moments."""
    rows = await tx.fetch(
        """select distinct account_id from outbox
           where account_id = any ($1::bigint[]) and state = 'pending' and lane is not null
             and send_at <= now() + $2::interval""",
        list(accounts),
        HELD_FOR,
    )
    return {row["account_id"] for row in rows}
