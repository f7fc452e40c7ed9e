"""What the calendar shows: visits of some days, hours, blocked time, and how full it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.booking.hours import DAY, Exceptional, Weekly, runs, span, wall_hours
from clinic.booking.search import in_language
from clinic.booking.types import AppointmentStatus
from clinic.db import Tx

MOST_DAYS = 7
MOST_VISITS = 2_000
Period = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CalendarVisit:
    """One visit in the calendar; its times are on its site's wall clock, without a zone."""

    id: int
    version: int
    status: AppointmentStatus
    begins: datetime
    ends: datetime
    patient_id: int
    patient_name: str
    service_name: str
    practitioner_id: int
    practitioner_name: str
    site_id: int
    site_name: str
    rooms: tuple[tuple[int, str], ...]  # and devices
    confirmed: bool
    open: bool  # booked and not begun: it can be moved


@dataclass(frozen=True, slots=True)
class Load:
    """How full a day of a practitioner is, in minutes."""

    open: int
    booked: int

    @property
    def share(self) -> int:
        """Percent of the open minutes, 100 at most; 0 on a day without hours."""
        return min(100, round(100 * self.booked / self.open)) if self.open else 0


async def visits_between(
    tx: Tx,
    first: date,
    last: date,
    language: str,
    *,
    practitioner_id: int | None = None,
    site_id: int | None = None,
) -> list[CalendarVisit]:
    """Visits that begin on these days of their sites, both included; no cancelled ones."""
    rows = await tx.fetch(
        """select a.id, a.version, a.status, a.patient_id, a.practitioner_id, a.site_id,
             a.starts_at at time zone i.time_zone as begins,
             a.ends_at at time zone i.time_zone as ends,
             a.confirmed_at is not null as confirmed,
             a.status = 'booked' and a.starts_at > now() as open,
             p.name as patient_name, s.name as service_name, r.name as practitioner_name,
             i.name as site_name,
             (select jsonb_agg(jsonb_build_array(t.id, t.name) order by t.id)
              from allocation l join resource t on t.id = l.resource_id
              where l.appointment_id = a.id and l.status <> 'released'
                and t.kind <> 'practitioner') as rooms
           from appointment a join patient p on p.id = a.patient_id
                join service s on s.id = a.service_id join resource r on r.id = a.practitioner_id
                join site i on i.id = a.site_id
           where a.starts_at >= ($1::date::timestamp - interval '1 day') at time zone 'UTC'
             and a.starts_at < ($2::date::timestamp + interval '2 days') at time zone 'UTC'
             and (a.starts_at at time zone i.time_zone)::date between $1 and $2
             and a.status in ('booked', 'arrived', 'fulfilled', 'noshow')
             and ($3::bigint is null or a.practitioner_id = $3)
             and ($4::bigint is null or a.site_id = $4)
           order by a.starts_at, a.id limit $5""",
        first,
        last,
        practitioner_id,
        site_id,
        MOST_VISITS,
    )
    return [
        CalendarVisit(
            row["id"],
            row["version"],
            AppointmentStatus(row["status"]),
            row["begins"],
            row["ends"],
            row["patient_id"],
            row["patient_name"],
            in_language(row["service_name"], language),
            row["practitioner_id"],
            in_language(row["practitioner_name"], language),
            row["site_id"],
            in_language(row["site_name"], language),
            tuple((id, in_language(name, language)) for id, name in row["rooms"] or ()),
            row["confirmed"],
            row["open"],
        )
        for row in rows
    ]


async def mark_of(tx: Tx, first: date, last: date) -> str:
    """What changes whenever anything in these days does; says nothing of anybody."""
    row = await tx.fetchrow(
        """select count(*) as n, coalesce(max(updated_at), 'epoch') as at, (
             select coalesce(sum(x.id), 0) from schedule_exception x
             where x.on_date between $1 and $2) as closed
           from appointment
           where starts_at >= ($1::date::timestamp - interval '1 day') at time zone 'UTC'
             and starts_at < ($2::date::timestamp + interval '2 days') at time zone 'UTC'""",
        first,
        last,
    )
    return f"{row['n']}.{row['at'].timestamp():.6f}.{row['closed']}"


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def open_minutes(
    weekly: Sequence[Weekly],
    exceptions: Iterable[Exceptional],
    on: date,
    sites: Iterable[int],
) -> int:
    """The open minutes of one resource on a day at any of the sites, as a set."""
    of_day = [one for one in exceptions if one.on == on]
    minutes = 0
    for site in sites:
        minutes |= wall_hours(weekly, of_day, on, site)[0]
    return minutes


def closed_periods(opened: int) -> list[Period]:
    """The stretches of a day that are not open."""
    return list(runs(span(0, DAY) & ~opened))


def loads(
    weekly: Mapping[int, Sequence[Weekly]],
    exceptions: Sequence[Exceptional],
    visits: Iterable[CalendarVisit],
    days: Sequence[date],
    sites: Sequence[int],
) -> dict[int, list[Load]]:
    """For each practitioner how full each of the days is. A no-show took its time as well."""
    booked: dict[tuple[int, date], int] = {}
    for visit in visits:
        key = visit.practitioner_id, visit.begins.date()
        minutes = int((visit.ends - visit.begins).total_seconds() // 60)
        booked[key] = booked.get(key, 0) + minutes
    return {
        who: [
            Load(
                open_minutes(
                    of_one,
                    [one for one in exceptions if one.resource_id in (None, who)],
                    on,
                    sites,
                ).bit_count(),
                booked.get((who, on), 0),
            )
            for on in days
        ]
        for who, of_one in weekly.items()
    }
