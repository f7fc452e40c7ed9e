"""A doctor opened a record in an emergency: the clinic's admins hear of it in their own chats."""

from collections.abc import Collection

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation.accounts import reachable
from clinic.message.service import Outgoing, enqueue
from clinic.staff.types import Role, Staff
from flows import texts
from flows.effects import Say


async def tell_admins(
    tx: Tx,
    keys: KeyRing,
    by: Staff,
    access_id: int,
    channels: Collection[str],
    language: str,
) -> int:
    """Write to every admin's own chat who opened a record; how many were written to.

    Whose record it is, and why, stands in the panel only: a phone's lock screen shows the message.
    `language` (BCP 47) is for whoever chose none.
    """
    told = 0
    for one in await reachable(tx, channels):
        if one.role != Role.ADMIN:
            continue
        say = Say("on_call.emergency_access", {"name": by.name})
        (message,), _ = texts.compose([say], one.language or language, lambda _: "")
        key = f"emergency:{access_id}:{one.account_id}"
        written = await enqueue(
            tx,
            keys,
            Outgoing(one.account_id, message, key, "on_call", link_version=one.link_version),
        )
        told += written is not None
    if told:
        await tx.execute("update emergency_access set told_at = now() where id = $1", access_id)
    return told
