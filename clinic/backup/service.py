"""What a database holds, for a backup and for whoever checks one."""

from clinic.audit.service import newest, record
from clinic.backup.types import Contents
from clinic.db import Tx


async def contents(tx: Tx) -> Contents:
    """What this transaction sees: rows by table, the end of the audit chain, the migrations."""
    tables = await tx.fetch(
        "select tablename from pg_tables where schemaname = 'public' order by tablename"
    )
    counts: dict[str, int] = {}
    for row in tables:
        name = str(row["tablename"])
        counts[name] = await tx.fetchval(f'select count(*) from "{name}"')  # noqa: S608  # the catalogue's
    migrations = await tx.fetch(
        "select name from tortoise_migrations where app = 'clinic' order by name"
    )
    link = await newest(tx)
    audit = (link[0], link[1].hex()) if link else None
    return Contents(tuple(row["name"] for row in migrations), counts, audit)


async def note_backup(tx: Tx, size: int) -> None:
    """A backup of `size` bytes was written."""
    await tx.execute("update installation set backed_up_at = now(), backup_bytes = $1", size)
    await record(tx, "system", None, "system:installation:backup", None, {"bytes": size})
