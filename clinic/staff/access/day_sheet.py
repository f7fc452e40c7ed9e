"""The printed sheet of a day, as a staff member may have it."""

from datetime import date

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.reception.sheet import SheetRow, read_sheet
from clinic.staff.access.visits import access_day
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
