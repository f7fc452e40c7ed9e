"""Reads sums of days. Which figure counts what is told in clinic.figures.sql."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from clinic.db import Tx
from clinic.figures.types import By, Scope, Sum

Kept = Literal["doctor_id", "service_id", "chapter"]
_COLUMN: Mapping[By, Kept] = {
    "doctor": "doctor_id",
    "service": "service_id",
    "chapter": "chapter",
}
_WHERE = """figure = any($1::text[]) and on_date between $2 and $3
    and ($4::bigint[] is null or doctor_id = any($4::bigint[]))
    and ($5::bigint is null or service_id = $5) and ($6::text is null or chapter = $6)"""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums by figure and kind, and those by day as well."""

    by_kind: Mapping[tuple[str, str], Sum] = field(default_factory=dict)
    by_day: Mapping[tuple[date, str, str], Sum] = field(default_factory=dict)

    def n(self, figure: str, *kinds: str) -> int:
        """How many of a figure: of these kinds, or of all."""
        return sum(
            one.n
            for (name, kind), one in self.by_kind.items()
            if name == figure and (not kinds or kind in kinds)
        )

    def total(self, figure: str, *kinds: str) -> int:
        """The total of a figure: of these kinds, or of all."""
        return sum(
            one.total
            for (name, kind), one in self.by_kind.items()
            if name == figure and (not kinds or kind in kinds)
        )

    def kinds(self, figure: str) -> dict[str, Sum]:
        """A figure's sums by kind."""
        return {kind: one for (name, kind), one in self.by_kind.items() if name == figure}


@dataclass(frozen=True, slots=True)
class Named:
    """What filters and breakdowns are called: names by language."""

    doctors: Mapping[int, Mapping[str, str]]
    services: Mapping[int, Mapping[str, str]]


async def sums(tx: Tx, figures: Sequence[str], scope: Scope) -> Sums:
    """The sums of figures over a period."""
    rows = await tx.fetch(
        f"""select figure, kind, sum(n)::bigint as n, sum(total)::bigint as total
            from figure_day where {_WHERE} group by 1, 2""",  # noqa: S608  # constants
        *_given(figures, scope),
    )
    return Sums({(row["figure"], row["kind"]): Sum(row["n"], row["total"]) for row in rows})


async def daily(tx: Tx, figures: Sequence[str], scope: Scope) -> Sums:
    """The sums of figures over a period, and those of each day."""
    rows = await tx.fetch(
        f"""select figure, kind, on_date, sum(n)::bigint as n, sum(total)::bigint as total
            from figure_day where {_WHERE} group by 1, 2, 3""",  # noqa: S608  # constants
        *_given(figures, scope),
    )
    by_kind: dict[tuple[str, str], Sum] = {}
    by_day = {}
    for row in rows:
        key, one = (row["figure"], row["kind"]), Sum(row["n"], row["total"])
        before = by_kind.get(key, Sum())
        by_kind[key] = Sum(before.n + one.n, before.total + one.total)
        by_day[row["on_date"], *key] = one
    return Sums(by_kind, by_day)


async def broken_down(tx: Tx, figures: Sequence[str], scope: Scope, by: By) -> dict[Any, Sums]:
    """The sums of figures by doctor, service or chapter; None and "" are of what has none."""
    rows = await tx.fetch(
        f"""select {_COLUMN[by]} as part, figure, kind, sum(n)::bigint as n,
              sum(total)::bigint as total
            from figure_day where {_WHERE} group by 1, 2, 3""",  # noqa: S608  # constants
        *_given(figures, scope),
    )
    found: dict[Any, dict[tuple[str, str], Sum]] = {}
    for row in rows:
        one = Sum(row["n"], row["total"])
        found.setdefault(row["part"], {})[row["figure"], row["kind"]] = one
    return {part: Sums(those) for part, those in found.items()}


async def named(tx: Tx) -> Named:
    """Practitioners and services, also those that are not active any more."""
    doctors = await tx.fetch(
        "select id, name from resource where kind = 'practitioner' order by id"
    )
    services = await tx.fetch("select id, name from service order by position, id")
    return Named(
        {row["id"]: row["name"] for row in doctors},
        {row["id"]: row["name"] for row in services},
    )


async def todays_steps(tx: Tx, zone: str) -> Mapping[tuple[str, str], Sum]:
    """Steps, ends and goals of conversations that are not folded yet."""
    rows = await tx.fetch(
        """select figure, kind, count(*) as n from figure_event
           where figure in ('step', 'left', 'goal')
             and at >= (now() at time zone $1::text)::date::timestamp at time zone $1::text
           group by 1, 2""",
        zone,
    )
    return {(row["figure"], row["kind"]): Sum(row["n"]) for row in rows}


async def standings(tx: Tx) -> list[tuple[int, Mapping[str, str], Mapping[str, int]]]:
    """How many patients of each group stand how, now: id, name, numbers by state."""
    rows = await tx.fetch(
        """select g.id, g.name, l.state, count(*) as n
           from lapse l join care_group g on g.id = l.group_id and g.active
           group by g.id, g.name, g.position, l.state order by g.position, g.id"""
    )
    found: dict[int, tuple[int, Mapping[str, str], dict[str, int]]] = {}
    for row in rows:
        found.setdefault(row["id"], (row["id"], row["name"], {}))[2][row["state"]] = row["n"]
    return list(found.values())


def _given(figures: Sequence[str], scope: Scope) -> tuple[object, ...]:
    return (
        list(figures),
        scope.since,
        scope.until,
        None if scope.doctors is None else list(scope.doctors),
        scope.service,
        scope.chapter,
    )
