"""`kayoi figures recompute`: the sums that figures are read from, worked out again."""

from collections.abc import AsyncIterator
from datetime import date

from clinic.config import Settings
from clinic.db import Database
from clinic.figures.recompute import fold, months_known, recompute
from clinic.figures.rules import month_of


async def recomputed(settings: Settings, since: date | None) -> AsyncIterator[date]:
    """Work out every month that something is known of, from `since` on; each as it is done."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    keys, zone = settings.key_ring(), settings.clinic.time_zone
    try:
        async with database.transaction() as tx:
            await fold(tx, zone)
            months = await months_known(tx, zone)
        for month in months:
            if since is None or month >= month_of(since):
                async with database.transaction() as tx:
                    await recompute(tx, keys, month, zone)
                yield month
    finally:
        await database.close()
