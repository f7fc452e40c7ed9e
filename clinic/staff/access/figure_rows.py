"""Whom a number of the figures is about: lists of patients, visits and conversations for staff.

A doctor gets what is of own visits; of whoever is no patient of the doctor's (any more) nothing but
that there was somebody. Every look leaves an audit row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.audit.service import record
from clinic.db import Tx
from clinic.figures import behind
from clinic.figures.behind import OF_VISITS, Behind, Row
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.access.figures import Frame
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

LISTED_AT_MOST = 100  # lines of a page
EXPORTED_AT_MOST = 20_000

# Whose chat it is: the first who is linked to it.
_WHOSE = """
select distinct on (c.id) c.id, l.patient_id from conversation c
join link l on l.account_id = c.account_id and l.ended_at is null
where c.id = any($1) order by c.id, l.id
"""
_NAMES = f"""
select p.id, p.name, p.kana, p.chart from patient p
where p.id = any($3) and ($2 or p.id in ({OWN_PATIENTS}))
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Known:
    """A patient as a line has them."""

    id: int
    name: str
    kana: str
    chart: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One of what was counted. `patient` None: nobody that the acting staff member may see."""

    row: Row
    patient: Known | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Some of what stands behind a number; `whole`: how many there are in all."""

    lines: tuple[Line, ...]
    whole: int


def may_list(staff: Staff, asked: Behind) -> bool:
    """Whether what is behind the figure is shown to this staff member at all."""
    return sees_all_patients(staff.role) or asked.figure in OF_VISITS


async def access_behind(
    tx: Tx,
    staff: Staff,
    frame: Frame,
    asked: Behind,
    *,
    most: int = LISTED_AT_MOST,
    offset: int = 0,
    export: bool = False,
) -> Listed:
    """Who and what is behind a number. `export`: to be taken out of the panel."""
    if not may_list(staff, asked) or not _within(frame, asked):
        return Listed((), 0)
    rows, whole = await behind.rows(tx, frame.zone, asked, most=most, offset=offset)
    talks = [one.conversation for one in rows if one.conversation is not None]
    whose = {row["id"]: row["patient_id"] for row in await tx.fetch(_WHOSE, talks)} if talks else {}
    ids = [one.patient or whose.get(one.conversation) for one in rows]
    told = await tx.fetch(
        _NAMES,
        staff.id,
        sees_all_patients(staff.role),
        sorted({one for one in ids if one is not None}),
    )
    known = {row["id"]: Known(*row) for row in told}
    lines = tuple(
        Line(row, None if id is None else known.get(id)) for row, id in zip(rows, ids, strict=True)
    )
    if rows:
        await _note(tx, staff, asked, lines, "export" if export else "list")
    return Listed(lines, whole)


async def access_people(
    tx: Tx, staff: Staff, frame: Frame, asked: Behind, most: int
) -> Sequence[int]:
    """The patients behind a number, to be written to; for the desk. At most so many."""
    if not sees_all_patients(staff.role):
        return ()
    return await behind.people(tx, frame.zone, asked, most)


def _within(frame: Frame, asked: Behind) -> bool:
    return frame.own is None or (
        asked.lacking != "doctor"
        and asked.scope.doctors is not None
        and set(asked.scope.doctors) <= set(frame.own)
    )


async def _note(tx: Tx, staff: Staff, asked: Behind, lines: Sequence[Line], deed: str) -> None:
    """Of sources the kind may be words of staff: it is not written down."""
    talks = sorted({one.row.conversation for one in lines if one.row.conversation is not None})
    detail: dict[str, object] = {
        "figure": asked.figure,
        "patients": sorted({one.patient.id for one in lines if one.patient}),
    }
    if talks:
        detail["conversations"] = talks
    await record(tx, "staff", staff.id, f"staff:figures:{deed}", None, detail)
