"""`kayoi keys`: which keys encrypt what, a new one for everything, an old one taken away."""

import argparse
import asyncio
from datetime import datetime
from typing import Any

from clinic import key_file, sealed
from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Database
from clinic.errors import KayoiError
from clinic.setting.live import beaten_since

GLANCE = 0.2  # s
PASSES = 3  # the second finds what a turn wrote that was under way when the first began


async def carry_out(settings: Settings, arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command says. Raises KayoiError if it cannot be done, OSError."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        match arguments.act:
            case "rotate":
                return await rotate(settings, database, resume=arguments.resume)
            case "remove":
                return await remove(settings, database, arguments.id)
        return await status(settings, database)
    finally:
        await database.close()


async def status(settings: Settings, database: Database) -> dict[str, Any]:
    """How many values each key encrypts; `newest` is used for what is written."""
    settings.key_ring()
    keys = key_file.read(settings.key_file)
    async with database.transaction() as tx:
        found = await sealed.count(tx)
    return {
        "newest": keys.newest,
        "values": {str(n): found.get(n, 0) for n in sorted({*keys.masters, *found})},
        "missing": sorted(set(found) - set(keys.masters)),
    }


async def rotate(settings: Settings, database: Database, *, resume: bool) -> dict[str, Any]:
    """Add a key, unless `resume`, and encrypt with it all that others encrypt.

    Not before every process knows it: what one writes with the old key behind our back could never
    be read again once that key is removed.
    """
    ring = settings.key_ring()
    if not resume:
        await asyncio.to_thread(key_file.add_key, settings.key_file)
        ring.refresh()
    async with database.transaction() as tx:
        await record(tx, "system", None, "system:installation:key", None, {"key": ring.current})
        added: datetime = await tx.fetchval("select clock_timestamp()")
    while not await beaten_since(database, added):  # noqa: ASYNC110  # it waits for others
        await asyncio.sleep(GLANCE)
    rows = unreadable = 0
    for _ in range(PASSES):
        done_now = left_now = 0
        async for _, done, left in sealed.rotate(database, ring):
            done_now, left_now = done_now + done, left_now + left
        rows, unreadable = rows + done_now, left_now
        if not done_now:
            break
    return {"newest": ring.current, "encrypted": rows, "unreadable": unreadable}


async def remove(settings: Settings, database: Database, key_id: int) -> dict[str, Any]:
    """Take a key away that encrypts nothing any more. Raises KayoiError if it does."""
    if key_id == key_file.read(settings.key_file).newest:
        raise KayoiError(f"key {key_id} is in use: it encrypts what is written")
    async with database.transaction() as tx:
        left = (await sealed.count(tx)).get(key_id, 0)
        if left:
            raise KayoiError(f"key {key_id} still encrypts {left} values: kayoi keys rotate")
        await asyncio.to_thread(key_file.remove_key, settings.key_file, key_id)
        await record(tx, "system", None, "system:installation:key_removed", None, {"key": key_id})
    return {"removed": key_id}
