"""Keeps the sums of days that figures are read from."""

from datetime import timedelta

from bot.environment import Environment
from clinic.figures import survey
from clinic.figures.recompute import fold, next_stale, recompute, today_of

SURVEY_DAYS = 14  # a low mark that is older has been seen


async def bring_up_to_date(env: Environment) -> int:
    """Work the newest stale month out again, in a transaction of its own; 0 if there is none.

    What a stopped worker did not come to is stale for the next one. Raises DatabaseDown.
    """
    zone = env.settings.clinic.time_zone
    async with env.database.transaction() as tx:
        month = await next_stale(tx, zone)
        if month is not None:
            await recompute(tx, env.keys, month, zone)
            return 1
    async with env.database.transaction() as tx:
        await fold(tx, zone)
        today = await today_of(tx, zone)
        await survey.raise_tasks(tx, env.keys, today - timedelta(days=SURVEY_DAYS), today, zone)
    return 0
