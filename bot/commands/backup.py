"""`kayoi backup`: one file of everything but the master key, and whether such a file is good."""

import asyncio
from pathlib import Path
from typing import Any

from bot.commands import backup_file
from bot.commands.bench_scratch import database
from bot.local.pg_programs import find_program
from clinic import clock
from clinic.audit.service import verify
from clinic.backup.rules import differences, name_of, read_keep, surplus
from clinic.backup.service import contents
from clinic.backup.types import Manifest
from clinic.config import Settings
from clinic.db import connected
from clinic.errors import KayoiError


async def back_up(settings: Settings, out: Path, keep: str | None) -> dict[str, Any]:
    """Write a backup to the file `out`, or into it if it is a folder, and let go of those that
    `keep` does not name. Raises KayoiError, OSError."""
    wanted = None
    if keep is not None:
        wanted = read_keep(keep)
        if wanted is None:
            raise KayoiError("--keep takes days,weeks,months, such as 7,4,6")
        if not out.is_dir():  # noqa: ASYNC240  # a command: nobody waits meanwhile
            raise KayoiError("--keep is for a folder: name one with --out")
    file = out / name_of(clock.now()) if out.is_dir() else out  # noqa: ASYNC240
    url = url_of(settings)
    server = await server_version(url)
    program = await asyncio.to_thread(find_program, "pg_dump", server, settings.postgres_bin_dir)
    manifest = await backup_file.write(url, settings.key_ring(), program, server, file)
    gone = surplus((one.name for one in out.iterdir()), wanted) if wanted else []  # noqa: ASYNC240
    for name in gone:
        (out / name).unlink()
    return {**_told(file, manifest), "removed": gone}


async def check(settings: Settings, file: Path) -> dict[str, Any]:
    """Restore a backup beside the database, and compare all of it with what it says of itself.

    Raises KayoiError if anything is not as it was, OSError.
    """
    url = url_of(settings)
    manifest = await asyncio.to_thread(backup_file.read, file)
    program = await restorer(settings, url, manifest)
    async with database(url) as scratch:
        await asyncio.to_thread(backup_file.bring, file, program, scratch)
        await compare(scratch, manifest)
    return {**_told(file, manifest), "verified": True}


async def compare(url: str, manifest: Manifest) -> None:
    """See that a restored database is what was backed up. Raises KayoiError if it is not."""
    async with connected(url) as connection:
        faults = differences(manifest.contents, await contents(connection))
        broken = await verify(connection)
    if broken is not None:
        faults.append(f"the audit chain is broken at row {broken}")
    if faults:
        raise KayoiError(f"the backup is not whole: {'; '.join(faults)}")


async def restorer(settings: Settings, url: str, manifest: Manifest) -> Any:
    """The pg_restore that reads a backup. Raises KayoiError."""
    least = max(await server_version(url), manifest.program)
    return await asyncio.to_thread(find_program, "pg_restore", least, settings.postgres_bin_dir)


async def server_version(url: str) -> int:
    """The major version of PostgreSQL."""
    async with connected(url) as connection:
        return int(connection.get_server_version().major)


def url_of(settings: Settings) -> str:
    """Of the database, once the stores run."""
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


def _told(file: Path, manifest: Manifest) -> dict[str, Any]:
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "made_at": manifest.made_at,
        "tables": len(manifest.contents.counts),
        "rows": sum(manifest.contents.counts.values()),
        "audit": manifest.contents.audit[0] if manifest.contents.audit else 0,
    }
