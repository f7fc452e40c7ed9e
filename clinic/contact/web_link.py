"""One-time links from e-mail and SMS into the web chat, in the database (decision 14)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from clinic.crypto import KeyRing
from clinic.db import Tx

LIFE = timedelta(days=7)  # at most; a message that is of no use any more takes its link with it
SIZE = 18  # bytes: 144 bits in 24 signs

# A link whose message was for a patient who may still be written at that address.
_STANDING = """
select w.id, w.outbox_id, w.used_at, w.expires_at > now() as good, a.language
from web_link w join outbox o on o.id = w.outbox_id join chat_account a on a.id = o.account_id
where w.token_hash = $1
"""
_SPOKEN_FOR = """
select 1 from web_link w join outbox o on o.id = w.outbox_id
join link l on l.account_id = o.account_id and l.patient_id = o.patient_id and l.ended_at is null
where w.id = $1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A link as it stands. `language`: of the account that it was sent to."""

    id: int
    outbox_id: int
    state: Literal["good", "used", "over"]
    language: str | None


def token_of(keys: KeyRing, outbox_key: UUID) -> str:
    """The token of a message's link: the same at each try to send it, and ours alone to make."""
    return urlsafe_b64encode(keys.mark("web_link", str(outbox_key), SIZE)).decode()


async def hand_out(tx: Tx, keys: KeyRing, outbox_id: int, outbox_key: UUID) -> str:
    """Write the link of a message down, if it is not; its token."""
    token = token_of(keys, outbox_key)
    await tx.execute(
        """insert into web_link (token_hash, outbox_id, expires_at)
           select $1, id, least(useful_until, now() + $3) from outbox where id = $2
           on conflict (outbox_id) do nothing""",
        _hash(keys, token),
        outbox_id,
        LIFE,
    )
    return token


async def find(tx: Tx, keys: KeyRing, token: str, *, lock: bool = False) -> Found | None:
    """The link of a token; None if we gave out no such one. `lock` keeps others from using it."""
    row = await tx.fetchrow(_STANDING + (" for update of w" if lock else ""), _hash(keys, token))
    if row is None:
        return None
    if row["used_at"] is not None:
        state: Literal["good", "used", "over"] = "used"
    else:
        speaks = row["good"] and await tx.fetchval(_SPOKEN_FOR, row["id"])
        state = "good" if speaks else "over"
    return Found(row["id"], row["outbox_id"], state, row["language"])


async def use(tx: Tx, link_id: int, account_id: int) -> None:
    """The link, which `find` has locked, opened this web chat."""
    await tx.execute(
        "update web_link set used_at = now(), account_id = $2 where id = $1", link_id, account_id
    )


def _hash(keys: KeyRing, token: str) -> str:
    return keys.index("web_link", token)
