"""One-time links to documents: given out in a chat, good for ten minutes and one browser."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_secret

LIFE = timedelta(minutes=10)
BITS = 144
# A link of a document that holds, in the hands of an account that still speaks for its patient.
_STANDING = """
select l.id, l.document_id, l.account_id, l.used_at, l.session_hash, a.language,
       l.expires_at > now() and d.state = 'issued' and exists (
         select 1 from link s where s.account_id = l.account_id and s.patient_id = d.patient_id
           and s.ended_at is null and s.proof <> 'none') as good, d.patient_id, d.number
from document_link l join document d on d.id = l.document_id
join chat_account a on a.id = l.account_id
where l.token_hash = $1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A link as it stands. `number`: of the document; `language`: of the account."""

    id: int
    document_id: int
    patient_id: int
    account_id: int
    number: str
    state: Literal["good", "used", "over"]
    language: str | None
    session_hash: str | None


async def hand_out(tx: Tx, keys: KeyRing, document_id: int, account_id: int) -> str:
    """A new link's token. Only its keyed hash is stored."""
    token = new_secret(BITS)
    await tx.execute(
        """insert into document_link (token_hash, document_id, account_id, expires_at)
           values ($1, $2, $3, now() + $4)""",
        keys.index("document_link", token),
        document_id,
        account_id,
        LIFE,
    )
    return token


async def find(tx: Tx, keys: KeyRing, token: str, *, lock: bool = False) -> Found | None:
    """The link of a token; None if we gave out no such one."""
    row = await tx.fetchrow(
        _STANDING + (" for update of l" if lock else ""), keys.index("document_link", token)
    )
    if row is None:
        return None
    state: Literal["good", "used", "over"] = "over"
    if row["good"]:
        state = "used" if row["used_at"] is not None else "good"
    return Found(
        row["id"],
        row["document_id"],
        row["patient_id"],
        row["account_id"],
        row["number"],
        state,
        row["language"],
        row["session_hash"],
    )


async def use(tx: Tx, keys: KeyRing, link: Found) -> str:
    """Use a good link up, which `find` has locked: the secret of the one browser that has it now,
    for ten minutes."""
    secret = new_secret(BITS)
    await tx.execute(
        """update document_link set used_at = now(), session_hash = $2, expires_at = now() + $3
           where id = $1""",
        link.id,
        keys.index("document_session", secret),
        LIFE,
    )
    return secret


def opened_by(keys: KeyRing, link: Found, secret: str) -> bool:
    """Whether this browser has used the link up, and may still look."""
    mine = keys.index("document_session", secret)
    return link.state == "used" and link.session_hash == mine


async def view(tx: Tx, link: Found) -> None:
    """Count that the document was looked at."""
    await tx.execute("update document_link set views = views + 1 where id = $1", link.id)
    detail = {"document": link.document_id}
    await record(tx, "patient", link.account_id, "patient:document:read", link.patient_id, detail)
