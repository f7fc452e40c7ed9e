"""A filter as rows of a form: groups of conditions, and the filter that they say. Pure.

The builder shows one level: groups of conditions, all or any of which hold. Deeper filters are for
the advanced view. Nothing is judged here but by clinic.segment.read.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from clinic.segment.read import read
from clinic.segment.types import (
    FIELDS,
    MOST_CRITERIA,
    OPS,
    And,
    Criterion,
    Fault,
    Field,
    Filter,
    Not,
    Option,
    Or,
    Value,
)

Join = Literal["all", "any", "none"]
JOINS: tuple[Join, ...] = ("all", "any", "none")
MOST_GROUPS = 12
RELATIVE = ("within_days", "beyond_days")
_NUMBER = re.compile(r"-?[0-9]{1,10}([.][0-9]{1,6})?")
_ROW = re.compile(r"g([0-9]{1,2})\.([0-9]{1,2})\.field")
_GROUP = re.compile(r"g([0-9]{1,2})\.join")
_DEED = re.compile(r"([a-z]+)(?::([0-9]{1,2})(?:\.([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it stands in the form. `field` "": none is chosen yet."""

    field: str = ""
    op: str = ""
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all, any or none hold."""

    join: Join
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Groups of which all or any hold; with no condition, everybody."""

    join: Join
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a condition of the form, by the numbers of its group and row."""

    group: int
    row: int
    fault: Fault


BLANK = Sketch("all", (Group("all", (Row(),)),))


# From a filter to the form ---------------------------------------------------------------------


def sketch_of(tree: Filter) -> Sketch | None:
    """The form of a filter; None if it is nested more deeply than the form shows."""
    whole = _group_of(tree)
    if whole is not None:
        return Sketch("all", (whole,))
    if not isinstance(tree, And | Or):
        return None
    join: Join = "all" if isinstance(tree, And) else "any"
    loose = [_row_of(part) for part in tree.parts if isinstance(part, Criterion)]
    groups = [Group(join, tuple(loose))] if loose else []
    for part in tree.parts:
        if not isinstance(part, Criterion):
            found = _group_of(part)
            if found is None:
                return None
            groups.append(found)
    return Sketch(join, tuple(groups)) if groups else BLANK


def _group_of(tree: Filter) -> Group | None:
    if isinstance(tree, Criterion):
        return Group("all", (_row_of(tree),))
    if isinstance(tree, Not):
        part = tree.part if isinstance(tree.part, Or) else Or((tree.part,))
        below = _group_of(part)
        return None if below is None else replace(below, join="none")
    rows = [_row_of(part) for part in tree.parts if isinstance(part, Criterion)]
    if not rows or len(rows) < len(tree.parts):
        return None
    return Group("all" if isinstance(tree, And) else "any", tuple(rows))


def _row_of(asked: Criterion) -> Row:
    values = tuple(_written(one) for one in asked.values)
    return Row(
        asked.field, asked.op, values, tuple((name, str(said)) for name, said in asked.options)
    )


def _written(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


# From the form to a filter ---------------------------------------------------------------------


def filter_of(sketch: Sketch) -> Filter | tuple[Wrong, ...]:
    """The filter that the form says, or all that is wrong with its conditions."""
    wrong: list[Wrong] = []
    groups: list[Filter] = []
    n = 0
    for g, group in enumerate(sketch.groups):
        parts: list[Filter] = []
        for r, row in enumerate(group.rows):
            if row.field:
                found = read(said_by(row))
                if isinstance(found, tuple):
                    wrong += (Wrong(g, r, fault) for fault in found)
                else:
                    parts.append(found)
        n += len(parts)
        if parts:
            groups.append(_joined(group.join, parts))
    if n > MOST_CRITERIA:
        wrong.append(Wrong(0, 0, Fault("", "too_many_criteria")))
    if wrong:
        return tuple(wrong)
    return groups[0] if len(groups) == 1 else _joined(sketch.join if groups else "all", groups)


def _joined(join: Join, parts: Iterable[Filter]) -> Filter:
    if join == "all":
        return And(tuple(parts))
    return Or(tuple(parts)) if join == "any" else Not(Or(tuple(parts)))


def said_by(row: Row) -> dict[str, Any]:
    """A condition as JSON for clinic.segment.read, which judges it."""
    field = FIELDS.get(row.field)
    if field is None:
        return {"field": row.field}
    said: dict[str, Any] = {"field": row.field, "op": row.op}
    if row.op in ("any", "starts"):
        said["value"] = list(row.values)
    elif row.op != "known":
        values = [_plain(field, row.op, one) for one in row.values]
        said["value"] = values[:2] if row.op == "between" else values[0] if values else ""
    known = {one.name: one for one in field.options}
    return said | {name: _option(known[name], value) for name, value in row.options}


def _plain(field: Field, op: str, text: str) -> str | int | Decimal:
    if field.kind in ("day", "coming_day") and op not in RELATIVE:
        return text
    if not _NUMBER.fullmatch(text):
        return text
    return Decimal(text) if "." in text else int(text)


def _option(option: Option, text: str) -> str | int:
    days = not option.choices and not option.pattern
    return int(text) if days and _NUMBER.fullmatch(text) and "." not in text else text


# Reading and changing the form -----------------------------------------------------------------


def read_form(said: Mapping[str, str], all_of: Callable[[str], Sequence[str]]) -> Sketch:
    """The form as it was posted. `said`: one value of each name, `all_of`: all values of one."""
    places = sorted({int(one[1]) for name in said if (one := _GROUP.fullmatch(name))})
    groups = []
    for g in places[:MOST_GROUPS]:
        numbers = sorted(
            int(one[2]) for name in said if (one := _ROW.fullmatch(name)) and int(one[1]) == g
        )
        rows = tuple(_posted(f"g{g}.{r}", said, all_of) for r in numbers[:MOST_CRITERIA])
        groups.append(Group(_join(said[f"g{g}.join"]), rows))
    join = _join(said.get("join", "all"))
    return Sketch("any" if join == "any" else "all", tuple(groups))


def _posted(at: str, said: Mapping[str, str], all_of: Callable[[str], Sequence[str]]) -> Row:
    name = said[f"{at}.field"]
    field = FIELDS.get(name)
    if field is None:
        return Row()
    ops = OPS[field.kind]
    op = said.get(f"{at}.op", "")
    if op not in ops:
        op = ops[0]
    if said.get(f"{at}.was", name) != name:  # another field: what was typed is of the old one
        return Row(name, op)
    texts = (" ".join(one.split()) for one in all_of(f"{at}.value"))
    values = tuple(dict.fromkeys(_apart(field, (one for one in texts if one))))
    last = said.get(f"{at}.to", "").strip()
    if op == "between" and last:
        values = (*values[:1], last)
    options = ((one.name, said.get(f"{at}.o.{one.name}", "").strip()) for one in field.options)
    return Row(name, op, values, tuple(sorted((key, text) for key, text in options if text)))


def _apart(field: Field, texts: Iterable[str]) -> Iterable[str]:
    """Codes may be typed several at once: they have no spaces and no commas."""
    for text in texts:
        if field.kind == "prefix":  # ICD-10 is written in capitals
            text = text.upper()
        codes = field.kind in ("code", "prefix")
        yield from re.split(r"[\s,、]+", text.strip(" ,、")) if codes else (text,)


def _join(text: str) -> Join:
    return next((one for one in JOINS if one == text), "all")


def changed(sketch: Sketch, deed: str) -> Sketch:
    """The form after a button: add:G, drop:G.R, group, ungroup:G; the same after any other."""
    found = _DEED.fullmatch(deed)
    if found is None:
        return sketch
    g, r = (int(one) if one else -1 for one in (found[2], found[3]))
    groups = list(sketch.groups)
    if found[1] == "group" and len(groups) < MOST_GROUPS:
        groups.append(Group("any" if sketch.join == "all" else "all", (Row(),)))
    elif 0 <= g < len(groups):
        rows = groups[g].rows
        if found[1] == "add":
            groups[g] = replace(groups[g], rows=(*rows, Row()))
        elif found[1] == "drop" and 0 <= r < len(rows):
            groups[g] = replace(groups[g], rows=(*rows[:r], *rows[r + 1 :]))
        elif found[1] == "ungroup":
            del groups[g]
    kept = tuple(one for one in groups if one.rows)
    return replace(sketch, groups=kept) if kept else BLANK
