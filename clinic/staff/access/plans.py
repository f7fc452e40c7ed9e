"""Plan definitions, as staff read, write, sign and use them. They name no patient."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from clinic.db import Tx
from clinic.plan import definitions
from clinic.plan.definitions import Stored
from clinic.plan.read import read
from clinic.plan.types import Definition, Fault
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff


@dataclass(frozen=True, slots=True)
class Listed:
    """A definition in use, or its newest draft, and how many patients it follows now."""

    stored: Stored
    active: int


async def access_definitions(tx: Tx, staff: Staff) -> list[Listed]:  # noqa: ARG001  # one manner
    """Of every plan the active version, else the newest."""
    rows = await tx.fetch(
        "select code, count(*) as n from care_plan where state = 'active' group by code"
    )
    counts = {row["code"]: row["n"] for row in rows}
    found = await definitions.newest(tx)
    return [Listed(one, counts.get(one.definition.code, 0)) for one in found]


async def access_definition(
    tx: Tx,
    staff: Staff,  # noqa: ARG001  # one manner
    definition_id: int,
) -> tuple[Stored, list[Stored]] | None:
    """One version, and all versions of its code; None if there is none."""
    found = await definitions.find(tx, definition_id)
    return None if found is None else (found, await definitions.versions(tx, found.definition.code))


async def access_save_definition(
    tx: Tx, staff: Staff, definition_id: int, said: Mapping[str, Any]
) -> int | tuple[Fault, ...] | None:
    """Write what staff made of a definition as its next version, a draft; or what is wrong with it.

    The code stays: another code would be another plan. None: there is no such definition.
    """
    before = await definitions.find(tx, definition_id)
    if before is None:
        return None
    found = read({**said, "code": before.definition.code})
    if not isinstance(found, Definition):
        return found
    return await definitions.save(tx, found, staff.id)


async def access_copy(tx: Tx, staff: Staff, definition_id: int) -> int | None:
    """A definition once more under a code of its own, as a draft; None if there is none."""
    before = await definitions.find(tx, definition_id)
    if before is None:
        return None
    base = before.definition.code[:26]
    rows = await tx.fetch("select distinct code from plan_definition")
    taken = {row["code"] for row in rows}
    code = next(f"{base}_{n}" for n in range(2, len(taken) + 3) if f"{base}_{n}" not in taken)
    return await definitions.save(tx, replace(before.definition, code=code), staff.id)


async def access_sign(tx: Tx, staff: Staff, definition_id: int) -> bool:
    """Stand for a version as a clinician. False if one may not, or somebody does already."""
    if staff.role not in (Role.ADMIN, Role.DOCTOR):
        return False
    return await definitions.sign(tx, definition_id, staff.id)


async def access_activate(tx: Tx, staff: Staff, definition_id: int) -> bool:
    """Use a version from now on. False if it is not signed, or one may not."""
    return sees_all_patients(staff.role) and await definitions.activate(tx, definition_id, staff.id)


async def access_retire(tx: Tx, staff: Staff, definition_id: int) -> bool:
    """Enrol nobody any more. False if it is not active, or one may not."""
    return sees_all_patients(staff.role) and await definitions.retire(tx, definition_id, staff.id)
