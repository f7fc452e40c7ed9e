"""A second attempt for recipients who surely got nothing, by the reason why."""

from clinic.audit.service import record
from clinic.campaign import rules, store
from clinic.campaign.types import Fault
from clinic.db import Tx

# Nothing of it may be at the platform, nor on the way: not even of one try of several.
_UNTOLD = """
  not exists (select from outbox o where o.id = r.outbox_id
    and (o.unknowns > 0 or o.state not in ('refused', 'expired', 'skipped')))
  and not exists (select from chunk c where c.id = r.chunk_id
    and (c.unknowns > 0 or c.state not in ('refused', 'expired', 'skipped')))
"""


async def try_again(
    tx: Tx, campaign_id: int, staff_id: int | None, state: str, reason: str | None
) -> int | tuple[Fault, ...]:
    """Let all recipients who ended so be judged and sent to anew; how many that are.

    A finished campaign runs again until they have ended. `not_again`: it may not be done.
    """
    found = await store.find(tx, campaign_id, lock=True)
    if found is None:
        return (Fault("", "no_campaign"),)
    if not rules.may_try_again(found.state, state, reason):
        return (Fault("", "not_again"),)
    status: str = await tx.execute(
        f"""update recipient r set state = 'pending', reason = null, due_at = now(),
              useful_until = now() + make_interval(hours => $4), settled_at = null, tried = '[]',
              account_id = null, outbox_id = null, chunk_id = null, attempt = attempt + 1
            where campaign_id = $1 and state = $2 and reason is not distinct from $3
              and {_UNTOLD}""",  # noqa: S608  # a constant
        campaign_id,
        state,
        reason,
        found.draft.useful_hours,
    )
    again = int(status.rpartition(" ")[2])
    if again and found.state == "finished":
        # What was refused before is no reason to pause it once more.
        await tx.execute(
            """update campaign set state = 'running', ended_at = null, reason = null,
                 resumed_at = now() where id = $1""",
            campaign_id,
        )
    detail = {"version": found.version, "state": state, "reason": reason, "recipients": again}
    await record(tx, "staff", staff_id, "staff:campaign:again", campaign_id, detail)
    return again
