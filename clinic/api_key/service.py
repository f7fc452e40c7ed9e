"""Keys of the API: made and revoked by admins, recognised at every call.

A key has 256 random bits and is stored as SHA-256 only. A revoked one is dead with the next call:
nothing is remembered between two of them.
"""

from collections.abc import Iterable, Mapping
from hmac import compare_digest
from typing import Any

from clinic.api_key.rules import (
    HINT,
    IDEMPOTENCY_LIFE,
    PREFIX,
    RATE,
    is_secret,
    read_key,
    secret_hash,
)
from clinic.api_key.types import ApiKey, KeyProblem, KeyRow, MadeKey, Repeated, Scope
from clinic.audit.service import record
from clinic.db import Tx
from clinic.ids import new_secret
from clinic.staff.types import Role, Staff

_KEY = "k.id, k.name, k.scopes, k.rate"


async def add_key(
    tx: Tx, name: str, scopes: Iterable[str], rate: int = RATE, *, by: Staff | None = None
) -> MadeKey | KeyProblem | None:
    """Make a key. `by` is the admin who does it, None from the command line.

    None: this staff member may not.
    """
    if by is not None and by.role is not Role.ADMIN:
        return None
    read = read_key(name, scopes, rate)
    if isinstance(read, KeyProblem):
        return read
    secret = PREFIX + new_secret()
    row = await tx.fetchrow(
        f"""insert into api_key as k (name, secret_hash, hint, scopes, rate, created_by_id)
            values ($1, $2, $3, $4, $5, $6) returning {_KEY}""",  # noqa: S608  # a constant
        read[0],
        secret_hash(secret),
        secret[:HINT],
        list(read[1]),
        rate,
        by and by.id,
    )
    made = _key(row)
    await _record(tx, by, "add", made.id, {"scopes": sorted(made.scopes)})
    return MadeKey(made, secret)


async def access_keys(tx: Tx, acting: Staff | None) -> list[KeyRow]:
    """All keys, those in use first; for an admin, or None from the command line."""
    if acting is not None and acting.role is not Role.ADMIN:
        return []
    rows = await tx.fetch(
        f"""select {_KEY}, k.hint, k.created_at, s.name as created_by, k.used_at, k.revoked_at
            from api_key k left join staff s on s.id = k.created_by_id
            order by k.revoked_at is not null, k.id desc limit 200"""  # noqa: S608  # a constant
    )
    return [
        KeyRow(
            _key(row),
            row["hint"],
            row["created_at"],
            row["created_by"],
            row["used_at"],
            row["revoked_at"],
        )
        for row in rows
    ]


async def revoke_key(tx: Tx, key_id: int, *, by: Staff | None = None) -> bool:
    """End a key for good. False if it is none that is good, or this staff member may not."""
    if by is not None and by.role is not Role.ADMIN:
        return False
    ended = await tx.fetchval(
        "update api_key set revoked_at = now() where id = $1 and revoked_at is null returning id",
        key_id,
    )
    if ended is not None:
        await _record(tx, by, "revoke", key_id)
    return ended is not None


async def recognise(tx: Tx, secret: str) -> ApiKey | None:
    """The key that a call carries, if it is good; its use is noted, to the minute.

    An unknown key and a revoked one are answered alike.
    """
    if not is_secret(secret):
        return None
    wanted = secret_hash(secret)
    row = await tx.fetchrow(
        f"""select {_KEY}, k.secret_hash,
                   k.used_at is null or k.used_at < now() - interval '1 minute' as stale
            from api_key k where k.secret_hash = $1 and k.revoked_at is null""",  # noqa: S608  # a constant
        wanted,
    )
    if row is None or not compare_digest(row["secret_hash"], wanted):
        return None
    if row["stale"]:
        # Nobody waits for somebody else who notes the same.
        await tx.execute(
            """update api_key set used_at = now() where id = (
                 select id from api_key where id = $1 for no key update skip locked)""",
            row["id"],
        )
    return _key(row)


async def begin_deed(tx: Tx, key_id: int, name: str, body_hash: str) -> Repeated | int:
    """Begin what an Idempotency-Key names; the deed, or what became of it before.

    Who sends the same at the same time waits here until the first has ended. Old ones are
    forgotten.
    """
    await tx.execute(
        """delete from api_deed where id in (
             select id from api_deed where created_at < now() - $1::interval
             order by created_at limit 100 for update skip locked)""",
        IDEMPOTENCY_LIFE,
    )
    deed: int | None = await tx.fetchval(
        """insert into api_deed (api_key_id, name_hash, body_hash) values ($1, $2, $3)
           on conflict (api_key_id, name_hash) do nothing returning id""",
        key_id,
        secret_hash(name),
        body_hash,
    )
    if deed is not None:
        return deed
    row = await tx.fetchrow(
        "select body_hash, subject_id from api_deed where api_key_id = $1 and name_hash = $2",
        key_id,
        secret_hash(name),
    )
    return Repeated(row["subject_id"], compare_digest(row["body_hash"], body_hash))


async def end_deed(tx: Tx, deed: int, subject_id: int) -> None:
    """Note which row a deed made or changed."""
    await tx.execute("update api_deed set subject_id = $2 where id = $1", deed, subject_id)


def _key(row: Mapping[str, Any]) -> ApiKey:
    known = set(Scope)
    scopes = frozenset(Scope(one) for one in row["scopes"] if one in known)
    return ApiKey(row["id"], row["name"], scopes, row["rate"])


async def _record(
    tx: Tx, by: Staff | None, deed: str, key_id: int, detail: dict[str, object] | None = None
) -> None:
    source = "staff" if by else "system"
    await record(
        tx,
        "staff" if by else "system",
        by.id if by else None,
        f"{source}:api_key:{deed}",
        key_id,
        detail,
    )
