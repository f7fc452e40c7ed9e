"""Two records of one person become one, and can be parted again.

The one that is lost stays as a row that points to the one that is kept: its chart number is still
found. Whatever referred to it is carried over, row by row, and written down for the way back.
"""

from collections.abc import Sequence
from typing import Any, Literal

import asyncpg

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.record.service import refresh

# Worked out anew, or telling of the row itself.
NOT_CARRIED = frozenset(
    {"patient", "patient_summary", "lapse", "patient_change", "patient_merge", "match_review"}
)
# What the kept record takes from the lost one where it has nothing itself.
_FILLED = (
    *("kana", "birth_on", "sex", "language", "zone", "deceased_on", "acquired_by", "occupation"),
)
_FILLED_SEALED = ("phone", "email", "address", "insurer", "insured")
_INDEXED = ("phone", "email", "insured")


async def referring(tx: Tx) -> list[tuple[str, str]]:
    """Every table and column that refers to a patient, as the database has it."""
    rows = await tx.fetch(
        """select c.conrelid::regclass::text as name, a.attname as field
           from pg_constraint c
           join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
           where c.contype = 'f' and c.confrelid = 'patient'::regclass order by 1, 2"""
    )
    return [(row["name"], row["field"]) for row in rows]


async def standing(tx: Tx, patients: Sequence[int]) -> dict[int, int]:
    """The record in which each of these patients stands now, however often they were joined."""
    rows = await tx.fetch(
        """with recursive up(asked, id, next) as (
             select id, id, merged_into_id from patient where id = any($1)
             union all
             select up.asked, p.id, p.merged_into_id from up join patient p on p.id = up.next)
           select asked, id from up where next is null""",
        list(patients),
    )
    return {row["asked"]: row["id"] for row in rows}


async def merge(
    tx: Tx, keys: KeyRing, kept: int, lost: int, staff_id: int | None
) -> int | Literal["gone", "visits_overlap"]:
    """Join `lost` into `kept`; the merge's id, or why they cannot be joined.

    Rows that the kept record has already (the same tag, the same receipt) stay with the lost one.
    Whom only the chat knows is never kept before somebody whom the clinic knows.
    Nobody can be at two visits at once: that is for staff to put right first.
    """
    try:
        async with tx.transaction():
            return await _merge(tx, keys, kept, lost, staff_id)
    except asyncpg.ExclusionViolationError:
        return "visits_overlap"


async def _merge(
    tx: Tx, keys: KeyRing, kept: int, lost: int, staff_id: int | None
) -> int | Literal["gone"]:
    rows = await tx.fetch(
        """select * from patient where id = any($1) and merged_into_id is null
           order by id for update""",
        [kept, lost],
    )
    if len(rows) != 2:
        return "gone"
    by_id = {row["id"]: row for row in rows}
    if by_id[kept]["provisional"] and not by_id[lost]["provisional"]:
        kept, lost = lost, kept
    moved: dict[str, list[int]] = {}
    for table, column in await referring(tx):
        if table not in NOT_CARRIED:
            ids = await _carry(tx, table, column, lost, kept)
            if ids:
                moved[f"{table}.{column}"] = ids
    ended = await tx.fetch(
        """update link set ended_at = now() where id = any($1) and ended_at is null
             and exists (select 1 from link own where own.patient_id = $2 and own.ended_at is null
               and own.account_id = link.account_id and own.id <> all ($1))
           returning id""",
        moved.get("link.patient_id", []),
        kept,
    )
    filled = _fill(keys, by_id[kept], by_id[lost])
    for name, value in filled.items():
        await tx.execute(f"update patient set {name} = $2 where id = $1", kept, value)  # noqa: S608  # our own names
    await tx.execute("update patient set merged_into_id = $2 where id = $1", lost, kept)
    await tx.execute("delete from lapse where patient_id = $1", lost)
    merge_id: int = await tx.fetchval(
        """insert into patient_merge (kept_id, lost_id, moved, before, merged_by_id)
           values ($1, $2, $3, $4, $5) returning id""",
        kept,
        lost,
        moved,
        {"filled": sorted(filled), "links": [row["id"] for row in ended]},
        staff_id,
    )
    await record(
        tx, "staff" if staff_id else "system", staff_id, "staff:patient:merge", kept, {"lost": lost}
    )
    await refresh(tx, [kept, lost])
    return merge_id


async def part(tx: Tx, merge_id: int, staff_id: int | None) -> tuple[int, int] | None:
    """Undo a merge; the two patients, or None if it is undone already or a later one stands on it.

    What came to the kept record afterwards stays there.
    """
    row = await tx.fetchrow(
        """update patient_merge m set undone_at = now()
           where id = $1 and undone_at is null and not exists (
             select 1 from patient_merge later where later.undone_at is null and later.id > m.id
               and (later.lost_id = m.kept_id or later.kept_id = m.lost_id))
           returning kept_id, lost_id, moved, before""",
        merge_id,
    )
    if row is None:
        return None
    known = {f"{table}.{column}": (table, column) for table, column in await referring(tx)}
    for name, ids in row["moved"].items():
        table, column = known[name]
        await tx.execute(
            f"""update {table} set {column} = $2
                where id = any($3) and {column} = $1""",  # noqa: S608  # names of the catalogue
            row["kept_id"],
            row["lost_id"],
            ids,
        )
    await tx.execute("update link set ended_at = null where id = any($1)", row["before"]["links"])
    for name in row["before"]["filled"]:  # was empty before
        empty = "''" if name == "kana" else "null"
        await tx.execute(
            f"update patient set {name} = {empty} where id = $1",  # noqa: S608  # our own names
            row["kept_id"],
        )
    await tx.execute("update patient set merged_into_id = null where id = $1", row["lost_id"])
    await record(
        tx,
        "staff" if staff_id else "system",
        staff_id,
        "staff:patient:part",
        row["kept_id"],
        {"lost": row["lost_id"]},
    )
    await refresh(tx, [row["kept_id"], row["lost_id"]])
    return row["kept_id"], row["lost_id"]


async def _carry(tx: Tx, table: str, column: str, lost: int, kept: int) -> list[int]:
    """Point rows to the kept patient, but for those of which it has its own; their ids."""
    unique = await tx.fetch(
        """select array_agg(a.attname::text) as names
           from pg_index i
           cross join unnest(i.indkey) k
           join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k
           where i.indrelid = $1::regclass and i.indisunique
           group by i.indexrelid having $2 = any(array_agg(a.attname::text))""",
        table,
        column,
    )
    free = " ".join(
        f"""and not exists (select 1 from {table} o where o.{column} = $2 and
            ({", ".join(f"o.{name}" for name in others)}) is not distinct from
            ({", ".join(f"t.{name}" for name in others)}))"""  # noqa: S608  # names of the catalogue
        if (others := [name for name in row["names"] if name != column])
        else f"and not exists (select 1 from {table} o where o.{column} = $2)"  # noqa: S608
        for row in unique
    )
    rows = await tx.fetch(
        f"""update {table} t set {column} = $2 where t.{column} = $1 {free}
            returning t.id""",  # noqa: S608  # names of the catalogue
        lost,
        kept,
    )
    return [row["id"] for row in rows]


def _fill(keys: KeyRing, kept: Any, lost: Any) -> dict[str, Any]:
    """The columns that are empty in one record and told by the other, sealed anew for their row."""
    filled = {name: lost[name] for name in _FILLED if not kept[name] and lost[name]}
    for name in _FILLED_SEALED:
        if kept[name] is None and lost[name] is not None:
            plain = keys.open(lost[name], f"patient.{name}", lost["key"])
            filled[name] = keys.seal(plain, f"patient.{name}", kept["key"])
            if name in _INDEXED:
                filled[f"{name}_index"] = lost[f"{name}_index"]
    return filled
