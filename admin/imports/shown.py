"""Imports in the staff's language. Pure."""

from collections.abc import Mapping
from typing import Any

from admin.i18n import Speech
from clinic.importer.table.types import FIELDS
from clinic.importer.types import Issue

WORKING = ("uploaded", "previewing", "committing")  # a worker has to do something
UNDOABLE = ("uke", "table", "fhir", "hl7")
PATIENTS = ("new", "updated", "unchanged", "review", "rejected")
VISITS = ("new", "removed", "unchanged")
RECORDS = ("new", "replaced", "unchanged", "older")


def told(speech: Speech, reason: str, numbers: Mapping[str, int | str] | None = None) -> str:
    """Why something of a file was not used, in plain words; how often, where that was counted."""
    key = f"import_reason_{reason}"
    words = speech(key) if key in speech else reason
    count = (numbers or {}).get("count")
    return f"{words} (×{count})" if isinstance(count, int) and count > 1 else words


def place(speech: Speech, issue: Issue) -> str:
    """Where in its record something stands: a field of a list, or a column of a format."""
    return speech(f"imports.field.{issue.column}") if issue.column in FIELDS else issue.column


def numbering(speech: Speech, one: Mapping[str, Any]) -> str:
    """Which identifier is a chart number, and how often: "MR, urn:oid:1.2.3: 40"."""
    kind, system = str(one["kind"]), str(one["system"])
    which = speech("imports.charts.named") if kind == "named" else kind
    told = ", ".join(part for part in (which, system) if part)
    return f"{told or speech('imports.charts.untyped')}: {one['count']}"


def counts(report: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The numbers of a report that say anything, each by its key."""
    found = []
    for family, names in (("patients", PATIENTS), ("visits", VISITS), ("records", RECORDS)):
        told = report.get(family) or {}
        # Of patients and visits also that there are none.
        found += [
            (f"imports.{family}.{name}", told[name])
            for name in names
            if name in told and (told[name] or family != "records")
        ]
    return found


def megabytes(size: int) -> str:
    """A size, in MB, or in kB where that is little."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, size // 1000)} kB"
