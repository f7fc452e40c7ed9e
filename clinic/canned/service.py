"""Answers kept ready, as staff write and use them. They hold nobody's data."""

import json
from functools import cache
from pathlib import Path

from clinic.audit.service import record
from clinic.canned.types import CannedAnswer
from clinic.db import Tx
from clinic.staff.types import Staff

AT_MOST = 200
_SHIPPED = Path(__file__).parent / "shipped.json"


async def canned_answers(tx: Tx) -> list[CannedAnswer]:
    """All of them, by shortcut."""
    rows = await tx.fetch(
        f"select id, shortcut, texts from canned_answer order by shortcut limit {AT_MOST}"  # noqa: S608  # a constant
    )
    return [CannedAnswer(*row) for row in rows]


async def save_canned(
    tx: Tx, staff: Staff, canned_id: int | None, shortcut: str, texts: dict[str, str]
) -> int | None:
    """Write a new answer or change one; its id, None if another one has the shortcut or there is
    none of that id."""
    taken = await tx.fetchval(
        "select id from canned_answer where shortcut = $1 and id is distinct from $2",
        shortcut,
        canned_id,
    )
    if taken is not None:
        return None
    written: int | None = await tx.fetchval(
        """insert into canned_answer (shortcut, texts, updated_by_id) values ($1, $2, $3)
           returning id"""
        if canned_id is None
        else """update canned_answer set shortcut = $1, texts = $2, updated_by_id = $3,
                  updated_at = now() where id = $4 returning id""",
        shortcut,
        texts,
        staff.id,
        *(() if canned_id is None else (canned_id,)),
    )
    if written is not None:
        await record(tx, "staff", staff.id, "staff:canned:write", written)
    return written


async def remove_canned(tx: Tx, staff: Staff, canned_id: int) -> CannedAnswer | None:
    """Take an answer away; what it was, so that it can be put back."""
    row = await tx.fetchrow(
        "delete from canned_answer where id = $1 returning id, shortcut, texts", canned_id
    )
    if row is None:
        return None
    await record(tx, "staff", staff.id, "staff:canned:remove", canned_id)
    return CannedAnswer(*row)


async def add_shipped(tx: Tx, staff: Staff, languages: tuple[str, ...]) -> int:
    """Put in the ready-made answers whose shortcuts are free; how many there were."""
    added = 0
    for shortcut, texts in _shipped().items():
        spoken = {tag: texts[tag] for tag in languages if tag in texts}
        if spoken and await save_canned(tx, staff, None, shortcut, spoken) is not None:
            added += 1
    return added


@cache
def _shipped() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_SHIPPED.read_text())
    return found
