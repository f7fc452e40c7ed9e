"""A clinician's signature under the house's limits of readings."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from clinic.db import Tx
from clinic.observation.limits import LIMITS, MEAN, MEAN_DAYS, REPEATED_GLUCOSE, RISE, RISE_DAYS
from clinic.setting.service import write
from clinic.setting.types import SIGNED
from clinic.staff.types import Role, Staff


@dataclass(frozen=True, slots=True)
class Signature:
    """Who found the limits right, and when. `valid`: they have not changed since."""

    name: str
    signed_at: datetime
    valid: bool


def digest() -> str:
    """Names the limits in force; it changes with any of them."""
    values = (LIMITS, MEAN, MEAN_DAYS, REPEATED_GLUCOSE, RISE, RISE_DAYS)
    return hashlib.sha256(repr(values).encode()).hexdigest()


async def access_signature(tx: Tx) -> Signature | None:
    """The newest signature; None: nobody has signed yet."""
    row = await tx.fetchrow(
        """select s.name, c.changed_at, c.value from setting_change c
           join staff s on s.id = c.staff_id where c.key = $1 order by c.id desc limit 1""",
        SIGNED,
    )
    return Signature(row["name"], row["changed_at"], row["value"] == [digest()]) if row else None


async def access_sign(tx: Tx, staff: Staff) -> bool:
    """Sign the limits in force. False unless a doctor does."""
    if staff.role is not Role.DOCTOR:
        return False
    await write(tx, staff, SIGNED, [digest()])
    return True
