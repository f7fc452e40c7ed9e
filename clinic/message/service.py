"""The two ledgers of messages: what came in, what goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from clinic.conversation.types import Line
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.codec import dump_message, load_message
from clinic.message.types import PRIORITIES, DeliveryClass, Message
from clinic.policy.types import Purpose

USEFUL = timedelta(hours=12)  # an answer in a dialogue helps nobody the day after
# Of the outbox o: what can still be kept back, and what it becomes then ($2: why). What may have
# gone out already must not be shown as left out.
WAITS = "(o.state in ('pending', 'leased') or o.state = 'unknown' and o.send_at < 'infinity')"
WITHDRAWN = """state = case when o.unknowns > 0 then 'unknown' else 'skipped' end, reason = $2,
  send_at = 'infinity', settled_at = now(), lease_token = null, lease_until = null"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to write into the outbox. `dedup_key` makes it go out once, however often
    it is written."""

    account_id: int
    message: Message
    dedup_key: str
    purpose: str
    delivery_class: DeliveryClass = DeliveryClass.MUST_ARRIVE
    useful_for: timedelta = USEFUL
    appointment_id: int | None = None
    appointment_version: int | None = None
    link_version: int | None = None
    staff_id: int | None = None
    escalation_id: int | None = None
    request_id: int | None = None  # of the questionnaire that it asks for
    ahead: bool = False  # of all else that waits to be sent, however long it has waited
    consent_purpose: Purpose | None = None  # what must be agreed to; None: it was asked for
    patient_id: int | None = None  # whom it is about, where no visit and no questionnaire says
    at: datetime | None = None  # nothing goes out before; None: at once. `useful_for` begins then

    @property
    def priority(self) -> int:
        """Its place among what waits: what is to be ahead goes with the replies, first of them."""
        return 0 if self.ahead else PRIORITIES[self.purpose]

    @property
    def brought_forward(self) -> timedelta:
        """How much earlier than its time it is due, so that it comes first of its priority."""
        return timedelta(days=1) if self.ahead else timedelta(0)


async def enqueue(tx: Tx, keys: KeyRing, outgoing: Outgoing) -> int | None:
    """Write a message into the outbox; its id, or None if the same one is there already."""
    key = new_key()
    written: int | None = await tx.fetchval(
        """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
                               send_at, useful_until, appointment_id, appointment_version,
                               link_version, staff_id, escalation_id, request_id,
                               consent_purpose, patient_id, priority, lane)
           select $1, $2, $3, $4, $5::text, $6,
                  coalesce($15, now()) - $13::interval,
                  coalesce($15, now()) + $7, $8, $9, $10, $11, $12, $14, $16, $17, $18,
                  case when $5 = 'campaign' then a.channel end
           from chat_account a where a.id = $3
           on conflict (dedup_key) do nothing returning id""",
        key,
        outgoing.dedup_key,
        outgoing.account_id,
        outgoing.purpose,
        outgoing.delivery_class,
        seal_message(keys, key, outgoing.message),
        outgoing.useful_for,
        outgoing.appointment_id,
        outgoing.appointment_version,
        outgoing.link_version,
        outgoing.staff_id,
        outgoing.escalation_id,
        outgoing.brought_forward,
        outgoing.request_id,
        outgoing.at,
        outgoing.consent_purpose,
        outgoing.patient_id,
        outgoing.priority,
    )
    return written


def seal_message(keys: KeyRing, key: UUID, message: Message) -> bytes:
    """The message as the outbox row `key` stores it."""
    return keys.seal(dump_message(message), "outbox.content", key)


def open_message(keys: KeyRing, key: UUID, content: bytes) -> Message:
    """The message of an outbox row. Raises Sealed if the row was tampered with."""
    return load_message(keys.open(content, "outbox.content", key))


async def write_staff_message(
    tx: Tx, keys: KeyRing, conversation_id: int, staff_id: int, text: str
) -> int:
    """Write what a staff member says to a patient; the outbox id."""
    row = await tx.fetchrow(
        """select c.account_id, coalesce(a.language, 'en') as language
           from conversation c join chat_account a on a.id = c.account_id where c.id = $1""",
        conversation_id,
    )
    written = await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=row["account_id"],
            message=Message(text, row["language"]),
            dedup_key=f"staff:{new_key()}",
            purpose="staff",
            staff_id=staff_id,
        ),
    )
    assert written is not None
    return written


async def last_words(tx: Tx, keys: KeyRing, account_id: int) -> str:
    """What the patient wrote last, by the ledger; "" if the last thing was no text."""
    row = await tx.fetchrow(
        """select text, event_id from inbound where account_id = $1 and text is not null
           order by id desc limit 1""",
        account_id,
    )
    if row is None:
        return ""
    kind, _, words = keys.open(row["text"], "inbound.text", row["event_id"]).decode().partition(":")
    return words if kind in ("text", "edited") else ""


async def transcript(
    tx: Tx, keys: KeyRing, account_id: int, *, limit: int = 50, before: int | None = None
) -> list[Line]:
    """The newest `limit` messages of both sides, oldest first; `before` is an instant in ms.

    Buttons pressed show as the words the patient saw on them.
    """
    rows = await tx.fetch(
        """select * from (
             (select 'i' as side, i.id, i.received_at as at, i.event_id as name, i.text as content,
                     i.state, i.reason, null as staff_name, 0 as last
              from inbound i
              where i.account_id = $1 and (i.text is not null or i.reason = 'unsent')
                and ($3::float8 is null or i.received_at < to_timestamp($3 / 1000.0))
              order by i.id desc limit $2)
             union all
             (select 'o', o.id, o.created_at, o.key::text, o.content,
                     o.state, o.reason, s.name, 1
              from outbox o left join staff s on s.id = o.staff_id
              where o.account_id = $1
                and ($3::float8 is null or o.created_at < to_timestamp($3 / 1000.0))
              order by o.id desc limit $2)
           ) lines order by at desc, last desc, id desc limit $2""",
        account_id,
        limit,
        before,
    )
    return [_line(keys, row) for row in reversed(rows)]


def _line(keys: KeyRing, row: Any) -> Line:
    content: bytes | None = row["content"]
    kind, text, message = "text", None, None
    if row["side"] == "o":
        assert content is not None
        message = open_message(keys, UUID(row["name"]), content)
    elif content is None:
        kind = "unsent"
    else:
        kind, _, text = keys.open(content, "inbound.text", row["name"]).decode().partition(":")
    return Line(
        id=f"{row['side']}{row['id']}",
        side="patient" if row["side"] == "i" else "staff" if row["staff_name"] else "clinic",
        at=row["at"],
        text=text,
        kind=kind,
        message=message,
        state=row["state"],
        reason=row["reason"],
        staff_name=row["staff_name"],
    )
