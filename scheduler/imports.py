"""Carries imports out, one at a time, and keeps the lists that follow from them up to date."""

import logging

from bot.environment import Environment
from clinic.db import COLLISIONS
from clinic.errors import DatabaseDown
from clinic.importer import runs, service

log = logging.getLogger(__name__)


async def bring_up_to_date(env: Environment) -> int:
    """Let lists follow the calendar; 0, since there is nothing to hurry on with.

    Raises DatabaseDown.
    """
    async with env.database.transaction() as tx:
        await service.new_day(tx, env.settings)
    return 0


async def work_off(env: Environment) -> int:
    """Carry on with the oldest import that waits; how many there were (0 or 1).

    Raises DatabaseDown; a worker that dies leaves nothing half done, and another begins anew.
    """
    async with env.database.transaction() as tx:
        await runs.expire(tx)
        run_id = await runs.claim(tx)
    if run_id is None:
        return 0
    try:
        state = await service.carry_out(env.database, env.keys, env.settings, run_id)
    except (DatabaseDown, *COLLISIONS):
        raise
    except Exception as error:
        # A fault of ours. It would come again with each try, and nobody could call the file off.
        # Its words may hold a patient's.
        log.error("import %s broke off: %s", run_id, type(error).__name__)
        async with env.database.transaction() as tx:
            await runs.break_off(tx, run_id)
        return 1
    log.info("import %s: %s", run_id, state)
    return 1
