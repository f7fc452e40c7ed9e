"""The builder of segments on a page: its rows with their choices, counted as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from admin.i18n import OWN_NAMES, Speech
from admin.keys import KEYS, SETTINGS
from admin.lapse.views import called
from admin.page import speech_of, staff_of
from admin.segments import shown
from admin.segments.builder import (
    JOINS,
    RELATIVE,
    Row,
    Sketch,
    Wrong,
    changed,
    filter_of,
    read_form,
)
from clinic.db import Tx
from clinic.policy.types import PURPOSES
from clinic.segment.types import FIELDS, OPS, Fault, Field, Filter, Option
from clinic.staff.access.lapse import access_groups
from clinic.staff.access.questionnaires import access_forms
from clinic.staff.access.segments import (
    OFFERING,
    access_count,
    access_meanings,
    access_sample,
)

HERE = "/segments/build"  # where the buttons of the builder send the form without the script
SAMPLE = "sample"  # the button that shows a few names
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """What one condition of the form offers. `kind`: checks, chips, number, days or date."""

    row: Row
    kind: str
    ops: Choices
    checks: Sequence[tuple[str, str, bool]]
    options: Sequence[tuple[str, str, Choices, str]]  # name, words, choices, what it says
    offers: bool
    faults: Sequence[str]


def posted(form: MultiDictProxy[Any]) -> Sketch:
    """The sketch that a posted form has."""
    said = {name: str(value) for name, value in form.items()}
    sketch = read_form(said, lambda name: [str(one) for one in form.getall(name, [])])
    return changed(sketch, said.get("do", ""))


async def shown_builder(
    request: web.Request,
    tx: Tx,
    sketch: Sketch,
    *,
    here: str = HERE,
    names: bool = False,
    count: bool = True,
) -> dict[str, Any]:
    """What the template of the builder needs: rows, faults, the count. `names`: a sample too."""
    speech = speech_of(request)
    made = filter_of(sketch)
    wrong = made if isinstance(made, tuple) else ()
    known = await _choices(request, tx)
    groups = [
        (group.join, [await _choice(tx, speech, row, known, wrong, g, r)
                      for r, row in enumerate(group.rows)])
        for g, group in enumerate(sketch.groups)
    ]  # fmt: skip
    fields = sorted((speech(f"segment_field_{name}"), name) for name in FIELDS)
    counted: dict[str, Any] = {"faults": (), "counted": None, "lines": (), "sample": None}
    if not isinstance(made, tuple):
        if count:
            counted |= await counting(request, tx, made, names=names)
    else:
        counted["faults"] = [speech("builder.incomplete")]
    return counted | {
        "sketch": sketch,
        "groups": groups,
        "fields": [(name, words) for words, name in fields],
        "joins": JOINS,
        "sends": here,
    }


async def counting(
    request: web.Request, tx: Tx, tree: Filter, *, names: bool = False
) -> dict[str, Any]:
    """A filter in words, how many it finds, and a few of them by name where asked for."""
    app, speech, staff = request.app, speech_of(request), staff_of(request)
    found = await access_count(tx, app[KEYS], app[SETTINGS], staff, tree)
    if found is None:
        raise web.HTTPForbidden(reason="role")
    lines = shown.described(speech, tree)
    if isinstance(found, Fault):
        faults = [shown.fault(speech, found)]
        return {"faults": faults, "counted": None, "lines": lines, "sample": None}
    sample = await access_sample(tx, app[KEYS], app[SETTINGS], staff, tree) if names else None
    return {"faults": (), "counted": found, "lines": lines, "sample": sample}


async def _choices(request: web.Request, tx: Tx) -> Mapping[str, Choices]:
    """The choices of fields and options that this clinic has, by name."""
    app, speech, staff = request.app, speech_of(request), staff_of(request)
    groups = [
        (one.group.code, called(speech, one.group.name, one.group.code))
        for one in await access_groups(tx, staff)
    ]
    forms = await access_forms(tx, staff, speech.language)
    channels = ("line", "telegram", "webchat", "email", "sms")
    return {
        "group": groups,
        "form": [(one.name, one.title) for one in forms],
        "channel": [(one, speech.code("channel", one)) for one in channels],
        "language": [(one, OWN_NAMES.get(one, one)) for one in app[SETTINGS].clinic.languages],
        "consent": [(one, speech(f"builder.purpose.{one}")) for one in PURPOSES],
    }


async def _choice(
    tx: Tx,
    speech: Speech,
    row: Row,
    known: Mapping[str, Choices],
    wrong: Sequence[Wrong],
    group: int,
    number: int,
) -> Choice:
    field = FIELDS.get(row.field)
    if field is None:
        return Choice(row, "", (), (), (), False, ())
    told = [
        shown.fault(speech, one.fault) for one in wrong if (one.group, one.row) == (group, number)
    ]
    ops = [(op, speech(f"builder.op.{_way(field, op)}")) for op in OPS[field.kind]]
    said = dict(row.options)
    options = [
        (
            one.name,
            speech(f"segment_option_{one.name}"),
            _of(speech, one, known),
            said.get(one.name, ""),
        )
        for one in field.options
    ]
    kind, checks = _kind(field, row.op, known), list[tuple[str, str, bool]]()
    if kind == "checks":
        listed = _listed(speech, field, known)
        extra = [(one, one) for one in row.values if one not in dict(listed)]
        checks = [(value, words, value in row.values) for value, words in (*listed, *extra)]
    elif kind == "chips":
        names = await access_meanings(tx, field.name, row.values)
        checks = [(one, f"{one} {names.get(one, '')}".strip(), True) for one in row.values]
    return Choice(row, kind, ops, checks, options, field.name in OFFERING, told)


def _kind(field: Field, op: str, known: Mapping[str, Choices]) -> str:
    if op == "known":
        return ""
    if op in ("any", "starts"):
        return "checks" if field.choices or known.get(field.name) else "chips"
    if field.kind in ("day", "coming_day"):
        return "days" if op in RELATIVE else "date"
    return "number"


def _way(field: Field, op: str) -> str:
    if op not in RELATIVE:
        return op
    return f"{'ahead' if field.kind == 'coming_day' else 'ago'}_{op}"


def _listed(speech: Speech, field: Field, known: Mapping[str, Choices]) -> Choices:
    if field.choices:
        return [(one, speech(f"segment_{field.name}_{one}")) for one in field.choices]
    return known[field.name]


def _of(speech: Speech, option: Option, known: Mapping[str, Choices]) -> Choices:
    if option.choices:
        return [(one, speech(f"segment_{option.name}_{one}")) for one in option.choices]
    return known.get(option.name, ())
