"""`kayoi key`: keys of the API."""

import argparse
from collections.abc import Sequence

from clinic.api_key import service
from clinic.api_key.types import KeyProblem, KeyRow, MadeKey
from clinic.config import Settings
from clinic.db import Database
from clinic.errors import KayoiError

PROBLEMS = {
    KeyProblem.BAD_NAME: "a key needs a name of up to 80 characters",
    KeyProblem.NO_SCOPES: "a key needs at least one known scope: see kayoi key add --help",
    KeyProblem.BAD_RATE: "a key may call between 1 and 6000 times a minute",
}


async def carry_out(settings: Settings, arguments: argparse.Namespace) -> object:
    """What the command says. Raises KayoiError if it cannot be done."""
    match arguments.act:
        case "add":
            return await add(settings, arguments.name, arguments.scope, arguments.rate)
        case "revoke":
            return await revoke(settings, arguments.id)
    return await listing(settings)


async def add(settings: Settings, name: str, scopes: Sequence[str], rate: int) -> dict[str, object]:
    """Make a key; it is told this once. Raises KayoiError if something is wrong with it."""
    database = await _open(settings)
    try:
        async with database.transaction() as tx:
            made = await service.add_key(tx, name, scopes, rate)
    finally:
        await database.close()
    if not isinstance(made, MadeKey):
        raise KayoiError(PROBLEMS[made or KeyProblem.BAD_NAME])
    return {"id": made.key.id, "name": made.key.name, "key": made.secret}


async def listing(settings: Settings) -> list[dict[str, object]]:
    """All keys, those in use first."""
    database = await _open(settings)
    try:
        async with database.transaction() as tx:
            return [_told(row) for row in await service.access_keys(tx, None)]
    finally:
        await database.close()


async def revoke(settings: Settings, key_id: int) -> dict[str, object]:
    """End a key for good. Raises KayoiError if there is none that is good."""
    database = await _open(settings)
    try:
        async with database.transaction() as tx:
            done = await service.revoke_key(tx, key_id)
    finally:
        await database.close()
    if not done:
        raise KayoiError(f"there is no good key with the id {key_id}")
    return {"id": key_id, "revoked": True}


async def _open(settings: Settings) -> Database:
    assert settings.database_url is not None
    return await Database.open(settings.database_url.get_secret_value(), connections=1)


def _told(row: KeyRow) -> dict[str, object]:
    return {
        "id": row.key.id,
        "name": row.key.name,
        "begins": row.hint,
        "scopes": sorted(row.key.scopes),
        "rate": row.key.rate,
        "created_at": row.created_at.isoformat(),
        "used_at": row.used_at.isoformat() if row.used_at else None,
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }
