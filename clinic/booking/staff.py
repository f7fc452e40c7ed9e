"""What the desk does with the calendar: the sheet of a day, and time that is closed."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.hours import instant, moment
from clinic.booking.locks import lock_all
from clinic.booking.search import in_language, minutes_of
from clinic.booking.types import AppointmentStatus, DaySheetRow
from clinic.db import Tx


async def day_sheet(
    tx: Tx, on: date, language: str, practitioner_id: int | None = None
) -> tuple[DaySheetRow, ...]:
    """The visits that begin on a day of their site, by practitioner and time; holds are none."""
    rows = await tx.fetch(
        """select a.*, p.name as patient_name, p.chart, s.name as service_name,
                  r.name as practitioner_name, i.name as site_name, i.time_zone,
                  array(select t.name from allocation l join resource t on t.id = l.resource_id
                        where l.appointment_id = a.id and l.status <> 'released'
                          and t.kind <> 'practitioner' order by t.kind desc, t.id) as rooms
           from appointment a join patient p on p.id = a.patient_id
                join service s on s.id = a.service_id join resource r on r.id = a.practitioner_id
                join site i on i.id = a.site_id
           where a.starts_at >= ($1::date::timestamp - interval '1 day') at time zone 'UTC'
             and a.starts_at < ($1::date::timestamp + interval '2 days') at time zone 'UTC'
             and (a.starts_at at time zone i.time_zone)::date = $1
             and a.status not in ('held', 'proposed', 'expired')
             and ($2::bigint is null or a.practitioner_id = $2)
           order by a.practitioner_id, a.starts_at, a.id""",
        on,
        practitioner_id,
    )
    return tuple(
        DaySheetRow(
            id=row["id"],
            version=row["version"],
            status=AppointmentStatus(row["status"]),
            starts_at=row["starts_at"].astimezone(ZoneInfo(row["time_zone"])),
            ends_at=row["ends_at"].astimezone(ZoneInfo(row["time_zone"])),
            patient_id=row["patient_id"],
            patient_name=row["patient_name"],
            chart=row["chart"],
            service_name=in_language(row["service_name"], language),
            practitioner_id=row["practitioner_id"],
            practitioner_name=in_language(row["practitioner_name"], language),
            site_id=row["site_id"],
            site_name=in_language(row["site_name"], language),
            rooms=tuple(in_language(name, language) for name in row["rooms"]),
            confirmed=row["confirmed_at"] is not None,
            has_note=row["note"] is not None,
        )
        for row in rows
    )


async def read_note(tx: Tx, actor: Actor, appointment_id: int) -> str:
    """What the patient wrote for the visit, "" if nothing. The reading is audited."""
    row = await tx.fetchrow("select key, note from appointment where id = $1", appointment_id)
    if row is None or row["note"] is None:
        return ""
    action = f"{actor.kind}:appointment:read_note"
    await record(tx, actor.kind, actor.id, action, appointment_id)
    return actor.keys.open(row["note"], "appointment.note", row["key"]).decode()


async def close_time(
    tx: Tx,
    actor: Actor,
    on: date,
    resource_id: int | None,
    site_id: int | None = None,
    opens_at: str | None = None,
    closes_at: str | None = None,
    reason: str = "",
) -> tuple[int, tuple[int, ...]]:
    """Close a day, or HH:MM to HH:MM of it, for a resource, a site or (both None) everything.

    Returns the exception's id and the appointments, booked or held, that stand in the closed time:
    they stay until somebody moves them. Nobody can book into it once this is committed.
    """
    resources = await tx.fetch(
        "select id, kind from resource where $1::bigint is null or id = $1", resource_id
    )
    await lock_all(tx, [(one["kind"], one["id"]) for one in resources])
    exception_id: int = await tx.fetchval(
        """insert into schedule_exception
             (resource_id, site_id, on_date, kind, opens_at, closes_at, reason)
           values ($1, $2, $3, 'closed', $4, $5, $6) returning id""",
        resource_id,
        site_id,
        on,
        opens_at,
        closes_at,
        reason,
    )
    rows = await tx.fetch(
        """select distinct a.id, a.starts_at, a.ends_at, i.time_zone
           from appointment a join site i on i.id = a.site_id
                join allocation l on l.appointment_id = a.id and l.status in ('held', 'booked')
           where ($1::bigint is null or l.resource_id = $1)
             and ($2::bigint is null or a.site_id = $2)
             and a.status in ('held', 'booked') and a.ends_at > now()
             and (a.status = 'booked' or a.held_until > now())
             and a.starts_at < ($3::date + 2)::timestamptz
             and a.ends_at > ($3::date - 1)::timestamptz order by a.id""",
        resource_id,
        site_id,
        on,
    )
    action = f"{actor.kind}:schedule:close"
    await record(tx, actor.kind, actor.id, action, exception_id)
    return exception_id, tuple(
        row["id"]
        for row in rows
        if _meets(row["starts_at"], row["ends_at"], on, opens_at, closes_at, row["time_zone"])
    )


async def reopen_time(tx: Tx, actor: Actor, exception_id: int) -> bool:
    """Take a closing back; False if there is none of this id."""
    found = await tx.fetchval(
        "delete from schedule_exception where id = $1 and kind = 'closed' returning id",
        exception_id,
    )
    if found is not None:
        await record(tx, actor.kind, actor.id, f"{actor.kind}:schedule:reopen", exception_id)
    return found is not None


def _meets(
    starts_at: datetime,
    ends_at: datetime,
    on: date,
    opens_at: str | None,
    closes_at: str | None,
    time_zone: str,
) -> bool:
    """Whether a visit and the closed time on its site's wall clock have a minute in common."""
    zone = ZoneInfo(time_zone)
    first = moment(instant(zone, on, minutes_of(opens_at or "00:00")), zone)
    last = moment(instant(zone, on, minutes_of(closes_at or "24:00")), zone)
    return starts_at < last and ends_at > first and first < last
