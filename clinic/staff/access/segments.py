"""Saved filters over the patients, and how many they find; a few names only where asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.audit.service import record
from clinic.campaign.read import MOST_PATIENTS
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.segment import service
from clinic.segment.types import Counted, Fault, Filter, Saved
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

SAMPLE = 10  # names
OFFERED = 12  # words at a time
# What may be typed of a field: masters, and the words that stand on patients. `begun` is $1.
_OFFERS = {
    "condition": """select icd10 as code, min(name) as name from code_name
        where kind = 'disease' and icd10 <> '' and (icd10 ^@ upper($1) or name like $2)
        group by icd10 order by icd10 not like upper($1) || '%', icd10 limit $3""",
    "act": """select code, name from code_name
        where kind = 'act' and (code ^@ $1 or name like $2) order by code limit $3""",
    "drug": """select code, name from code_name
        where kind = 'drug' and (code ^@ $1 or name like $2) order by code limit $3""",
    "tag": """select distinct tag as code, '' as name from patient_tag
        where $1 <> '' and tag like $2 order by tag limit $3""",
    "occupation": """select distinct occupation as code, '' as name from patient
        where $1 <> '' and occupation like $2 order by 1 limit $3""",
    "source": """select distinct acquired_by as code, '' as name from patient
        where $1 <> '' and acquired_by like $2 order by 1 limit $3""",
}
OFFERING = frozenset(_OFFERS)  # fields


@dataclass(frozen=True, slots=True)
class Offer:
    """A code or word that a condition may ask for; `name`: what it means, "" for a word."""

    code: str
    name: str


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


async def access_sample(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, tree: Filter
) -> list[tuple[int, str]]:
    """Number and name of a few whom a filter finds, the same few every time."""
    if not sees_all_patients(staff.role):
        return []
    ids = await service.sample(tx, keys, settings.clinic.time_zone, tree, SAMPLE)
    await record(tx, "staff", staff.id, "staff:segment:sample", None, {"patients": ids})
    rows = await tx.fetch("select id, name from patient where id = any($1::bigint[])", ids)
    names = {row["id"]: row["name"] for row in rows}
    return [(one, names[one]) for one in ids]


async def access_frozen(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, tree: Filter
) -> list[int] | None:
    """The numbers of all whom a filter finds now, to be kept as a list; None if too many."""
    if not sees_all_patients(staff.role):
        return None
    ids = await service.sample(tx, keys, settings.clinic.time_zone, tree, MOST_PATIENTS + 1)
    await record(tx, "staff", staff.id, "staff:segment:freeze", None, {"matched": len(ids)})
    return sorted(ids) if len(ids) <= MOST_PATIENTS else None


async def access_offers(tx: Tx, staff: Staff, field: str, begun: str) -> list[Offer]:
    """What may be asked of a field and begins or sounds like this. No patient is named."""
    if field not in _OFFERS or not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch(_OFFERS[field], begun, f"%{_plain(begun)}%", OFFERED)
    return [Offer(row["code"], row["name"]) for row in rows]


async def access_meanings(tx: Tx, field: str, codes: Sequence[str]) -> dict[str, str]:
    """What codes of a field mean, where a master tells."""
    column = "icd10" if field == "condition" else "code"
    kind = {"condition": "disease", "act": "act", "drug": "drug"}.get(field)
    if kind is None:
        return {}
    rows = await tx.fetch(
        f"""select {column} as code, min(name) as name from code_name
            where kind = $1 and {column} = any($2::text[]) group by 1""",  # noqa: S608  # one of two
        kind,
        list(codes),
    )
    return {row["code"]: row["name"] for row in rows}


def _plain(text: str) -> str:
    """A text in which LIKE reads no signs."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
