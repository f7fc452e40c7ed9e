"""Lines of a delimited text to rows."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer.table import rows as subject
from clinic.importer.table.rows import of_text
from clinic.importer.table.types import Row
from clinic.importer.types import Issue


def rows_of(text: str) -> list[Row | Issue]:
    return list(of_text(enumerate(text.split("\n"), 1)))


def cells_of(text: str) -> list[tuple[object, ...]]:
    return [row.cells for row in rows_of(text) if isinstance(row, Row)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_commas_tabs_and_semicolons_part_cells(delimiter: str) -> None:
    text = "番号,氏名\n1,山田\n\n2,".replace(",", delimiter)
    assert rows_of(text) == [
        Row(1, ("番号", "氏名")),
        Row(2, ("1", "山田")),
        Row(4, ("2", "")),
    ]


def test_the_delimiter_is_the_one_that_comes_equally_often() -> None:
    text = "番号\t住所\t氏名\n1\t東京,港,1\t山田\n2\t大阪,北\t鈴木"
    assert cells_of(text)[1] == ("1", "東京,港,1", "山田")


def test_a_delimiter_that_excel_tells_is_taken() -> None:
    assert cells_of("sep=;\na;b,c,d\n1;2") == [("a", "b,c,d"), ("1", "2")]


def test_cells_in_quotes_hold_delimiters_quotes_and_line_ends() -> None:
    assert rows_of('a,"b,""x""\nc",d\n"e"f,5" g,""') == [
        Row(1, ("a", 'b,"x"\nc', "d")),
        Row(3, ("ef", '5" g', "")),
    ]


def test_a_quote_that_nobody_closes_costs_its_own_line_only() -> None:
    found = rows_of('1,a\n2,"b\n3,c\n' + "\n".join(f"{n},d" for n in range(4, 90)))
    assert found[:3] == [
        Row(1, ("1", "a")),
        Issue("reject", "quote_open", 2, "row"),
        Row(3, ("3", "c")),
    ]
    assert len(found) == 89


def test_a_row_of_endless_cells_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_MOST_CELLS", 3)
    assert rows_of("a,b\n1,2,3,4") == [
        Row(1, ("a", "b")),
        Issue("reject", "row_too_long", 2, "row"),
    ]


def test_no_lines_are_no_rows() -> None:
    assert rows_of("") == []
    assert list(of_text([])) == []


CELLS = st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs"]), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=8))
def test_what_a_csv_writer_quotes_is_read_back(rows: list[list[str]]) -> None:
    file = StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["sep", "x"], *rows])
    told = "sep=,\n" + file.getvalue()
    filled = [tuple(row) for row in rows if any(cell and not cell.isspace() for cell in row)]
    assert cells_of(told)[1:] == filled


@given(st.text(st.sampled_from('a,;\t" \n山'), max_size=200))
def test_no_text_makes_the_rows_fail(text: str) -> None:
    for row in rows_of(text):
        assert isinstance(row, Row) or "山" not in repr(row)
