"""Reads groups as data: what JSON of a form or of presets.yml means, or what is wrong with it.

    any: [clause, ...]          one of them, or `all`: every one of them
    since: act                  optional: time counts from the newest act, not the last visit
    insurance_months: 3         optional: insurance stops after so many months without a visit
    any_disease: true           optional: only acute or suspected diseases exclude nobody
    seasonal: [2, 3]            optional: months of a yearly message; nobody lapses

A clause is one of
    {conditions: [I10, E11], months: 0}      prefixes of ICD-10
    {condition_codes: ["8833421"], months: 0}
    {acts: ["114040710"], months: 12}        {act_names: [prefix, ...], months: 12}
    {drugs: ["620098801"], months: 12}       {drug_prefixes: [prefix, ...], months: 12}
    {score: {form: phq-9, item: total, at_least: 10, below: 20}, months: 12}
    {tags: [word, ...]}
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, get_args

from clinic.lapse.types import Clause, ClauseKind, Definition, Fault, Group, Mode

MOST = 200  # clauses, and values of one
FURTHEST = 120  # months
KINDS: tuple[ClauseKind, ...] = get_args(ClauseKind)
_CODE = r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}"
_VALUES: Mapping[str, str] = {
    "conditions": r"[A-Z][0-9]{1,2}(\.?[0-9A-Z]{1,4})?",
    "condition_codes": _CODE,
    "acts": _CODE,
    "act_names": r"\S.{1,159}",
    "drugs": _CODE,
    "drug_prefixes": _CODE,
    "tags": r"\S(.{0,46}\S)?",
}
_BACK: Mapping[str, int] = {"conditions": 0, "condition_codes": 0, "tags": 0}
_DEFAULT_BACK = 12  # months, of all others
_DEFINITION = {"any", "all", "since", "insurance_months", "any_disease", "seasonal"}
_SCORE = {"form", "item", "at_least", "below"}


def read(said: object) -> Definition | tuple[Fault, ...]:
    """A group's definition, or all that is wrong with it."""
    faults = tuple(_faults(said))
    if faults or not isinstance(said, dict):
        return faults
    return Definition(
        clauses=tuple(_clause(one) for one in said["all" if "all" in said else "any"]),
        every="all" in said,
        since_act=said.get("since") == "act",
        insurance_months=said.get("insurance_months"),
        any_disease=said.get("any_disease", False),
        seasonal=tuple(said.get("seasonal", ())),
    )


def _clause(said: dict[str, Any]) -> Clause:
    kind: ClauseKind = next(one for one in KINDS if one in said)
    months = said.get("months", _BACK.get(kind, _DEFAULT_BACK))
    if kind != "score":
        values = (one.replace(".", "") if kind == "conditions" else one for one in said[kind])
        return Clause(kind, tuple(values), months)
    score = said["score"]
    low, high = (
        Decimal(str(score[name])) if name in score else None for name in ("at_least", "below")
    )
    return Clause(kind, (), months, score["form"], score["item"], low, high)


def _faults(said: object) -> Iterator[Fault]:
    if not isinstance(said, dict):
        yield Fault("", "no_object")
        return
    yield from (Fault(str(key), "unknown_key") for key in said if key not in _DEFINITION)
    which = [name for name in ("any", "all") if name in said]
    if len(which) != 1:
        yield Fault("any", "any_or_all")
        return
    clauses = said[which[0]]
    if not isinstance(clauses, list) or not 0 < len(clauses) <= MOST:
        yield Fault(which[0], "no_clauses")
        return
    for n, clause in enumerate(clauses):
        yield from _clause_faults(f"{which[0]}.{n}", clause)
    if said.get("since", "visit") not in ("visit", "act"):
        yield Fault("since", "visit_or_act")
    by_act = all(isinstance(one, dict) and {"acts", "act_names"} & one.keys() for one in clauses)
    if said.get("since") == "act" and not by_act:
        yield Fault("since", "only_acts")
    if "insurance_months" in said and not _whole(said["insurance_months"], 1, FURTHEST):
        yield Fault("insurance_months", "months")
    if not isinstance(said.get("any_disease", False), bool):
        yield Fault("any_disease", "yes_or_no")
    season = said.get("seasonal", [1])
    if not (isinstance(season, list) and season and all(_whole(one, 1, 12) for one in season)):
        yield Fault("seasonal", "months_of_the_year")


def _clause_faults(where: str, said: object) -> Iterator[Fault]:
    kinds = [one for one in KINDS if one in said] if isinstance(said, dict) else []
    if not isinstance(said, dict) or len(kinds) != 1:
        yield Fault(where, "one_kind")
        return
    kind = kinds[0]
    known = {kind} if kind == "tags" else {kind, "months"}
    yield from (Fault(f"{where}.{key}", "unknown_key") for key in said if key not in known)
    if "months" in said and not _whole(said["months"], 0, FURTHEST):
        yield Fault(f"{where}.months", "months")
    if kind == "score":
        yield from _score_faults(f"{where}.score", said["score"])
        return
    values = said[kind]
    if not isinstance(values, list) or not 0 < len(values) <= MOST:
        yield Fault(f"{where}.{kind}", "no_values")
        return
    for n, value in enumerate(values):
        if not isinstance(value, str) or re.fullmatch(_VALUES[kind], value) is None:
            yield Fault(f"{where}.{kind}.{n}", f"no_{kind}")


def _score_faults(where: str, said: object) -> Iterator[Fault]:
    if not isinstance(said, dict):
        yield Fault(where, "no_object")
        return
    yield from (Fault(f"{where}.{key}", "unknown_key") for key in said if key not in _SCORE)
    for name in ("form", "item"):
        if not isinstance(said.get(name), str) or not 0 < len(said[name]) <= 80:
            yield Fault(f"{where}.{name}", "no_name")
    bounds = [said[name] for name in ("at_least", "below") if name in said]
    if not bounds or not all(_number(one) for one in bounds):
        yield Fault(where, "no_range")
    elif len(bounds) == 2 and bounds[0] >= bounds[1]:
        yield Fault(where, "empty_range")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def read_group(said: Mapping[str, Any]) -> Group | tuple[Fault, ...]:
    """A group with its windows, as a row of care_group or an entry of presets.yml has it.

    All that is wrong with it, if something is. Days and months are checked together: a fixed group
    needs its months, one that counts from an act is fixed, a seasonal one has no months.
    """
    definition = read(said.get("definition"))
    faults = [] if isinstance(definition, Definition) else _under("definition", definition)
    if re.fullmatch(r"[a-z][a-z0-9_]{0,31}", str(said.get("code", ""))) is None:
        faults.append(Fault("code", "no_code"))
    name = said.get("name")
    if not isinstance(name, dict) or not name or not all(_named(one) for one in name.values()):
        faults.append(Fault("name", "no_name"))
    if said.get("mode") not in get_args(Mode):
        faults.append(Fault("mode", "fixed_or_supply"))
    for field, least, most in _NUMBERS:
        if said.get(field) is not None and not _whole(said[field], least, most):
            faults.append(Fault(field, "number"))
    if faults or not isinstance(definition, Definition):
        return tuple(faults)
    if definition.seasonal:
        if said.get("at_risk_months") is not None:
            return (Fault("at_risk_months", "seasonal"),)
    elif said.get("at_risk_months") is None:
        return (Fault("at_risk_months", "needed"),)
    if definition.since_act and said["mode"] != "fixed":
        return (Fault("mode", "act_is_fixed"),)
    if (said.get("lapsed_months") or FURTHEST) < (said.get("at_risk_months") or 0):
        return (Fault("lapsed_months", "before_at_risk"),)
    given = {field: said[field] for field in _KEPT if said.get(field) is not None}
    return Group(said["code"], said["name"], definition, said["mode"], **given)


_NUMBERS = (
    ("at_risk_months", 1, FURTHEST),
    ("lapsed_months", 1, FURTHEST),
    ("grace_days", 0, 365),
    ("interval_days", 1, 3650),
    ("refill_days", 1, 365),
)
_KEPT = (*(field for field, _, _ in _NUMBERS), "strict", "active", "position", "id")


def _named(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 80


def _under(where: str, faults: tuple[Fault, ...]) -> list[Fault]:
    return [Fault(f"{where}.{one.where}".rstrip("."), one.reason) for one in faults]
