"""The database as this release needs it."""

from clinic import db
from clinic.db import Database
from clinic.plan import definitions
from clinic.questionnaire.service import install_shipped


async def migrate(url: str) -> None:
    """Bring the schema up to date and install the shipped questionnaires and plans that are not
    there.

    Several processes may call it at once. Raises DatabaseDown if PostgreSQL cannot be reached.
    """
    await db.migrate(url)
    database = await Database.open(url, connections=1)
    try:
        async with database.transaction() as tx:
            await install_shipped(tx)
            await definitions.install_shipped(tx)
    finally:
        await database.close()
