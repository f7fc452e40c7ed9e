"""What is exported runs in no spreadsheet, and reads back as it was."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer.export import BOM, csv_lines, rejects_csv, safe_cell
from clinic.importer.table import cells
from clinic.importer.types import Issue


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+81", "'+81"),
        ("-x", "'-x"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("山田", "山田"),
        (-5, "-5"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_marked_as_text(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_a_marked_cell_reads_back_without_its_mark() -> None:
    assert cells.text(safe_cell("+819012345678")) == "+819012345678"
    assert cells.text("'quoted'") == "'quoted'"


def test_rejects_tell_the_place_and_the_reason_and_no_words() -> None:
    issue = Issue("reject", "bad_birth", 7, "row", "birth", {"column": 3})
    written = "".join(
        rejects_csv(
            [("=list.csv", [issue, Issue("refuse", "no_rows")])],
            ["file", "line", "record", "column", "severity", "reason"],
            lambda one: f'"{one.reason}"',
        )
    )
    assert written.startswith(BOM)
    assert list(csv.reader(StringIO(written.removeprefix(BOM), newline=""))) == [
        ["file", "line", "record", "column", "severity", "reason"],
        ["'=list.csv", "7", "row", "birth", "reject", '"bad_birth"'],
        ["'=list.csv", "", "", "", "refuse", '"no_rows"'],
    ]


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=4), max_size=4))
def test_any_text_makes_a_csv_that_reads_back_with_no_formula(rows: list[list[str]]) -> None:
    written = "".join(csv_lines(["a", "b"], rows)).removeprefix(BOM)
    read = list(csv.reader(StringIO(written, newline="")))[1:]
    assert read == [[safe_cell(cell) for cell in row] for row in rows]
    assert not any(cell[:1] and cell[0] in "=+-@" for row in read for cell in row)
