"""Registering somebody at the desk, and checking them in without a booking."""

from collections.abc import Mapping

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.types import Refused, Slot, Taken, Visit
from clinic.config import Settings
from clinic.contact.service import follow_addresses
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.reception.walk_in import book_now
from clinic.record import edit
from clinic.record.edit import Fault
from clinic.staff.access.records import desk
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

ASKED = ("name", "kana", "birth_on", "phone", "chart")


async def access_register(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, posted: Mapping[str, str]
) -> int | list[Fault] | None:
    """A new patient's id, or what is wrong with the form. None: this staff member may not."""
    if not sees_all_patients(staff.role):
        return None
    today = await tx.fetchval("select (now() at time zone $1)::date", settings.clinic.time_zone)
    wanted = edit.read_fields(posted, settings.clinic.country, settings.clinic.languages, today)
    if isinstance(wanted, list):
        return wanted
    if not wanted.get("name"):
        return [Fault("name", "empty")]
    if wanted.get("chart") and await tx.fetchval(
        "select exists (select from patient where chart = $1)", wanted["chart"]
    ):
        return [Fault("chart", "taken")]
    patient: int = await tx.fetchval(
        "insert into patient (key, name) values ($1, '') returning id", new_key()
    )
    written = await edit.write_fields(tx, keys, patient, wanted)
    if isinstance(written, Fault):
        return [written]
    await follow_addresses(tx, [patient])
    await record(tx, "staff", staff.id, "staff:patient:register", patient, {"fields": written})
    return patient


async def access_walk_in(
    tx: Tx, staff: Staff, actor: Actor, patient_id: int, slot: Slot
) -> Visit | Taken | Refused | None:
    """Book a patient who is there into a time of today and check them in. None: may not."""
    if not await desk(tx, staff, patient_id):
        return None
    return await book_now(tx, actor, slot, patient_id)
