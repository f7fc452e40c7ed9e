"""The inbox: which conversations there are to do, by tab or by what somebody looks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.access import LASTING_PATIENTS, VISIBLE_CONVERSATION
from clinic.staff.access.heads import HEAD, ConversationHead, head_of, lasting, mark_of
from clinic.staff.access.patients import access_patients
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

Tab = Literal["queue", "mine", "escalated", "open", "snoozed", "closed"]
TABS: tuple[Tab, ...] = get_args(Tab)
Order = Literal["waiting", "newest"]
ORDERS: tuple[Order, ...] = get_args(Order)
LISTED = 200  # conversations of a tab
RECENT = 40  # of those that the bot has back
NOTICES = 20
_ESCALATED = """exists (select 1 from escalation open where open.conversation_id = c.id
                        and open.state <> 'closed')"""
_OF_TAB: Mapping[Tab, str] = {
    "queue": "c.owner = 'queue'",
    "mine": "c.owner = 'staff' and c.owner_staff_id = $1 and c.snoozed_until is null",
    "escalated": _ESCALATED,
    # Two indexes rather than a look at every conversation.
    "open": """c.snoozed_until is null and c.id in (
        select id from conversation where owner = 'queue'
        union all select id from conversation where owner_staff_id is not null
        union all select conversation_id from escalation where state <> 'closed')""",
    "snoozed": "c.snoozed_until is not null",
    "closed": f"c.owner = 'bot' and c.last_patient_at is not null and not {_ESCALATED}",
}
_ORDER: Mapping[Order, str] = {
    "waiting": "urgent desc, waiting desc nulls last, snoozed_until, last_patient_at desc, id",
    "newest": "last_patient_at desc nulls last, id desc",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Conversations of a tab. `mark` names this state; `counts` is how many each tab has."""

    heads: tuple[ConversationHead, ...]
    mark: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Notice:
    """A colleague gave a conversation to the acting staff member, names them in a note, or opened
    their patient's record in an emergency, which is about no conversation."""

    id: int
    kind: str
    conversation_id: int | None
    by: str
    at: datetime


async def access_conversations(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    tab: Tab = "open",
    *,
    order: Order = "waiting",
    words: str = "",
    seen: str = "",
) -> Listing | None:
    """The conversations of a tab, or of patients whom `words` find by name, reading, chart number
    or telephone number. The gravest first, then the longest wait, unless the newest are wanted.

    None if nothing changed since the listing that was marked `seen`, which shows nothing and so
    leaves no audit row.
    """
    if words.strip():
        found = await access_patients(tx, keys, staff, words)
        ids = [one.id for one in found]
        where = """c.account_id in (select account_id from link
                                    where patient_id = any($3) and ended_at is null)"""
        more: tuple[object, ...] = (ids,)
    else:
        where, more = _OF_TAB[tab], ()
    newest = order == "newest" or tab == "closed" or bool(more)
    limit = RECENT if tab == "closed" or more else LISTED
    rows = await tx.fetch(
        f"""select * from ({HEAD} and {where}) heads
            order by {_ORDER["newest" if newest else "waiting"]} limit {limit}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        *more,
    )
    counts = await _counts(tx, staff)
    mark = mark_of([*map(lasting, rows), tuple(counts.values())])
    if mark == seen:
        return None
    if rows:
        shown = [row["id"] for row in rows]
        detail = {"conversations": shown}
        await record(tx, "staff", staff.id, "staff:conversation:list", None, detail)
    return Listing(tuple(head_of(keys, row) for row in rows), mark, counts)


async def _counts(tx: Tx, staff: Staff) -> dict[str, int]:
    """How many conversations each tab has; not those that the bot has back, which nobody counts."""
    counted = ", ".join(
        f"count(*) filter (where {_OF_TAB[tab]}) as {tab}" for tab in TABS if tab != "closed"
    )
    row = await tx.fetchrow(
        f"""select {counted} from conversation c
            where {VISIBLE_CONVERSATION} and c.id in (
              select id from conversation where owner = 'queue'
              union all select id from conversation where owner_staff_id is not null
              union all select conversation_id from escalation where state <> 'closed')""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
    )
    return dict(row)


async def access_notices(tx: Tx, staff: Staff) -> list[Notice]:
    """What was not seen yet, newest first: ids and names of staff, so it leaves no audit row."""
    rows = await tx.fetch(
        f"""select n.id, n.kind, n.conversation_id, s.name, n.at from staff_notice n
            join staff s on s.id = n.by_id left join conversation c on c.id = n.conversation_id
            left join emergency_access e on e.id = n.access_id
            where n.staff_id = $1 and n.seen_at is null
              and (c.id is not null and {VISIBLE_CONVERSATION}
                   or e.patient_id in ({LASTING_PATIENTS}))
            order by n.id desc limit {NOTICES}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
    )
    return [Notice(*row) for row in rows]
