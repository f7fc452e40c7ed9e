"""Conversations as staff see them, and taking part in them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.audit.service import record
from clinic.conversation.service import hand_back, take_over
from clinic.conversation.types import Line, Owner
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import transcript, write_staff_message
from clinic.staff.access import OWN_PATIENTS, VISIBLE_CONVERSATION
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff

RECENT = 40  # conversations listed besides those that wait or are somebody's
LINES = 100  # of a transcript
TEXT_LENGTH = 2_000  # characters of one answer; every channel takes that many


@dataclass(frozen=True, slots=True)
class SpokenFor:
    """A patient whom the chat account speaks for."""

    id: int
    name: str
    chart: str | None
    birth_on: date | None
    relation: str
    proof: str


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """Who talks, who answers, and since when somebody waits."""

    id: int
    account_id: int
    channel: str
    display_name: str | None
    language: str | None
    owner: Owner
    owner_name: str | None
    owner_until: datetime | None
    mine: bool  # the acting staff member answers, and the lease is good
    lapsed: bool  # the staff member's lease is over; the bot will take the conversation back
    waiting: float | None  # s in the queue
    reason: str | None  # of the handoff, a code
    last_patient_at: datetime | None
    patients: tuple[SpokenFor, ...]
    last_said: str | None  # the patient's last words
    urgent: bool  # an escalation is not closed


@dataclass(frozen=True, slots=True)
class Listing:
    """Conversations, those that wait first: escalations, then the longest wait. `mark` names this
    state."""

    heads: tuple[ConversationHead, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One conversation with its newest messages, oldest first."""

    head: ConversationHead
    lines: tuple[Line, ...]
    mark: str


_HEAD = f"""select c.id, c.account_id, a.channel, a.display_name, a.address_index, a.language,
      c.owner, s.name as owner_name, c.owner_until, c.handoff_reason as reason, c.last_patient_at,
      c.owner = 'staff' and c.owner_staff_id = $1 and c.owner_until > now() as mine,
      c.owner = 'staff' and c.owner_until <= now() as lapsed, c.queued_at,
      case when c.owner = 'queue' then extract(epoch from now() - c.queued_at)::float8 end
        as waiting,
      coalesce((select jsonb_agg(jsonb_build_array(p.id, p.name, p.chart, p.birth_on, l.relation,
                                                   l.proof) order by l.relation <> 'self', l.id)
                from (select patient_id, relation, proof, id from link
                      where account_id = c.account_id and ended_at is null
                      union all
                      select o.patient_id, 'self', 'link', w.id
                      from web_link w join outbox o on o.id = w.outbox_id
                      where w.account_id = c.account_id) l
                join patient p on p.id = l.patient_id
                where $2 or p.id in ({OWN_PATIENTS})), '[]') as patients,
      said.text as said, said.event_id,
      exists (select 1 from escalation e where e.conversation_id = c.id
              and e.state <> 'closed') as urgent
    from conversation c join chat_account a on a.id = c.account_id
    left join staff s on s.id = c.owner_staff_id
    left join lateral (select i.text, i.event_id from inbound i where i.account_id = c.account_id
                       and i.text is not null order by i.id desc limit 1) said on true
    where {VISIBLE_CONVERSATION}"""  # noqa: S608  # constants


async def access_conversations(
    tx: Tx, keys: KeyRing, staff: Staff, seen: str = ""
) -> Listing | None:
    """The queue, what staff answer, and the most recent others; None if nothing changed since the
    listing that was marked `seen`, which shows nothing and so leaves no audit row."""
    rows = await tx.fetch(
        f"""select * from (
              ({_HEAD} and c.owner <> 'bot') union all
              ({_HEAD} and c.owner = 'bot' and c.last_patient_at is not null
               order by c.last_patient_at desc limit {RECENT})) heads
            order by owner <> 'queue', not urgent, queued_at, owner <> 'staff',
                     last_patient_at desc, id""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
    )
    mark = _mark([(*row.values(),) for row in map(_lasting, rows)])
    if mark == seen:
        return None
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:conversation:list", None, {"conversations": ids})
    return Listing(tuple(_head(keys, row) for row in rows), mark)


async def access_conversation(
    tx: Tx, keys: KeyRing, staff: Staff, conversation_id: int, seen: str = ""
) -> Opened | None:
    """One conversation, None if there is none that this staff member may see, or nothing changed
    since the state marked `seen`."""
    row = await _find(tx, staff, conversation_id)
    if row is None:
        return None
    states = await tx.fetch(
        """(select id, state, reason from outbox where account_id = $1 order by id desc limit $2)
           union all
           (select id, case when text is null then 'unsent' else '' end, null from inbound
            where account_id = $1 order by id desc limit $2)""",
        row["account_id"],
        LINES,
    )
    mark = _mark([tuple(_lasting(row).values()), *(tuple(state) for state in states)])
    if mark == seen:
        return None
    await record(tx, "staff", staff.id, "staff:conversation:read", conversation_id)
    lines = await transcript(tx, keys, row["account_id"], limit=LINES)
    return Opened(_head(keys, row), tuple(lines), mark)


async def access_take_over(tx: Tx, staff: Staff, conversation_id: int, minutes: int) -> bool | None:
    """Answer this conversation from here on, or for longer. False if a colleague does already,
    None if this staff member may not see it."""
    if await _find(tx, staff, conversation_id) is None:
        return None
    taken = await take_over(tx, conversation_id, staff.id, minutes)
    if taken:
        await record(tx, "staff", staff.id, "staff:conversation:take_over", conversation_id)
    return taken


async def access_answer(
    tx: Tx, keys: KeyRing, staff: Staff, conversation_id: int, text: str, minutes: int
) -> int | None:
    """Say something to the patient and keep the conversation for `minutes` more; the outbox id.

    None unless this staff member answers the conversation: two people never answer at once.
    """
    row = await _find(tx, staff, conversation_id, lock=True)
    if row is None or not row["mine"]:
        return None
    await take_over(tx, conversation_id, staff.id, minutes)
    outbox_id = await write_staff_message(tx, keys, conversation_id, staff.id, text)
    await record(
        tx, "staff", staff.id, "staff:conversation:answer", conversation_id, {"outbox": outbox_id}
    )
    return outbox_id


async def access_hand_back(tx: Tx, staff: Staff, conversation_id: int) -> bool:
    """Give the conversation back to the bot. A colleague's is given back by nobody but an admin."""
    row = await _find(tx, staff, conversation_id, lock=True)
    if row is None:
        return False
    theirs = row["owner"] == "staff" and not row["mine"] and not row["lapsed"]
    if theirs and staff.role is not Role.ADMIN:
        return False
    returned = await hand_back(tx, conversation_id)
    if returned:
        await record(tx, "staff", staff.id, "staff:conversation:hand_back", conversation_id)
    return returned


async def _find(
    tx: Tx, staff: Staff, conversation_id: int, *, lock: bool = False
) -> Mapping[str, Any] | None:
    row: Mapping[str, Any] | None = await tx.fetchrow(
        f"{_HEAD} and c.id = $3 {'for update of c' if lock else ''}",
        staff.id,
        sees_all_patients(staff.role),
        conversation_id,
    )
    return row


def _lasting(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without what changes by time alone, which pages count up themselves."""
    return {name: value for name, value in row.items() if name != "waiting"}


def _mark(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def _head(keys: KeyRing, row: Mapping[str, Any]) -> ConversationHead:
    sealed = row["display_name"]
    said = keys.open(row["said"], "inbound.text", row["event_id"]) if row["said"] else b""
    kind, _, words = said.decode().partition(":")
    name = keys.open(sealed, "chat_account.display_name", row["address_index"]) if sealed else None
    return ConversationHead(
        id=row["id"],
        account_id=row["account_id"],
        channel=row["channel"],
        display_name=name.decode() if name else None,
        language=row["language"],
        owner=row["owner"],
        owner_name=row["owner_name"],
        owner_until=row["owner_until"],
        mine=bool(row["mine"]),
        lapsed=bool(row["lapsed"]),
        waiting=row["waiting"],
        reason=row["reason"],
        last_patient_at=row["last_patient_at"],
        patients=tuple(_spoken_for(*one) for one in row["patients"]),
        last_said=words if kind in ("text", "button") else None,
        urgent=row["urgent"],
    )


def _spoken_for(
    patient_id: int, name: str, chart: str | None, birth_on: str | None, relation: str, proof: str
) -> SpokenFor:
    born = date.fromisoformat(birth_on) if birth_on else None
    return SpokenFor(patient_id, name, chart, born, relation, proof)
