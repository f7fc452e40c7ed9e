"""Single messages of a conversation: one is sent again, a picture or voice is looked at."""

from dataclasses import dataclass
from typing import Literal

from clinic.audit.service import record
from clinic.conversation.rules import may_send_again
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue, open_message
from clinic.staff.access.heads import find_head
from clinic.staff.types import Staff


@dataclass(frozen=True, slots=True)
class Stored:
    """An event of a patient as its channel brought it."""

    conversation_id: int
    channel: str
    payload: bytes


async def access_media(tx: Tx, keys: KeyRing, staff: Staff, inbound_id: int) -> Stored | None:
    """The event that brought a picture, voice or file, to fetch it with; None if there is none that
    this staff member may see, or the patient took it back."""
    row = await tx.fetchrow(
        """select i.channel, i.event_id, i.payload, c.id as conversation
           from inbound i join conversation c on c.account_id = i.account_id
           where i.id = $1 and i.payload is not null""",
        inbound_id,
    )
    if row is None or await find_head(tx, staff, row["conversation"]) is None:
        return None
    detail = {"inbound": inbound_id}
    await record(tx, "staff", staff.id, "staff:message:media", row["conversation"], detail)
    payload = keys.open(row["payload"], "inbound.payload", row["event_id"])
    return Stored(row["conversation"], row["channel"], payload)


async def access_send_again(
    tx: Tx, keys: KeyRing, staff: Staff, outbox_id: int
) -> tuple[int, Literal["done", "not_mine", "no"]] | None:
    """Send a person's message that did not arrive once more, as a message of one's own.

    Its conversation, and whether that was done; None if this staff member may not see it. However
    often it is asked for, one message is sent again once.
    """
    row = await tx.fetchrow(
        """select o.key, o.content, o.account_id, o.state, o.reason, o.staff_id,
                  c.id as conversation
           from outbox o join conversation c on c.account_id = o.account_id where o.id = $1""",
        outbox_id,
    )
    head = row and await find_head(tx, staff, row["conversation"], lock=True)
    if row is None or head is None:
        return None
    if not head["mine"]:
        return row["conversation"], "not_mine"
    if row["staff_id"] is None or not may_send_again(row["state"], row["reason"]):
        return row["conversation"], "no"
    written = await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=row["account_id"],
            message=open_message(keys, row["key"], row["content"]),
            dedup_key=f"again:{outbox_id}",
            purpose="staff",
            staff_id=staff.id,
        ),
    )
    if written is None:
        return row["conversation"], "no"
    detail = {"outbox": written, "again": outbox_id}
    await record(tx, "staff", staff.id, "staff:message:again", row["conversation"], detail)
    return row["conversation"], "done"
