"""The diseases of a receipt (SY), and what their outcomes say of the patient."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clinic.importer.eras import era_date
from clinic.importer.types import Condition, Issue, Outcome
from clinic.importer.uke.records import Record

UNCODED = "0000999"  # the name stands in the record
SUSPECTED = "8002"  # の疑い

_OUTCOMES: dict[str, Outcome | None] = {
    "": None,
    "1": None,
    "2": "cured",
    "3": "died",
    "4": "stopped",
}
_CODE = re.compile("[0-9]{7}")
_DIGITS = re.compile("[0-9]*")


@dataclass(frozen=True, slots=True)
class Diseases:
    """`died`: a disease ended in death. `moved`: care of all open ones stopped (中止・転医)."""

    conditions: tuple[Condition, ...]
    died: bool
    moved: bool


def read_diseases(
    records: Iterable[Record], birth: date, last_day: date, issues: list[Issue]
) -> Diseases:
    """Reads the SY records. A start before birth or after the month's `last_day` is no start.

    The day of an outcome is not in the file: `ended_on` stays None, the month is the entry's.
    """
    conditions: list[Condition] = []
    outcomes: list[Outcome | None] = []
    for record in records:
        outcome = _outcome(record, issues)
        outcomes.append(outcome)
        code, name = record.plain(1), record.cell(5)
        if not _CODE.fullmatch(code):
            _warn(issues, record, "disease_code", "傷病名コード")
            if not name:
                continue
            code = UNCODED
        modifiers = _modifiers(record, issues)
        conditions.append(
            Condition(
                code,
                name=name if code == UNCODED else "",
                suspected=SUSPECTED in modifiers,
                main=record.plain(6) in ("01", "1"),
                started_on=_started(record, birth, last_day, issues),
                outcome=outcome,
                modifiers=modifiers,
            )
        )
    still_open = [outcome for outcome in outcomes if outcome != "cured"]
    moved = bool(still_open) and all(outcome == "stopped" for outcome in still_open)
    return Diseases(tuple(conditions), "died" in outcomes, moved)


def _outcome(record: Record, issues: list[Issue]) -> Outcome | None:
    code = record.plain(3)
    if code not in _OUTCOMES:
        _warn(issues, record, "outcome", "転帰区分")
    return _OUTCOMES.get(code)


def _modifiers(record: Record, issues: list[Issue]) -> tuple[str, ...]:
    """Groups of four digits, up to twenty; of a broken row the whole ones."""
    row = record.plain(4)
    if len(row) % 4 or not _DIGITS.fullmatch(row):
        _warn(issues, record, "modifiers", "修飾語コード")
    groups = (row[at : at + 4] for at in range(0, len(row) - 3, 4))
    return tuple(group for group in groups if _DIGITS.fullmatch(group))


def _started(record: Record, birth: date, last_day: date, issues: list[Issue]) -> date | None:
    started = era_date(record.plain(2))
    if started is None or not birth <= started <= last_day:
        _warn(issues, record, "disease_start", "診療開始日")
        return None
    return started


def _warn(issues: list[Issue], record: Record, reason: str, column: str) -> None:
    issues.append(Issue("warn", reason, record.line, "SY", column))
