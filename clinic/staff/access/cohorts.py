"""Research cohorts in the panel. Every look at members and every file leaves an audit row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from clinic.audit.service import record
from clinic.cohort import rules, service
from clinic.cohort.service import Cohort
from clinic.cohort.types import Arm, Draft, Fault, Member, Refusal, Status
from clinic.config import Settings
from clinic.db import Tx
from clinic.staff.access.records import visible
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff


@dataclass(frozen=True, slots=True)
class Studied:
    """A cohort as its page shows it. `months`: at which numbers at risk are told."""

    cohort: Cohort
    members: tuple[tuple[Member, int, str], ...]
    arms: tuple[Arm, ...]
    months: tuple[int, ...]
    rounds: Mapping[int, Mapping[str, int]]
    today: date


async def access_cohorts(tx: Tx, staff: Staff) -> tuple[Cohort, ...]:
    """All cohorts, for those who see all patients."""
    return await service.cohorts(tx) if sees_all_patients(staff.role) else ()


async def access_cohort(
    tx: Tx, settings: Settings, staff: Staff, cohort_id: int, *, export: bool = False
) -> Studied | None:
    """A cohort with its members and curves; None if there is none, or one may not see it."""
    if not sees_all_patients(staff.role):
        return None
    found = await service.cohorts(tx, cohort_id)
    if not found:
        return None
    (cohort,) = found
    zone = settings.clinic.time_zone
    today = await today_of(tx, settings)
    those = await service.members(tx, cohort_id, zone)
    people = [one for one, _, _ in those]
    longest = max((rules.followed(one).days for one in people), default=0)
    months = rules.axis(cohort.draft.rounds, longest)
    days = [round(month * rules.MONTH) for month in months]
    arms = tuple(
        rules.arm(name, people, days, today, cohort.draft.lost_after_days)
        for name in cohort.draft.arms
    )
    deed = "export" if export else "show"
    await record(tx, "staff", staff.id, f"staff:cohort:{deed}", cohort_id)
    rounds = await service.rounds_of(tx, cohort_id)
    return Studied(cohort, those, arms, months, rounds, today)


async def access_create_cohort(
    tx: Tx, staff: Staff, draft: Draft
) -> int | tuple[Fault, ...] | None:
    """A new cohort; its id or what is wrong with it, None if one may not."""
    return await service.create(tx, draft, staff.id) if sees_all_patients(staff.role) else None


async def access_close_cohort(tx: Tx, staff: Staff, cohort_id: int) -> bool:
    """End a cohort. False if there is nothing to end."""
    return sees_all_patients(staff.role) and await service.close(tx, cohort_id, staff.id)


async def access_enrol(
    tx: Tx,
    settings: Settings,
    staff: Staff,
    cohort_id: int,
    chart: str,
    arm: str,
    enrolled_on: date,
) -> int | Refusal:
    """Let the patient of a chart number take part; the member's id, or why not."""
    patient = await tx.fetchval(
        "select id from patient where chart = $1 and merged_into_id is null", chart
    )
    allowed = sees_all_patients(staff.role) and patient is not None
    if not allowed or not await visible(tx, staff, patient, standing=True):
        return "gone"
    today = await today_of(tx, settings)
    return await service.enrol(tx, cohort_id, patient, arm, enrolled_on, today, staff.id)


async def access_set_member(
    tx: Tx,
    settings: Settings,
    staff: Staff,
    cohort_id: int,
    member_id: int,
    status: Status,
    on: date | None,
) -> bool:
    """Note how a member is. False if one may not, or it cannot be."""
    if not sees_all_patients(staff.role):
        return False
    today = await today_of(tx, settings)
    return await service.set_status(tx, cohort_id, member_id, status, on, today, staff.id)


async def access_forms(tx: Tx) -> list[tuple[str, dict[str, str]]]:
    """The questionnaires that a round can ask."""
    return await service.forms(tx)


async def today_of(tx: Tx, settings: Settings) -> date:
    """The clinic's day."""
    today: date = await tx.fetchval(
        "select (now() at time zone $1)::date", settings.clinic.time_zone
    )
    return today
