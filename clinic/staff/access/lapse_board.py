"""The lapse board: how those on a list can be reached, whom to call, and who came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.lapse.types import State
from clinic.outreach.service import by_group
from clinic.outreach.types import GroupReturns
from clinic.policy.service import choose
from clinic.policy.types import Go, Wanted
from clinic.staff.access.lapse import CareGroup, Missed, access_missed
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

CALLED_AT_MOST = 2_000  # lines of a call list
CALLED_ON_PAGE = 200
BATCH = 1_000
BOARD_DAYS = 400  # that sendings are shown for
# Who cannot be written to because of these is called.
TO_CALL = frozenset({"no_chat", "unreachable", "call_only"})
_RECALL = Wanted("care", "plan")


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody can be reached. `channel`: by which a recall would go; else `reason` says why
    none would. `phone_end`: the last digits, "" if there is no number."""

    channel: str | None
    reason: str | None
    phone_end: str


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call. `phone` in full, "" if none is known."""

    missed: Missed
    reason: str
    phone: str


async def access_ways(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, patients: Sequence[int]
) -> dict[int, Way]:
    """How each of these can be reached. Whose names they are was told, and audited, by the list."""
    if not sees_all_patients(staff.role):
        return {}
    reasons = await _reasons(tx, settings, patients)
    phones = await _phones(tx, keys, patients)
    return {
        patient: Way(*reasons[patient], phone_end=phones.get(patient, "")[-4:])
        for patient in patients
    }


async def access_call_list(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    group: CareGroup,
    states: Sequence[State],
    *,
    most: int = CALLED_AT_MOST,
    full: bool = False,
) -> list[Call]:
    """Who of a list cannot be written to and is called; the first `most` of them.

    The caller masks the numbers unless it asked for them in `full`, which is on record.
    """
    rows = await access_missed(tx, settings, staff, group, states, most=CALLED_AT_MOST)
    reasons: dict[int, tuple[str | None, str | None]] = {}
    called: list[int] = []
    for first in range(0, len(rows), most):
        batch = [one.listed.patient for one in rows[first : first + most]]
        reasons |= await _reasons(tx, settings, batch)
        called = [*called, *(one for one in batch if reasons[one][1] in TO_CALL)][:most]
        if len(called) == most:
            break
    phones = await _phones(tx, keys, called)
    wanted = set(called)
    if called:
        detail = {"patients": called}
        await record(tx, "staff", staff.id, "staff:lapse:calls", group.id, detail)
    if full and phones:
        detail = {"patients": list(phones)}
        await record(tx, "staff", staff.id, "staff:lapse:reveal_phone", group.id, detail)
    return [
        Call(one, reasons[one.listed.patient][1] or "", phones.get(one.listed.patient, ""))
        for one in rows
        if one.listed.patient in wanted
    ]


async def access_returns(tx: Tx, staff: Staff, horizon: date) -> tuple[GroupReturns, ...]:
    """Who came back after what was sent to the lists, by month and group. Numbers only."""
    if not sees_all_patients(staff.role):
        return ()
    return await by_group(tx, horizon - timedelta(BOARD_DAYS), horizon)


async def _reasons(
    tx: Tx, settings: Settings, patients: Sequence[int]
) -> dict[int, tuple[str | None, str | None]]:
    now = await tx.fetchval("select now()")
    found: dict[int, tuple[str | None, str | None]] = {}
    for first in range(0, len(patients), BATCH):
        batch = list(patients[first : first + BATCH])
        for patient, one in (await choose(tx, settings, batch, _RECALL, now)).items():
            found[patient] = (one.channel, None) if isinstance(one, Go) else (None, one.reason)
    return found


async def _phones(tx: Tx, keys: KeyRing, patients: Sequence[int]) -> dict[int, str]:
    rows = await tx.fetch(
        "select id, key, phone from patient where id = any($1) and phone is not null",
        list(patients),
    )
    return {
        row["id"]: keys.open(row["phone"], "patient.phone", row["key"]).decode() for row in rows
    }
