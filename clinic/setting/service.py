"""Reading and writing what staff changed of the settings."""

from collections.abc import Mapping
from typing import Any

from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Tx
from clinic.setting.rules import is_fixed, put
from clinic.setting.types import KEYS, Change, Refused
from clinic.staff.types import Staff

HISTORY = 50  # rows of a page
LOCK = 7_205_131  # one change after the other


async def version(tx: Tx) -> int:
    """Grows with every change; 0 before the first."""
    found: int = await tx.fetchval("select coalesce(max(id), 0) from setting_change")
    return found


async def changed(tx: Tx) -> dict[str, Any]:
    """The values of all keys that staff changed, but for those set back to what is configured."""
    rows = await tx.fetch(
        "select distinct on (key) key, value from setting_change order by key, id desc"
    )
    return {row["key"]: row["value"][0] for row in rows if row["value"] is not None}


async def save(
    tx: Tx,
    staff: Staff,
    settings: Settings,
    wanted: Mapping[str, Any],
    fixed: frozenset[str],
    seen: int,
) -> list[int] | list[Refused] | None:
    """Write the values that differ from `settings`, all or none; the ids of the changes.

    A list of Refused if one does not fit, or is set by the environment. None: somebody else
    changed one of them since the version `seen`.
    """
    faults: list[Refused] = []
    for key, value in wanted.items():
        laid = put(settings, key, value) if key in KEYS else Refused(key, "unknown")
        if isinstance(laid, Refused):
            faults.append(laid)
        elif is_fixed(key, fixed):
            faults.append(Refused(key, "fixed"))
    if faults:
        return faults
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    newer = await tx.fetchval(
        "select exists (select 1 from setting_change where id > $1 and key = any ($2))",
        seen,
        list(wanted),
    )
    if newer:
        return None
    return [await write(tx, staff, key, [value]) for key, value in wanted.items()]


async def write(tx: Tx, staff: Staff, key: str, value: list[Any] | None) -> int:
    """One change with its row in the audit trail: which setting, not to what.

    `value` is a list of one, or None: as configured.
    """
    made: int = await tx.fetchval(
        "insert into setting_change (key, value, staff_id) values ($1, $2, $3) returning id",
        key,
        value,
        staff.id,
    )
    await record(tx, "staff", staff.id, "staff:setting:change", made, {"key": key})
    return made


async def undo(tx: Tx, staff: Staff, change_ids: list[int]) -> bool:
    """Give keys the values they had before changes of one saving, as new changes.

    False, and nothing is done, unless each is the newest of its key and a setting: a clinician's
    signature is kept beside them, and nobody else's to give or take back.
    """
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    rows = await tx.fetch(
        """select c.key, (select b.value from setting_change b where b.key = c.key and b.id < c.id
               order by b.id desc limit 1) as before,
             not exists (select 1 from setting_change n where n.key = c.key and n.id > c.id) as last
           from setting_change c where c.id = any ($1) and c.key = any ($2) order by c.id""",
        change_ids,
        list(KEYS),
    )
    if not rows or len(rows) < len(set(change_ids)) or not all(row["last"] for row in rows):
        return False
    for row in rows:
        await write(tx, staff, row["key"], row["before"])
    return True


async def history(tx: Tx, before: int | None = None) -> list[Change]:
    """Changes, newest first, a page at a time; `before`: older than that one."""
    rows = await tx.fetch(
        f"""select c.id, c.key, c.value, s.name as staff, c.changed_at,
              (select b.value from setting_change b where b.key = c.key and b.id < c.id
               order by b.id desc limit 1) as before,
              not exists (select 1 from setting_change n where n.key = c.key and n.id > c.id)
                as newest
            from setting_change c left join staff s on s.id = c.staff_id
            where c.key = any ($2) and ($1::bigint is null or c.id < $1)
            order by c.id desc limit {HISTORY}""",  # noqa: S608  # a constant
        before,
        list(KEYS),
    )
    return [
        Change(
            row["id"],
            row["key"],
            row["value"],
            row["before"],
            row["staff"],
            row["changed_at"],
            row["newest"],
        )
        for row in rows
    ]
