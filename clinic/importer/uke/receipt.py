"""One receipt: the records from an RE up to the next, in whatever order, become an `Entry`."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from clinic.importer.types import Encounter, Entry, Issue
from clinic.importer.uke.care import Care, read_care
from clinic.importer.uke.diseases import read_diseases
from clinic.importer.uke.head import Head, read_head
from clinic.importer.uke.records import Record

_CARE = ("SI", "IY", "TO", "CO", "JD")
_INSURANCE = "1"  # 負担者種別; above it are public payers


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a receipt. `payers` (HO and KO records) and `points` are what GO adds up."""

    entry: Entry | None
    issues: tuple[Issue, ...]
    payers: int
    points: int


def read_receipt(records: Sequence[Record], version: str) -> Receipt:
    """Reads a receipt whose first record is its RE. `version`: the month of claim, YYYY-MM.

    Without an entry it is rejected, and its only issue says why.
    """
    first: dict[str, Record] = {}
    for record in records:
        if record.kind != "SN" or record.plain(1) == _INSURANCE:
            first.setdefault(record.kind, record)
    payer = first.get("HO") or first.get("KO")
    points = payer.number(5) if payer else None
    payers = sum(record.kind in ("HO", "KO") for record in records)
    issues: list[Issue] = []
    head = read_head(first, issues)
    if isinstance(head, Issue):
        return Receipt(None, (head,), payers, points or 0)
    month, birth = head.month, head.person.birth_on
    assert birth is not None
    last = monthrange(month.year, month.month)[1]
    diseases = read_diseases(
        (record for record in records if record.kind == "SY"),
        birth,
        month.replace(day=last),
        issues,
    )
    care = read_care((record for record in records if record.kind in _CARE), month, last, issues)
    entry = Entry(
        key=head.key,
        person=replace(head.person, deceased=diseases.died, moved=diseases.moved),
        line=first["RE"].line,
        version=version,
        month=month,
        setting=head.setting,
        encounters=_encounters(head, care),
        visit_count=payer.number(4) if payer else None,
        conditions=diseases.conditions,
        procedures=care.procedures,
        supplies=care.supplies,
        points=points,
    )
    if payer and head.setting == "outpatient":
        _compare(payer, entry.visit_count, care, issues)
    return Receipt(entry, tuple(issues), payers, points or 0)


def _encounters(head: Head, care: Care) -> tuple[Encounter, ...]:
    days: set[date] = set(care.days)
    admitted = head.admitted_on
    if head.setting == "inpatient" and admitted and admitted.replace(day=1) == head.month:
        days.add(admitted)
    return tuple(Encounter(day, head.setting) for day in sorted(days))


def _compare(payer: Record, told: int | None, care: Care, issues: list[Issue]) -> None:
    """Warns if the days are others than 診療実日数 counts, or if the file tells none."""
    if told is None or told == len(care.days):
        return
    reason = "visits_differ" if care.told else "days_unknown"
    values: dict[str, int | str] = {"told": told, "found": len(care.days)}
    issues.append(Issue("warn", reason, payer.line, payer.kind, "診療実日数", values))
