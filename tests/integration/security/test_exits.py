"""Words of patients and files on paper and in spreadsheets are shown, and nothing is run (R26).

The other ways out are judged where they are: tests/channels/test_exits.py (LINE, Telegram, mail,
SMS), tests/integration/api/test_exits.py (calendars, JSON, FHIR), tests/integration/webhooks.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

import clinic
from admin.i18n import Speech
from admin.patients import sheet
from admin.questionnaires.export import cell
from admin.today import sheet_pdf
from clinic.booking.types import DaySheetRow
from clinic.document.drawing import draw
from clinic.document.types import Block, Content
from clinic.fonts import printable
from clinic.importer.export import csv_lines
from clinic.reception.sheet import SheetRow
from tests.integration.admin.test_records import drawn
from tests.integration.security.payloads import EVALUATED, PAYLOADS

ROOT = Path(clinic.__file__).parents[1]
FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
PAPER = (
    *(") Tj ET BT (evil", "\\) Tj", "))((", "\\", "<para><font size=99>x</font></para>"),
    *(">>/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", "endstream endobj", "<br/>x<b>y"),
    *("<img src='file:///etc/passwd'/>", "<a href='https://evil.example'>x</a>", "&undefined;"),
    *("<onDraw name='x' label='y'/>", "<seq/>", "<index item='x'/>", "</para>", "%%EOF"),
)
WORDS = (*PAYLOADS, *PAPER)
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_list_for_a_spreadsheet_holds_every_text_as_one_cell_that_is_no_formula() -> None:
    rows = [(words, f"a{words}", words) for words in WORDS]
    text = "".join(csv_lines(("=title", "b", "c"), rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(read) == len(rows) + 1
    assert read[0] == ["'=title", "b", "c"]
    for words, found in zip(WORDS, read[1:], strict=True):
        assert found[0].removeprefix("'") == words.removeprefix("'"), words
        assert found[1] == f"a{words}"
        assert found[0] == found[2] == cell(words)
        assert not found[0].lstrip(" \u3000").startswith(FORMULA), words
    assert EVALUATED not in text


def test_no_workbook_is_written_and_every_list_is_of_the_one_writer() -> None:
    """What is judged above is all there is: a new kind of file needs a test of its own."""
    for folder in ("admin", "bot", "clinic", "scheduler"):
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text()
            assert not re.search(r"openpyxl|xlsxwriter|\.xlsx\"", source) or "importer" in str(
                path
            ), path
            if "text/csv" in source:
                assert re.search(r"csv_lines|rejects_csv|export", source), path
            if "csv.writer" in source:
                assert "safe_cell" in source, path


@cache
def japanese() -> Speech:
    """The words of the panel."""
    return Speech("ja")


def document(words: str) -> bytes:
    """A document to a patient."""
    content = Content("ja", words, (Block("heading", words), Block("text", f"a {words}")))
    return draw(content, words[:20], words, ((words, words),))


def day_sheet(words: str) -> bytes:
    """A day on paper."""
    ends = AT + timedelta(minutes=30)
    visit = DaySheetRow(
        1, 1, "booked", AT, ends, 1, words, words, words, 1, words, 1, words, (words,), False, True
    )
    row = SheetRow(visit, words, "+819012345678", (words,), True)
    return sheet_pdf.document([row], date(2026, 11, 23), japanese(), words)


def code_page(words: str) -> bytes:
    """A code to hand over."""
    return sheet.one_page(sheet.Content(words, words, words, "ABC-DEF-GHJ", (), 10), japanese(), 1)


def code_labels(words: str) -> bytes:
    """The same on labels."""
    return sheet.labels(sheet.Content(words, words, words, "ABC-DEF-GHJ", (), 10), japanese(), 1)


@pytest.mark.parametrize("paper", [document, day_sheet, code_page, code_labels])
def test_paper_shows_every_text_of_the_corpus_and_runs_nothing(
    paper: Callable[[str], bytes],
) -> None:
    wrong = []
    for words in WORDS:
        pdf = paper(words)
        shown = "".join(drawn(pdf).split())
        wanted = "".join(printable(words).split())
        if paper is code_labels:  # a label is small: three lines at most
            wanted = wanted[:20]
        if wanted not in shown:
            wrong.append((words, "not shown"))
        if EVALUATED in shown:
            wrong.append((words, "evaluated"))
        # What is left without texts and streams is the file's own structure.
        bare = re.sub(rb"stream\r?\n.*?endstream", b"", pdf, flags=re.DOTALL)
        bare = re.sub(rb"\((?:[^()\\]|\\.)*\)", b"", bare, flags=re.DOTALL)
        for name in (
            b"/JavaScript",
            b"/JS",
            b"/Launch",
            b"/OpenAction",
            b"/URI",
            b"/AA",
            b"/Annots",
        ):
            if name in bare:
                wrong.append((words, name.decode()))
    assert wrong == []
