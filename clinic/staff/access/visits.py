"""The visits of a day, and what became of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.staff import day_sheet
from clinic.booking.types import AppointmentStatus, Changed, DaySheetRow
from clinic.db import Tx
from clinic.reception import rules
from clinic.reception.service import delays, take_back, take_step, tickets
from clinic.reception.types import STEPS, Step, Ticket
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

__all__ = ["STEPS", "Step"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a patient answered to a questionnaire that was asked for a visit."""

    response_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Day:
    """The day sheet, the instant it was read at, and what else is known of its visits, by their
    ids: the answers that were asked for them, their numbers, who said they would be late, and which
    press can still be taken back. `delays` is in minutes, by the practitioner's id."""

    visits: tuple[DaySheetRow, ...]
    now: datetime
    answered: Mapping[int, tuple[Answered, ...]]
    tickets: Mapping[int, Ticket]
    late: frozenset[int]
    undo: Mapping[int, Step]
    delays: Mapping[int, int]

    def steps(self, visit: DaySheetRow) -> tuple[Step, ...]:
        """What the desk can say of a visit now, the likeliest first."""
        return rules.steps(
            visit.status,
            visit.starts_at,
            self.now,
            late=visit.id in self.late,
            started=self.started(visit),
        )

    def started(self, visit: DaySheetRow) -> bool:
        """Whether the patient has been called in."""
        ticket = self.tickets.get(visit.id)
        return ticket is not None and ticket.started_at is not None

    def expected(self, visit: DaySheetRow) -> datetime | None:
        """When a visit that has not begun is likely to begin, if its practitioner is behind."""
        waits = visit.status in (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
        if not waits or self.started(visit):
            return None
        minutes = self.delays.get(visit.practitioner_id, 0)
        return rules.expected(visit.starts_at, minutes, self.now.astimezone(visit.starts_at.tzinfo))

    def waiting(self, practitioner_id: int) -> list[Ticket]:
        """The numbers that wait for a practitioner, the next first."""
        found = [
            one
            for one in self.tickets.values()
            if one.practitioner_id == practitioner_id and one.state == "waiting"
        ]
        return sorted(found, key=lambda one: one.number)

    def behind(self, practitioner_id: int) -> int:
        """How many minutes a practitioner seems to be behind."""
        waiting = [
            visit.starts_at
            for visit in self.visits
            if visit.practitioner_id == practitioner_id
            and visit.status is AppointmentStatus.ARRIVED
            and not self.started(visit)
        ]
        return rules.behind(waiting, self.now)


async def access_day(tx: Tx, staff: Staff, on: date, language: str) -> Day:
    """The visits that begin on a day of their site, cancelled ones too, in the order of time."""
    rows = await _own(tx, staff, await day_sheet(tx, on, language))
    if rows:
        ids = [row.id for row in rows]
        await record(tx, "staff", staff.id, "staff:appointment:list", None, {"appointments": ids})
    visits = sorted(rows, key=lambda row: (row.starts_at, row.practitioner_id, row.id))
    ids = [row.id for row in visits]
    late, undo = await _pressed(tx, visits)
    return Day(
        visits=tuple(visits),
        now=await tx.fetchval("select now()"),
        answered=await _answered(tx, ids, language),
        tickets={one.appointment_id: one for one in await tickets(tx)},
        late=late,
        undo=undo,
        delays=await delays(tx, on),
    )


async def access_step(
    tx: Tx, staff: Staff, actor: Actor, visit_id: int, version: int, step: Step
) -> Literal["done", "changed"] | None:
    """Say what became of a visit that was shown as `version`. "changed": it is another by now;
    None: there is none that this staff member may see. `actor` is the staff member as booking
    knows one; it writes the audit row."""
    if not await may_see_visit(tx, staff, visit_id):
        return None
    outcome = await take_step(tx, actor, visit_id, version, step)
    return "changed" if isinstance(outcome, Changed) else "done"


async def access_take_back(
    tx: Tx, staff: Staff, actor: Actor, visit_id: int
) -> Literal["done", "changed"] | None:
    """Undo the last press on a visit. "changed": it is too late for that; None: may not."""
    if not await may_see_visit(tx, staff, visit_id):
        return None
    return "done" if await take_back(tx, actor, visit_id) else "changed"


async def may_see_visit(tx: Tx, staff: Staff, visit_id: int) -> bool:
    """Whether there is such a visit, of a patient whom this staff member may see."""
    patient_id = await tx.fetchval("select patient_id from appointment where id = $1", visit_id)
    return patient_id is not None and bool(await _may_see(tx, staff, [patient_id]))


async def visit_site(tx: Tx, visit_id: int) -> int:
    """The site of a visit that there is."""
    site: int = await tx.fetchval("select site_id from appointment where id = $1", visit_id)
    return site


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


async def _pressed(
    tx: Tx, visits: Iterable[DaySheetRow]
) -> tuple[frozenset[int], Mapping[int, Step]]:
    """Who said they would be late, and what was pressed last that can still be taken back."""
    versions = {one.id: one.version for one in visits}
    rows = await tx.fetch(
        """select distinct on (appointment_id) appointment_id, version, became,
             at > now() - $2::interval as open
           from visit_step where appointment_id = any ($1) and undone_at is null
           order by appointment_id, id desc""",
        list(versions),
        rules.UNDO,
    )
    now = [row for row in rows if row["version"] == versions[row["appointment_id"]]]
    return (
        frozenset(row["appointment_id"] for row in now if row["became"] == "late"),
        {row["appointment_id"]: row["became"] for row in now if row["open"]},
    )


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
