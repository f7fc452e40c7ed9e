"""Keeps what patients sent in the web chat besides words, until their record is erased."""

from uuid import UUID

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key

TIMEOUT = 30.0  # s; ten megabytes on a slow disk


async def keep(
    tx: Tx, keys: KeyRing, account_id: int, event_id: str, content_type: str, content: bytes
) -> UUID:
    """Store it with the event that will tell of it, once an event; by what key it is found."""
    known: UUID | None = await tx.fetchval(
        "select key from chat_media where event_id = $1 and account_id = $2", event_id, account_id
    )
    if known is not None:
        return known
    key = new_key()
    kept: UUID = await tx.fetchval(
        """insert into chat_media (key, account_id, event_id, content_type, content)
           values ($1, $2, $3, $4, $5)
           on conflict (event_id) do update set event_id = excluded.event_id returning key""",
        key,
        account_id,
        event_id,
        content_type,
        keys.seal(content, "chat_media.content", key),
        timeout=TIMEOUT,
    )
    return kept


async def content_of(tx: Tx, keys: KeyRing, key: UUID) -> bytes | None:
    """What was sent; None once it is erased. Raises Sealed."""
    sealed = await tx.fetchval(
        "select content from chat_media where key = $1", key, timeout=TIMEOUT
    )
    return keys.open(sealed, "chat_media.content", key) if sealed is not None else None
