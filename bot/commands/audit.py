"""`kayoi audit`: whether the audit trail is whole."""

from clinic.audit.check import check as check_trail
from clinic.config import Settings
from clinic.db import Database
from clinic.errors import KayoiError


async def check(settings: Settings) -> dict[str, object]:
    """Walk the whole chain. Raises KayoiError if it was changed or cut off."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            found = await check_trail(tx, settings.data_dir)
    finally:
        await database.close()
    if found.broken is not None:
        raise KayoiError(f"the audit trail was changed: row {found.broken}, or one before it")
    if found.cut is not None:
        raise KayoiError(f"the end of the audit trail is gone or another: position {found.cut}")
    return {"sealed": found.sealed, "unsealed": found.unsealed, "anchors": found.anchors}
