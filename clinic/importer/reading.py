"""One file, whatever its form, as parts: the reader that its survey calls for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TypeAlias
from zoneinfo import ZoneInfo

from clinic.importer.fhir import reader as fhir
from clinic.importer.hl7v2 import reader as hl7v2
from clinic.importer.masters import read_master
from clinic.importer.source import Source, Survey, Unreadable, lines, whole
from clinic.importer.table import guess, rows
from clinic.importer.table import reader as table
from clinic.importer.table.types import Mapping, Row
from clinic.importer.types import Code, Header, Issue, Part
from clinic.importer.uke import reader as uke

Parts: TypeAlias = Iterator[Part | Code]
_SHOWN = 30  # rows that a mapping is guessed from
_OID = "urn:oid:"
_IS_OID = re.compile(r"[0-2](?:\.[0-9]+)+")


def read(
    source: Source,
    survey: Survey,
    mapping: Mapping,
    today: date,
    zone: ZoneInfo,
    charts: Sequence[str] = (),
) -> Parts:
    """The parts of a surveyed file, from its beginning. Blocks while it reads.

    `mapping`: of a table's columns. `today` and `zone` are the clinic's. `charts`: who gives the
    clinic's chart numbers, as FHIR names identifier systems or HL7 assigning authorities. A file
    that turns out to be damaged ends in an issue that refuses it.
    """
    yield from survey.issues
    try:
        yield from _read(source, survey, mapping, today, zone, charts)
    except Unreadable as refused:
        yield refused.issue


def _read(
    source: Source,
    survey: Survey,
    mapping: Mapping,
    today: date,
    zone: ZoneInfo,
    charts: Sequence[str],
) -> Parts:
    match survey.detected.kind:
        case "uke":
            yield from uke.read(_text(source, survey))
        case "master":
            yield Header("master")
            yield from read_master(_text(source, survey))
        case "table":
            yield from table.read(_rows(source, survey), mapping, today, zone)
        case "fhir" if survey.detected.form == "ndjson":
            yield from fhir.read_lines(_text(source, survey), zone, charts=systems(charts))
        case "fhir":
            text = whole(source).decode("utf-8", "replace")
            yield from fhir.read_bundle(text, zone, charts=systems(charts))
        case "hl7":
            yield from hl7v2.read(source.chunks(), zone, authorities(charts))


def systems(charts: Iterable[str]) -> frozenset[str]:
    """The names as FHIR writes systems: a bare OID is a URI there."""
    named = frozenset(charts)
    return named | {_OID + one for one in named if _IS_OID.fullmatch(one)}


def authorities(charts: Iterable[str]) -> frozenset[str]:
    """The names as HL7 writes authorities: an OID is bare there, and a web address is none."""
    bare = (one.removeprefix(_OID) for one in charts)
    return frozenset(one for one in bare if "://" not in one)


def first_rows(source: Source, survey: Survey) -> list[Row]:
    """What a mapping is guessed from, and shown beside it. Blocks; raises Unreadable."""
    found = (row for row in _rows(source, survey) if isinstance(row, Row))
    return list(islice(found, _SHOWN))


def mapping_of(shown: Sequence[Row], saved: Iterable[Mapping]) -> Mapping:
    """The first saved mapping that fits the list, or a guess."""
    fitting = (fit for one in saved if (fit := guess.fit(one, shown)) is not None)
    return next(fitting, None) or guess.guess(shown)


def _text(source: Source, survey: Survey) -> Iterator[tuple[int, str]]:
    return lines(source.chunks(), survey.encoding)


def _rows(source: Source, survey: Survey) -> Iterator[Row | Issue]:
    if survey.detected.form in ("xlsx", "xls"):
        return rows.of_workbook(whole(source))
    return rows.of_text(_text(source, survey))
