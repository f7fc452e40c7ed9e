"""Lines of receipt files, made for tests."""

from collections.abc import Iterable, Mapping
from typing import Any

from clinic.importer.types import Entry, Header, Issue, Part
from clinic.importer.uke import read

IR = "IR,1,13,1,9999999,,れい内科,202608,00,03-0000-0000"
HO = "HO,01130012,１２,３４,1,520,,,,,,,,,"
GO = "GO,1,520,99"

# As the facts have it, to the letter.
EXAMPLE = """\
IR,1,13,1,9999999,,れい内科,202608,00,03-0000-0000
RE,1,1112,202607,見本　太郎,1,19600115,,,,,,,00042,,,,,,,,,,,,,,,,,,,,,,,ミホンタロウ,
HO,01130012,１２,３４,2,520,,,,,,,,,
SN,1,01,,,,00,,
SY,8833421,20240610,1,,,01,
SY,2500015,20260703,1,8002,,,
SI,12,1,112007410,,76,2,,,,,,,,,1,,,,,,,,,,,,,,1,,,,,,,,,,,,,,
SI,13,1,113707110,,333,1,,,,,,,,,1,,,,,,,,,,,,,,,,,,,,,,,,,,,,
IY,21,1,620098801,1,3,42,,,,,,,,,14,,,,,,,,,,,,,,28,,,,,,,,,,,,,,
GO,1,520,99
"""

_RE = {
    1: "1", 2: "1112", 3: "202607", 4: "見本　太郎", 5: "1", 6: "19600115",
    13: "00042", 36: "ミホンタロウ", 37: "",
}  # fmt: skip


def opening(**changes: str) -> str:
    """An RE; a change is the column's number behind a c: `c3="50807"`."""
    cells = _RE | {int(column[1:]): value for column, value in changes.items()}
    return ",".join(["RE", *(cells.get(column, "") for column in range(1, 38))])


def care(
    kind: str,
    code: str,
    days: Mapping[int, object],
    section: str = "12",
    points: str = "10",
    count: str = "",
) -> str:
    """An SI, IY or TO with a value for each day."""
    between = 10 if kind == "TO" else 6
    values = [str(days.get(day, "")) for day in range(1, 32)]
    return ",".join([kind, section, "1", code, "", points, count, *[""] * between, *values])


def visits(*days: int) -> str:
    """A re-visit on each of the days."""
    return care("SI", "112007410", dict.fromkeys(days, 1))


def parts(*lines: str) -> list[Part]:
    """What is read from a file of these lines."""
    return list(read(enumerate(lines, 1)))


def claim(*of_receipt: str, head: str = "", insurance: str = HO) -> list[Part]:
    """What is read from a file of one receipt, without its header and its totals' warnings."""
    found = parts(IR, head or opening(), insurance, *of_receipt, GO)
    assert isinstance(found[0], Header)
    return [part for part in found[1:] if not (isinstance(part, Issue) and part.record == "GO")]


def entry(found: Iterable[Part]) -> Entry:
    """The only entry."""
    (only,) = (part for part in found if isinstance(part, Entry))
    return only


def issues(found: Iterable[Part]) -> list[tuple[str, str]]:
    """Severity and reason of all issues."""
    return [(part.severity, part.reason) for part in found if isinstance(part, Issue)]


def told(issue: Issue) -> tuple[Any, ...]:
    """All that an issue says."""
    return (issue.severity, issue.reason, issue.line, issue.record, issue.column)
