"""`kayoi restore`: a backup becomes the database, which then sends nothing until it is released."""

import asyncio
from pathlib import Path
from typing import Any

from bot.commands import backup_file
from bot.commands.backup import compare, restorer, url_of
from bot.commands.schema import migrate
from clinic.audit.anchor import FILE as ANCHORS
from clinic.audit.anchor import read_anchors
from clinic.audit.service import newest
from clinic.backup.types import Manifest
from clinic.config import Settings
from clinic.db import MIGRATIONS, Database, connected
from clinic.errors import KayoiError
from clinic.installation import service
from clinic.record.erased import Again, erase_again


async def restore(
    settings: Settings, file: Path, replace: str | None, *, release: bool
) -> dict[str, Any]:
    """Restore into an empty database, or into the one named `replace` in place of what is there.

    Raises KayoiError if the backup is not for this Kayoi, or anything is not as it was; OSError.
    """
    url, keys = url_of(settings), settings.key_ring()
    manifest = await asyncio.to_thread(backup_file.read, file)
    ours = {one.stem for one in MIGRATIONS.glob("0*.py")}
    if not set(manifest.contents.migrations) <= ours:
        raise KayoiError(f"{file} was made by a newer Kayoi ({manifest.release}): install that")
    if backup_file.key_mark(keys, manifest.origin) != manifest.key_mark:
        raise KayoiError(
            "the master key here is not the one of this backup: nobody could read the encrypted "
            "columns. Put the right key file in its place first"
        )
    program = await restorer(settings, url, manifest)
    await _make_room(url, replace)
    await asyncio.to_thread(backup_file.bring, file, program, url)
    await _silence(url)
    await compare(url, manifest)
    await migrate(url)
    database = await Database.open(url, connections=1)
    try:
        async with database.transaction() as tx:
            await service.mute(tx, "restored")
            await tx.execute("delete from heartbeat")
            # Nobody stays signed in.
            await tx.execute("update staff_session set ended_at = now() where ended_at is null")
            again = await erase_again(tx, keys, settings.data_dir)
            await _put_anchors_aside(tx, settings.data_dir)
        freed = None
        if release:
            if again.refused:
                raise KayoiError(f"not released: {_refused(again)}")
            async with database.transaction() as tx:
                freed = await service.release(tx, settings.data_dir, None)
    finally:
        await database.close()
    return {
        **_told(manifest),
        "erased_again": again.erased,
        **({"not_erased": _refused(again)} if again.refused else {}),
        "muted": freed is None,
    }


async def let_go(settings: Settings) -> dict[str, Any]:
    """`kayoi release`: messages go out from here. Raises KayoiError if they do already."""
    database = await Database.open(url_of(settings), connections=1)
    try:
        async with database.transaction() as tx:
            freed = await service.release(tx, settings.data_dir, None)
    finally:
        await database.close()
    if freed is None:
        raise KayoiError("nothing is held back here")
    return {"released": True, "left_as_unknown": freed.messages}


async def _make_room(url: str, replace: str | None) -> None:
    async with connected(url) as connection, connection.transaction():
        name = await connection.fetchval("select current_database()")
        if not await connection.fetchval(
            "select exists (select 1 from pg_tables where schemaname = 'public')"
        ):
            return
        if replace != name:
            raise KayoiError(
                f"the database {name} is not empty: --replace {name} puts the backup in the place "
                "of everything in it"
            )
        if await connection.fetchval(
            "select to_regclass('heartbeat') is not null"
        ) and await service.anybody_lives(connection):
            raise KayoiError(f"Kayoi is at work on the database {name}: stop it first")
        await connection.execute("drop schema public cascade")
        await connection.execute("create schema public")


async def _silence(url: str) -> None:
    """Before anything else: no process that starts now may send. The rows stay as many."""
    async with connected(url) as connection:
        await connection.execute(
            "update installation set muted_at = now(), mute_reason = 'restored'"
        )


async def _put_anchors_aside(tx: Any, folder: Path) -> None:
    """Links of the chain that went on after the backup: the new chain never has them."""
    end = await newest(tx)
    position = end[0] if end else 0
    if any(at > position for at, _, _ in read_anchors(folder)):
        path = folder / ANCHORS
        at = await tx.fetchval("select to_char(now() at time zone 'UTC', 'YYYYMMDD\"T\"HH24MISS')")
        path.rename(path.with_name(f"{ANCHORS}.before-{at}"))


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at,
        "rows": sum(manifest.contents.counts.values()),
        "audit": manifest.contents.audit[0] if manifest.contents.audit else 0,
    }


def _refused(again: Again) -> dict[int, str]:
    return {patient: str(reason) for patient, reason in again.refused}
