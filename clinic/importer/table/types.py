"""Rows of a patient list, and which of its columns holds what."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias, get_args

Field = Literal[
    "chart",
    "name",
    "kana",
    "birth",
    "sex",
    "phone",
    "email",
    "address",
    "language",
    "sms_consent",
    "email_consent",
    "insurer",
    "insured",
    "deceased",
    "last_visit",
    "next_visit",
    "supply_days",
]
FIELDS: tuple[Field, ...] = get_args(Field)
Cell: TypeAlias = str | date | datetime  # dates only from a workbook's real date cells

_FORM = 1  # of the saved mapping
_MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line (or row of the sheet) where it begins, from 1."""

    line: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell at a 0-based column; "" past the row's end."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which columns (0-based) hold a field. Several are joined: 姓 and 名, phone and mobile.

    `header`: how many rows stand above the first patient, the one with the titles last; 0 if there
    are no titles. `titles`: the titles, folded for comparing; () if there are none. `confidence`:
    0 to 1 for each guessed field; nothing for what staff chose.
    """

    columns: dict[Field, tuple[int, ...]]
    header: int = 0
    titles: tuple[str, ...] = ()
    confidence: dict[Field, float] = field(default_factory=dict)


def to_json(mapping: Mapping) -> dict[str, Any]:
    """The mapping as a plain JSON object, to be kept for the next list of the same making."""
    return {
        "form": _FORM,
        "titles": list(mapping.titles),
        "columns": {name: list(columns) for name, columns in mapping.columns.items()},
    }


def from_json(saved: Any) -> Mapping | None:
    """What `to_json` wrote; None if it is nothing of the kind, or of a form no longer known.

    How far down the titles stand is no part of it: `guess.fit` looks for them in each file.
    """
    if not isinstance(saved, dict) or saved.get("form") != _FORM:
        return None
    titles, columns = saved.get("titles"), saved.get("columns")
    if not isinstance(titles, list) or not all(isinstance(title, str) for title in titles):
        return None
    if not isinstance(columns, dict):
        return None
    read: dict[Field, tuple[int, ...]] = {}
    for name in FIELDS:
        places = columns.get(name, [])
        if not isinstance(places, list) or not all(_is_column(place) for place in places):
            return None
        if places:
            read[name] = tuple(places)
    return Mapping(read, titles=tuple(titles)) if read.keys() == columns.keys() else None


def _is_column(place: object) -> bool:
    return isinstance(place, int) and place is not True and 0 <= place < _MOST_COLUMNS
