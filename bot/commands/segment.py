"""`kayoi segment`: how many patients a filter finds."""

from typing import Any

from clinic.config import Settings
from clinic.db import Database
from clinic.errors import KayoiError
from clinic.segment import service
from clinic.segment.read import read_text
from clinic.segment.types import Fault

SHOWN = 5  # faults told in one line


async def count(settings: Settings, text: str) -> dict[str, Any]:
    """Count whom a filter in JSON finds, and who of them can be reached.

    Raises KayoiError if the filter is none, telling what is wrong and where.
    """
    tree = read_text(text)
    if isinstance(tree, tuple):
        raise KayoiError(_told(tree))
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            found = await service.count(tx, settings.key_ring(), settings.clinic.time_zone, tree)
    finally:
        await database.close()
    if isinstance(found, Fault):
        raise KayoiError(_told((found,)))
    return {
        "matched": found.matched,
        "reachable": found.reachable,
        "left_out": dict(found.left_out),
        "ms": found.ms,
    }


def _told(faults: tuple[Fault, ...]) -> str:
    told = [f"{one.where}: {one.reason}" if one.where else one.reason for one in faults[:SHOWN]]
    more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return f"filter: {'; '.join(told)}{more}"
