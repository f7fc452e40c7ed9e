"""What codes mean, as stored: the small table that is shipped, and what masters add."""

from collections.abc import Mapping, Sequence

from clinic.db import Tx
from clinic.importer.masters import shipped_codes
from clinic.importer.types import Code
from clinic.record.service import TIMEOUT


async def icd10_by_code(tx: Tx) -> Mapping[str, str]:
    """ICD-10 of the disease codes that are known."""
    await ship(tx)
    rows = await tx.fetch(
        "select code, icd10 from code_name where kind = 'disease' and icd10 <> ''"
    )
    return {row["code"]: row["icd10"] for row in rows}


async def ship(tx: Tx) -> None:
    """Store our own small table, once; what a master said of a code stays."""
    if await tx.fetchval("select exists (select 1 from code_name)"):
        return
    await _store(tx, list(shipped_codes()), "shipped")


async def load_codes(tx: Tx, codes: Sequence[Code], loaded: str) -> int:
    """Store codes of a master of the day `loaded` (YYYYMMDD); how many there were.

    Diseases that were unknown until now get their ICD-10 wherever they stand.
    """
    if not codes:
        return 0
    await _store(tx, codes, loaded)
    diseases = [one for one in codes if one.kind == "disease" and one.icd10]
    await tx.execute(
        """update condition c set icd10 = m.icd10
           from unnest($1::text[], $2::text[]) m(code, icd10)
           where c.code = m.code and c.system = 'receipt' and c.icd10 = ''""",
        [one.code for one in diseases],
        [one.icd10 for one in diseases],
        timeout=TIMEOUT,
    )
    return len(codes)


async def _store(tx: Tx, codes: Sequence[Code], loaded: str) -> None:
    await tx.executemany(
        """insert into code_name (kind, code, name, icd10, suffix, valid_until, loaded)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (kind, code) do update set name = excluded.name, icd10 = excluded.icd10,
             suffix = excluded.suffix, valid_until = excluded.valid_until, loaded = excluded.loaded
           where code_name.loaded = 'shipped' or code_name.loaded <= excluded.loaded""",
        [
            (one.kind, one.code, one.name[:160], one.icd10, one.suffix, one.valid_until, loaded)
            for one in codes
        ],
    )
