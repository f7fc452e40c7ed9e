"""Who was erased, in a file beside the database: an older backup that is restored would bring them
back. Numbers of patients only; the file tells nothing of anybody."""

import os
from dataclasses import dataclass
from pathlib import Path

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.record.erasure import Refusal, erase

FILE = "erasures"


@dataclass(frozen=True, slots=True)
class Again:
    """What came of erasing once more: how many were, and who could not be."""

    erased: int
    refused: tuple[tuple[int, Refusal], ...]


async def keep_erasures(tx: Tx, folder: Path) -> int:
    """Add to the file whoever was erased since; how many. Raises OSError."""
    origin = await tx.fetchval("select origin from installation")
    if origin is None:
        return 0
    known = read_erasures(folder, str(origin))
    rows = await tx.fetch(
        "select patient_id from erasure where patient_id <> all ($1::bigint[]) order by id",
        sorted(known),
    )
    if rows:
        _append(folder / FILE, "".join(f"{origin} {row['patient_id']}\n" for row in rows))
    return len(rows)


def read_erasures(folder: Path, origin: str) -> frozenset[int]:
    """Patients of this origin (clinic.installation.models) who were erased; torn lines are left."""
    try:
        lines = (folder / FILE).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return frozenset()
    pairs = (line.split(" ") for line in lines)
    return frozenset(
        int(pair[1])
        for pair in pairs
        if len(pair) == 2 and pair[0] == origin and pair[1].isdecimal()
    )


def _append(path: Path, lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, lines.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def erase_again(tx: Tx, keys: KeyRing, folder: Path) -> Again:
    """Erase whom the file names and this database still knows. What stood open of theirs when it
    was backed up was closed before they were erased, and is closed again."""
    origin = await tx.fetchval("select origin from installation")
    rows = await tx.fetch(
        """select p.id from patient p where p.id = any ($1::bigint[])
             and not exists (select 1 from erasure e where e.patient_id = p.id)
           order by p.merged_into_id is not null, p.id""",
        sorted(read_erasures(folder, str(origin))),
    )
    ids = [row["id"] for row in rows]
    await tx.execute(
        """update escalation e set state = 'closed', closed_at = now(), next_alert_at = null,
             disposition = coalesce(disposition, 'not_reached')
           where e.state <> 'closed' and coalesce(e.patient_id = any ($1), exists (
             select 1 from conversation c join link l on l.account_id = c.account_id
             where c.id = e.conversation_id and l.patient_id = any ($1) and l.ended_at is null))""",
        ids,
    )
    await tx.execute(
        """delete from match_review where state = 'open' and exists (
             select 1 from jsonb_array_elements_text(candidates) one
             where one::bigint = any ($1))""",
        ids,
    )
    erased, refused = 0, []
    for patient in ids:
        match await erase(tx, keys, patient, None):
            case None:
                erased += 1
            case "erased" | "gone":  # with the record that they were joined into
                pass
            case refusal:
                refused.append((patient, refusal))
    return Again(erased, tuple(refused))
