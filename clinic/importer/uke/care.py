"""What was done and handed out on which day of the month: SI, IY, TO and JD."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clinic.importer.types import Issue, Procedure, Supply
from clinic.importer.uke.records import Record, number

TAKEN = "21"  # 内服: the value of a day is a number of days
LONGEST_SUPPLY = 180  # days; more in one go is suspect

_DAY_ONE = {"SI": 13, "IY": 13, "TO": 17, "JD": 2}
_WHOLE_RECEIPT = ("01", "99")  # 診療識別 of comments on no unit
_CODE = re.compile("[0-9]{9}")
_REASON = {"SI": ("act_code", "診療行為コード"), "IY": ("drug_code", "医薬品コード")}
_COUNTED = 1  # of JD; 2 is part of an earlier visit, 9 is disputed by the payer


@dataclass(frozen=True, slots=True)
class Care:
    """`days` with care, in order: of JD if it names any, else of all acts, drugs and devices."""

    days: tuple[date, ...]
    told: bool  # the file names days at all
    procedures: tuple[Procedure, ...]
    supplies: tuple[Supply, ...]


def read_care(records: Iterable[Record], month: date, last: int, issues: list[Issue]) -> Care:
    """Reads the acts, drugs, devices and visit days of a `month` of `last` days.

    Days of supply come from 内服 only: elsewhere the value of a day counts doses or uses. A code
    that is none is left out with a warning, and its days still count as visits.
    """
    acted: set[int] = set()
    visited: dict[int, int] = {}
    procedures: list[Procedure] = []
    supplies: list[Supply] = []
    section = ""
    for record in records:
        if record.kind == "JD":
            for day, value in _days(record, last, issues):
                if visited.get(day) != _COUNTED:  # one payer counting it is enough
                    visited[day] = value
            continue
        own = record.plain(1)
        if own and not (record.kind == "CO" and own in _WHOLE_RECEIPT):
            section = own
        if record.kind == "CO":
            continue
        days = _days(record, last, issues)
        acted.update(day for day, _ in days)
        code = record.plain(3)
        if record.kind == "TO":
            continue
        if not _CODE.fullmatch(code):
            reason, column = _REASON[record.kind]
            issues.append(Issue("warn", reason, record.line, record.kind, column))
        elif record.kind == "SI":
            procedures.extend(_procedures(record, code, days, month))
        else:
            supplies.extend(_supplies(record, code, days, month, section, issues))
    told = {day for day, value in visited.items() if value == _COUNTED} if visited else acted
    return Care(
        tuple(month.replace(day=day) for day in sorted(told)),
        bool(visited or acted),
        tuple(procedures),
        tuple(supplies),
    )


def _days(record: Record, last: int, issues: list[Issue]) -> list[tuple[int, int]]:
    """Days and their values above 0; with one warning if a day or a value cannot be."""
    days: list[tuple[int, int]] = []
    sound = True
    for day, value in record.days(_DAY_ONE[record.kind]):
        count = number(value)
        if count is None or day > last:
            sound = False
        elif count:
            days.append((day, count))
    if not sound:
        column = "受診日等" if record.kind == "JD" else "算定日"
        issues.append(Issue("warn", "day_value", record.line, record.kind, column))
    return days


def _procedures(
    record: Record, code: str, days: Sequence[tuple[int, int]], month: date
) -> list[Procedure]:
    points = record.number(5)
    if not days:  # before 2012-04 receipts told no days
        return [Procedure(code, None, record.number(6) or 1, points)]
    return [Procedure(code, month.replace(day=day), count, points) for day, count in days]


def _supplies(
    record: Record,
    code: str,
    days: Sequence[tuple[int, int]],
    month: date,
    section: str,
    issues: list[Issue],
) -> list[Supply]:
    supplies: list[Supply] = []
    for day, count in days:
        length = count if section == TAKEN else None
        if length is not None and length > LONGEST_SUPPLY:
            values: dict[str, int | str] = {"day": day, "days": length}
            issues.append(Issue("warn", "supply_long", record.line, "IY", "算定日", values))
            length = None
        supplies.append(Supply(code, month.replace(day=day), length))
    return supplies
