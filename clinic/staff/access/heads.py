"""Who talks, who answers, and since when somebody waits: one line of a conversation."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.conversation.types import Owner
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.access import OWN_PATIENTS, VISIBLE_CONVERSATION
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff


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
    """One conversation, as the acting staff member sees it."""

    id: int
    account_id: int
    channel: str
    display_name: str | None
    language: str | None
    owner: Owner
    owner_id: int | None
    owner_name: str | None
    owner_until: datetime | None
    mine: bool  # the acting staff member answers, and the lease is good
    lapsed: bool  # the staff member's lease is over; the bot will take the conversation back
    waiting: float | None  # s: in the queue, or since the patient wrote what nobody answered
    reason: str | None  # of the handoff, a code
    last_patient_at: datetime | None
    patients: tuple[SpokenFor, ...]
    last_said: str | None  # the patient's last words
    urgent: bool  # an escalation is not closed
    unread: bool  # the patient wrote after the acting staff member had it open
    snoozed_until: datetime | None
    assigned: bool  # given to its owner, who has not taken it up
    silent: bool  # the patient stopped messages, or the platform takes none


HEAD_ROWS = f"""select c.id, c.account_id, a.channel, a.display_name, a.address_index, a.language,
      c.owner, c.owner_staff_id as owner_id, s.name as owner_name, c.owner_until,
      c.handoff_reason as reason, c.last_patient_at,
      c.owner = 'staff' and c.owner_staff_id = $1 and c.owner_until > now() as mine,
      c.owner = 'staff' and c.owner_until <= now() as lapsed, c.queued_at,
      extract(epoch from now() - case
        when c.owner = 'queue' then c.queued_at
        when c.owner = 'staff' and c.snoozed_until is null
          and c.last_patient_at > coalesce(c.answered_at, '-infinity') then c.last_patient_at
      end)::float8 as waiting,
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
              and e.state <> 'closed') as urgent,
      c.owner <> 'bot' and c.last_patient_at > coalesce(
        (select r.read_at from conversation_reader r
         where r.conversation_id = c.id and r.staff_id = $1), '-infinity') as unread,
      c.snoozed_until, c.assigned_at is not null as assigned,
      a.opted_out_at is not null or a.unreachable_at is not null as silent
    from conversation c join chat_account a on a.id = c.account_id
    left join staff s on s.id = c.owner_staff_id
    left join lateral (select i.text, i.event_id from inbound i where i.account_id = c.account_id
                       and i.text is not null order by i.id desc limit 1) said on true"""  # noqa: S608
HEAD = f"{HEAD_ROWS} where {VISIBLE_CONVERSATION}"


async def find_head(
    tx: Tx, staff: Staff, conversation_id: int, *, lock: bool = False
) -> Mapping[str, Any] | None:
    """The row of a conversation; None if there is none that this staff member may see."""
    row: Mapping[str, Any] | None = await tx.fetchrow(
        f"{HEAD} and c.id = $3 {'for update of c' if lock else ''}",
        staff.id,
        sees_all_patients(staff.role),
        conversation_id,
    )
    return row


def lasting(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row without what changes by time alone, which pages count up themselves."""
    return tuple(value for name, value in row.items() if name != "waiting")


def mark_of(rows: Iterable[tuple[Any, ...]]) -> str:
    """A name of this state of some rows."""
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:16]


def head_of(keys: KeyRing, row: Mapping[str, Any]) -> ConversationHead:
    """The row, opened."""
    sealed = row["display_name"]
    said = keys.open(row["said"], "inbound.text", row["event_id"]) if row["said"] else b""
    kind, _, words = said.decode().partition(":")
    name = keys.open(sealed, "chat_account.display_name", row["address_index"]) if sealed else None
    plain = (
        *("id", "account_id", "channel", "language", "owner", "owner_id", "owner_name"),
        *("owner_until", "waiting", "reason", "last_patient_at", "urgent", "snoozed_until"),
        *("assigned", "silent"),
    )
    return ConversationHead(
        **{field: row[field] for field in plain},
        display_name=name.decode() if name else None,
        mine=bool(row["mine"]),
        lapsed=bool(row["lapsed"]),
        patients=tuple(_spoken_for(*one) for one in row["patients"]),
        last_said=words if kind in ("text", "button") else None,
        unread=bool(row["unread"]),
    )


def _spoken_for(
    patient_id: int, name: str, chart: str | None, birth_on: str | None, relation: str, proof: str
) -> SpokenFor:
    born = date.fromisoformat(birth_on) if birth_on else None
    return SpokenFor(patient_id, name, chart, born, relation, proof)
