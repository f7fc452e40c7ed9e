"""The visits of a day, and what became of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.service import set_status
from clinic.booking.staff import day_sheet
from clinic.booking.types import AppointmentStatus, Changed, DaySheetRow
from clinic.db import Tx
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

Step = Literal["arrived", "fulfilled", "noshow"]
EARLY = timedelta(hours=12)  # before a visit its patient may be there already
STEPS: tuple[Step, ...] = ("arrived", "fulfilled", "noshow")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a patient answered to a questionnaire that was asked for a visit."""

    response_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Day:
    """The day sheet, the instant it was read at, and the answers that were asked for its visits."""

    visits: tuple[DaySheetRow, ...]
    now: datetime
    answered: Mapping[int, tuple[Answered, ...]]  # by the visit's id

    def steps(self, visit: DaySheetRow) -> tuple[Step, ...]:
        """What the desk can say of a visit now, the likeliest first.

        Nobody is missed early, and nobody comes days before.
        """
        if visit.starts_at - self.now > EARLY:
            return ()
        if visit.status is AppointmentStatus.BOOKED:
            return ("arrived", "noshow") if visit.starts_at <= self.now else ("arrived",)
        if visit.status is AppointmentStatus.ARRIVED:
            return ("fulfilled",)
        return ("arrived",) if visit.status is AppointmentStatus.NO_SHOW else ()


async def access_day(tx: Tx, staff: Staff, on: date, language: str) -> Day:
    """The visits that begin on a day of their site, cancelled ones too, in the order of time."""
    rows = await _own(tx, staff, await day_sheet(tx, on, language))
    if rows:
        ids = [row.id for row in rows]
        await record(tx, "staff", staff.id, "staff:appointment:list", None, {"appointments": ids})
    visits = sorted(rows, key=lambda row: (row.starts_at, row.practitioner_id, row.id))
    answered = await _answered(tx, [row.id for row in visits], language)
    return Day(tuple(visits), await tx.fetchval("select now()"), answered)


async def access_set_status(
    tx: Tx, staff: Staff, actor: Actor, visit_id: int, version: int, status: Step
) -> Literal["done", "changed"] | None:
    """Say what became of a visit that was shown as `version`. "changed": it is another by now;
    None: there is none that this staff member may see. `actor` is the staff member as booking
    knows one; it writes the audit row."""
    patient_id = await tx.fetchval("select patient_id from appointment where id = $1", visit_id)
    if patient_id is None or not await _may_see(tx, staff, [patient_id]):
        return None
    outcome = await set_status(tx, actor, visit_id, version, status)
    return "changed" if isinstance(outcome, Changed) else "done"


async def visit_day(tx: Tx, visit_id: int) -> date | None:
    """The day that a visit begins on at its site."""
    on: date | None = await tx.fetchval(
        """select (a.starts_at at time zone i.time_zone)::date
           from appointment a join site i on i.id = a.site_id where a.id = $1""",
        visit_id,
    )
    return on


async def today(tx: Tx, zone: str) -> date:
    """The day it is in a zone, by PostgreSQL's clock."""
    on: date = await tx.fetchval("select (now() at time zone $1)::date", zone)
    return on


async def _answered(
    tx: Tx, visit_ids: list[int], language: str
) -> Mapping[int, tuple[Answered, ...]]:
    """The responses to what was asked for these visits, which the caller may see, oldest first.

    Whoever may see a patient's visits may see their answers; who reads them is recorded there.
    """
    rows = await tx.fetch(
        """select r.appointment_id, a.id, q.title, q.name from questionnaire_response a
           join questionnaire_request r on r.id = a.request_id
           join questionnaire q on q.id = a.questionnaire_id
           join appointment v on v.id = r.appointment_id and v.patient_id = a.patient_id
           where r.appointment_id = any ($1) order by a.authored_at, a.id""",
        visit_ids,
    )
    found: dict[int, tuple[Answered, ...]] = {}
    for row in rows:
        one = Answered(row["id"], in_language(row["title"], language) or row["name"])
        found[row["appointment_id"]] = (*found.get(row["appointment_id"], ()), one)
    return found


async def _own(tx: Tx, staff: Staff, rows: Iterable[DaySheetRow]) -> list[DaySheetRow]:
    rows = list(rows)
    seen = await _may_see(tx, staff, {row.patient_id for row in rows})
    return [row for row in rows if row.patient_id in seen]


async def _may_see(tx: Tx, staff: Staff, patient_ids: Iterable[int]) -> set[int]:
    rows = await tx.fetch(
        f"select p.id from patient p where p.id = any ($3) and ($2 or p.id in ({OWN_PATIENTS}))",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        list(patient_ids),
    )
    return {row["id"] for row in rows}
