"""Pictures of campaigns: kept once each, found by name."""

import hashlib
from datetime import timedelta
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
    else:  # for retention it is as new: a form that is not saved yet shows it
        await tx.execute("update campaign_picture set created_at = now() where name = $1", name)
    return Stored(name, made.width, made.height)


async def find(tx: Tx, name: str) -> Stored | None:
    """The picture of a name, which stays until the transaction ends; None if we keep none."""
    row = await tx.fetchrow(
        "select name, width, height from campaign_picture where name = $1 for key share", name
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


# What is sent comes from campaigns, and a campaign that has begun stays as it is for ever: its
# picture is that of all its messages. A form that was left unsaved names it as a field.
_UNUSED = """
  not exists (select from campaign c where c.content -> 'picture' ->> 'name' = p.name)
  and not exists (select from campaign_typing t
                  where t.typed @> jsonb_build_array(jsonb_build_array('picture', p.name)))"""


async def forget_unused(tx: Tx, age: timedelta, most: int) -> int:
    """Delete pictures brought so long ago that nothing shows, at most so many; how many.

    A picture that somebody is saving a campaign with is locked, and left alone.
    """
    rows = await tx.fetch(
        f"""select p.id from campaign_picture p
            where p.created_at < now() - $1::interval and {_UNUSED}
            order by p.id limit $2 for update skip locked""",  # noqa: S608  # constants
        age,
        most,
    )
    # Looked at once more: a campaign may have been saved since the first look began.
    gone: str = await tx.execute(
        f"delete from campaign_picture p where p.id = any($1::bigint[]) and {_UNUSED}",  # noqa: S608
        [row["id"] for row in rows],
    )
    return int(gone.rpartition(" ")[2])
