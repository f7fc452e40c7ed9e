"""Who is on call, and the own chats of staff to which alerts go."""

from collections.abc import Sequence

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation import accounts
from clinic.escalation.accounts import LinkedAccount
from clinic.escalation.rules import shown_code
from clinic.escalation.types import Shift
from clinic.staff.types import Role, Staff


async def access_rota(tx: Tx, staff: Staff) -> list[Shift]:  # noqa: ARG001  # as its fellows
    """Everybody's hours on call. Shows no patient, so it leaves no audit row."""
    return await accounts.read_rota(tx)


async def access_write_rota(tx: Tx, staff: Staff, shifts: Sequence[Shift]) -> bool:
    """Replace the rota. False unless an admin does."""
    if staff.role is not Role.ADMIN:
        return False
    await accounts.write_rota(tx, shifts)
    await record(tx, "staff", staff.id, "staff:rota:write", None, {"shifts": len(shifts)})
    return True


async def access_staff_code(tx: Tx, keys: KeyRing, staff: Staff) -> str | None:
    """A code to type into one's own LINE, Telegram or web chat within 10 minutes, shown once.

    It may also stand in a link that opens the chat. None for a closed account.
    """
    code = await accounts.make_staff_code(tx, keys, staff.id)
    if code is None:
        return None
    await record(tx, "staff", staff.id, "staff:account:code", staff.id)
    return shown_code(code)


async def access_linked_accounts(tx: Tx, staff: Staff) -> list[LinkedAccount]:
    """The own chats of this staff member; for an admin those of all."""
    found = await accounts.read_accounts(tx)
    return [it for it in found if staff.role is Role.ADMIN or it.staff.id == staff.id]


async def access_unlink_account(tx: Tx, staff: Staff, linked_id: int) -> bool:
    """End such a link. False if there is none that this staff member may end."""
    if linked_id not in {it.id for it in await access_linked_accounts(tx, staff)}:
        return False
    return await accounts.unlink_account(tx, staff.id, linked_id)
