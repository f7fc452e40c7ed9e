"""Figures for staff: sums without patients. A doctor sees what is of own visits, money the admin.

Only the comments of surveys tell of patients: every look at them leaves an audit row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.figures import service, survey
from clinic.figures.recompute import today_of
from clinic.figures.service import Named
from clinic.figures.survey import Comment
from clinic.figures.types import Scope
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page of figures may be asked for. `own`: the acting doctor's resources, else None.

    `known_at`: when the newest sums were worked out; None: never yet.
    """

    today: date
    zone: str
    named: Named
    own: tuple[int, ...] | None
    known_at: datetime | None

    def narrowed(self, scope: Scope) -> Scope:
        """The scope, within what the acting staff member may see."""
        if self.own is None:
            return scope
        asked = self.own if scope.doctors is None else scope.doctors
        return replace(scope, doctors=tuple(one for one in asked if one in self.own))


async def access_frame(tx: Tx, staff: Staff, zone: str) -> Frame:
    """The filters of the acting staff member; a doctor's name no colleagues."""
    named = await service.named(tx)
    own = None
    if not sees_all_patients(staff.role):
        rows = await tx.fetch("select id from resource where staff_id = $1", staff.id)
        own = tuple(row["id"] for row in rows)
        named = replace(
            named, doctors={one: name for one, name in named.doctors.items() if one in own}
        )
    known_at = await tx.fetchval(
        "select max(computed_at) from figure_month where computed_at > 'epoch'"
    )
    return Frame(await today_of(tx, zone), zone, named, own, known_at)


async def access_comments(
    tx: Tx, keys: KeyRing, staff: Staff, since: date, until: date, zone: str
) -> Sequence[Comment]:
    """What patients wrote under surveys, for the admin."""
    if staff.role is not Role.ADMIN:
        return ()
    found = await survey.comments(tx, keys, since, until, zone)
    for patient in sorted({one.patient_id for one in found}):
        await record(tx, "staff", staff.id, "staff:survey:comments", patient)
    return found
