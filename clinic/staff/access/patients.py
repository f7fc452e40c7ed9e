"""Finding patients, and handing out codes that join a chat to a record."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.normal import phone_e164
from clinic.link.service import make_link_code
from clinic.patient.phone_end import DIGITS, ends_so, phone_end, read_end
from clinic.staff.access import LASTING_PATIENTS, OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

FOUND_AT_MOST = 20
ENDS_AT_MOST = 1_000  # numbers with the same last four digits: some hundred, of a million patients
SEARCH_LENGTH = 200  # characters
_DATE = re.compile(r"([12]\d{3})(?:[-/.年])?(\d{1,2})(?:[-/.月])?(\d{1,2})日?")
# The words as the index has them, and the pairs of signs that they are made of; a word of one sign
# is that sign.
_WANTED = """
select coalesce(array_agg(word), '{}') as words, coalesce(array(
  select distinct pair from unnest(array_agg(word)) one, unnest(search_pairs(one)) pair
  where pair >= 2097152 or length(one) = 1), '{}') as pairs
from (select search_folded(one) as word from unnest($1::text[]) one) folded where word <> ''
"""
_LIVING = f"""select p.id, p.name, p.kana, p.chart, p.birth_on, p.provisional, p.phone_index
  from patient p where ($2 or p.id in ({OWN_PATIENTS})) and p.deceased_on is null
    and p.merged_into_id is null"""  # noqa: S608  # constants
# A union, so that any plan finds each part by its index. What has all the pairs nearly always has
# the words: only the first few are looked at for them.
_FOUND = f"""
select id, name, kana, chart, birth_on, provisional from (
  select * from (
    {_LIVING} and patient_pairs(p.name, p.kana, p.chart) @> $3::bigint[] and $3 <> '{{}}'
    union {_LIVING} and p.phone_index = $5
    union {_LIVING} and p.birth_on = $6
    union {_LIVING} and p.id = any($8)) likely
  order by lower(chart) is distinct from $7, id <> all($8), provisional, kana, name, id
  offset 0) ordered
where phone_index = $5 or birth_on = $6 or id = any($8) or not exists (
  select 1 from unnest($4::text[]) word where strpos(patient_words(name, kana, chart), word) = 0)
limit {FOUND_AT_MOST}
"""  # noqa: S608  # constants
_ENDS = f"""
select p.id, p.key, p.phone from patient p
where p.phone_end = $3 and ($2 or p.id in ({OWN_PATIENTS})) and p.deceased_on is null
  and p.merged_into_id is null and p.phone is not null order by p.id limit {ENDS_AT_MOST}
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class PatientFound:
    """As much of a patient as tells two of the same name apart. `phone_end`: the last four digits
    of the telephone number, where it was found by them."""

    id: int
    name: str
    kana: str
    chart: str | None
    birth_on: date | None
    provisional: bool
    phone_end: str = ""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A one-time code, to be shown once: only its hash is stored."""

    patient: PatientFound
    code: str


async def access_patients(tx: Tx, keys: KeyRing, staff: Staff, words: str) -> list[PatientFound]:
    """Patients of whom each of the words is part of the name, reading or chart number, whatever
    the width, case, accents and kind of kana, or whose telephone number, the last four or more
    digits of it, or birth date (year first) they are; `FOUND_AT_MOST` at most."""
    said = unicodedata.normalize("NFKC", words[:SEARCH_LENGTH]).replace("\0", "")
    if not said.strip():
        return []
    phone, end = phone_e164(said), read_end(said)
    ends = await _by_end(tx, keys, staff, end) if end else []
    row = await tx.fetchrow(_WANTED, said.split())
    rows = await tx.fetch(
        _FOUND,
        staff.id,
        sees_all_patients(staff.role),
        row["pairs"],
        row["words"],
        phone and keys.index("phone", phone),
        birth_date(said),
        "".join(said.lower().split()),
        ends,
    )
    shown = dict.fromkeys(ends, end[-DIGITS:] if end else "")
    found = [replace(PatientFound(*row), phone_end=shown.get(row["id"], "")) for row in rows]
    if found:
        ids = [one.id for one in found]
        await record(tx, "staff", staff.id, "staff:patient:search", None, {"patients": ids})
    return found


async def _by_end(tx: Tx, keys: KeyRing, staff: Staff, digits: str) -> list[int]:
    """Whose number ends so; those of others are not opened."""
    mark = phone_end(keys, digits)
    rows = await tx.fetch(_ENDS, staff.id, sees_all_patients(staff.role), mark)
    return ends_so(keys, ((row["id"], row["key"], row["phone"]) for row in rows), digits)


def birth_date(words: str) -> date | None:
    """The day that the words name, year first: 1950-3-4, 1950/03/04, 1950年3月4日, 19500304."""
    said = _DATE.fullmatch(unicodedata.normalize("NFKC", words).strip())
    if said is None:
        return None
    try:
        return date(*(int(part) for part in said.groups()))
    except ValueError:
        return None


async def access_patient(
    tx: Tx, staff: Staff, patient_id: int, *, lasting: bool = False
) -> PatientFound | None:
    """One patient; None if there is none that this staff member may see.

    `lasting`: an hour in an emergency does not count.
    """
    own = LASTING_PATIENTS if lasting else OWN_PATIENTS
    row = await tx.fetchrow(
        f"""select p.id, p.name, p.kana, p.chart, p.birth_on, p.provisional from patient p
            where p.id = $3 and p.merged_into_id is null and ($2 or p.id in ({own}))""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        patient_id,
    )
    if row is None:
        return None
    await record(tx, "staff", staff.id, "staff:patient:read", patient_id)
    return PatientFound(*row)


async def access_link_code(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int
) -> HandedOut | None:
    """Make a one-time code for a patient; None if this staff member may not see the patient."""
    patient = await access_patient(tx, staff, patient_id)
    if patient is None:
        return None
    code = await make_link_code(tx, keys, patient_id, staff.id)
    await record(tx, "staff", staff.id, "staff:link_code:make", patient_id)
    return HandedOut(patient, code)
