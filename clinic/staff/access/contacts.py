"""Whether a patient may be written to by SMS and e-mail, as staff see and change it."""

from clinic.config import Settings
from clinic.contact.service import contacts, ensure_account, withdraw
from clinic.contact.types import Contact, LetterChannel
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.access.records import desk
from clinic.staff.types import Staff


async def access_contacts(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int
) -> tuple[Contact, ...]:
    """How the patient stands on each channel; () if that is not for this staff member."""
    return await contacts(tx, keys, patient_id) if await desk(tx, staff, patient_id) else ()


async def access_contact(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    patient_id: int,
    channel: LetterChannel,
    *,
    allowed: bool,
) -> bool | None:
    """Write down that the patient agreed to be written to there, or does not any more.

    False if nothing changed, as where the record has no address that fits. None: one may not.
    """
    if not await desk(tx, staff, patient_id):
        return None
    if not allowed:
        return await withdraw(tx, patient_id, channel, staff_id=staff.id)
    made = await ensure_account(tx, keys, settings, patient_id, channel, staff_id=staff.id)
    return made is not None
