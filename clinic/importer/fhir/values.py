"""FHIR's data types, out of JSON that may hold anything where they should stand."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, TypeAlias

from clinic.importer.normal import shown
from clinic.importer.types import CodeSystem

Node: TypeAlias = Mapping[str, Any]

LONGEST_CODE = 32  # characters
MOST_DAYS = 400  # of one supply, its repeats included; more is a slip
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z]{0,6}")
_ICD10_SYSTEMS = re.compile(
    r"http://hl7\.org/fhir/sid/icd-10.*|urn:oid:2\.16\.840\.1\.113883\.6\.(?:3|4|90)"
)
_SYSTEMS: Mapping[str, CodeSystem] = {
    "http://snomed.info/sct": "snomed",
    "http://loinc.org": "loinc",
}
# In days, by UCUM code or by the word that stands in its place.
_UNITS = {
    "d": 1, "day": 1, "days": 1, "日": 1, "日分": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30,
    "month": 30, "months": 30, "a": 365, "year": 365, "years": 365, "h": 1 / 24,
}  # fmt: skip


def node(value: object) -> Node:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def nodes(value: object) -> list[Node]:
    """The objects of a list; a single object counts as a list of one (FHIR R5 and R4 differ)."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: object, longest: int = 200) -> str:
    """A string without control marks; empty if it is none, or too long to be what it should."""
    return shown(value) if isinstance(value, str) and len(value) <= longest else ""


def word(value: object) -> str:
    """A code of one of FHIR's closed lists."""
    return value if isinstance(value, str) and len(value) <= LONGEST_CODE else ""


def number(value: object) -> float | None:
    """A number that one can reckon with: JSON holds 1e999 too, which Python reads as infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def instant(value: object, zone: tzinfo) -> datetime | None:
    """A dateTime with a time of day, aware; one without an offset is the clinic's own time."""
    if not isinstance(value, str) or len(value) > 40 or "T" not in value:
        return None
    try:
        read = datetime.fromisoformat(value)
        aware = read if read.tzinfo else read.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: object, zone: tzinfo) -> date | None:
    """The clinic's day of a date or dateTime; None for a month or year alone."""
    if not isinstance(value, str):
        return None
    read = instant(value, zone)
    if read is not None:
        try:
            return read.astimezone(zone).date()
        except OverflowError:
            return None
    whole = _DAY.fullmatch(value)
    try:
        return date(*map(int, whole.groups())) if whole else None
    except ValueError:
        return None


def days(duration: object) -> int | None:
    """A Duration in whole days; None for none, nothing, or more than anybody is given at once."""
    told = node(duration)
    value = number(told.get("value"))
    unit = next(
        (_UNITS[u] for name in ("code", "unit") if (u := word(told.get(name))) in _UNITS), 0
    )
    if value is None or not 0 < value * unit <= MOST_DAYS:
        return None
    return math.ceil(value * unit)


@dataclass(frozen=True, slots=True)
class Coded:
    """What a CodeableConcept says. `code` is empty where there are only words."""

    code: str
    system: CodeSystem
    name: str
    icd10: str = ""


def coded(concept: object) -> Coded | None:
    """The code by which the concept is to be known: ICD-10 first, as groups ask for that."""
    told = node(concept)
    codings = nodes(told.get("coding"))
    name = text(told.get("text")) or next((n for c in codings if (n := text(c.get("display")))), "")
    read = sorted(_codes(codings), key=lambda one: _PREFERRED.index(one[1]))
    if read:
        code, system = read[0]
        return Coded(code, system, name, code if system == "icd10" else "")
    return Coded("", "local", name) if name else None


_PREFERRED: tuple[CodeSystem, ...] = ("icd10", "snomed", "loinc", "local")


def _codes(codings: list[Node]) -> Iterator[tuple[str, CodeSystem]]:
    for coding in codings:
        code = text(coding.get("code"), LONGEST_CODE)
        system = text(coding.get("system"))
        if _ICD10_SYSTEMS.fullmatch(system):
            plain = code.replace(".", "").upper()
            if _ICD10.fullmatch(plain):
                yield plain, "icd10"
        elif code:
            yield code, _SYSTEMS.get(system, "local")


def code_of(concept: object) -> str:
    """The first code of a concept that stands for one of FHIR's closed lists."""
    told = node(concept)
    return next((c for one in nodes(told.get("coding")) if (c := word(one.get("code")))), "")
