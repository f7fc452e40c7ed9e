"""What the codes of receipts mean: masters that a clinic uploads, and a small table of our own.

The masters (傷病名 b, 修飾語 z, 診療行為 s, 医薬品 y) are published by 支払基金. Nothing says that
their data may be passed on, so only the codes that rules and presets name are shipped: codes.csv,
from the masters of 2024-05-31, and of 2022-02-18 for what was abolished since.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from clinic.importer.eras import era_date
from clinic.importer.types import Code, Issue

_Kind: TypeAlias = Literal["disease", "modifier", "act", "drug"]

_NEVER = "99999999"  # 廃止年月日 of what is valid
_ICD10 = re.compile("[A-Z][0-9][0-9A-Z]{1,4}")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Columns of a master, from 0. `names`: the first that is not empty is taken."""

    kind: _Kind
    width: int  # columns that all versions have
    code: re.Pattern[str]
    names: tuple[int, ...]
    until: int


_LAYOUTS = {
    "B": _Layout("disease", 44, re.compile("[0-9]{7}"), (7, 5), 23),
    "Z": _Layout("modifier", 19, re.compile("[0-9]{4}"), (6,), 15),
    "S": _Layout("act", 113, re.compile("[0-9]{9}"), (4, 112), 87),
    "Y": _Layout("drug", 35, re.compile("[0-9]{9}"), (4, 34), 30),
}
_KINDS: dict[str, _Kind] = {layout.kind: layout.kind for layout in _LAYOUTS.values()}


def read_master(lines: Iterable[tuple[int, str]]) -> Iterator[Code | Issue]:
    """Reads numbered lines of a master file, which is quoted CSV without a header.

    The second column says which master it is. A first line of no master refuses the file; a later
    line that does not fit is left out.
    """
    layout: _Layout | None = None
    letter = ""
    for number, line in lines:
        if not line.strip("\x1a\r\n "):
            continue
        row = _row(line)
        if layout is None:
            letter = row[1] if len(row) > 1 else ""
            layout = _LAYOUTS.get(letter)
            if layout is None or len(row) < layout.width:
                yield Issue("refuse", "no_master", number)
                return
        fits = len(row) >= layout.width and row[1] == letter
        code = _code(layout, row) if fits else None
        yield code or Issue("reject", "master_row", number)
    if layout is None:
        yield Issue("refuse", "file_empty")


def _row(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except csv.Error:  # a cell of more than 128 KB
        return []


def _code(layout: _Layout, row: list[str]) -> Code | None:
    name = next((row[column] for column in layout.names if row[column]), "")
    if not name or not layout.code.fullmatch(row[2]):
        return None
    disease = layout.kind == "disease"
    return Code(
        kind=layout.kind,
        code=row[2],
        name=name,
        icd10=_icd10(row[15]) if disease else "",
        valid_until=None if row[layout.until] == _NEVER else era_date(row[layout.until]),
        suffix=layout.kind == "modifier" and row[18][1:2] == "8",
        moved_to=row[3] if disease and layout.code.fullmatch(row[3]) else "",
    )


def _icd10(text: str) -> str:
    code = text.replace(".", "").upper()
    return code if _ICD10.fullmatch(code) else ""


@cache
def _shipped() -> tuple[tuple[str, Code], ...]:
    with (Path(__file__).parent / "codes.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            (
                row["group"],
                Code(
                    _KINDS[row["kind"]],
                    row["code"],
                    row["name"],
                    row["icd10"],
                    suffix=bool(row["suffix"]),
                ),
            )
            for row in csv.DictReader(table)
        )


def shipped_codes() -> tuple[Code, ...]:
    """The codes that come with the product, for a clinic that has uploaded no master yet."""
    return tuple(code for _, code in _shipped())


@cache
def shipped_groups() -> Mapping[str, frozenset[str]]:
    """Codes by what rules call them: rx_out_refill, rx_28days_plus, cpap, suspected ..."""
    groups: dict[str, set[str]] = {}
    for group, code in _shipped():
        if group:
            groups.setdefault(group, set()).add(code.code)
    return {group: frozenset(codes) for group, codes in groups.items()}
