"""How a patient wants to be written to, and to what: as staff see it and write it down."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.consent import service as consents
from clinic.db import Tx
from clinic.policy.types import CHAIN, PURPOSES, Purpose
from clinic.staff.access.records import desk
from clinic.staff.types import Staff

# How staff learned of a wish: it is written down with every change.
Heard = Literal["here", "phone", "paper", "family", "mistake"]
HEARD: tuple[Heard, ...] = ("here", "phone", "paper", "family", "mistake")

_CHATS = """
select a.id, a.channel, l.relation, a.consent_version is not null as agreed,
       a.opted_out_at is not null as opted_out
from link l join chat_account a on a.id = l.account_id
where l.patient_id = $1 and l.ended_at is null order by l.relation <> 'self', l.id
"""


@dataclass(frozen=True, slots=True)
class ChatWishes:
    """What may be sent to one chat: `covered` by the notice or by a yes, and not refused."""

    account_id: int
    channel: str
    relation: str
    agreed: bool  # to the privacy notice; without it nothing is sent
    opted_out: bool
    covered: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a patient wants to be written to. `chosen_at` None: nothing was chosen."""

    channel: str | None
    no_greetings: bool
    call_only: bool
    chosen_at: datetime | None
    chosen_by: str | None  # a staff member's name; None: the patient
    chats: tuple[ChatWishes, ...]


async def access_wishes(tx: Tx, staff: Staff, patient_id: int) -> Wishes | None:
    """What is written down; None if that is not for this staff member."""
    if not await desk(tx, staff, patient_id):
        return None
    row = await tx.fetchrow(
        """select f.channel, f.no_greetings, f.call_only, f.chosen_at, s.name
           from contact_preference f left join staff s on s.id = f.chosen_by_id
           where f.patient_id = $1""",
        patient_id,
    )
    chats = tuple([await _chat(tx, one) for one in await tx.fetch(_CHATS, patient_id)])
    if row is None:
        return Wishes(None, False, False, None, None, chats)
    chosen = (row["channel"], row["no_greetings"], row["call_only"])
    return Wishes(*chosen, row["chosen_at"], row["name"], chats)


async def access_prefer(
    tx: Tx,
    staff: Staff,
    patient_id: int,
    *,
    channel: str | None,
    no_greetings: bool,
    call_only: bool,
    heard: Heard,
) -> bool | None:
    """Write down what the patient prefers; False if that is no channel. None: one may not."""
    if not await desk(tx, staff, patient_id):
        return None
    if channel is not None and channel not in CHAIN:
        return False
    await tx.execute(
        """insert into contact_preference
             (patient_id, channel, no_greetings, call_only, chosen_by_id)
           values ($1, $2, $3, $4, $5)
           on conflict (patient_id) do update set channel = $2, no_greetings = $3, call_only = $4,
             chosen_by_id = $5, chosen_at = now()""",
        patient_id,
        channel,
        no_greetings,
        call_only,
        staff.id,
    )
    detail = {"channel": channel, "no_greetings": no_greetings, "call_only": call_only}
    await record(
        tx, "staff", staff.id, "staff:patient:prefer", patient_id, {**detail, "heard": heard}
    )
    return True


async def access_consents(
    tx: Tx,
    settings: Settings,
    staff: Staff,
    patient_id: int,
    account_id: int,
    wanted: Collection[Purpose],
    heard: Heard,
) -> bool | None:
    """Write down to what the holder of a chat says yes; what changed holds at once.

    False if nothing changed, or the chat has not agreed to the notice, which is its holder's to do.
    None: one may not, or the chat does not speak for this patient.
    """
    chats = {row["id"]: row for row in await tx.fetch(_CHATS, patient_id)}
    if account_id not in chats or not await desk(tx, staff, patient_id):
        return None
    chat = await _chat(tx, chats[account_id])
    changed = [one for one in PURPOSES if (one in wanted) != (one in chat.covered)]
    if not changed or not chat.agreed:
        return False
    version = settings.clinic.notice_in_force
    for purpose in changed:
        await consents.record(tx, account_id, purpose, version, given=purpose in wanted)
    detail = {
        "account": account_id,
        "yes": [one for one in changed if one in wanted],
        "no": [one for one in changed if one not in wanted],
        "heard": heard,
    }
    await record(tx, "staff", staff.id, "staff:patient:consent", patient_id, detail)
    return True


async def _chat(tx: Tx, row: Any) -> ChatWishes:
    return ChatWishes(
        account_id=row["id"],
        channel=row["channel"],
        relation=row["relation"],
        agreed=row["agreed"],
        opted_out=row["opted_out"],
        covered=await consents.covered(tx, row["id"]),
    )
