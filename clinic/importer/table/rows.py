"""Rows of a delimited text, or of a workbook, which is read in a process of its own."""

import json
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from itertools import islice

from clinic.importer.archive import workbook_refusal
from clinic.importer.table.types import Cell, Row
from clinic.importer.types import Issue

DELIMITERS = ",\t;"
_LOOKED_AT = 50  # lines by which the delimiter is told
# A cell in quotes that runs on longer is a quote that nobody closed. Its line alone is left out, so
# that it does not swallow the rest of the list.
_MOST_LINES = 50
_LONGEST = 65_536  # characters of a row
_MOST_CELLS = 2_000  # of a row
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAY = len("1960-01-15")
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
_TOLD = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)  # Excel's own first line


def of_text(lines: Iterable[tuple[int, str]]) -> Iterator[Row | Issue]:
    """Rows of numbered lines; commas, tabs or semicolons part the cells, as the first lines tell.

    Cells in quotes may hold delimiters, doubled quotes and line ends. Empty rows are left out.
    A row that cannot be taken apart becomes an Issue (severity reject).
    """
    source = iter(lines)
    window = deque(islice(source, _LOOKED_AT))
    told = _TOLD.fullmatch(window[0][1].strip()) if window else None
    if told:
        window.popleft()
    delimiter = told[1] if told else _delimiter([line for _, line in window])
    while window or _fill(window, source, 1):
        number, written = window[0]
        taken, cells = 1, _cells(written, delimiter)
        while cells is None and taken < _MOST_LINES and len(written) < _LONGEST:
            if not _fill(window, source, taken + 1):
                break
            following = window[taken][1]
            written, taken = f"{written}\n{following}", taken + 1
            cells = _cells(written, delimiter) if '"' in following else None
        if cells is None:
            taken = 1
            yield Issue("reject", "quote_open", number, "row")
        elif len(cells) > _MOST_CELLS:
            yield Issue("reject", "row_too_long", number, "row")
        elif any(cell and not cell.isspace() for cell in cells):
            yield Row(number, tuple(cells))
        for _ in range(taken):
            window.popleft()


def of_workbook(data: bytes) -> Iterator[Row | Issue]:
    """Rows of the first visible sheet that has any, numbered as in the sheet.

    Date cells come as dates, all others as their text; a formula counts by its last result. What
    cannot be opened ends in an Issue (severity refuse). Starts a process, and waits for it.
    """
    refusal = workbook_refusal(data) if data.startswith(b"PK") else None
    if refusal is None and _ENCRYPTED in data:
        refusal = Issue("refuse", "encrypted")
    if refusal is not None:
        yield refusal
        return
    left, is_whole = 0, False
    for number, line in enumerate(_told(data)):
        told = json.loads(line)
        if number == 0 and told is not None:
            left = told
        elif told is None:
            is_whole = True
        elif len(told) + left > _MOST_CELLS:
            yield Issue("reject", "row_too_long", number, "row")
        elif any(told):
            yield Row(number, (*([""] * left), *map(_told_cell, told)))
    if not is_whole:
        yield Issue("refuse", "workbook_damaged")


def _fill(window: deque[tuple[int, str]], source: Iterator[tuple[int, str]], wanted: int) -> bool:
    """Whether the window holds as many lines as wanted, after taking what is missing."""
    window.extend(islice(source, max(0, wanted - len(window))))
    return len(window) >= wanted


def _delimiter(lines: list[str]) -> str:
    """The delimiter that comes equally often in most lines; of several, the more frequent."""

    def agreement(delimiter: str) -> tuple[int, int]:
        counts = [count for line in lines if (count := line.count(delimiter))]
        usual = max(counts, key=lambda count: (counts.count(count), count), default=0)
        return counts.count(usual), usual

    return max(DELIMITERS, key=agreement)


def _cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of a row; None if a quote is open at its end."""
    if '"' not in line:
        return line.split(delimiter)
    cells: list[str] = []
    place = 0
    while True:
        cell = ""
        if line.startswith('"', place):
            quoted = _QUOTED.match(line, place)
            if quoted is None:
                return None
            cell, place = quoted[1].replace('""', '"'), quoted.end()
        end = line.find(delimiter, place)
        cells.append(cell + line[place : end if end >= 0 else len(line)])
        if end < 0:
            return cells
        place = end + 1


def _told(data: bytes) -> Iterator[bytes]:
    """What the process says, without a line that it did not live to end."""
    process = subprocess.Popen(  # our own program
        [sys.executable, "-m", "clinic.importer.sheet"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a panic's last words may be a patient's
        env={"PYTHONPATH": os.pathsep.join(sys.path)},  # and none of our secrets
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(data)
            process.stdin.close()
        yield from (line for line in process.stdout if line.endswith(b"\n"))
    finally:
        process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        process.wait()


def _told_cell(told: str | list[str]) -> Cell:
    if isinstance(told, str):
        return told
    (moment,) = told
    return date.fromisoformat(moment) if len(moment) == _DAY else datetime.fromisoformat(moment)
