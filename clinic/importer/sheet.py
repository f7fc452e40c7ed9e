"""A process that reads one workbook, because a damaged one can take its reader down with it.

Run as `python -m clinic.importer.sheet`: the workbook comes on the standard input, and each row of
its first visible sheet that has any goes out as a line of JSON, the number of its first column
before them and `null` after the last. A date cell is a list of its text, all else is text.

python-calamine makes room for as many strings and cells as a workbook claims to have, and the
process aborts where there is none.
"""

import json
import resource
import sys
from datetime import date, datetime, time
from io import BytesIO

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

_MEMORY = 1 << 30  # bytes
_SECONDS = 120  # of work


def main() -> None:
    """Reads the workbook; ends with an error, or is ended, if it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold the patients
    sheet = _first_sheet(sys.stdin.buffer.read())
    if sheet is not None:
        sys.stdout.write(f"{sheet.start[1] if sheet.start else 0}\n")
        for row in sheet.iter_rows():
            sys.stdout.write(json.dumps([_cell(cell) for cell in row]) + "\n")
    sys.stdout.write("null\n")


def _first_sheet(data: bytes) -> CalamineSheet | None:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    for known in book.sheets_metadata:
        if known.typ == SheetTypeEnum.WorkSheet and known.visible == SheetVisibleEnum.Visible:
            sheet = book.get_sheet_by_name(known.name)
            if sheet.height:
                return sheet
    return None


def _cell(value: object) -> str | list[str]:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a workbook knows no whole numbers
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, time):
        return value.isoformat("minutes")
    return [value.isoformat()] if isinstance(value, date | datetime) else str(value)


if __name__ == "__main__":
    main()
