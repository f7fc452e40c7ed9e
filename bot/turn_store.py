"""A conversation as PostgreSQL has it: locked and loaded before a turn, written after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from clinic.contact.types import Scope
from clinic.conversation.types import Owner
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.installation.service import IS_MUTED
from clinic.message.service import USEFUL, seal_message
from clinic.message.types import Message
from clinic.patient.types import SEXES, PatientOption
from clinic.staff.types import StaffName
from flows.codec import dump_session, load_session
from flows.dialogue import Dialogue
from flows.effects import Offer
from flows.engine import Reached
from flows.progress import Noted


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event that waits to be handled."""

    id: int
    event_id: str
    payload: bytes | None
    occurred_at: datetime
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a turn starts from, read under the conversation's lock."""

    account_id: int
    conversation_id: int
    channel: str
    address: str
    now: datetime  # UTC
    turn: int
    asked: int  # the turn whose message holds the present question
    dialogue: Dialogue
    owner: Owner
    language: str | None
    language_chosen: bool
    consent_version: str | None
    opted_out: bool
    unreachable: bool
    patients: tuple[PatientOption, ...]
    busy: bool  # an earlier message to this account is still on its way, or nothing goes out
    event: Event | None  # the oldest that waits
    more: bool  # whether others wait behind it
    staff: StaffName | None = None  # whose own chat it is
    owner_name: str = ""  # of the staff member who answers
    scope: Scope | None = None  # what a one-time link opened this chat for


@dataclass(frozen=True, slots=True)
class Written:
    """A message of the turn as it stands in the outbox."""

    id: int
    key: UUID
    message: Message


async def take(
    tx: Tx, keys: KeyRing, account_id: int, *, patiently: bool, afresh: bool = False
) -> Loaded | None:
    """Lock the account's conversation and read it. None if another process has it and we are not
    patient.

    `afresh` leaves the stored dialogue aside. Raises FlowError if that is of no flow we know.
    """
    row = await tx.fetchrow(_TAKE, account_id)
    if row is None:
        # Another has it, or had it a moment ago: what it wrote, only a later statement sees.
        if not patiently or await tx.fetchrow(_LOCK, account_id) is None:
            return None
        row = await tx.fetchrow(_LOAD, account_id)
    return _loaded(keys, account_id, row, afresh)


# Weaker than `for update`: rows that refer to the conversation may be written meanwhile.
_LOCK = "select id from conversation where account_id = $1 for no key update"
_LOAD = f"""
select a.channel, a.address, a.address_index, a.language_chosen,
       coalesce(s.language, a.language) as language, s.id as staff, s.name as staff_name,
       (select name from staff where id = c.owner_staff_id) as owner_name,
       a.consent_version, a.opted_out_at, a.unreachable_at,
       c.id as conversation_id, c.turn, c.state, c.owner, now() as now,
       e.id as event, e.event_id, e.payload, e.occurred_at, e.received_at, e.attempts,
       (select count(*) from (
          select from inbound w where w.account_id = a.id and w.state = 'new' limit 2) n
       ) > 1 as more,
       (select jsonb_agg(jsonb_build_array(p.id, p.name, l.relation, l.proof,
                                           p.birth_on, p.sex) order by l.id)
        from link l join patient p on p.id = l.patient_id
        where l.account_id = a.id and l.ended_at is null
          and p.deceased_on is null) as patients,
       case when a.channel = 'webchat' then (
         select jsonb_agg(jsonb_build_array(p.id, p.name, p.birth_on, p.sex,
                                            o.purpose, o.appointment_id,
                                            o.request_id))
         from web_link w join outbox o on o.id = w.outbox_id
         join patient p on p.id = o.patient_id
         where w.account_id = a.id and w.expires_at > now() and p.deceased_on is null
           and exists (select 1 from link l where l.account_id = o.account_id
                       and l.patient_id = p.id and l.ended_at is null)) end as scope,
       exists (select 1 from outbox o where o.account_id = a.id
               and o.state in ('pending', 'leased', 'inflight')
               and o.lease_until is distinct from 'infinity'
               and o.send_at <= now()) or {IS_MUTED} as busy
from chat_account a join conversation c on c.account_id = a.id
left join staff_account o on o.account_id = a.id
left join staff s on s.id = o.staff_id and s.disabled_at is null
left join lateral (
  select * from inbound i where i.account_id = a.id and i.state = 'new'
  order by i.occurred_at, i.id limit 1) e on true
where a.id = $1
"""  # noqa: S608  # a constant
# In one trip, where nobody is in our way. What is read is as it was when the statement began: it
# holds only if the conversation that we locked is still the one that was seen. Whoever handles an
# event writes the conversation too, were it but its `updated_at`.
_TAKE = f"""
with held as materialized (
  select id, xmin::text as version from conversation where account_id = $1
  for no key update skip locked)
{_LOAD} and exists (select from held where held.id = c.id and held.version = c.xmin::text)
"""  # noqa: S608  # a constant


def _loaded(keys: KeyRing, account_id: int, row: Any, afresh: bool) -> Loaded:
    state = _open_state(keys, row["conversation_id"], None if afresh else row["state"])
    scope = _scope(*row["scope"][0]) if row["scope"] else None
    return Loaded(
        account_id=account_id,
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        address=keys.open(row["address"], "chat_account.address", row["address_index"]).decode(),
        now=row["now"],
        turn=row["turn"],
        asked=state["asked"],
        dialogue=_load_dialogue(state),
        owner=row["owner"],
        language=row["language"],
        language_chosen=row["language_chosen"],
        consent_version=row["consent_version"],
        opted_out=row["opted_out_at"] is not None,
        unreachable=row["unreachable_at"] is not None,
        patients=(
            *(_patient(*fields) for fields in row["patients"] or ()),
            *((scope.patient,) if scope and scope.whole else ()),
        ),
        busy=row["busy"],
        event=_event(keys, row) if row["event"] else None,
        more=row["more"],
        staff=StaffName(row["staff"], row["staff_name"]) if row["staff"] else None,
        owner_name=row["owner_name"] or "",
        scope=scope,
    )


def _event(keys: KeyRing, row: Any) -> Event:
    payload = row["payload"]
    return Event(
        id=row["event"],
        event_id=row["event_id"],
        payload=payload and keys.open(payload, "inbound.payload", row["event_id"]),
        occurred_at=row["occurred_at"],
        received_at=row["received_at"],
        attempts=row["attempts"],
    )


def _patient(
    id: int, name: str, relation: Any, proof: str, birth_on: str | None, sex: str | None
) -> PatientOption:
    born = datetime.fromisoformat(birth_on).date() if birth_on else None
    known = sex if sex in SEXES else None
    return PatientOption(id, name, relation, proof != "none", born, known)


def _scope(
    id: int,
    name: str,
    birth_on: str | None,
    sex: str | None,
    purpose: str,
    appointment_id: int | None,
    request_id: int | None,
) -> Scope:
    patient = _patient(id, name, "self", "none", birth_on, sex)
    return Scope(patient, purpose, appointment_id, request_id)


def _open_state(keys: KeyRing, conversation_id: int, sealed: bytes | None) -> dict[str, Any]:
    if sealed is None:
        return {"asked": 0, "stack": []}
    state: dict[str, Any] = orjson.loads(keys.open(sealed, "conversation.state", conversation_id))
    return state


def _load_dialogue(state: dict[str, Any]) -> Dialogue:
    return Dialogue(
        stack=tuple(load_session(session) for session in state["stack"]),
        offers=tuple(Offer(*offer) for offer in state.get("offers", ())),
        misses=state.get("misses", 0),
        declined=state.get("declined", ""),
        reached=tuple(
            Reached(whose, level, datetime.fromisoformat(at))
            for whose, level, at in state.get("reached", ())
        ),
    )


def seal_state(keys: KeyRing, conversation_id: int, dialogue: Dialogue, asked: int) -> bytes:
    """The dialogue as the conversation's row stores it."""
    state = {
        "asked": asked,
        "stack": [dump_session(session) for session in dialogue.stack],
        "offers": [[offer.value, offer.label] for offer in dialogue.offers],
        "misses": dialogue.misses,
        "declined": dialogue.declined,
        "reached": [[it.whose, it.level, it.at.isoformat()] for it in dialogue.reached],
    }
    return keys.seal(orjson.dumps(state), "conversation.state", conversation_id)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a turn leaves behind, to be written in one statement."""

    loaded: Loaded
    state: bytes
    turn: int
    event_state: str  # done or failed
    event_reason: str | None
    transcript: bytes | None  # sealed: what the patient said or pressed
    message_id: str | None
    messages: tuple[tuple[UUID, Message], ...]
    purpose: str
    lease: UUID | None  # None: the messages wait for their turn as pending
    lease_for: timedelta
    reply_token: bytes | None  # sealed
    wait_for: timedelta | None  # how long the question waits for the patient
    silent: bool  # nothing was said and nothing changed: the question before still waits
    progress: tuple[Noted, ...] = ()  # for the figures


async def write(tx: Tx, keys: KeyRing, writing: Writing) -> tuple[Written, ...]:
    """Write the turn; the messages as they now stand in the outbox, in order."""
    loaded, event = writing.loaded, writing.loaded.event
    rows = await tx.fetch(
        """with spoken as (
             update conversation set turn = $2, state = $3, updated_at = now(),
               last_patient_at = case when $4::bigint is null then last_patient_at else now() end,
               (owner, owner_staff_id, owner_until, queued_at, handoff_reason, snoozed_until) = (
                 select case when w then 'queue' else owner end,
                        case when not w then owner_staff_id end,
                        case when not w then owner_until end,
                        case when w then now() else queued_at end,
                        case when w then 'woken' else handoff_reason end,
                        case when not w then snoozed_until end
                 from (select snoozed_until is not null and $4::bigint is not null as w) x)
             where id = $1),
           -- The patient writes: what staff had put off waits in the queue again.
           woken as (
             insert into conversation_event (conversation_id, kind, staff_id)
             select id, 'woken', owner_staff_id from conversation
             where id = $1 and snoozed_until is not null and $4::bigint is not null),
           handled as (
             update inbound set state = $5, reason = $6, handled_at = now(), text = $7,
               message_id = $8
             where id = $4),
           timed as (
             insert into timer (key, kind, due_at, conversation_id, version)
             select 'wait:' || $1::text, 'wait', now() + $9::interval, $1::bigint, $2::int
             where $9::interval is not null
             on conflict (key) do update
               set due_at = excluded.due_at, version = excluded.version, state = 'waiting',
                   settled_at = null),
           untimed as (
             update timer set state = 'skipped', settled_at = now()
             where $9::interval is null and not $20::bool
               and key = 'wait:' || $1::text and state = 'waiting'),
           counted as (
             insert into figure_event (figure, kind, subject)
             select figure, kind, coalesce(subject, case when figure = 'left' then $1::bigint end)
             from unnest($21::text[], $22::text[], $23::bigint[]) as noted (figure, kind, subject))
           insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
                               send_at, useful_until, link_version, state, attempts, lease_token,
                               lease_until, reply_token, reply_since)
           select m.key, m.dedup, $10, $11, 'must_arrive', m.content, now(), now() + $12::interval,
                  (select link_version from chat_account where id = $10),
                  case when $13::uuid is null then 'pending' else 'inflight' end,
                  case when $13::uuid is null then 0 else 1 end, $13, now() + $14::interval,
                  case when m.n = 1 then $15::bytea end, case when m.n = 1 then $16::timestamptz end
           from unnest($17::uuid[], $18::text[], $19::bytea[]) with ordinality
                as m(key, dedup, content, n)
           order by m.n
           returning id, key""",
        loaded.conversation_id,
        writing.turn,
        writing.state,
        event and event.id,
        writing.event_state,
        writing.event_reason,
        writing.transcript,
        writing.message_id,
        writing.wait_for,
        loaded.account_id,
        writing.purpose,
        USEFUL,
        writing.lease,
        writing.lease_for,
        writing.reply_token,
        event and event.received_at,
        [key for key, _ in writing.messages],
        [f"turn:{loaded.conversation_id}:{writing.turn}:{n}" for n in range(len(writing.messages))],
        [seal_message(keys, key, message) for key, message in writing.messages],
        writing.silent,
        *([one[part] for one in writing.progress] for part in range(3)),
    )
    ids = {row["key"]: row["id"] for row in rows}
    return tuple(Written(ids[key], key, message) for key, message in writing.messages)


async def settle_event(tx: Tx, event_id: int, state: str, reason: str) -> None:
    """Mark an event that leads to no turn."""
    await tx.execute(
        """with settled as (
             update inbound set state = $2, reason = $3, handled_at = now(),
               attempts = attempts + 1 where id = $1 returning account_id)
           update conversation c set updated_at = now() from settled s
           where c.account_id = s.account_id""",
        event_id,
        state,
        reason,
    )
