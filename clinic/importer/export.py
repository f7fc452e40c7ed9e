"""Lists that the clinic takes out of the panel into a spreadsheet."""

from collections.abc import Callable, Iterable, Iterator

from clinic.importer.types import Issue

# What a spreadsheet takes for a formula or a command; a tab or line end may hide one from view.
_DANGEROUS = tuple("=+-@\t\r\n\0＝＋－＠")
BOM = "\ufeff"  # by which Excel knows that a CSV is UTF-8


def safe_cell(value: object) -> str:
    """The value as a cell's text that no spreadsheet runs: a `'` stands before what might be run.

    Numbers are left as they are, -1 too. Reading a list takes the mark off again.
    """
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_DANGEROUS) else text


def csv_lines(titles: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A CSV for Excel, line by line: UTF-8 with its mark, CRLF, every cell safe."""
    yield BOM + _line(titles)
    yield from map(_line, rows)


def rejects_csv(
    files: Iterable[tuple[str, Iterable[Issue]]],
    titles: Iterable[str],
    told: Callable[[Issue], str],
) -> Iterator[str]:
    """The issues of an import as a CSV: file, line, record, column, severity, reason.

    `told` gives an issue's reason in the reader's language. No cell holds words of the files.
    """
    rows = (
        (name, issue.line or "", issue.record, issue.column, issue.severity, told(issue))
        for name, issues in files
        for issue in issues
    )
    return csv_lines(titles, rows)


def _line(values: Iterable[object]) -> str:
    cells = (safe_cell(value).replace('"', '""') for value in values)
    return ",".join(f'"{cell}"' for cell in cells) + "\r\n"
