"""What staff change in a patient's record. Their word counts more than any import's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

import asyncpg

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.importer import normal
from clinic.importer.people import SEALED, key_columns
from clinic.message.rules import ASKED_FOR, FOR_STAFF
from clinic.message.service import WAITS, WITHDRAWN
from clinic.patient.phone_end import phone_end
from clinic.patient.types import SEXES
from clinic.record.types import MEMBERSHIPS, NoteKind

LONGEST = {
    "name": 200,
    "kana": 200,
    "chart": 32,
    "address": 300,
    "acquired_by": 32,
    "occupation": 48,
    "zone": 48,
    "tag": 48,
    "note": 1_000,
}
EDITED = (
    *("name", "kana", "chart", "birth_on", "sex", "language", "zone"),
    *("phone", "email", "address", "acquired_by", "occupation", "membership"),
)
Flag = Literal["deceased", "moved"]
FLAGS: tuple[Flag, ...] = ("deceased", "moved")
# Messages that wait: about the patient, a visit or a questionnaire of theirs, or to a chat that
# speaks for nobody else. What a person wrote, or is waiting for, goes out.
_QUEUED = f"""
    update outbox o set {WITHDRAWN}
    where {WAITS} and o.purpose <> all ($3) and ($4 or o.appointment_id is null)
      and (o.patient_id = $1
        or o.appointment_id in (select id from appointment where patient_id = $1)
        or o.request_id in (select id from questionnaire_request where patient_id = $1)
        or o.id in (select outbox_id from outreach_member where patient_id = $1)
        or o.account_id in (
          select l.account_id from link l where l.patient_id = $1 and l.ended_at is null
            and not exists (select 1 from link other where other.account_id = l.account_id
              and other.ended_at is null and other.patient_id <> $1)
            and not exists (select 1 from staff_account s where s.account_id = l.account_id)))
    returning o.id"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that cannot be taken so, and why: a key of the panel's catalogue."""

    field: str
    reason: Literal[
        "empty", "too_long", "bad_date", "bad_choice", "bad_phone", "bad_email", "taken"
    ]


def read_fields(
    posted: Mapping[str, str], country: str, languages: tuple[str, ...], today: date
) -> dict[str, Any] | list[Fault]:
    """The fields of a form in their plain stored form, or everything that is wrong with them.

    Fields that the form does not have are not touched; an empty one is emptied.
    """
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in EDITED:
        if name not in posted:
            continue
        words = normal.shown(posted[name])
        if len(words) > LONGEST.get(name, 300):
            faults.append(Fault(name, "too_long"))
            continue
        value = _read(name, words, country, languages, today)
        if isinstance(value, Fault):
            faults.append(value)
        else:
            found[name] = value
    return faults or found


def _read(
    name: str, words: str, country: str, languages: tuple[str, ...], today: date
) -> str | date | Fault | None:
    match name:
        case "name":
            return words or Fault(name, "empty")
        case "kana":
            return words
        case "chart":
            return normal.chart_key(words) or None
        case "birth_on":
            return _birth(words, today)
        case "phone":
            phone = normal.phone_e164(words, country) if words else ""
            return Fault(name, "bad_phone") if phone is None else phone or None
        case "email":
            email = normal.email_key(words) if words else ""
            return Fault(name, "bad_email") if email is None else email or None
        case "sex" | "language" | "membership":
            known = {"sex": SEXES, "language": languages, "membership": MEMBERSHIPS}[name]
            return words or None if not words or words in known else Fault(name, "bad_choice")
        case "zone" if words and words not in available_timezones():
            return Fault(name, "bad_choice")
    return words or None


def _birth(words: str, today: date) -> date | Fault | None:
    try:
        on = date.fromisoformat(words) if words else None
    except ValueError:
        return Fault("birth_on", "bad_date")
    if on is not None and not (today.year - 130 < on.year and on <= today):
        return Fault("birth_on", "bad_date")
    return on


async def write_fields(
    tx: Tx, keys: KeyRing, patient_id: int, wanted: Mapping[str, Any]
) -> list[str] | Fault:
    """Write fields as staff's word; the names of those that changed.

    What is found by them is worked out anew. The Fault: the chart number is somebody else's.
    """
    row = await tx.fetchrow("select * from patient where id = $1 for no key update", patient_id)
    key: UUID = row["key"]
    changed = {
        name: value for name, value in wanted.items() if value != _plain(keys, row, name, key)
    }
    if not changed:
        return []
    columns: dict[str, Any] = {}
    for name, value in changed.items():
        columns |= _stored(keys, name, value, key)
    now = {name: columns.get(name, row[name]) for name in ("name", "kana", "chart")}
    columns |= key_columns(now["name"], now["kana"], now["chart"])
    columns["field_sources"] = row["field_sources"] | dict.fromkeys(changed, "staff")
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    try:
        async with tx.transaction():
            await tx.execute(
                f"update patient set {places} where id = $1",  # noqa: S608  # our own names
                patient_id,
                *columns.values(),
            )
    except asyncpg.UniqueViolationError:
        return Fault("chart", "taken")
    return sorted(changed)


def _plain(keys: KeyRing, row: Mapping[str, Any], name: str, key: UUID) -> Any:
    value = row[name]
    if name not in SEALED or value is None:
        return value
    return keys.open(value, f"patient.{name}", key).decode()


def _stored(keys: KeyRing, name: str, value: Any, key: UUID) -> dict[str, Any]:
    if name not in SEALED:
        return {name: value}
    kind = SEALED[name]
    sealed = keys.seal(value.encode(), f"patient.{name}", key) if value else None
    index = {f"{name}_index": keys.index(kind, value) if value else None} if kind else {}
    if name == "phone":
        index["phone_end"] = phone_end(keys, value) if value else None
    return {name: sealed, **index}


async def set_flag(tx: Tx, patient_id: int, flag: Flag, on: date | None) -> int:
    """Note that a patient died, or goes elsewhere for good, on a day; None takes that back.

    What waits to be sent to or about them does not go out from this moment on: how many messages
    that were. After a move, what tells of a visit that is booked all the same still goes out.
    """
    column = f"{flag}_on"
    await tx.execute(
        f"""update patient set {column} = $2,
              field_sources = field_sources || jsonb_build_object('{column}', 'staff')
            where id = $1""",  # noqa: S608  # our own names
        patient_id,
        on,
    )
    if on is None:
        return 0
    stopped = await tx.fetch(
        _QUEUED, patient_id, flag, list(ASKED_FOR | FOR_STAFF), flag == "deceased"
    )
    return len(stopped)


async def add_tag(tx: Tx, patient_id: int, words: str) -> bool:
    """Put a word of the clinic's own on a patient. False if it is none, or there already."""
    tag = normal.shown(words)
    if not 0 < len(tag) <= LONGEST["tag"]:
        return False
    made = await tx.fetchval(
        """insert into patient_tag (patient_id, tag) values ($1, $2)
           on conflict (patient_id, tag) do nothing returning id""",
        patient_id,
        tag,
    )
    return made is not None


async def remove_tag(tx: Tx, patient_id: int, tag: str) -> bool:
    """Take a word off again. False if it was not there."""
    gone = await tx.fetchval(
        "delete from patient_tag where patient_id = $1 and tag = $2 returning id", patient_id, tag
    )
    return gone is not None


async def add_note(
    tx: Tx, keys: KeyRing, patient_id: int, kind: NoteKind, words: str, staff_id: int
) -> int | None:
    """Write an allergy or a note for visits; its id, None if there are no words or too many."""
    content = words.strip().replace("\x00", "")
    if not 0 < len(content) <= LONGEST["note"]:
        return None
    key = new_key()
    made: int = await tx.fetchval(
        """insert into patient_note (key, patient_id, kind, content, written_by_id)
           values ($1, $2, $3, $4, $5) returning id""",
        key,
        patient_id,
        kind,
        keys.seal(content.encode(), "patient_note.content", key),
        staff_id,
    )
    return made


async def end_note(tx: Tx, patient_id: int, note_id: int) -> bool:
    """Say that a note holds no more; it stays to be read. False if there is no such one."""
    ended = await tx.fetchval(
        """update patient_note set ended_at = now()
           where id = $1 and patient_id = $2 and ended_at is null returning id""",
        note_id,
        patient_id,
    )
    return ended is not None
