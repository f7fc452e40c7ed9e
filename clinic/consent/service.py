"""Consents in the database: what a chat account agreed to, purpose by purpose."""

from collections.abc import Iterable

from clinic.db import Tx
from clinic.policy.rules import account_barred
from clinic.policy.types import EXPLICIT, PURPOSES, Account, Purpose, Wanted
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind


async def record(
    tx: Tx, account_id: int, purpose: str, notice_version: str, *, given: bool
) -> None:
    """Note a yes or a no. The newest of a purpose holds, from this transaction on.

    Messages that wait already are judged by it when they are to go out.
    """
    await tx.execute(
        "insert into consent (account_id, purpose, notice_version, given) values ($1, $2, $3, $4)",
        account_id,
        purpose,
        notice_version,
        given,
    )


async def agreed(tx: Tx, notice_version: str) -> int:
    """How many chats agreed to this version of the notice, and are asked again once it is another.

    Nobody chats by e-mail or SMS: there nobody is asked.
    """
    found: int = await tx.fetchval(
        """select count(*) from chat_account
           where consent_version = $1 and channel not in ('email', 'sms')""",
        notice_version,
    )
    return found


async def stop(tx: Tx, account_id: int, notice_version: str) -> None:
    """Send this account nothing any more that was not asked for.

    What needs a yes of its own needs a new one, should messages start again.
    """
    said = await _said(tx, account_id)
    await record(tx, account_id, "messages", notice_version, given=False)
    for purpose in EXPLICIT:
        if said.get(purpose):
            await record(tx, account_id, purpose, notice_version, given=False)
    await tx.execute(
        "update chat_account set opted_out_at = coalesce(opted_out_at, now()) where id = $1",
        account_id,
    )
    await announce(tx, Kind.PATIENT_OPTED_OUT, {"account_id": account_id})


async def covered(
    tx: Tx, account_id: int, purposes: Iterable[Purpose] = PURPOSES
) -> tuple[Purpose, ...]:
    """Those of these purposes for which the account may be written to, as far as consent goes."""
    said = await _said(tx, account_id)
    agreed = await tx.fetchval(
        "select consent_version is not null from chat_account where id = $1", account_id
    )

    def may(purpose: Purpose) -> bool:
        account = Account(account_id, "", 0, agreed=agreed, said=said.get(purpose))
        return account_barred(account, Wanted(purpose, "plan")) is None

    return tuple(one for one in purposes if may(one))


async def _said(tx: Tx, account_id: int) -> dict[str, bool]:
    rows = await tx.fetch(
        "select purpose, given from consent where account_id = $1 order by id", account_id
    )
    return {row["purpose"]: row["given"] for row in rows}
