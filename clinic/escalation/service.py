"""Escalations as stored: raised in a patient's turn, owned by exactly one person, closed with a
disposition. Every act leaves its audit row."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg

from clinic.audit.service import record
from clinic.conversation.service import hand_back, take_over
from clinic.crypto import KeyRing, Sealed
from clinic.db import Tx
from clinic.escalation.rules import REMINDED, REPEATED, Why, first_alert_due, joined, parts
from clinic.escalation.types import Disposition, Gone, Mine, Owned, Raised, Taken, Theirs
from clinic.ids import new_key
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

LONGEST_SAID = 4_000  # characters kept of what the patient wrote


@dataclass(frozen=True, slots=True)
class PatientToCall:
    """Whom an escalation is about; "" is what nobody knows. `phone` in E.164."""

    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """An escalation that the ladder has to do something for, locked."""

    id: int
    state: str
    source: str
    rule: str
    level: int
    reasons: tuple[str, ...]
    round: int
    age: timedelta  # since it was raised, or rose
    risen: bool  # after alerts of what was less
    since_acknowledged: timedelta
    now: datetime
    owner_id: int | None
    owner_name: str
    name: str  # the patient's, "" if nobody knows whom it is about
    birth_on: date | None
    sex: str | None
    said: str
    repeated: bool  # by the patient, of which the owner has not been alerted
    repeated_before: bool  # and the owner was


async def raise_escalation(tx: Tx, keys: KeyRing, account_id: int, raised: Raised) -> int | None:
    """Call for a doctor in the transaction of what happened; the escalation's id.

    One that is not closed stands for all of its conversation and patient, or two would look like
    two patients; nobody can bury those of others. Levels only rise. A graver level opens it again,
    for what was acknowledged was less, and everybody is alerted; of what is said again its owner
    is alerted once more. Another rule is told beside the one that leads. None if nothing changed.
    The conversation is locked by the caller.
    """
    row = await tx.fetchrow(
        """select id, key, level, state, rule, detail, said from escalation
           where conversation_id = $1 and state <> 'closed'
             and (patient_id is not distinct from $2
                  or (patient_id is null or $2::bigint is null)
                  -- where the chat speaks for one person alone it can be nobody else
                  and (select count(*) from conversation c join link l using (account_id)
                       where c.id = $1 and l.ended_at is null) <= 1)
           order by level desc, id limit 1 for update""",
        raised.conversation_id,
        raised.patient_id,
    )
    if row is None:
        act, found = "raise", await _insert(tx, keys, raised)
    elif row["level"] < raised.level:
        act, found = "raise", await _raise_level(tx, keys, row, raised)
    elif row["state"] == "acknowledged" or _is_new(row, raised):
        act, found = "repeat", await _repeat(tx, keys, row, raised)
    else:
        return None
    await record(
        tx,
        "patient",
        account_id,
        f"patient:escalation:{act}",
        found,
        {"rule": raised.rule[:48], "level": raised.level, "source": raised.source},
    )
    if act == "raise":
        ids = {"escalation_id": found, "level": raised.level, "source": raised.source}
        await announce(tx, Kind.ESCALATION_RAISED, ids)
    return found


async def _insert(tx: Tx, keys: KeyRing, raised: Raised) -> int:
    key = new_key()
    made: int = await tx.fetchval(
        """insert into escalation (key, conversation_id, patient_id, source, rule, level,
                                   detail, said, next_alert_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, case when $9 then now() end)
           returning id""",
        key,
        raised.conversation_id,
        raised.patient_id,
        raised.source,
        raised.rule[:48],
        raised.level,
        _detail(raised.reasons),
        _seal_said(keys, key, raised.said),
        first_alert_due(raised.level),
    )
    return made


async def _raise_level(tx: Tx, keys: KeyRing, row: asyncpg.Record, raised: Raised) -> int:
    """Open it again as what it is now, from now on. Everybody is alerted if somebody was before."""
    found: int = row["id"]
    rule, reasons = joined(_why(row), _raised_why(raised), rises=True)
    await tx.execute(
        """update escalation set level = $2, source = $3, said = coalesce($5, said), rule = $7,
             patient_id = coalesce(patient_id, $8),
             detail = $4 || case when round > 0
               then jsonb_build_object('risen_at', extract(epoch from now())) else '{}' end,
             state = 'open', owner_id = null, acknowledged_at = null, called_at = null,
             next_alert_at = case when $6 then now() end where id = $1""",
        found,
        raised.level,
        raised.source,
        _detail(reasons),
        _said_too(keys, row, raised),
        first_alert_due(raised.level),
        rule,
        raised.patient_id,
    )
    return found


async def _repeat(tx: Tx, keys: KeyRing, row: asyncpg.Record, raised: Raised) -> int:
    """Keep the newer words and what is new, and have it told: not too often, but never not.

    To the owner; without one, to whom the ladder comes to next, at once.
    """
    found: int = row["id"]
    _, reasons = joined(_why(row), _raised_why(raised), rises=False)
    new = _is_new(row, raised)
    await tx.execute(
        """update escalation set said = coalesce($2, said),
             patient_id = coalesce(patient_id, $7),
             detail = detail || $3 || case when $4 and state = 'acknowledged'
               then '{"repeated": true}' else '{}' end::jsonb || case when $4
               then jsonb_build_object('new_at', extract(epoch from now())) else '{}' end,
             next_alert_at = case when not $4 then next_alert_at when $6 then now() else greatest(
               now(), to_timestamp((detail ->> 'repeated_at')::float8) + $5) end
           where id = $1""",
        found,
        _said_too(keys, row, raised),
        _detail(reasons),
        first_alert_due(raised.level),
        REPEATED,
        new,
        raised.patient_id,
    )
    return found


def _why(row: asyncpg.Record) -> Why:
    detail = row["detail"] if isinstance(row["detail"], dict) else {}
    reasons = detail.get("reasons")
    return row["rule"], tuple(map(str, reasons)) if isinstance(reasons, list) else ()


def _raised_why(raised: Raised) -> Why:
    return raised.rule[:48], raised.reasons


def _is_new(row: asyncpg.Record, raised: Raised) -> bool:
    """Whether an escalation has not told of this rule yet."""
    return raised.rule[:48] not in (rule for rule, _ in parts(*_why(row)))


def _detail(reasons: tuple[str, ...]) -> dict[str, object]:
    return {"reasons": list(reasons)} if reasons else {}


def _seal_said(keys: KeyRing, key: UUID, said: str) -> bytes | None:
    said = said[:LONGEST_SAID]
    return keys.seal(said.encode(), "escalation.said", key) if said else None


def _said_too(keys: KeyRing, row: asyncpg.Record, raised: Raised) -> bytes | None:
    """The newest words first; those of another rule stay below them. None leaves what was said."""
    said = raised.said
    if said and _is_new(row, raised):
        try:
            before = open_said(keys, row["said"], row["key"])
        except (Sealed, UnicodeDecodeError):
            before = ""  # what cannot be read must not keep a doctor from being called
        said += f" / {before}" if before and before not in said else ""
    return _seal_said(keys, row["key"], said)


async def own(tx: Tx, staff_id: int, escalation_id: int) -> Owned:
    """Acknowledge an escalation: of any number who try at once exactly one becomes its owner.

    From an owner for whom the panel rings it says that they are still at it.
    """
    taken = await tx.fetchval(
        """update escalation set state = 'acknowledged', owner_id = $2, acknowledged_at = now(),
             next_alert_at = now()  -- the others are told at once, its owner reminded later
           where id = $1 and state = 'open' returning id""",
        escalation_id,
        staff_id,
    )
    if taken is not None:
        await record(tx, "staff", staff_id, "staff:escalation:acknowledge", escalation_id)
        ids = {"escalation_id": escalation_id, "staff_id": staff_id}
        await announce(tx, Kind.ESCALATION_ACKNOWLEDGED, ids)
        return Mine(fresh=True)
    row = await tx.fetchrow(
        """select e.state, e.owner_id, s.name from escalation e
           left join staff s on s.id = case when e.state = 'closed' then e.closed_by_id
                                       else e.owner_id end
           where e.id = $1 and e.state <> 'open'""",
        escalation_id,
    )
    if row is None:
        return Gone()
    if row["state"] == "acknowledged" and row["owner_id"] == staff_id:
        await _keep(tx, staff_id, escalation_id)
        return Mine(fresh=False)
    return Theirs(row["state"], row["name"] or "")


async def _keep(tx: Tx, staff_id: int, escalation_id: int) -> None:
    """Its owner is still at it: if the panel rings for them it stops, for an hour."""
    kept = await tx.fetchval(
        """update escalation set detail = detail - 'rings', next_alert_at = now() + $3
           where id = $1 and owner_id = $2 and state = 'acknowledged' and detail ? 'rings'
           returning id""",
        escalation_id,
        staff_id,
        REMINDED,
    )
    if kept is not None:
        await record(tx, "staff", staff_id, "staff:escalation:keep", escalation_id)


async def mark_called(tx: Tx, staff_id: int, escalation_id: int) -> Owned:
    """The patient was called: noted once. Whoever calls owns the escalation."""
    owned = await own(tx, staff_id, escalation_id)
    if isinstance(owned, Mine):
        called = await tx.fetchval(
            """update escalation set called_at = now() where id = $1 and called_at is null
               returning id""",
            escalation_id,
        )
        if called is not None:
            await record(tx, "staff", staff_id, "staff:escalation:called", escalation_id)
    return owned


async def take_chat(tx: Tx, staff_id: int, escalation_id: int, minutes: int) -> Owned | Taken:
    """Own the escalation and answer its conversation for `minutes`; the patient is told who does.

    Taken(False) if a colleague answers it, whose lease is good.
    """
    owned = await own(tx, staff_id, escalation_id)
    if not isinstance(owned, Mine):
        return owned
    conversation_id = await conversation_of(tx, escalation_id)
    if not await take_over(tx, conversation_id, staff_id, minutes):
        name = await tx.fetchval(
            """select s.name from conversation c join staff s on s.id = c.owner_staff_id
               where c.id = $1""",
            conversation_id,
        )
        return Taken(False, name or "")
    await record(tx, "staff", staff_id, "staff:conversation:take_over", conversation_id)
    return Taken(True)


async def give_back_chat(tx: Tx, staff_id: int, escalation_id: int) -> bool:
    """Give the conversation of an escalation back to the bot. False if somebody else has it."""
    row = await tx.fetchrow(
        """select c.id from escalation e join conversation c on c.id = e.conversation_id
           where e.id = $1 and c.owner = 'staff' and c.owner_staff_id = $2 for update of c""",
        escalation_id,
        staff_id,
    )
    if row is None or not await hand_back(tx, row["id"]):
        return False
    await record(tx, "staff", staff_id, "staff:conversation:hand_back", row["id"])
    return True


async def close(
    tx: Tx,
    keys: KeyRing,
    staff_id: int,
    escalation_id: int,
    disposition: Disposition,
    note: str = "",
    *,
    anyones: bool = False,
) -> Owned:
    """Close an escalation with what was done about it, and only so.

    By its owner, by who answers one that nobody owns, or with `anyones` by whoever it is.
    """
    key = await tx.fetchval("select key from escalation where id = $1", escalation_id)
    closed = await tx.fetchval(
        """update escalation set state = 'closed', owner_id = coalesce(owner_id, $2),
             acknowledged_at = coalesce(acknowledged_at, now()), disposition = $3, note = $4,
             closed_at = now(), closed_by_id = $2, next_alert_at = null
           where id = $1 and (state = 'open' or state = 'acknowledged' and (owner_id = $2 or $5))
           returning id""",
        escalation_id,
        staff_id,
        disposition,
        keys.seal(note.encode(), "escalation.note", key) if note else None,
        anyones,
    )
    if closed is None:
        return await own(tx, staff_id, escalation_id)
    await record(
        tx,
        "staff",
        staff_id,
        "staff:escalation:close",
        escalation_id,
        {"disposition": disposition},
    )
    ids = {"escalation_id": escalation_id, "disposition": disposition}
    await announce(tx, Kind.ESCALATION_CLOSED, ids)
    return Mine(fresh=False)


async def conversation_of(tx: Tx, escalation_id: int) -> int:
    """The conversation that an escalation is about."""
    found: int = await tx.fetchval(
        "select conversation_id from escalation where id = $1", escalation_id
    )
    return found


async def read_patient(tx: Tx, keys: KeyRing, escalation_id: int) -> PatientToCall:
    """The patient, for the one who owns the escalation: the act has left its audit row."""
    row = await tx.fetchrow(
        """select p.name, p.phone, p.key from escalation e join patient p on p.id = e.patient_id
           where e.id = $1""",
        escalation_id,
    )
    if row is None:
        return PatientToCall()
    phone = keys.open(row["phone"], "patient.phone", row["key"]).decode() if row["phone"] else ""
    return PatientToCall(row["name"], phone)


def open_said(
    keys: KeyRing, sealed: bytes | None, key: UUID, field: Literal["said", "note"] = "said"
) -> str:
    """What the patient wrote, or the doctor's note, as its row has it. Raises Sealed."""
    return keys.open(sealed, f"escalation.{field}", key).decode() if sealed else ""
