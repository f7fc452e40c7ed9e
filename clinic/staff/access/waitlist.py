"""The waitlist and the freed times of a month, for the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.search import in_language, list_practitioners, list_services
from clinic.booking.service import cancel_visit
from clinic.booking.types import PractitionerOption, ServiceOption, Visit
from clinic.db import Tx
from clinic.staff.access.patients import access_patient
from clinic.staff.access.tasks import access_close_task, find_task
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff
from clinic.waitlist import entries
from clinic.waitlist.types import Waiting

SHOWN_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class WaitRow:
    """An entry of the list. `asked_by` is the staff member who added it, None: the patient."""

    waiting: Waiting
    chart: str | None
    state: str
    asked_by: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of one person. `reason`: of who was never asked, or did not get the message."""

    patient_id: int
    patient_name: str
    wave: int
    state: str
    reason: str | None
    waits: bool  # is on the waitlist, else was due
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class FreedRow:
    """A freed time with whom it was offered to."""

    id: int
    cause: str
    state: str
    reason: str | None
    starts_at: datetime
    minutes: int
    service_name: str
    practitioner_name: str
    freed_at: datetime
    offers: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A freed time that is kept for people who were asked and have not answered: `until` when (in
    the site's zone), and `left`, the seconds to it."""

    starts_at: datetime
    service_name: str
    practitioner_name: str
    until: datetime
    left: float
    people: tuple[tuple[int, str], ...]  # ids of patients, and their names


@dataclass(frozen=True, slots=True)
class Board:
    """The freed times of a month, and how many of them and how many minutes were rescued."""

    freed: tuple[FreedRow, ...]
    count: int
    rescued: int
    minutes: int


async def access_waitlist(tx: Tx, staff: Staff, language: str) -> list[WaitRow]:
    """Who waits for what, the longest first."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch(
        f"""{entries.ENTRY} where {entries.OPEN}
            order by e.created_at, e.id limit {SHOWN_AT_MOST}"""
    )
    more = await tx.fetch(
        """select e.id, p.chart, s.name from waitlist_entry e join patient p on p.id = e.patient_id
           left join staff s on s.id = e.added_by_id where e.id = any($1)""",
        [row["id"] for row in rows],
    )
    by_id = {row["id"]: row for row in more}
    if rows:
        ids = [row["patient_id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:waitlist:list", None, {"patients": ids})
    return [
        WaitRow(
            entries.to_waiting(row, language),
            by_id[row["id"]]["chart"],
            row["state"],
            by_id[row["id"]]["name"],
        )
        for row in rows
    ]


async def access_asking(tx: Tx, staff: Staff, language: str) -> list[Asking]:
    """Who is being asked about which time now, what ends soonest first."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch(
        """select q.starts_at, i.time_zone, s.name as service, r.name as practitioner,
             max(f.held_until) as until,
             extract(epoch from max(f.held_until) - now())::float8 as left,
             array_agg(p.id order by f.id) as ids, array_agg(p.name order by f.id) as names
           from slot_offer f join slot_rescue q on q.id = f.rescue_id
           join service s on s.id = q.service_id join resource r on r.id = q.practitioner_id
           join site i on i.id = q.site_id join patient p on p.id = f.patient_id
           where f.state = 'offered' and q.state = 'open' and f.held_until > now()
           group by q.id, i.time_zone, s.name, r.name order by until, q.id"""
    )
    if rows:
        told = sorted({one for row in rows for one in row["ids"]})
        await record(tx, "staff", staff.id, "staff:offer:list", None, {"patients": told})
    return [
        Asking(
            starts_at=row["starts_at"].astimezone(ZoneInfo(row["time_zone"])),
            service_name=in_language(row["service"], language),
            practitioner_name=in_language(row["practitioner"], language),
            until=row["until"].astimezone(ZoneInfo(row["time_zone"])),
            left=row["left"],
            people=tuple(zip(row["ids"], row["names"], strict=True)),
        )
        for row in rows
    ]


async def access_leave(tx: Tx, staff: Staff, actor: Actor, entry_id: int) -> bool:
    """Take an entry off the list; False if it is not there any more."""
    return sees_all_patients(staff.role) and await entries.leave(tx, actor, entry_id)


async def access_join(tx: Tx, staff: Staff, actor: Actor, wanted: entries.Joining) -> bool:
    """Put a patient on the list; False if there is no such patient or no such time."""
    if await access_patient(tx, staff, wanted.patient_id) is None:
        return False
    return await entries.join(tx, actor, wanted) is not None


async def services_with_practitioners(
    tx: Tx, language: str
) -> tuple[tuple[ServiceOption, tuple[PractitionerOption, ...]], ...]:
    """What can be waited for, and with whom."""
    services = await list_services(tx, language)
    return tuple([(one, await list_practitioners(tx, one.id, language)) for one in services])


async def access_rescues(
    tx: Tx, staff: Staff, month: date, zone: ZoneInfo, language: str
) -> Board | None:
    """The times that became free in a month of the clinic's calendar; None: may not."""
    if not sees_all_patients(staff.role):
        return None
    begins = datetime(month.year, month.month, 1, tzinfo=zone)
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    ends = datetime(following.year, following.month, 1, tzinfo=zone)
    totals = await tx.fetchrow(
        """select count(*) as count, count(*) filter (where state = 'rescued') as rescued,
             coalesce(sum(minutes) filter (where state = 'rescued'), 0) as minutes
           from slot_rescue where created_at >= $1 and created_at < $2""",
        begins,
        ends,
    )
    rows = await tx.fetch(
        f"""select q.*, s.name as service, r.name as practitioner, i.time_zone
            from slot_rescue q join service s on s.id = q.service_id
            join resource r on r.id = q.practitioner_id join site i on i.id = q.site_id
            where q.created_at >= $1 and q.created_at < $2
            order by q.created_at desc, q.id desc limit {SHOWN_AT_MOST}""",  # noqa: S608  # a constant
        begins,
        ends,
    )
    offers = await _offers(tx, [row["id"] for row in rows])
    told = sorted({one.patient_id for some in offers.values() for one in some})
    if told:
        await record(tx, "staff", staff.id, "staff:offer:list", None, {"patients": told})
    freed = (
        FreedRow(
            id=row["id"],
            cause=row["cause"],
            state=row["state"],
            reason=row["reason"],
            starts_at=row["starts_at"].astimezone(ZoneInfo(row["time_zone"])),
            minutes=row["minutes"],
            service_name=in_language(row["service"], language),
            practitioner_name=in_language(row["practitioner"], language),
            freed_at=row["created_at"],
            offers=offers.get(row["id"], ()),
        )
        for row in rows
    )
    return Board(tuple(freed), totals["count"], totals["rescued"], totals["minutes"])


async def _offers(tx: Tx, rescues: Sequence[int]) -> Mapping[int, tuple[Offered, ...]]:
    rows = await tx.fetch(
        """select f.*, p.name from slot_offer f join patient p on p.id = f.patient_id
           where f.rescue_id = any($1) order by f.wave, f.id""",
        list(rescues),
    )
    found: dict[int, tuple[Offered, ...]] = {}
    for row in rows:
        one = Offered(
            row["patient_id"],
            row["name"],
            row["wave"],
            row["state"],
            row["reason"],
            row["entry_id"] is not None,
            row["answered_at"],
        )
        found[row["rescue_id"]] = (*found.get(row["rescue_id"], ()), one)
    return found


@dataclass(frozen=True, slots=True)
class Mapped:
    """A service, and whether people of each group who are due may be offered its times."""

    id: int
    name: str
    groups: tuple[tuple[int, str, bool], ...]


async def access_mapping(tx: Tx, language: str) -> list[Mapped]:
    """Which groups may be offered freed times of which service. Shows nobody's data."""
    groups = await tx.fetch(
        "select id, name, code from care_group where active order by position, id"
    )
    rows = await tx.fetch("select service_id, group_id from rescue_group")
    chosen = {(row["service_id"], row["group_id"]) for row in rows}
    return [
        Mapped(
            service.id,
            service.name,
            tuple(
                (one["id"], in_language(one["name"], language), (service.id, one["id"]) in chosen)
                for one in groups
            ),
        )
        for service in await list_services(tx, language)
    ]


async def access_set_mapping(tx: Tx, staff: Staff, service_id: int, groups: Sequence[int]) -> bool:
    """Let people of these groups, and no others, be offered the service; False: no such service."""
    if not await tx.fetchval("select exists (select from service where id = $1)", service_id):
        return False
    await tx.execute(
        "delete from rescue_group where service_id = $1 and group_id <> all($2)",
        service_id,
        list(groups),
    )
    await tx.execute(
        """insert into rescue_group (service_id, group_id)
           select $1, id from care_group where id = any($2) on conflict do nothing""",
        service_id,
        list(groups),
    )
    detail = {"groups": list(groups)}
    await record(tx, "staff", staff.id, "staff:waitlist:map", service_id, detail)
    return True


async def access_free_visit(tx: Tx, staff: Staff, actor: Actor, task_id: int) -> Visit | None:
    """Free the time of a visit that nobody confirmed, and close its call task.

    None: the task is not there any more, or the visit is confirmed or no longer booked.
    """
    task = await find_task(tx, staff, task_id, lock=True)
    if task is None or task["kind"] != "call" or task["appointment"] is None:
        return None
    visit = await tx.fetchrow(
        """select id, version from appointment
           where id = $1 and status = 'booked' and confirmed_at is null and starts_at > now()""",
        task["appointment"],
    )
    if visit is None:
        return None
    outcome = await cancel_visit(
        tx, actor, visit["id"], visit["version"], "unconfirmed", cause="silence"
    )
    if not isinstance(outcome, Visit):
        return None
    await access_close_task(tx, staff, task_id)
    return outcome
