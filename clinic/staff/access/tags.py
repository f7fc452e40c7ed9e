"""The words that staff put on patients, all together. Counts only: nobody's data."""

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from clinic.audit.service import record
from clinic.db import Tx
from clinic.importer import normal
from clinic.record.edit import LONGEST
from clinic.staff.types import Staff

SHOWN_AT_MOST = 500
Renamed = Literal["renamed", "merged", "bad", "gone", "used"]


@dataclass(frozen=True, slots=True)
class Tag:
    """A word. `used_by`: what asks for it, by name, so that it must stay as it is written."""

    words: str
    patients: int
    used_by: tuple[str, ...]


async def access_tags(tx: Tx) -> list[Tag]:
    """All words, those on most patients first."""
    rows = await tx.fetch(
        f"""select tag, count(*) as n from patient_tag group by tag
            order by n desc, tag limit {SHOWN_AT_MOST}"""  # noqa: S608  # a constant
    )
    users = await _users(tx)
    return [
        Tag(row["tag"], row["n"], tuple(name for name, of in users if _names(of, row["tag"])))
        for row in rows
    ]


async def access_rename_tag(tx: Tx, staff: Staff, tag: str, words: str) -> Renamed:
    """Give a word another form everywhere, or join it with one that is there already.

    Segments, groups and campaigns ask for words as they were written, and their versions never
    change: a word that one of them asks for is not renamed.
    """
    wanted = normal.shown(words)
    if not 0 < len(wanted) <= LONGEST["tag"] or wanted == tag:
        return "bad"
    if await _is_used(tx, tag):
        return "used"
    there = await tx.fetchval("select exists (select 1 from patient_tag where tag = $1)", wanted)
    await tx.execute(
        """insert into patient_tag (patient_id, tag) select patient_id, $2 from patient_tag
           where tag = $1 on conflict (patient_id, tag) do nothing""",
        tag,
        wanted,
    )
    gone = await tx.fetch("delete from patient_tag where tag = $1 returning id", tag)
    if not gone:
        return "gone"
    await record(tx, "staff", staff.id, "staff:tag:rename", None, {"patients": len(gone)})
    return "merged" if there else "renamed"


async def access_retire_tag(tx: Tx, staff: Staff, tag: str) -> int | None:
    """Take a word off every patient; of how many. None: something asks for it."""
    if await _is_used(tx, tag):
        return None
    gone = await tx.fetch("delete from patient_tag where tag = $1 returning id", tag)
    await record(tx, "staff", staff.id, "staff:tag:retire", None, {"patients": len(gone)})
    return len(gone)


async def _is_used(tx: Tx, tag: str) -> bool:
    return any(_names(of, tag) for _, of in await _users(tx))


async def _users(tx: Tx) -> list[tuple[str, str]]:
    """Names of segments, groups and campaigns that have not ended, with whom they mean as JSON
    text. A campaign may hold to an older version of a segment than the one that stands."""
    rows = await tx.fetch(
        """select called, of from (
             select distinct on (key) name as called, tree as of, retired from segment
             order by key, version desc) newest where not retired
           union all select code, definition from care_group where active
           union all
           select c.name, coalesce(s.tree, c.audience) from campaign c
           left join segment s on s.key::text = c.audience ->> 'segment'
             and s.version::text = c.audience ->> 'version'
           where c.state not in ('cancelled', 'finished')"""
    )
    return [(row["called"], _text(row["of"])) for row in rows]


def _names(definition: str, tag: str) -> bool:
    return _text(tag) in definition


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
