"""A clinician's signature under the house's limits of readings."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from clinic.db import Tx
from clinic.observation.house import House
from clinic.observation.limits import MEAN_DAYS, RISE_DAYS
from clinic.setting.service import write
from clinic.setting.types import SIGNED
from clinic.staff.types import Role, Staff


@dataclass(frozen=True, slots=True)
class Signature:
    """Who found the limits right, and when. `valid`: they have not changed since."""

    name: str
    signed_at: datetime
    valid: bool


def digest(house: House) -> str:
    """Names the limits in force; it changes with any of them."""
    values = (house.limits, house.mean, MEAN_DAYS, house.repeated, house.rise, RISE_DAYS)
    return hashlib.sha256(repr(values).encode()).hexdigest()


async def access_signature(tx: Tx, house: House) -> Signature | None:
    """The newest signature; None: nobody has signed yet."""
    row = await tx.fetchrow(
        """select s.name, c.changed_at, c.value from setting_change c
           join staff s on s.id = c.staff_id where c.key = $1 order by c.id desc limit 1""",
        SIGNED,
    )
    if row is None:
        return None
    return Signature(row["name"], row["changed_at"], row["value"] == [digest(house)])


async def access_sign(tx: Tx, staff: Staff, house: House, seen: str) -> bool:
    """Sign the limits in force. False unless a doctor does who saw these: `seen`, their digest."""
    if staff.role is not Role.DOCTOR or seen != digest(house):
        return False
    await write(tx, staff, SIGNED, [seen])
    return True
