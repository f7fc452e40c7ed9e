"""The sheet of a day for when nothing works: whom to expect, and how to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.booking.staff import day_sheet
from clinic.booking.types import AppointmentStatus, DaySheetRow
from clinic.crypto import KeyRing
from clinic.db import Tx

NOTE_SHOWN = 80  # characters of each note


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A visit with what the desk needs on paper. `notes`: allergies and what to know before."""

    visit: DaySheetRow
    kana: str
    phone: str  # E.164, "" if none is known
    notes: tuple[str, ...]
    first: bool  # has never been here before


async def read_sheet(
    tx: Tx, keys: KeyRing, on: date, language: str, only: Sequence[int] | None = None
) -> list[SheetRow]:
    """The visits of a day that are not cancelled, by time. `only`: of these patients."""
    visits = [
        one
        for one in await day_sheet(tx, on, language)
        if one.status is not AppointmentStatus.CANCELLED
        and (only is None or one.patient_id in only)
    ]
    people = {row["id"]: row for row in await _people(tx, [it.patient_id for it in visits])}
    notes = await _notes(tx, keys, list(people))
    found = []
    for visit in sorted(visits, key=lambda one: (one.practitioner_id, one.starts_at, one.id)):
        row = people[visit.patient_id]
        phone = keys.open(row["phone"], "patient.phone", row["key"]) if row["phone"] else b""
        found.append(
            SheetRow(
                visit,
                row["kana"],
                phone.decode(),
                notes.get(visit.patient_id, ()),
                row["first"],
            )
        )
    return found


async def _people(tx: Tx, ids: list[int]) -> list[Any]:
    rows: list[Any] = await tx.fetch(
        """select p.id, p.key, p.kana, p.phone,
             not exists (select from appointment a where a.patient_id = p.id
               and a.status in ('arrived', 'fulfilled') and a.starts_at < now())
             and not exists (select from patient_summary s where s.patient_id = p.id
               and s.last_visit_on is not null) as first
           from patient p where p.id = any ($1)""",
        ids,
    )
    return rows


async def _notes(tx: Tx, keys: KeyRing, ids: list[int]) -> dict[int, tuple[str, ...]]:
    rows = await tx.fetch(
        """select patient_id, key, content from patient_note
           where patient_id = any ($1) and ended_at is null order by kind, id""",
        ids,
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        words = keys.open(row["content"], "patient_note.content", row["key"]).decode()
        short = words if len(words) <= NOTE_SHOWN else words[: NOTE_SHOWN - 1] + "…"
        found[row["patient_id"]] = (*found.get(row["patient_id"], ()), short)
    return found
