"""Saved filters over the patients, and how many they find. Numbers only: nobody is named."""

from dataclasses import dataclass

from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.segment import service
from clinic.segment.types import Counted, Fault, Filter, Saved
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved segment in its newest version, under the number by which pages name it."""

    id: int
    saved: Saved


async def access_segments(tx: Tx, staff: Staff) -> list[Segment]:
    """All segments in use, by name."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch("select key::text, min(id) as id from segment group by key")
    ids = {row["key"]: row["id"] for row in rows}
    return [Segment(ids[one.key], one) for one in await service.listing(tx)]


async def access_segment(tx: Tx, staff: Staff, segment_id: int) -> Segment | None:
    """One segment in use; None if there is none."""
    segments = await access_segments(tx, staff)
    return next((one for one in segments if one.id == segment_id), None)


async def access_count(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, tree: Filter
) -> Counted | Fault | None:
    """How many a filter finds, who can be reached, and why others cannot. None: may not."""
    if not sees_all_patients(staff.role):
        return None
    counted = await service.count(tx, keys, settings.clinic.time_zone, tree)
    if isinstance(counted, Counted):
        detail = {"matched": counted.matched}
        await record(tx, "staff", staff.id, "staff:segment:count", None, detail)
    return counted


async def access_save_segment(
    tx: Tx, staff: Staff, name: str, tree: Filter, segment_id: int | None
) -> Segment | Fault | None:
    """Save a filter, as a new version of a segment if one is named. None: no such segment."""
    if not sees_all_patients(staff.role):
        return None
    before = None
    if segment_id is not None:
        before = await access_segment(tx, staff, segment_id)
        if before is None:
            return None
    saved = await service.save(tx, name, tree, staff.id, before.saved.key if before else None)
    if isinstance(saved, Fault):
        return saved
    if before is None:
        segment_id = await tx.fetchval("select min(id) from segment where key = $1", saved.key)
    assert segment_id is not None
    return Segment(segment_id, saved)


async def access_retire_segment(tx: Tx, staff: Staff, segment_id: int) -> bool:
    """Take a segment off the list. False if it is not on it."""
    found = await access_segment(tx, staff, segment_id)
    return found is not None and await service.retire(tx, found.saved.key, staff.id)
