"""Many rows of the outbox in few statements: a campaign is written by the thousand."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.codec import dump_message
from clinic.message.service import Outgoing, seal_message
from clinic.message.types import PRIORITIES, Message
from clinic.policy.types import Purpose

CHUNK = 500  # accounts in one call, the most that LINE's multicast takes


async def enqueue_many(tx: Tx, keys: KeyRing, rows: Sequence[Outgoing]) -> list[int | None]:
    """Write messages into the outbox as `enqueue` does: their ids in order, None for one that is
    there already (or comes twice in `rows`)."""
    names = [new_key() for _ in rows]
    written = await tx.fetch(
        """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
                               send_at, useful_until, appointment_id, appointment_version,
                               link_version, staff_id, escalation_id, request_id,
                               consent_purpose, patient_id, priority, lane)
           select o.key, o.dedup_key, o.account_id, o.purpose, o.class, o.content,
                  coalesce(o.at, now()) - o.ahead, coalesce(o.at, now()) + o.useful_for,
                  o.appointment_id, o.appointment_version, o.link_version, o.staff_id,
                  o.escalation_id, o.request_id, o.consent_purpose, o.patient_id, o.priority,
                  case when o.class = 'campaign' then a.channel end
           from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bytea[],
                       $7::timestamptz[], $8::interval[], $9::interval[], $10::bigint[],
                       $11::int[], $12::int[], $13::bigint[], $14::bigint[], $15::bigint[],
                       $16::text[], $17::bigint[], $18::smallint[])
                with ordinality as o (key, dedup_key, account_id, purpose, class, content,
                       at, ahead, useful_for, appointment_id,
                       appointment_version, link_version, staff_id, escalation_id, request_id,
                       consent_purpose, patient_id, priority, position)
                join chat_account a on a.id = o.account_id
           order by o.position
           on conflict (dedup_key) do nothing returning id, key""",
        names,
        *_columns(keys, rows, names),
    )
    ids = {row["key"]: row["id"] for row in written}
    return [ids.get(name) for name in names]


def _columns(keys: KeyRing, rows: Sequence[Outgoing], names: Sequence[UUID]) -> list[list[object]]:
    return [
        [row.dedup_key for row in rows],
        [row.account_id for row in rows],
        [row.purpose for row in rows],
        [row.delivery_class for row in rows],
        [seal_message(keys, name, row.message) for name, row in zip(names, rows, strict=True)],
        [row.at for row in rows],
        [row.brought_forward for row in rows],
        [row.useful_for for row in rows],
        [row.appointment_id for row in rows],
        [row.appointment_version for row in rows],
        [row.link_version for row in rows],
        [row.staff_id for row in rows],
        [row.escalation_id for row in rows],
        [row.request_id for row in rows],
        [row.consent_purpose for row in rows],
        [row.patient_id for row in rows],
        [row.priority for row in rows],
    ]


async def enqueue_chunk(
    tx: Tx,
    keys: KeyRing,
    message: Message,
    channel: str,
    consent_purpose: Purpose,
    purpose: str,
    recipients: Sequence[int],
    useful_until: datetime,
    at: datetime,
    chosen: Sequence[tuple[int, str | None]] = (),
) -> int:
    """Write one message to many recipients of a campaign, as one call of the platform; its id.

    They are pending, each with its account, and become queued. Whether each may get it is judged
    once more when it is sent. `purpose` is the outbox's and orders what waits. `chosen`: account
    and variant of each, where they are not written yet. Raises ValueError for nobody, or more than
    CHUNK.
    """
    if not 0 < len(recipients) <= CHUNK:
        raise ValueError(f"a chunk has 1 to {CHUNK} recipients, not {len(recipients)}")
    key = new_key()
    written: int = await tx.fetchval(
        """with made as (
             insert into chunk (key, channel, purpose, consent_purpose, priority, content, members,
                                send_at, useful_until)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id),
           queued as (
             update recipient r set state = 'queued', reason = null, chunk_id = made.id,
               account_id = coalesce(n.account, r.account_id),
               variant = case when n.account is null then r.variant else n.variant end
             from made, unnest($10::bigint[], $11::bigint[], $12::text[]) n (id, account, variant)
             where r.id = n.id)
           select id from made""",
        key,
        channel,
        purpose,
        consent_purpose,
        PRIORITIES[purpose],
        keys.seal(dump_message(message), "chunk.content", key),
        len(recipients),
        at,
        useful_until,
        recipients,
        [account for account, _ in chosen],
        [variant for _, variant in chosen],
    )
    return written
