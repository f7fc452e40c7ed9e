"""One conversation as staff see it, and taking part in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from clinic.audit.service import record
from clinic.conversation import service
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import write_staff_message
from clinic.staff.access import VISIBLE_CONVERSATION
from clinic.staff.access.heads import (
    ConversationHead,
    find_head,
    head_of,
    lasting,
    mark_of,
)
from clinic.staff.access.thread import LINES, Entry, KindOfMedia, last_entry, read_thread
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff

TEXT_LENGTH = 2_000  # characters of one answer; every channel takes that many
PRESENT = 40  # s for which a page that says it has a conversation open is believed
TYPING = 8  # s


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who has the conversation open now."""

    name: str
    typing: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """One conversation with its newest entries, oldest first. `last` names the newest message of
    either side, for the next answer."""

    head: ConversationHead
    entries: tuple[Entry, ...]
    present: tuple[Present, ...]
    last: str
    mark: str


async def access_conversation(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    conversation_id: int,
    seen: str = "",
    media: KindOfMedia | None = None,
) -> Opened | None:
    """One conversation, None if there is none that this staff member may see, or nothing changed
    since the state marked `seen`. `media` tells what a patient's message holds besides words."""
    row = await find_head(tx, staff, conversation_id)
    if row is None:
        return None
    states = await tx.fetch(
        """(select id, state, reason from outbox where account_id = $1 order by id desc limit $2)
           union all
           (select id, case when text is null then 'unsent' else '' end, null from inbound
            where account_id = $1 order by id desc limit $2)
           union all
           (select max(id), 'note', null from internal_note where conversation_id = $3)
           union all
           (select max(id), 'event', null from conversation_event where conversation_id = $3)
           union all
           (select sum(a.version), 'visits', null from appointment a where a.account_id = $1)""",
        row["account_id"],
        LINES,
        conversation_id,
    )
    present = await _present(tx, staff, conversation_id)
    mark = mark_of([lasting(row), *(tuple(state) for state in states), tuple(present)])
    if mark == seen:
        return None
    await record(tx, "staff", staff.id, "staff:conversation:read", conversation_id)
    head = head_of(keys, row)
    entries = await read_thread(tx, keys, head, media)
    return Opened(head, entries, present, await last_entry(tx, head.account_id), mark)


async def access_visible_accounts(tx: Tx, staff: Staff, accounts: Sequence[int]) -> set[int]:
    """Those chat accounts whose conversation this staff member may see: ids, so no audit row."""
    rows = await tx.fetch(
        f"""select c.account_id from conversation c
            where c.account_id = any($3) and {VISIBLE_CONVERSATION}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        list(accounts),
    )
    return {row["account_id"] for row in rows}


async def access_here(
    tx: Tx, staff: Staff, conversation_id: int, *, typing: bool, leaving: bool = False
) -> bool:
    """Note that somebody has a conversation open, and tell colleagues who have it, too.

    What was new of it is read by that, and so are notices about it. False if one may not see it.
    """
    row = await find_head(tx, staff, conversation_id)
    if row is None:
        return False
    before = await tx.fetchrow(
        """select coalesce(here_until > now(), false), coalesce(typing_until > now(), false)
           from conversation_reader where conversation_id = $1 and staff_id = $2""",
        conversation_id,
        staff.id,
    )
    await tx.execute(
        f"""insert into conversation_reader (conversation_id, staff_id, here_until, typing_until)
            values ($1, $2, now() + case when not $4 then interval '{PRESENT} s' end,
                    now() + case when $3 then interval '{TYPING} s' end)
            on conflict (conversation_id, staff_id) do update
              set read_at = now(), here_until = excluded.here_until,
                  typing_until = excluded.typing_until""",  # noqa: S608  # constants
        conversation_id,
        staff.id,
        typing,
        leaving,
    )
    await tx.execute(
        """update staff_notice set seen_at = now()
           where staff_id = $1 and conversation_id = $2 and seen_at is null""",
        staff.id,
        conversation_id,
    )
    if before is None or tuple(before) != (not leaving, typing):
        await tell(tx, row["account_id"])
    return True


async def access_chat_of(
    tx: Tx, keys: KeyRing, staff: Staff, conversation_id: int
) -> tuple[str, str] | None:
    """Channel and address of a patient whom this staff member answers now, to show that somebody
    writes; None for all others, and while a message is on its way there, which comes first. No word
    of the conversation is read, so there is no audit row."""
    row = await tx.fetchrow(
        """select a.channel, a.address, a.address_index from conversation c
           join chat_account a on a.id = c.account_id and a.unreachable_at is null
           where c.id = $1 and c.owner = 'staff' and c.owner_staff_id = $2
             and c.owner_until > now()
             and not exists (
               select from outbox o where o.account_id = a.id
                 and (o.state in ('leased', 'inflight')
                      or o.state = 'pending' and o.send_at <= now()))""",
        conversation_id,
        staff.id,
    )
    if row is None:
        return None
    sealed, name = row["address"], row["address_index"]
    return row["channel"], keys.open(sealed, "chat_account.address", name).decode()


async def tell(tx: Tx, account_id: int) -> None:
    """Let open pages hear of a change in a conversation that no trigger sees."""
    await tx.execute("select pg_notify('kayoi_live', 'conversations:' || $1::bigint)", account_id)


async def access_take_over(tx: Tx, staff: Staff, conversation_id: int, minutes: int) -> bool | None:
    """Answer this conversation from here on, or for longer. False if a colleague does already,
    None if this staff member may not see it."""
    if await find_head(tx, staff, conversation_id) is None:
        return None
    taken = await service.take_over(tx, conversation_id, staff.id, minutes)
    if taken:
        await record(tx, "staff", staff.id, "staff:conversation:take_over", conversation_id)
    return taken


async def access_answer(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    conversation_id: int,
    text: str,
    minutes: int,
    seen: str = "",
) -> int | Literal["changed"] | None:
    """Say something to the patient and keep the conversation for `minutes` more; the outbox id.

    None unless this staff member answers the conversation: two people never answer at once.
    changed: somebody else said something after the entry `seen`, so this waits for a second look.
    """
    row = await find_head(tx, staff, conversation_id, lock=True)
    if row is None or not row["mine"]:
        return None
    if seen and await _changed(tx, staff, row["account_id"], seen):
        return "changed"
    await service.take_over(tx, conversation_id, staff.id, minutes)
    outbox_id = await write_staff_message(tx, keys, conversation_id, staff.id, text)
    await record(
        tx, "staff", staff.id, "staff:conversation:answer", conversation_id, {"outbox": outbox_id}
    )
    return outbox_id


async def access_hand_back(tx: Tx, staff: Staff, conversation_id: int) -> bool:
    """Give the conversation back to the bot. A colleague's is given back by nobody but an admin."""
    row = await find_head(tx, staff, conversation_id, lock=True)
    if row is None or not may_move(staff, row):
        return False
    returned = await service.hand_back(tx, conversation_id, staff.id)
    if returned:
        await record(tx, "staff", staff.id, "staff:conversation:hand_back", conversation_id)
    return returned


async def access_assign(
    tx: Tx, staff: Staff, conversation_id: int, colleague_id: int, minutes: int
) -> Literal["done", "not_mine", "nobody"]:
    """Give a conversation to a colleague, who is told. A colleague's is given on by an admin only.

    It may be seen by whom it was given to: that is what it is for, and the audit row says so.
    """
    row = await find_head(tx, staff, conversation_id, lock=True)
    if row is None or not may_move(staff, row):
        return "not_mine"
    known = await tx.fetchval(
        "select id from staff where id = $1 and disabled_at is null", colleague_id
    )
    if known is None:
        return "nobody"
    if colleague_id == staff.id:
        await service.take_over(tx, conversation_id, staff.id, minutes)
    else:
        await service.assign(tx, conversation_id, colleague_id, staff.id, minutes)
        await add_notice(tx, "assigned", conversation_id, colleague_id, staff.id)
    detail = {"to": colleague_id}
    await record(tx, "staff", staff.id, "staff:conversation:assign", conversation_id, detail)
    return "done"


async def access_snooze(tx: Tx, staff: Staff, conversation_id: int, until: datetime) -> bool:
    """Put a conversation off until a time, or until the patient writes. Not a colleague's."""
    row = await find_head(tx, staff, conversation_id, lock=True)
    if row is None or row["owner"] == "bot" or (row["owner"] == "staff" and not row["mine"]):
        return False
    await service.snooze(tx, conversation_id, staff.id, until)
    detail = {"until": until.isoformat()}
    await record(tx, "staff", staff.id, "staff:conversation:snooze", conversation_id, detail)
    return True


async def add_notice(
    tx: Tx,
    kind: Literal["assigned", "mentioned"],
    conversation_id: int,
    staff_id: int,
    by_id: int,
) -> None:
    """Have a colleague look at a conversation."""
    await tx.execute(
        "insert into staff_notice (staff_id, kind, conversation_id, by_id) values ($1, $2, $3, $4)",
        staff_id,
        kind,
        conversation_id,
        by_id,
    )


def may_move(staff: Staff, row: Mapping[str, Any]) -> bool:
    """Whether somebody may give a conversation away: not a colleague's, but for an admin."""
    theirs = row["owner"] == "staff" and not row["mine"] and not row["lapsed"]
    return staff.role is Role.ADMIN or not theirs


async def _present(tx: Tx, staff: Staff, conversation_id: int) -> tuple[Present, ...]:
    rows = await tx.fetch(
        """select s.name, coalesce(r.typing_until > now(), false) as typing
           from conversation_reader r join staff s on s.id = r.staff_id
           where r.conversation_id = $1 and r.staff_id <> $2 and r.here_until > now()
           order by s.name""",
        conversation_id,
        staff.id,
    )
    return tuple(Present(*row) for row in rows)


async def _changed(tx: Tx, staff: Staff, account_id: int, seen: str) -> bool:
    """Whether the patient or another person said something after the entry `seen`."""
    inbound, _, outbox = seen.partition(".")
    if not (inbound.isdecimal() and outbox.isdecimal() and len(seen) < 38):
        return False
    changed: bool = await tx.fetchval(
        """select exists (select 1 from inbound
                          where account_id = $1 and id > $2 and text is not null)
               or exists (select 1 from outbox where account_id = $1 and id > $3
                          and staff_id is not null and staff_id <> $4)""",
        account_id,
        int(inbound),
        int(outbox),
        staff.id,
    )
    return changed
