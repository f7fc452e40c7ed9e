"""Recipients of running campaigns, made in one statement each, as often as one likes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.campaign.audience import compile_points, is_empty, look
from clinic.campaign.consider import Plan
from clinic.campaign.rules import AHEAD
from clinic.crypto import KeyRing
from clinic.db import Tx

PASS = timedelta(minutes=1)  # between two looks at a campaign
TIMEOUT = 60.0  # s; a base of a million patients and a filter that asks for much


@dataclass(frozen=True, slots=True)
class Made:
    """How many recipients are new, and how many of them staff have to decide about."""

    recipients: int
    to_decide: int


async def next_to_make(tx: Tx) -> int | None:
    """A running campaign whose time to be looked at has come, locked; None if there is none.

    Another process's is passed over.
    """
    found: int | None = await tx.fetchval(
        """select id from campaign
           where state = 'running' and starts_at <= now()
             and (made_until is null or made_until < now() + $1::interval)
           order by made_until nulls first limit 1 for no key update skip locked""",
        AHEAD - PASS,
    )
    return found


async def materialise(tx: Tx, keys: KeyRing, zone: ZoneInfo, plan: Plan, now: datetime) -> Made:
    """Make the recipients whose time comes soon, or came since the last look, each once.

    The campaign is locked. `now`: the database's.
    """
    campaign = plan.campaign
    assert campaign.starts_at is not None
    until = now + AHEAD
    seen = look(plan.trigger, campaign.starts_at, campaign.made_until, until, zone)
    await tx.execute("update campaign set made_until = $2 where id = $1", campaign.id, until)
    if is_empty(plan.trigger, seen, zone):
        return Made(0, 0)
    useful = timedelta(hours=campaign.draft.useful_hours)
    await tx.execute("select set_config('statement_timeout', '60s', true)")
    made = await compile_points(tx, keys, zone, plan.audience, plan.trigger, seen, useful)
    into = made.bind(campaign.id, "bigint")
    row = await tx.fetchrow(
        f"""with made as (
              insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until,
                                     state, reason, settled_at)
              select {into}, n.patient_id, n.occurrence, n.due_at, n.useful_until, n.state,
                     n.reason, case when n.state <> 'pending' then now() end
              from ({made.where}) n
              on conflict (campaign_id, patient_id, occurrence) do nothing
              returning reason)
            select count(*) as recipients,
                   count(*) filter (where reason = 'late_to_decide') as to_decide from made""",  # noqa: S608  # values are bound
        *made.values,
        timeout=TIMEOUT,
    )
    if row["to_decide"]:
        await tx.execute(
            """insert into task (key, kind, detail) values ($1, 'campaign', $2)
               on conflict (key) do nothing""",
            f"campaign:{campaign.id}:late:{now.isoformat()}",
            {"campaign": campaign.id, "reason": "late", "recipients": row["to_decide"]},
        )
    return Made(row["recipients"], row["to_decide"])
