"""Settings, as staff change them. Nobody's data: only changes leave audit rows."""

from collections.abc import Mapping
from typing import Any

from clinic.config import Settings
from clinic.db import Tx
from clinic.setting import service
from clinic.setting.types import Refused
from clinic.staff.types import Role, Staff


async def access_save_settings(
    tx: Tx,
    staff: Staff,
    settings: Settings,
    wanted: Mapping[str, Any],
    fixed: frozenset[str],
    seen: int,
) -> list[int] | list[Refused] | None:
    """As `clinic.setting.service.save`. Raises PermissionError unless an admin does."""
    _admins(staff)
    return await service.save(tx, staff, settings, wanted, fixed, seen)


async def access_undo_settings(tx: Tx, staff: Staff, change_ids: list[int]) -> bool:
    """As `clinic.setting.service.undo`. Raises PermissionError unless an admin does."""
    _admins(staff)
    return await service.undo(tx, staff, change_ids)


def _admins(staff: Staff) -> None:
    if staff.role is not Role.ADMIN:
        raise PermissionError("settings are for admins")
