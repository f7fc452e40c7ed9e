"""Draws the sample of the quality audit as soon as a month is over."""

import logging

from bot.environment import Environment
from clinic.audit.service import record
from clinic.quality import service
from nlu.red_flags.digest import digest

log = logging.getLogger(__name__)


async def draw_last_month(env: Environment) -> int:
    """Draw the sample of the month that ended last, once; how many conversations it has.

    Raises DatabaseDown.
    """
    zone = env.settings.clinic.time_zone
    async with env.database.transaction() as tx:
        month = await service.last_month(tx, zone)
        if not await service.first_time(tx, month, zone):
            return 0
        drawn = await service.draw(tx, env.keys, month, zone, digest())
        detail = {"month": f"{month:%Y-%m}", "drawn": drawn}
        await record(tx, "system", None, "system:quality:draw", None, detail)
    log.info("quality audit: %d conversations of %s", drawn, f"{month:%Y-%m}")
    return drawn
