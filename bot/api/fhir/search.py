"""Reads and searches rows as FHIR resources: one statement each, a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from bot.api.fhir.manner import Pairs
from bot.api.fhir.parameters import code_of, condition, read_date, uuid_of, values
from bot.api.problem import NOT_FOUND, Problem, invalid
from bot.api.route import Call, Done
from clinic.importer.normal import chart_key, kana_key, name_key, phone_e164

COUNT = 50
MOST = 100


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: its FHIR type, and the SQL that it is about.

    `day`: the column is a date. `of`: the resource that a reference names. `codes`: what a token
    means in our words. `hidden`: words of patients, which may not stand in an address. `within`:
    SQL that an index answers, besides; {0} is the place of the ids.
    """

    kind: Literal["id", "token", "date", "reference", "chart", "phone", "name"]
    column: str
    day: bool = False
    of: str = ""
    codes: Mapping[str, Sequence[str]] | None = None
    hidden: bool = False
    within: str = "true"


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource that stands in rows: `select` and `where` give them by their id `row_id`, and
    `key` is the resource's id."""

    name: str
    select: str
    where: str
    row_id: str
    key: str
    parameters: Mapping[str, Parameter]
    render: Callable[[Call, Any], Any]  # a resource, or what is awaited for one


def reader(kind: Kind) -> Callable[[Call], Any]:
    """The handler that reads one resource."""

    async def read(call: Call) -> Done | Problem:
        if wrong := [name for name, _ in call.query]:
            return invalid((wrong[0][:40], "unknown"))
        row = await call.tx.fetchrow(
            f"{kind.select} where {kind.where} and {kind.key} = $1", call.uuid("id")
        )
        return NOT_FOUND if row is None else Done(await _rendered(kind, call, row), row["id"])

    return read


def searcher(kind: Kind) -> Callable[[Call], Any]:
    """The handler that searches."""

    async def search(call: Call) -> Done | Problem:
        asked = read_page(call, kind.name)
        if isinstance(asked, Problem):
            return asked
        pairs, after, count = asked
        conditions, arguments = [kind.where, f"{kind.row_id} > $1"], [after]
        for name, value in pairs:
            made = _condition(kind, call, name, value, arguments)
            if isinstance(made, Problem):
                return made
            conditions.append(made)
        arguments.append(count + 1)
        rows = await call.tx.fetch(
            f"""{kind.select} where {" and ".join(conditions)}
                order by {kind.row_id} limit ${len(arguments)}""",  # our own SQL
            *arguments,
        )
        shown = rows[:count]
        found = [await _rendered(kind, call, row) for row in shown]
        following = [pairs, shown[-1]["id"], count] if len(rows) > count else None
        bundle = make_bundle(call, kind.name, found, [pairs, after, count], following)
        return Done(bundle, detail={kind.name: [row["id"] for row in shown]})

    return search


async def _rendered(kind: Kind, call: Call, row: Any) -> dict[str, Any]:
    found = kind.render(call, row)
    resource: dict[str, Any] = found if isinstance(found, dict) else await found
    return resource


def read_page(call: Call, kind: str) -> tuple[Pairs, int, int] | Problem:
    """The parameters of a search, after which row it goes on, and how many are wanted."""
    pairs: Pairs = [*call.query, *call.body]
    cursors = [value for name, value in pairs if name == "_cursor"]
    if cursors:
        try:
            place = call.place(f"fhir.{kind}", cursors[0]) if len(pairs) == 1 else None
        except ValueError:
            place = None
        if place is None:
            return invalid(("_cursor", "unknown"))
        return [(name, value) for name, value in place[0]], place[1], place[2]
    counts = [value for name, value in pairs if name == "_count"]
    if any(not one.isascii() or not one.isdigit() or not int(one[:9]) >= 1 for one in counts):
        return invalid(("_count", "no_number"))
    count = min(int(counts[-1][:9]), MOST) if counts else COUNT
    return [pair for pair in pairs if pair[0] != "_count"], 0, count


def make_bundle(
    call: Call,
    kind: str,
    found: Sequence[dict[str, Any]],
    here: list[Any],
    following: list[Any] | None,
) -> dict[str, Any]:
    """A searchset. Its links hold the search sealed: names do not stand in an address."""
    base = (call.env.settings.server.public_url or "").rstrip("/")

    def link(relation: str, place: list[Any]) -> dict[str, str]:
        query = urlencode({"_cursor": call.cursor(f"fhir.{kind}", place)})
        path = f"{kind}?{query}"
        return {"relation": relation, "url": f"{base}/fhir/{path}" if base else path}

    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [link("self", here), *([link("next", following)] if following else [])],
    }
    entries: list[dict[str, Any]] = []
    for one in found:
        entry: dict[str, Any] = {"resource": one, "search": {"mode": "match"}}
        if base:
            entry = {"fullUrl": f"{base}/fhir/{kind}/{one['id']}", **entry}
        entries.append(entry)
    return {**bundle, "entry": entries} if entries else bundle


def _condition(kind: Kind, call: Call, name: str, text: str, arguments: list[Any]) -> str | Problem:
    """SQL for one parameter; commas mean any of them."""
    known = kind.parameters.get(name)
    if known is None:
        return invalid((name[:40], "not_supported"))
    if known.hidden and (name, text) in call.query:
        return invalid((name, "send_it_by_post_to_search"))

    def bind(value: Any) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    asked = values(text)
    match known.kind:
        case "id" | "reference":
            ids = [uuid_of(one, known.of or None) for one in asked]
            place = f"{bind([one for one in ids if one])}::uuid[]"
            return f"{known.column} = any({place}) and {known.within.format(place)}"
        case "token":
            codes = [code_of(one) for one in asked]
            meant = known.codes or {}
            stored = [two for one in codes for two in (meant.get(one, ()) if meant else (one,))]
            return f"{known.column} = any({bind(stored)}::text[])"
        case "chart":
            charts = [chart_key(code_of(one)) for one in asked]
            return f"{known.column} = any({bind(charts)}::text[])"
        case "phone":
            country = call.env.settings.clinic.country
            phones = [phone_e164(code_of(one), country) for one in asked]
            marks = [call.env.keys.index("phone", one) for one in phones if one]
            return f"{known.column} = any({bind(marks)}::text[])"
        case "name":
            begins = [f"{_plain(key(one))}%" for one in asked for key in (name_key, kana_key)]
            like = f"like any({bind([one for one in begins if one != '%'])}::text[])"
            return f"(p.name_key {like} or p.kana_key {like})"
        case "date":
            return _dates(known, call, name, asked, bind)


def _dates(
    known: Parameter, call: Call, name: str, asked: Sequence[str], bind: Callable[[Any], str]
) -> str | Problem:
    def bound(at: datetime) -> str:
        return f"{bind(at.date() if known.day else at)}::{'date' if known.day else 'timestamptz'}"

    found = []
    for one in asked:
        during = read_date(one, call.env.zone)
        if during is None:
            return invalid((name, "no_date"))
        found.append(condition(during, known.column, bound))
    return f"({' or '.join(found)})"


def _plain(words: str) -> str:
    """The words for LIKE, with nothing in them that means anything there."""
    return "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in words)
