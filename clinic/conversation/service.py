"""Chat accounts, and who answers their conversation."""

from datetime import datetime
from typing import Literal

from clinic.conversation.types import Account, EventKind
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind


async def account_of(tx: Tx, keys: KeyRing, channel: str, address: str) -> Account:
    """The account of an address, made with its conversation if it is new.

    Rows that are there already are not locked: a turn holds them in the opposite order.
    """
    index = keys.index("address", f"{channel}:{address}")
    find = """select a.id, c.id as conversation from chat_account a
              join conversation c on c.account_id = a.id
              where a.channel = $1 and a.address_index = $2"""
    row = await tx.fetchrow(find, channel, index)
    if row is None:
        await tx.execute(
            """insert into chat_account (channel, address_index, address) values ($1, $2, $3)
               on conflict (channel, address_index) do nothing""",
            channel,
            index,
            keys.seal(address.encode(), "chat_account.address", index),
        )
        # Statements of their own: they see what a process that was quicker has committed.
        await tx.execute(
            """insert into conversation (account_id)
               select id from chat_account where channel = $1 and address_index = $2
               on conflict (account_id) do nothing""",
            channel,
            index,
        )
        row = await tx.fetchrow(find, channel, index)
    return Account(row["id"], row["conversation"])


async def take_over(tx: Tx, conversation_id: int, staff_id: int, minutes: int) -> bool:
    """Give the conversation to a staff member for `minutes`, again to prolong.

    False if a colleague has it, whose lease is still good. The bot is silent from here on, but for
    telling the patient who answers.
    """
    fresh = await tx.fetchval(
        """update conversation c
           set owner = 'staff', owner_staff_id = $2, queued_at = null, updated_at = now(),
               snoozed_until = null, assigned_at = null,
               owner_until = now() + make_interval(mins => $3)
           from (select owner = 'staff' and owner_staff_id = $2 as mine, id
                 from conversation where id = $1 for no key update) old
           where c.id = old.id
             and (c.owner <> 'staff' or c.owner_staff_id = $2 or c.owner_until < now())
           returning not old.mine""",
        conversation_id,
        staff_id,
        minutes,
    )
    if fresh:
        await note_event(tx, conversation_id, "taken", staff_id)
        await _soon(tx, conversation_id, "taken")
    return fresh is not None


async def assign(tx: Tx, conversation_id: int, to_id: int, by_id: int, minutes: int) -> None:
    """Give a conversation to a colleague, whoever has it now. Who does not take it up within
    `minutes` loses it to the queue, where everybody sees it."""
    before = await tx.fetchval(
        "select owner from conversation where id = $1 for no key update", conversation_id
    )
    await tx.execute(
        """update conversation
           set owner = 'staff', owner_staff_id = $2, queued_at = null, updated_at = now(),
               snoozed_until = null, assigned_at = now(),
               owner_until = now() + make_interval(mins => $3) where id = $1""",
        conversation_id,
        to_id,
        minutes,
    )
    await note_event(tx, conversation_id, "assigned", by_id, to_id)
    if before != "staff":
        await _soon(tx, conversation_id, "taken")


async def snooze(tx: Tx, conversation_id: int, staff_id: int, until: datetime) -> None:
    """Put a conversation off. It is nobody else's until then; then it is in the queue."""
    await tx.execute(
        """update conversation
           set owner = 'staff', owner_staff_id = $2, owner_until = $3, snoozed_until = $3,
               assigned_at = null, queued_at = null, updated_at = now() where id = $1""",
        conversation_id,
        staff_id,
        until,
    )
    await note_event(tx, conversation_id, "snoozed", staff_id, until=until)


async def note_event(
    tx: Tx,
    conversation_id: int,
    kind: EventKind,
    staff_id: int | None,
    colleague_id: int | None = None,
    until: datetime | None = None,
) -> None:
    """Write down for the thread what became of a conversation."""
    await tx.execute(
        """insert into conversation_event (conversation_id, kind, staff_id, colleague_id, until)
           values ($1, $2, $3, $4, $5)""",
        conversation_id,
        kind,
        staff_id,
        colleague_id,
        until,
    )


async def prolong(tx: Tx, conversation_id: int, staff_id: int, minutes: int) -> bool:
    """Keep the conversation for `minutes` from now on. False if the staff member has it no more."""
    kept = await tx.fetchval(
        """update conversation set owner_until = now() + make_interval(mins => $3)
           where id = $1 and owner = 'staff' and owner_staff_id = $2 and owner_until > now()
           returning id""",
        conversation_id,
        staff_id,
        minutes,
    )
    return kept is not None


async def hand_back(tx: Tx, conversation_id: int, staff_id: int | None = None) -> bool:
    """Give the conversation back to the bot, who will say so. False if the bot has it already.

    `staff_id`: who does it, None when their time ran out.
    """
    returned = await tx.fetchval(
        """update conversation
           set owner = 'bot', owner_staff_id = null, owner_until = null, queued_at = null,
               handoff_reason = null, snoozed_until = null, assigned_at = null,
               updated_at = now()
           where id = $1 and owner <> 'bot' returning id""",
        conversation_id,
    )
    if returned is None:
        return False
    await note_event(tx, conversation_id, "handed_back", staff_id)
    await _soon(tx, conversation_id, "handback")
    return True


async def _soon(tx: Tx, conversation_id: int, kind: Literal["taken", "handback"]) -> None:
    """Have a turn in which the bot says that staff came or left."""
    await tx.execute(
        """insert into timer (key, kind, due_at, conversation_id) values ($1, $2, now(), $3)
           on conflict (key) do update set state = 'waiting', due_at = now(), settled_at = null""",
        f"{kind}:{conversation_id}",
        kind,
        conversation_id,
    )


async def return_lapsed(tx: Tx) -> int:
    """Hand back the conversations whose staff member's lease ran out; how many there were.

    What was put off, or given to a colleague who never took it up, waits in the queue instead.
    """
    lapsed = await tx.fetch(
        """select id, owner_staff_id, snoozed_until is not null as snoozed,
                  assigned_at is not null as assigned
           from conversation where owner = 'staff' and owner_until < now()
           limit 100 for update skip locked"""
    )
    for row in lapsed:
        if row["snoozed"]:
            await _queue(tx, row["id"], "woken", row["owner_staff_id"])
        elif row["assigned"]:
            await _queue(tx, row["id"], "unanswered", row["owner_staff_id"])
        else:
            await hand_back(tx, row["id"])
    return len(lapsed)


async def _queue(
    tx: Tx, conversation_id: int, why: Literal["woken", "unanswered"], staff_id: int
) -> None:
    await tx.execute(
        """update conversation
           set owner = 'queue', owner_staff_id = null, owner_until = null, queued_at = now(),
               handoff_reason = $2, snoozed_until = null, assigned_at = null, updated_at = now()
           where id = $1""",
        conversation_id,
        why,
    )
    await note_event(tx, conversation_id, why, staff_id)
    ids = {"conversation_id": conversation_id, "reason": why}
    await announce(tx, Kind.CONVERSATION_QUEUED, ids)
