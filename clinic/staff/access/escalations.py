"""Escalations as staff see and answer them. What is grave is nobody's own: everybody sees all that
are not closed. A closed one a doctor sees for a day more, and after that if it is the doctor's own
or an own patient's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation import service
from clinic.escalation.rules import LEAST_ALERTED
from clinic.escalation.types import Disposition, Owned, Taken
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff, StaffName

SHOWN_AT_MOST = 200
NOTE_LENGTH = 2_000  # characters of what is written at the end


@dataclass(frozen=True, slots=True)
class PersonToCall:
    """Whom it is about, or where nobody knows that (`certain` False) who holds the chat."""

    id: int
    name: str
    chart: str | None
    birth_on: date | None
    sex: str | None
    phone: str | None  # E.164
    certain: bool


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """One escalation. `rule` and `reasons` are codes; `flows.reasons.reason` has their words."""

    id: int
    state: Literal["open", "acknowledged", "closed"]
    level: int
    source: str
    rule: str
    reasons: tuple[str, ...]
    waiting: float  # s since it was raised
    created_at: datetime
    conversation_id: int
    channel: str
    person: PersonToCall | None
    owner: StaffName | None
    mine: bool
    rings: bool  # for its owner, who has not closed it within the hour
    acknowledged_at: datetime | None
    called_at: datetime | None
    in_chat: StaffName | None  # the staff member who answers the conversation
    round: int  # alerts that went out
    disposition: Disposition | None
    closed_at: datetime | None

    @property
    def phone_in_clear(self) -> bool:
        """Whether the case shows the number without asking for it.

        Numbers are masked everywhere else, and each that is asked for is on record. Of what is
        grave and not closed a click is time that the patient may not have, and a page over a bad
        line at night may not bring the answer; whoever opens the case is there to call. That they
        saw the number is on record with the case.
        """
        return self.state != "closed" and self.level >= LEAST_ALERTED


@dataclass(frozen=True, slots=True)
class AlertSent:
    """One alert of the ladder, and what became of it (states of the outbox)."""

    round: int
    name: str
    at: datetime
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class EscalationOpened:
    """One escalation with the patient's words, the note of its end, and who was alerted."""

    row: EscalationRow
    said: str
    note: str
    alerts: tuple[AlertSent, ...]


# Whom to call: the patient, or who holds the chat.
_HOLDER = """select l.patient_id from conversation h join link l on l.account_id = h.account_id
    where h.id = e.conversation_id and l.ended_at is null
    order by l.relation <> 'self', l.id limit 1"""
_ROW = f"""select e.*, extract(epoch from now() - e.created_at)::float8 as waiting, a.channel,
      o.name as owner_name, p.id as person, p.name, p.chart, p.birth_on, p.sex, p.phone,
      p.key as person_key, e.patient_id is not null as certain,
      case when c.owner = 'staff' and c.owner_until > now() then c.owner_staff_id end as chatting,
      t.name as chatting_name
    from escalation e join conversation c on c.id = e.conversation_id
    join chat_account a on a.id = c.account_id
    left join staff o on o.id = e.owner_id left join staff t on t.id = c.owner_staff_id
    left join patient p on p.id = coalesce(e.patient_id, ({_HOLDER}))
    where ($2 or e.state <> 'closed' or e.closed_at > now() - interval '1 day' or e.owner_id = $1
           or p.id in ({OWN_PATIENTS}))"""  # noqa: S608  # constants
_OPEN = "and e.state <> 'closed' order by e.state <> 'open', e.level desc, e.created_at"


async def find_open(tx: Tx, staff: Staff, at_most: int) -> Sequence[Mapping[str, Any]]:
    """The rows of those not closed, nobody's and the gravest first. The caller writes the audit
    row."""
    rows: Sequence[Mapping[str, Any]] = await tx.fetch(
        f"{_ROW} {_OPEN} limit $3", staff.id, sees_all_patients(staff.role), at_most
    )
    return rows


async def access_escalations(
    tx: Tx, keys: KeyRing, staff: Staff, *, closed: bool = False
) -> list[EscalationRow]:
    """Those not closed, nobody's and the gravest first; or the closed ones, newest first."""
    which = (
        f"and e.state = 'closed' order by e.closed_at desc limit {SHOWN_AT_MOST}"
        if closed
        else _OPEN
    )
    rows = await tx.fetch(f"{_ROW} {which}", staff.id, sees_all_patients(staff.role))
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:escalation:list", None, {"escalations": ids})
    return [row_of(keys, staff, row) for row in rows]


async def access_escalation(
    tx: Tx, keys: KeyRing, staff: Staff, escalation_id: int
) -> EscalationOpened | None:
    """One escalation with what was said; None if there is none that this staff member may see."""
    row = await tx.fetchrow(
        f"{_ROW} and e.id = $3", staff.id, sees_all_patients(staff.role), escalation_id
    )
    if row is None:
        return None
    opened = row_of(keys, staff, row)
    told = opened.phone_in_clear and opened.person is not None and opened.person.phone
    detail = {"phone": "clear"} if told else {}
    await record(tx, "staff", staff.id, "staff:escalation:read", escalation_id, detail)
    alerts = await tx.fetch(
        """select n.round, s.name, b.created_at, b.state, b.reason
           from generate_series(0, $2::int - 1) as n (round) cross join staff s
           join outbox b on b.dedup_key = 'alert:' || $1::bigint || ':' || n.round || ':' || s.id
           order by n.round, s.name""",
        escalation_id,
        row["round"],
    )
    return EscalationOpened(
        row=opened,
        said=service.open_said(keys, row["said"], row["key"]),
        note=service.open_said(keys, row["note"], row["key"], "note"),
        alerts=tuple(AlertSent(*it) for it in alerts),
    )


async def access_escalation_phone(
    tx: Tx, keys: KeyRing, staff: Staff, escalation_id: int
) -> str | None:
    """The number of whom it is about, in full (E.164); None: there is none, or may not."""
    row = await tx.fetchrow(
        f"{_ROW} and e.id = $3", staff.id, sees_all_patients(staff.role), escalation_id
    )
    person = _person(keys, row) if row else None
    if person is None or not person.phone:
        return None
    detail = {"patient": person.id}
    await record(tx, "staff", staff.id, "staff:escalation:reveal_phone", escalation_id, detail)
    return person.phone


async def access_acknowledge(tx: Tx, staff: Staff, escalation_id: int) -> Owned:
    """Become its owner: exactly one does. Theirs tells who has it, or closed it."""
    return await service.own(tx, staff.id, escalation_id)


async def access_called(tx: Tx, staff: Staff, escalation_id: int) -> Owned:
    """Note that the patient was called; whoever calls owns it."""
    return await service.mark_called(tx, staff.id, escalation_id)


async def access_take_over(tx: Tx, staff: Staff, escalation_id: int, minutes: int) -> Owned | Taken:
    """Own it and answer its conversation for `minutes`. Taken(False) tells which colleague does."""
    return await service.take_chat(tx, staff.id, escalation_id, minutes)


async def access_close(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    escalation_id: int,
    disposition: Disposition,
    note: str = "",
) -> Owned:
    """Close it with how it ended. Another's is closed by nobody but an admin."""
    return await service.close(
        tx,
        keys,
        staff.id,
        escalation_id,
        disposition,
        note[:NOTE_LENGTH],
        anyones=staff.role is Role.ADMIN,
    )


def row_of(keys: KeyRing, staff: Staff, row: Mapping[str, Any]) -> EscalationRow:
    """A row of `find_open`, opened."""
    return EscalationRow(
        id=row["id"],
        state=row["state"],
        level=row["level"],
        source=row["source"],
        rule=row["rule"],
        reasons=tuple(row["detail"].get("reasons", ())),
        waiting=row["waiting"],
        created_at=row["created_at"],
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        person=_person(keys, row),
        owner=StaffName(row["owner_id"], row["owner_name"]) if row["owner_id"] else None,
        mine=row["owner_id"] == staff.id,
        rings="rings" in row["detail"],
        acknowledged_at=row["acknowledged_at"],
        called_at=row["called_at"],
        in_chat=StaffName(row["chatting"], row["chatting_name"]) if row["chatting"] else None,
        round=row["round"],
        disposition=row["disposition"],
        closed_at=row["closed_at"],
    )


def _person(keys: KeyRing, row: Mapping[str, Any]) -> PersonToCall | None:
    if row["person"] is None:
        return None
    phone = keys.open(row["phone"], "patient.phone", row["person_key"]) if row["phone"] else None
    return PersonToCall(
        id=row["person"],
        name=row["name"],
        chart=row["chart"],
        birth_on=row["birth_on"],
        sex=row["sex"],
        phone=phone.decode() if phone else None,
        certain=row["certain"],
    )
