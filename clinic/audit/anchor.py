"""Where the audit chain stood, hour by hour, in a file: a chain cannot see that its own end was cut
off, so its newest link is kept outside of the database too."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from clinic.audit.service import newest
from clinic.db import Tx

EVERY = timedelta(hours=1)
READ_AT_MOST = 10_000  # lines, from the end: more than a year
FILE = "audit-anchors"


async def anchor(tx: Tx, folder: Path, *, every: timedelta = EVERY) -> bool:
    """Write the newest link down, once in `every`; whether it was written.

    Raises OSError if the file cannot be written.
    """
    now: datetime = await tx.fetchval("select now()")
    before = read_anchors(folder)
    if before and now - before[-1][2] < every:
        return False
    link = await newest(tx)
    if link is None or (before and before[-1][0] == link[0]):
        return False
    _append(folder / FILE, f"{link[0]} {link[1].hex()} {now.isoformat()}\n")
    return True


def read_anchors(folder: Path) -> list[tuple[int, bytes, datetime]]:
    """Positions and links that were written down, oldest first, without lines that are torn."""
    try:
        lines = (folder / FILE).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return list(_read(lines[-READ_AT_MOST:]))


def _read(lines: Iterable[str]) -> Iterable[tuple[int, bytes, datetime]]:
    for line in lines:
        try:
            position, link, at = line.split(" ")
            yield int(position), bytes.fromhex(link), datetime.fromisoformat(at)
        except ValueError:
            continue


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
