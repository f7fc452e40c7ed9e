"""The texts of rules as runs went by them, kept so that a run can be replayed by its own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.db import Tx
from clinic.triage.base import base_of
from clinic.triage.document import RuleFault, digest
from clinic.triage.load import catalogue, presentation_of
from clinic.triage.rules import ENGINE
from clinic.triage.types import Presentation

BASE = "base"  # the rule of what everybody is asked


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of a presentation that runs went by. `digest` None: kept before texts were."""

    version: int
    base: int
    digest: str | None
    runs: int
    first_at: datetime
    last_at: datetime


def rule_of(presentation_id: str) -> str:
    """How a presentation is called among rules."""
    return f"presentation:{presentation_id}"


def digests(presentation: Presentation) -> tuple[str, str]:
    """The digests of a presentation's own text, and of what everybody is asked."""
    return digest(presentation.content), digest(presentation.base.content)


async def keep_texts(tx: Tx, presentation: Presentation) -> tuple[str, str]:
    """Keep what a presentation says now, if it is not kept yet; the digests of both texts."""
    base = presentation.base
    return (
        await keep_text(tx, rule_of(presentation.id), presentation.version, presentation.content),
        await keep_text(tx, BASE, base.version, base.content),
    )


async def keep_text(tx: Tx, rule: str, version: int, content: Mapping[str, Any]) -> str:
    """Keep a text, if it is not kept yet; its digest."""
    name = digest(content)
    if not await tx.fetchval(
        "select exists (select from triage_rule where rule = $1 and digest = $2)", rule, name
    ):
        await tx.execute(
            """insert into triage_rule (rule, version, digest, content)
               values ($1, $2, $3, $4) on conflict (rule, digest) do nothing""",
            rule,
            version,
            name,
            content,
        )
    return name


async def rules_of_run(
    tx: Tx, presentation_id: str, kept: Mapping[str, Any]
) -> Presentation | None:
    """The rules that a run went by (`kept`: its `rules`); None where they are not known any more.

    Runs from before texts were kept are taken to have gone by what has the same versions today.
    """
    present = catalogue().get(presentation_id)
    if kept.get("engine") != ENGINE:
        return None
    named = kept.get("digests")
    if present is not None:
        versions = (present.version, present.base.version)
        if tuple(named) == digests(present) if named else versions == _versions(kept):
            return present
    if not named:
        return None
    own, base = named
    return await text_of(tx, presentation_id, own, base)


async def text_of(tx: Tx, presentation_id: str, own: str, base: str) -> Presentation | None:
    """A presentation from kept texts, by their digests; None if one is not kept or not readable."""
    rows = await tx.fetch(
        """select rule, content from triage_rule
           where (rule, digest) in (($1::text, $2::text), ($3::text, $4::text))""",
        rule_of(presentation_id),
        own,
        BASE,
        base,
    )
    content = {row["rule"]: row["content"] for row in rows}
    if len(content) < 2:
        return None
    try:
        read = base_of(content[BASE], BASE)
        return presentation_of(content[rule_of(presentation_id)], presentation_id, read)
    except RuleFault:  # written for another form of these files
        return None


async def in_force(tx: Tx, presentation_id: str) -> list[InForce]:
    """The versions of a presentation that runs went by, the newest first. Nobody's data."""
    rows = await tx.fetch(
        """select (rules ->> 'presentation')::int as version, (rules ->> 'base')::int as base,
             rules -> 'digests' ->> 0 as digest, count(*) as runs, min(created_at) as first_at,
             max(created_at) as last_at
           from triage_run where presentation = $1 group by 1, 2, 3
           order by max(created_at) desc""",
        presentation_id,
    )
    return [InForce(**dict(row)) for row in rows]


def _versions(kept: Mapping[str, Any]) -> tuple[object, object]:
    return kept.get("presentation"), kept.get("base")
