"""Patients: found by chart number or telephone, read, made, and changed field by field."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.api.models import (
    Page,
    Patient,
    PatientChange,
    PatientFields,
    PatientNew,
    Patients,
    PatientSearch,
)
from bot.api.problem import NOT_FOUND, Problem, invalid
from bot.api.route import Call, Done
from clinic.contact.service import follow_addresses
from clinic.db import Tx
from clinic.ids import new_key
from clinic.importer.normal import chart_key, phone_e164
from clinic.record.edit import Fault, read_fields, write_fields

FOUND_AT_MOST = 20
# A record that stands: neither joined into another one nor erased.
STANDS = """p.merged_into_id is null
    and not exists (select from erasure e where e.patient_id = p.id)"""
_COLUMNS = """p.id, p.key, p.name, p.kana, p.chart, p.birth_on, p.sex, p.language, p.phone, p.email,
    p.address, p.provisional, p.deceased_on, p.moved_on, p.created_at"""


async def listing(call: Call) -> Done | Problem:
    """A page of all patients, in the order in which they were made."""
    query: Page = call.query
    try:
        place = call.place("patients", query.cursor)
    except ValueError:
        return invalid(("cursor", "unknown"))
    rows = await call.tx.fetch(
        f"""select {_COLUMNS} from patient p where p.id > $1 and {STANDS}
            order by p.id limit $2""",  # noqa: S608  # constants
        place[0] if place else 0,
        query.limit + 1,
    )
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    return _found(call, shown, call.cursor("patients", [shown[-1]["id"]]) if more else None)


async def search(call: Call) -> Done | Problem:
    """Whoever has this chart number, or this telephone number."""
    wanted: PatientSearch = call.body
    if (wanted.chart is None) == (wanted.phone is None):
        return invalid(("/", "exactly_one"))
    phone = wanted.phone and phone_e164(wanted.phone, call.env.settings.clinic.country)
    if wanted.phone is not None and phone is None:
        return invalid(("/phone", "bad_phone"))
    rows = await call.tx.fetch(
        f"""select {_COLUMNS} from patient p
            where {STANDS} and {"p.phone_index" if phone else "p.chart"} = $1
            order by p.id limit {FOUND_AT_MOST}""",  # noqa: S608  # constants
        call.env.keys.index("phone", phone) if phone else chart_key(wanted.chart or ""),
    )
    return _found(call, rows, None)


async def read(call: Call) -> Done | Problem:
    """One patient."""
    patient_id = await find(call.tx, call.uuid("id"))
    return NOT_FOUND if patient_id is None else await again(call, patient_id)


async def create(call: Call) -> Done | Problem:
    """A new patient, as the desk would make one."""
    wanted: PatientNew = call.body
    fields = await _fields(call, wanted)
    if isinstance(fields, Problem):
        return fields
    patient_id: int = await call.tx.fetchval(
        "insert into patient (key, name) values ($1, '') returning id", new_key()
    )
    return await _write(call, patient_id, fields)


async def change(call: Call) -> Done | Problem:
    """Write the fields that are named, and no others."""
    wanted: PatientChange = call.body
    if not wanted.model_fields_set:
        return invalid(("/", "nothing"))
    patient_id = await find(call.tx, call.uuid("id"))
    if patient_id is None:
        return NOT_FOUND
    fields = await _fields(call, wanted)
    return fields if isinstance(fields, Problem) else await _write(call, patient_id, fields)


async def again(call: Call, patient_id: int) -> Done | Problem:
    """The patient of a row, as it stands now."""
    row = await call.tx.fetchrow(
        f"select {_COLUMNS} from patient p where p.id = $1 and {STANDS}",  # noqa: S608  # constants
        patient_id,
    )
    return NOT_FOUND if row is None else Done(_patient(call, row), patient_id)


async def find(tx: Tx, key: UUID | None) -> int | None:
    """The row of a patient whose record stands."""
    found: int | None = await tx.fetchval(
        f"select p.id from patient p where p.key = $1 and {STANDS}",  # noqa: S608  # a constant
        key,
    )
    return found


async def _fields(call: Call, wanted: PatientFields) -> dict[str, Any] | Problem:
    """The fields that are named, in their stored form; as staff's form is read."""
    clinic = call.env.settings.clinic
    today = await call.tx.fetchval("select (now() at time zone $1)::date", clinic.time_zone)
    posted = {
        name: "" if value is None else str(value)
        for name, value in wanted.model_dump(exclude_unset=True).items()
    }
    fields = read_fields(posted, clinic.country, clinic.languages, today)
    if isinstance(fields, list):
        return invalid(*((f"/{one.field}", one.reason) for one in fields))
    return fields


async def _write(call: Call, patient_id: int, fields: Mapping[str, Any]) -> Done | Problem:
    changed = await write_fields(call.tx, call.env.keys, patient_id, fields)
    if isinstance(changed, Fault):
        return Problem(409, "taken", reason="chart")
    await follow_addresses(call.tx, [patient_id])
    done = await again(call, patient_id)
    assert isinstance(done, Done)
    return Done(done.content, patient_id, {"fields": changed})


def _found(call: Call, rows: list[Any], cursor: str | None) -> Done:
    items = [_patient(call, row) for row in rows]
    return Done(
        Patients(items=items, next=cursor), detail={"patients": [row["id"] for row in rows]}
    )


def _patient(call: Call, row: Mapping[str, Any]) -> Patient:
    opened = {
        name: call.env.keys.open(row[name], f"patient.{name}", row["key"]).decode()
        for name in ("phone", "email", "address")
        if row[name] is not None
    }
    return Patient(
        id=row["key"],
        name=row["name"],
        kana=row["kana"],
        chart=row["chart"],
        birth_on=row["birth_on"],
        sex=row["sex"],
        language=row["language"],
        phone=opened.get("phone"),
        email=opened.get("email"),
        address=opened.get("address"),
        provisional=row["provisional"],
        deceased_on=row["deceased_on"],
        moved_on=row["moved_on"],
        created_at=row["created_at"],
    )
