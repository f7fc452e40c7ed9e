"""What came in and went out by each channel lately, and a message to oneself. No patient's data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation.accounts import reachable
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.setting.service import write
from clinic.setting.types import TESTED
from clinic.staff.types import Staff

LOOKED_AT = 20_000  # rows of a ledger, from its end


@dataclass(slots=True)
class Traffic:
    """Of one channel. `settled`: how many messages of the last 24 hours ended how."""

    received_at: datetime | None = None
    sent_at: datetime | None = None
    settled: dict[str, int] = field(default_factory=dict)


async def access_traffic(tx: Tx) -> Mapping[str, Traffic]:
    """By channel, as far back as `LOOKED_AT` rows reach. Times and counts only."""
    found: dict[str, Traffic] = {}
    for row in await tx.fetch(
        f"""select channel, max(received_at) as at from inbound
            where id > (select max(id) from inbound) - {LOOKED_AT} group by channel"""  # noqa: S608  # a constant
    ):
        found.setdefault(row["channel"], Traffic()).received_at = row["at"]
    for row in await tx.fetch(
        f"""select a.channel, o.state, max(o.settled_at) as at,
              count(*) filter (where o.settled_at > now() - interval '1 day') as n
            from outbox o join chat_account a on a.id = o.account_id
            where o.id > (select max(id) from outbox) - {LOOKED_AT} and o.settled_at is not null
            group by 1, 2"""  # noqa: S608  # a constant
    ):
        one = found.setdefault(row["channel"], Traffic())
        if row["state"] == "sent":
            one.sent_at = row["at"]
        if row["n"]:
            one.settled[row["state"]] = row["n"]
    return found


async def access_own_chats(tx: Tx, staff: Staff, channels: Collection[str]) -> int:
    """In how many own chats this staff member can be written to: 0 or 1, the newest of them."""
    return sum(one.staff_id == staff.id for one in await reachable(tx, channels))


async def access_test_message(
    tx: Tx, keys: KeyRing, staff: Staff, channels: Collection[str], words: str, language: str
) -> int | None:
    """Write a message to the staff member's own chat; its outbox id, None without such a chat."""
    own = next((one for one in await reachable(tx, channels) if one.staff_id == staff.id), None)
    if own is None:
        return None
    made = await enqueue(
        tx,
        keys,
        Outgoing(
            own.account_id,
            Message(words, language),
            f"test:{new_key()}",
            "on_call",
            link_version=own.link_version,
            staff_id=staff.id,
        ),
    )
    await write(tx, staff, TESTED, [made])
    await record(tx, "staff", staff.id, "staff:channel:test", made)
    return made


async def access_test_state(tx: Tx, outbox_id: int) -> str | None:
    """How a test message stands, by the states of the outbox; None if it is none."""
    state: str | None = await tx.fetchval(
        """select state from outbox where id = $1
             and exists (select 1 from setting_change where key = $2 and value = $3)""",
        outbox_id,
        TESTED,
        [outbox_id],
    )
    return state
