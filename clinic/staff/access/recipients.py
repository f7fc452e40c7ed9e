"""Who is or was to get a campaign, and how that ended, for those who may write to all patients."""

from dataclasses import dataclass
from datetime import datetime

from clinic.audit.service import record
from clinic.campaign import again
from clinic.campaign.types import Fault
from clinic.db import Tx
from clinic.staff.access.campaigns import NOT_ALLOWED
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

SHOWN_AT_MOST = 200  # recipients on a page
EXPORTED_AT_MOST = 100_000


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient with the patient's name. `outbox_id`: the message, if it has one of its own."""

    id: int
    patient_id: int
    name: str
    chart: str | None
    occurrence: str
    due_at: datetime
    state: str
    reason: str | None
    variant: str | None
    channel: str | None
    outbox_id: int | None
    settled_at: datetime | None
    answered_at: datetime | None
    booked_id: int | None


@dataclass(frozen=True, slots=True)
class Sendings:
    """When the first and the last message of a campaign went out; None: none has."""

    first_at: datetime | None
    last_at: datetime | None


async def access_recipients(
    tx: Tx,
    staff: Staff,
    campaign_id: int,
    *,
    state: str | None = None,
    reason: str | None = None,
    offset: int = 0,
    most: int = SHOWN_AT_MOST,
    export: bool = False,
) -> list[RecipientRow]:
    """Those who stand so, for that reason, the newest first; None: any. `export`: to be taken out
    of the panel."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch(
        """select r.id, r.patient_id, p.name, p.chart, r.occurrence, r.due_at, r.state, r.reason,
                  r.variant, a.channel, r.outbox_id, r.settled_at, r.answered_at, r.booked_id
           from recipient r join patient p on p.id = r.patient_id
           left join chat_account a on a.id = r.account_id
           where r.campaign_id = $1 and ($2::text is null or r.state = $2)
             and ($3::text is null or r.reason = $3)
           order by r.id desc offset $4 limit $5""",
        campaign_id,
        state,
        reason,
        offset,
        most,
    )
    detail = {"patients": [row["patient_id"] for row in rows], "state": state, "reason": reason}
    deed = "export" if export else "recipients"
    await record(tx, "staff", staff.id, f"staff:campaign:{deed}", campaign_id, detail)
    return [RecipientRow(*row.values()) for row in rows]


async def access_sendings(tx: Tx, staff: Staff, campaign_id: int) -> Sendings:
    """When it began and ended to go out. No patient is named."""
    if not sees_all_patients(staff.role):
        return Sendings(None, None)
    row = await tx.fetchrow(
        """select min(settled_at) as first_at, max(settled_at) as last_at from recipient
           where campaign_id = $1 and state = 'sent'""",
        campaign_id,
    )
    return Sendings(**dict(row))


async def access_try_again(
    tx: Tx, staff: Staff, campaign_id: int, state: str, reason: str | None
) -> int | tuple[Fault, ...]:
    """Have those who surely got nothing tried again; how many, or why that may not be done."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    return await again.try_again(tx, campaign_id, staff.id, state, reason)
