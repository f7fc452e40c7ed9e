"""The ten-second card of a patient: what somebody at the telephone must know at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.audit.service import record
from clinic.config import Settings
from clinic.contact.service import follow_addresses
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.normal import phone_e164
from clinic.record.edit import read_fields
from clinic.record.summary import read_notes
from clinic.record.types import Note
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.access.calendar import access_add_patient
from clinic.staff.access.patients import PatientFound
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

CALLERS = 20  # patients of one number


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name in several languages, and its page."""

    id: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """One patient. `phone_end`: its last digits, "" if there is none; the rest is asked for."""

    id: int
    name: str
    kana: str
    chart: str | None
    birth_on: date | None
    age: int | None
    sex: str | None
    language: str | None
    phone_end: str
    provisional: bool
    deceased_on: date | None
    moved_on: date | None
    notes: tuple[Note, ...]
    tags: tuple[str, ...]
    next_at: datetime | None
    next_service: Mapping[str, str] | None
    last_on: date | None
    no_shows: int
    forms: tuple[Named, ...]  # questionnaires that wait for an answer
    plans: tuple[Named, ...]
    agreed: tuple[str, ...]  # purposes that a chat of theirs agreed to
    opted_out: bool
    conversation_id: int | None


_CARD = f"""
select p.*, extract(year from age(coalesce(p.deceased_on, current_date), p.birth_on))::int as age,
  s.last_visit_on, coalesce(s.no_shows, 0) as no_shows, next.starts_at, next.service,
  array(select tag from patient_tag t where t.patient_id = p.id order by tag) as tags,
  coalesce((select jsonb_agg(jsonb_build_array(r.id, q.title) order by r.id)
            from questionnaire_request r join questionnaire q on q.id = r.questionnaire_id
            where r.patient_id = p.id and r.state in ('waiting', 'sent', 'in_progress')), '[]')
    as forms,
  coalesce((select jsonb_agg(jsonb_build_array(x.id, d.title) order by x.id)
            from care_plan x join plan_definition d on d.id = x.definition_id
            where x.patient_id = p.id and x.state = 'active'), '[]') as plans,
  array(select purpose from (
      select distinct on (n.account_id, n.purpose) n.purpose, n.given from consent n
      where n.account_id in (select account_id from link
                             where patient_id = p.id and ended_at is null)
      order by n.account_id, n.purpose, n.id desc) latest
    where given group by purpose order by purpose) as agreed,
  exists (select 1 from link l join chat_account a on a.id = l.account_id
          where l.patient_id = p.id and l.ended_at is null and a.opted_out_at is not null) as out,
  (select c.id from link l join conversation c on c.account_id = l.account_id
   where l.patient_id = p.id and l.ended_at is null
   order by c.last_patient_at desc nulls last limit 1) as conversation
from patient p left join patient_summary s on s.patient_id = p.id
left join lateral (
  select a.starts_at, v.name as service from appointment a join service v on v.id = a.service_id
  where a.patient_id = p.id and a.status = 'booked' and a.starts_at > now()
  order by a.starts_at limit 1) next on true
where p.id = any($3) and ($2 or p.id in ({OWN_PATIENTS})) and p.merged_into_id is null
order by array_position($3, p.id)"""  # noqa: S608  # constants


async def access_cards(
    tx: Tx, keys: KeyRing, staff: Staff, patients: list[int]
) -> tuple[Card, ...]:
    """The cards of these patients, as far as this staff member may see them."""
    rows = await tx.fetch(_CARD, staff.id, sees_all_patients(staff.role), patients)
    cards = []
    for row in rows:
        await record(tx, "staff", staff.id, "staff:patient:card", row["id"])
        cards.append(_card(keys, row, await read_notes(tx, keys, row["id"])))
    return tuple(cards)


async def access_callers(
    tx: Tx, keys: KeyRing, staff: Staff, number: str, country: str
) -> list[PatientFound] | None:
    """The patients with this telephone number, those of the chart first; None if it is no number.

    The number itself is written nowhere.
    """
    phone = phone_e164(number, country)
    if phone is None:
        return None
    rows = await tx.fetch(
        f"""select p.id, p.name, p.kana, p.chart, p.birth_on, p.provisional from patient p
            where p.phone_index = $3 and ($2 or p.id in ({OWN_PATIENTS}))
              and p.merged_into_id is null and p.deceased_on is null
            order by p.provisional, p.birth_on, p.id limit {CALLERS}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        keys.index("phone", phone),
    )
    found = [PatientFound(*row) for row in rows]
    ids = [one.id for one in found]
    await record(tx, "staff", staff.id, "staff:patient:lookup", None, {"patients": ids})
    return found


async def access_add_caller(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, posted: Mapping[str, str]
) -> int | None:
    """Begin the record of somebody new, by name, reading and telephone number; its id.

    None if there is no name, no such number, or this staff member may not.
    """
    today = await tx.fetchval("select (now() at time zone $1)::date", settings.clinic.time_zone)
    wanted = read_fields(posted, settings.clinic.country, settings.clinic.languages, today)
    if isinstance(wanted, list) or not wanted.get("name") or not wanted.get("phone"):
        return None
    made = await access_add_patient(tx, keys, staff, wanted)
    if not isinstance(made, int):
        return None
    await follow_addresses(tx, [made])
    return made


def _card(keys: KeyRing, row: Mapping[str, Any], notes: tuple[Note, ...]) -> Card:
    phone = keys.open(row["phone"], "patient.phone", row["key"]).decode() if row["phone"] else ""
    plain = (
        *("id", "name", "kana", "chart", "birth_on", "age", "sex", "language", "provisional"),
        *("deceased_on", "moved_on", "no_shows"),
    )
    return Card(
        **{field: row[field] for field in plain},
        phone_end=phone[-4:],
        notes=tuple(note for note in notes if note.ended_at is None),
        tags=tuple(row["tags"]),
        next_at=row["starts_at"],
        next_service=row["service"],
        last_on=row["last_visit_on"],
        forms=tuple(Named(*one) for one in row["forms"]),
        plans=tuple(Named(*one) for one in row["plans"]),
        agreed=tuple(row["agreed"]),
        opted_out=row["out"],
        conversation_id=row["conversation"],
    )
