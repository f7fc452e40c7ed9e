"""What `kayoi run` does once the stores are up: the schema, the demo clinic, the first sign-in."""

from zoneinfo import ZoneInfo

from bot.commands.schema import migrate
from bot.commands.staff import ensure_admin, sign_in_url
from clinic import clock
from clinic.booking import demo
from clinic.config import Settings
from clinic.db import Database
from clinic.questionnaire import demo as questionnaire_demo
from clinic.record.service import refresh

__all__ = ["first_sign_in", "migrate", "seed"]


async def seed(settings: Settings) -> None:
    """The demo clinic, once."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=2)
    try:
        async with database.transaction() as tx:
            today = clock.now().astimezone(ZoneInfo(settings.clinic.time_zone)).date()
            keys = settings.key_ring()
            if await demo.seed(tx, keys, settings, today):
                await questionnaire_demo.seed(tx, keys, settings, today)
                await refresh(tx)
    finally:
        await database.close()


async def first_sign_in(settings: Settings) -> str:
    """The address that signs the first account in, once."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=2)
    try:
        async with database.transaction() as tx:
            return await sign_in_url(tx, settings, await ensure_admin(tx))
    finally:
        await database.close()
