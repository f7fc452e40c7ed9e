"""Versions of plan definitions in the database: written, signed, made active, retired."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from clinic.audit.service import record
from clinic.db import Tx
from clinic.plan.dump import dump
from clinic.plan.presets import presets
from clinic.plan.read import read, read_step
from clinic.plan.types import Definition, Step

PLAN_LOCK = 7_205_141  # any fixed number: versions are given one after the other


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a definition."""

    id: int
    version: int
    status: str
    definition: Definition
    signed_by: str | None  # the clinician who read this version


_STORED = """select d.id, d.version, d.status, d.content, (
      select s.name from rule_signature g join staff s on s.id = g.staff_id
      where g.rule = 'plan:' || d.code and g.version = d.version) as signed_by
    from plan_definition d"""


async def install_shipped(tx: Tx) -> int:
    """Put the shipped plans there that the clinic does not have, as drafts; how many there were."""
    count = 0
    for definition in presets():
        count += bool(await _insert(tx, definition, 1, None))
    return count


async def _insert(tx: Tx, definition: Definition, version: int, staff_id: int | None) -> int | None:
    made: int | None = await tx.fetchval(
        """insert into plan_definition (code, version, title, content, created_by_id)
           values ($1, $2, $3, $4, $5) on conflict (code, version) do nothing returning id""",
        definition.code,
        version,
        dict(definition.title),
        dump(definition),
        staff_id,
    )
    return made


async def find(tx: Tx, definition_id: int) -> Stored | None:
    """One version; None if there is none."""
    row = await tx.fetchrow(f"{_STORED} where d.id = $1", definition_id)
    return None if row is None else _stored(row)


async def newest(tx: Tx) -> list[Stored]:
    """Of every code the active version, else the newest one."""
    rows = await tx.fetch(
        f"""select distinct on (code) * from ({_STORED.replace("d.id,", "d.id, d.code,", 1)}) d
            order by code, status = 'active' desc, version desc"""  # noqa: S608  # constants
    )
    return [_stored(row) for row in rows]


async def versions(tx: Tx, code: str) -> list[Stored]:
    """All versions of a code, newest first."""
    rows = await tx.fetch(f"{_STORED} where d.code = $1 order by d.version desc", code)
    return [_stored(row) for row in rows]


async def save(tx: Tx, definition: Definition, staff_id: int) -> int:
    """Write a definition as the next version of its code, as a draft; its id."""
    await tx.execute("select pg_advisory_xact_lock($1)", PLAN_LOCK)
    last = await tx.fetchval(
        "select coalesce(max(version), 0) from plan_definition where code = $1", definition.code
    )
    made = await _insert(tx, definition, last + 1, staff_id)
    assert made is not None
    await record(tx, "staff", staff_id, "staff:plan_definition:save", made)
    return made


async def sign(tx: Tx, definition_id: int, staff_id: int) -> bool:
    """A clinician stands for a version. False if there is none, or somebody does already."""
    signed = await tx.fetchval(
        """insert into rule_signature (rule, version, staff_id)
           select 'plan:' || code, version, $2 from plan_definition where id = $1
           on conflict do nothing returning id""",
        definition_id,
        staff_id,
    )
    if signed is not None:
        await record(tx, "staff", staff_id, "staff:plan_definition:sign", definition_id)
    return signed is not None


async def activate(tx: Tx, definition_id: int, staff_id: int) -> bool:
    """Use a version from now on; others of its code retire. False if it is not signed."""
    await tx.execute("select pg_advisory_xact_lock($1)", PLAN_LOCK)
    found = await find(tx, definition_id)
    if found is None or found.signed_by is None:
        return False
    await tx.execute(
        """update plan_definition set status = 'retired'
           where code = $1 and status = 'active' and id <> $2""",
        found.definition.code,
        definition_id,
    )
    await tx.execute(
        "update plan_definition set status = 'active', looked_at = null where id = $1",
        definition_id,
    )
    await record(tx, "staff", staff_id, "staff:plan_definition:activate", definition_id)
    return True


async def retire(tx: Tx, definition_id: int, staff_id: int) -> bool:
    """Enrol nobody any more; plans that run go on. False if it is not active."""
    done = await tx.fetchval(
        """update plan_definition set status = 'retired' where id = $1 and status = 'active'
           returning id""",
        definition_id,
    )
    if done is not None:
        await record(tx, "staff", staff_id, "staff:plan_definition:retire", definition_id)
    return done is not None


def going_by(content: Any, steps: Any) -> Definition:
    """The definition as stored, with a plan's own steps where it has some."""
    definition = _parsed(content)
    if steps is None:
        return definition
    own = [read_step(one) for one in steps]
    return replace(definition, steps=tuple(one for one in own if isinstance(one, Step)))


def _stored(row: Any) -> Stored:
    return Stored(
        row["id"], row["version"], row["status"], _parsed(row["content"]), row["signed_by"]
    )


_known: dict[bytes, Definition] = {}


def _parsed(content: Any) -> Definition:
    key = orjson.dumps(content)
    if key not in _known:
        found = read(content)
        if not isinstance(found, Definition):
            raise TypeError(f"a stored plan is not understood any more: {found[0].where}")
        if len(_known) >= 64:
            _known.clear()
        _known[key] = found
    return _known[key]
