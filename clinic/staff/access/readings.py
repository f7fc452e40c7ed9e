"""Readings of one patient, as staff see, enter and strike them out. Looks leave audit rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Tx
from clinic.observation import rules, service
from clinic.observation.service import Entry, Kept, Stored
from clinic.observation.types import Limit, OwnLimit, Reading
from clinic.staff.access.records import visible
from clinic.staff.types import Staff


@dataclass(frozen=True, slots=True)
class Readings:
    """What the page shows. `limits`: those of the house for the age, without the patient's own;
    `holding`: those that hold, own ones instead of the house's."""

    name: str
    now: datetime
    listed: tuple[Stored, ...]
    own: tuple[OwnLimit, ...]
    limits: tuple[Limit, ...]
    holding: tuple[Limit, ...]


async def access_readings(
    tx: Tx, settings: Settings, staff: Staff, patient_id: int
) -> Readings | None:
    """The readings of a patient and the limits; None if this staff member may not see them."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    zone = ZoneInfo(settings.clinic.time_zone)
    row = await tx.fetchrow(
        "select name, birth_on, now() as now from patient where id = $1", patient_id
    )
    now = row["now"].astimezone(zone)
    await record(tx, "staff", staff.id, "staff:observation:list", patient_id)
    own, house = await service.own_limits(tx, patient_id), settings.readings.house
    age = rules.age_days(now.date(), row["birth_on"])
    return Readings(
        row["name"],
        now,
        await service.listed(tx, zone, patient_id),
        own,
        rules.limits_for(house, (), age),
        rules.limits_for(house, own, age),
    )


async def access_add_readings(
    tx: Tx,
    settings: Settings,
    staff: Staff,
    patient_id: int,
    readings: tuple[Reading, ...],
    measured_at: datetime,
) -> Kept | None:
    """Enter readings that somebody told or that were taken at the desk; None if one may not."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    entry = Entry(patient_id, readings, measured_at, "staff", staff_id=staff.id, proven=True)
    zone = ZoneInfo(settings.clinic.time_zone)
    return await service.keep(tx, zone, settings.readings.house, entry)


async def access_strike(tx: Tx, staff: Staff, patient_id: int, observation_id: int) -> bool | None:
    """Strike a reading out; False if there is none to strike, None if one may not."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    return await service.strike(tx, patient_id, observation_id, staff.id)


async def access_set_limits(
    tx: Tx, staff: Staff, patient_id: int, limits: Sequence[OwnLimit]
) -> bool:
    """Set a patient's own limits, instead of those they had. False if one may not."""
    if not await visible(tx, staff, patient_id, standing=True):
        return False
    await service.set_limits(tx, patient_id, limits, staff.id)
    return True
