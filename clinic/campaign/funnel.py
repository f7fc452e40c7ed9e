"""What came of a campaign: sent, answered, booked, came; and who came of those held out."""

from dataclasses import dataclass
from datetime import timedelta

from clinic.db import Tx

WITHIN = timedelta(days=60)  # after its message, or after the time it would have had


@dataclass(frozen=True, slots=True)
class Funnel:
    """Recipients by how far they went. `held_out` got nothing; `came_anyway` of them came."""

    sent: int
    answered: int
    booked: int
    came: int
    held_out: int
    came_anyway: int


async def funnel(tx: Tx, campaign_id: int) -> Funnel:
    """How far the recipients went. Who came had a visit that took place `WITHIN` the days after,
    booked by the message or not, so that both sides are counted alike."""
    row = await tx.fetchrow(
        """with r as (
             select state, answered_at, booked_id, exists (
               select 1 from appointment v where v.patient_id = recipient.patient_id
                 and v.status in ('arrived', 'fulfilled')
                 and v.starts_at >= coalesce(settled_at, due_at)
                 and v.starts_at < coalesce(settled_at, due_at) + $2::interval) as came
             from recipient where campaign_id = $1 and state in ('sent', 'held_out'))
           select count(*) filter (where state = 'sent') as sent,
             count(answered_at) filter (where state = 'sent') as answered,
             count(booked_id) filter (where state = 'sent') as booked,
             count(*) filter (where state = 'sent' and came) as came,
             count(*) filter (where state = 'held_out') as held_out,
             count(*) filter (where state = 'held_out' and came) as came_anyway
           from r""",
        campaign_id,
        WITHIN,
    )
    return Funnel(*row.values())
