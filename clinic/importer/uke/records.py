"""The records of a medical UKE file: which there are, and how a column of one is read.

The layout is that of 記録条件仕様（医科）. Column 0 is the record's kind; columns past the end of a
line are empty, because trailing ones may be cut.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# What a receipt consists of, beside the RE that opens it.
OF_RECEIPT = frozenset({"HO", "KO", "SN", "JD", "MF", "SY", "SI", "IY", "TO", "CO", "SJ"})
# Payers' and donors' records, which say nothing of a visit; passed over with one warning a kind.
PASSED_OVER = frozenset(
    {
        *("GR", "TI", "TR", "TS", "KH", "NI", "MN", "RC", "JY"),
        *("EX", "HI", "HR", "HG", "MD", "RT", "JR", "MK"),
    }
)
# Records that only another scheme's files hold, and IR's 点数表 of those schemes.
FOREIGN = {
    "BU": "scheme_dpc",
    **dict.fromkeys(("UK", "HS", "SS"), "scheme_dental"),
    **dict.fromkeys(("YK", "SH", "CZ"), "scheme_dispensing"),
    **dict.fromkeys(("HM", "KA"), "scheme_nursing"),
}
SCHEMES = {"3": "scheme_dental", "4": "scheme_dispensing", "6": "scheme_nursing"}

_KIND = re.compile("[A-Z]{2}")
# No stored text may hold these; PostgreSQL refuses a NUL outright.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Twice the width of the widest column that is kept. What is longer is no value but damage.
_WIDEST = 80
_LONGEST_NUMBER = 9


class Record(NamedTuple):
    """A line of the file: its number, its kind, and its columns."""

    line: int
    kind: str
    columns: Sequence[str]

    def cell(self, column: int) -> str:
        """The column's words, at most 80 characters of them; "" past the end."""
        return self.columns[column].strip()[:_WIDEST] if column < len(self.columns) else ""

    def plain(self, column: int) -> str:
        """The column in half width without spaces, as codes and numbers are compared."""
        text = self.cell(column)
        return text if text.isascii() else folded(text)

    def number(self, column: int) -> int | None:
        """The column as a number of up to nine digits, or None if it is none."""
        return number(self.columns[column]) if column < len(self.columns) else None

    def days(self, first: int) -> list[tuple[int, str]]:
        """The days of the month (1 to 31) with a value, given the column of day 1."""
        return [
            (day, value)
            for day, value in enumerate(self.columns[first : first + 31], 1)
            if value and not value.isspace()
        ]


def folded(text: str) -> str:
    """`text` in half width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def number(text: str) -> int | None:
    """A number of up to nine digits in full or half width, or None."""
    plain = text if text.isascii() else folded(text)
    plain = plain.strip()
    if plain.isascii() and plain.isdigit() and len(plain) <= _LONGEST_NUMBER:
        return int(plain)
    return None


def kind_of(line: str) -> str:
    """The kind of a line, "" for one that begins as no record does."""
    kind = line[:2] if line[2:3] in (",", "") else line.partition(",")[0].strip()
    return kind if _KIND.fullmatch(kind) else ""


def cleaned(line: str) -> tuple[str, str]:
    """The line without what has no place in one, and the reason to warn ("" if it was clean).

    The format knows no quoting; programs that write quotes nevertheless mean nothing by them.
    """
    line = line.strip("\x1a\r\n")
    reason = ""
    if '"' in line:
        line, reason = line.replace('"', ""), "quotes"
    if _CONTROL.search(line):
        line, reason = _CONTROL.sub("", line), "control_characters"
    return line, reason
