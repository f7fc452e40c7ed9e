"""Whether everything runs: processes, queues, the database."""

from aiohttp import web

from admin.keys import DATABASE, LIVE_SETTINGS, SETTINGS
from admin.page import page
from clinic.setting.health import BACKUP_OLD, STUCK, read_health
from clinic.setting.live import release

MEGABYTE = 1024 * 1024


async def show(request: web.Request) -> web.Response:
    """As it is now."""
    async with request.app[DATABASE].transaction() as tx:
        health = await read_health(tx)
        return await page(
            request,
            tx,
            "settings/templates/health.html",
            "settings_health",
            health=health,
            stuck=STUCK,
            backup_old=BACKUP_OLD,
            release=release(),
            megabytes=health.database_bytes // MEGABYTE,
            left_out=request.app[LIVE_SETTINGS].left_out,
            sheets=request.app[SETTINGS].day_sheet,
        )
