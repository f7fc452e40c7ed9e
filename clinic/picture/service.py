"""Pictures of campaigns: kept once each, found by name."""

import hashlib
from typing import Literal

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.picture.types import Made, Stored


async def keep(tx: Tx, keys: KeyRing, made: Made, staff_id: int | None) -> Stored:
    """Keep a picture. The same one has the same name, whoever brings it how often."""
    name = keys.index("picture", hashlib.sha256(made.content).hexdigest())
    written: int | None = await tx.fetchval(
        """insert into campaign_picture (name, content, preview, width, height, created_by_id)
           values ($1, $2, $3, $4, $5, $6) on conflict (name) do nothing returning id""",
        name,
        made.content,
        made.preview,
        made.width,
        made.height,
        staff_id,
    )
    if written is not None:
        actor: Literal["staff", "system"] = "system" if staff_id is None else "staff"
        await record(tx, actor, staff_id, f"{actor}:picture:keep", written, {})
    return Stored(name, made.width, made.height)


async def find(tx: Tx, name: str) -> Stored | None:
    """The picture of a name; None if we keep none."""
    row = await tx.fetchrow(
        "select name, width, height from campaign_picture where name = $1", name
    )
    return None if row is None else Stored(**dict(row))


async def read(tx: Tx, name: str, *, small: bool) -> bytes | None:
    """The file of a picture, or of its preview; None if we keep none."""
    found: bytes | None = await tx.fetchval(
        "select case when $2 then preview else content end from campaign_picture where name = $1",
        name,
        small,
    )
    return found
