"""The address in every e-mail that ends e-mail, with one press and no question (RFC 8058)."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

_TOKEN = re.compile(r"([0-9a-f]{64})([A-Za-z0-9_-]{24})", re.ASCII)


def unsubscriber(keys: KeyRing, public_url: str | None) -> Callable[[str], str | None]:
    """Gives the address by which a recipient ends our e-mail; None without a public URL."""

    def url(address: str) -> str | None:
        if public_url is None:
            return None
        index = keys.index("address", f"email:{address}")
        return f"{public_url.rstrip('/')}/u/{index}{_mark(keys, index)}"

    return url


async def find(tx: Tx, keys: KeyRing, token: str) -> Any:
    """id, language and opted_out_at of the account that a token names; None if it is not ours."""
    match = _TOKEN.fullmatch(token)
    if match is None or not compare_digest(_mark(keys, match[1]), match[2]):
        return None
    return await tx.fetchrow(
        """select id, language, opted_out_at from chat_account
           where channel = 'email' and address_index = $1""",
        match[1],
    )


async def subscribe(tx: Tx, account_id: int, notice_version: str, *, wanted: bool) -> None:
    """Write down that nothing more is wanted there, or that it is again."""
    await tx.execute(
        """update chat_account
           set opted_out_at = case when $2 then null else coalesce(opted_out_at, now()) end
           where id = $1""",
        account_id,
        wanted,
    )
    await tx.execute(
        """insert into consent (account_id, purpose, notice_version, given)
           values ($1, 'messages', $2, $3)""",
        account_id,
        notice_version,
        wanted,
    )
    if not wanted:
        await announce(tx, Kind.PATIENT_OPTED_OUT, {"account_id": account_id})


def _mark(keys: KeyRing, index: str) -> str:
    return urlsafe_b64encode(keys.mark("unsubscribe", index, 18)).decode()
