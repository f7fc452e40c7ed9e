"""The printed sheet of a day, as a staff member may have it."""

from datetime import date

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.reception.sheet import SheetRow, read_sheet
from clinic.reception.sheets import MadeSheet, ready
from clinic.staff.access.visits import access_day
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff


async def access_day_sheet(
    tx: Tx, keys: KeyRing, staff: Staff, on: date, language: str
) -> list[SheetRow]:
    """The sheet of those whom this staff member may see."""
    day = await access_day(tx, staff, on, language)
    seen = [one.patient_id for one in day.visits]
    rows = await read_sheet(tx, keys, on, language, seen)
    detail = {"on": on.isoformat(), "appointments": [one.visit.id for one in rows]}
    await record(tx, "staff", staff.id, "staff:appointment:day_sheet", None, detail)
    return rows


async def access_ready_sheets(tx: Tx, staff: Staff, since: date) -> list[MadeSheet]:
    """The sheets that the worker made, from a day on; all patients are on them, so that who does
    not see all of those sees none."""
    return await ready(tx, since) if sees_all_patients(staff.role) else []


async def access_ready_sheet(tx: Tx, staff: Staff, on: date) -> MadeSheet | None:
    """The sheet of a day that the worker made, to be handed out; None if there is none for this
    staff member."""
    found = next((one for one in await access_ready_sheets(tx, staff, on) if one.on == on), None)
    if found is not None:
        detail = {"on": on.isoformat(), "appointments": list(found.appointments)}
        await record(tx, "staff", staff.id, "staff:appointment:day_sheet", None, detail)
    return found
