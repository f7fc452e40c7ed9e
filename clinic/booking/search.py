"""Reads what decides which starts are free, and answers what can be booked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.booking import rules
from clinic.booking.hours import DAY, Exceptional, Weekly
from clinic.booking.types import DayOption, PractitionerOption, ServiceOption, Slot
from clinic.db import Tx

NEARBY_DAYS = 14
NEARBY_BEFORE = 3  # of them, before the day that was wanted


Periods = tuple[rules.Period, ...]


@dataclass(frozen=True, slots=True)
class Ignoring:
    """What takes no time although it stands in the calendar: it would give way."""

    appointment_id: int | None = None  # a visit that is to be moved
    holds_of: int | None = None  # the chat account that holds one slot at a time


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """What the clinic has laid down for a service; `now` is the database's."""

    offer: rules.Offer
    sites: Mapping[int, rules.Site]
    resources: tuple[rules.Resource, ...]
    now: datetime

    @property
    def today(self) -> date:
        """The earliest local date at any site."""
        return min(self.now.astimezone(site.zone).date() for site in self.sites.values())

    @property
    def last_day(self) -> date:
        """The last date at any site that can be booked."""
        latest = max(self.now.astimezone(site.zone).date() for site in self.sites.values())
        return latest + timedelta(days=self.offer.horizon_days)


def in_language(words: Mapping[str, str], language: str) -> str:
    """A name in the language, else in English, else in any there is."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


async def list_services(tx: Tx, language: str) -> tuple[ServiceOption, ...]:
    """The services that somebody offers, in the clinic's order."""
    rows = await tx.fetch(
        """select s.id, s.name, s.duration from service s where s.active and exists (
             select from service_resource n join resource r on r.id = n.resource_id
             where n.service_id = s.id and r.active and r.kind = 'practitioner')
           order by s.position, s.id"""
    )
    return tuple(
        ServiceOption(row["id"], in_language(row["name"], language), row["duration"])
        for row in rows
    )


async def list_practitioners(
    tx: Tx, service_id: int, language: str
) -> tuple[PractitionerOption, ...]:
    """Who offers a service."""
    rows = await tx.fetch(
        """select r.id, r.name from service_resource n join resource r on r.id = n.resource_id
           join service s on s.id = n.service_id and s.active
           where n.service_id = $1 and r.active and r.kind = 'practitioner' order by r.id""",
        service_id,
    )
    return tuple(PractitionerOption(row["id"], in_language(row["name"], language)) for row in rows)


async def find_days(
    tx: Tx,
    language: str,
    service_id: int,
    practitioner_id: int | None,
    from_on: date,
    limit: int,
    moving: int | None = None,
) -> tuple[tuple[DayOption, ...], bool]:
    """The first `limit` days with a free start from `from_on` on, and whether there are later ones.

    `moving` is an appointment whose own time counts as free.
    """
    service = await read_rules(tx, language, service_id, practitioner_id)
    if service is None:
        return (), False
    first = max(from_on, service.today)
    days = (service.last_day - first).days + 1
    if days < 1:
        return (), False
    board = await read_board(tx, service, first, days, Ignoring(moving))
    return rules.days_of(rules.free(board), limit)


async def find_slots(
    tx: Tx,
    language: str,
    service_id: int,
    practitioner_id: int | None,
    on: date | None,
    limit: int,
    moving: int | None = None,
) -> tuple[Slot, ...]:
    """The first `limit` free slots of a day, or with None the first ones there are."""
    service = await read_rules(tx, language, service_id, practitioner_id)
    if service is None or (on and not service.today <= on <= service.last_day):
        return ()
    first = on or service.today
    days = 1 if on else (service.last_day - first).days + 1
    board = await read_board(tx, service, first, days, Ignoring(moving))
    return rules.slots_of(rules.free(board), on, limit)


async def find_offered(
    tx: Tx, service: ServiceRules, slot: Slot, but: Ignoring, patient_busy: Periods
) -> Slot | tuple[Slot, ...]:
    """The slot with resources that are free now, or the nearest others that are."""
    on = _bookable_day(service, slot)
    begin = max(on - timedelta(days=NEARBY_BEFORE), service.today)
    whole = (service.last_day - service.today).days + 1
    for first, days in ((begin, NEARBY_DAYS), (service.today, whole)):
        found = rules.free(await read_board(tx, service, first, days, but, patient_busy))
        same_or_near = rules.offered(found, slot) or rules.nearest(found, slot)
        if same_or_near:
            return same_or_near
    return ()


async def still_offered(
    tx: Tx, service: ServiceRules, slot: Slot, but: Ignoring, patient_busy: Periods
) -> Slot | None:
    """The slot with resources that are free now; None: it is not to be had."""
    on = _bookable_day(service, slot)
    return rules.offered(rules.free(await read_board(tx, service, on, 1, but, patient_busy)), slot)


def _bookable_day(service: ServiceRules, slot: Slot) -> date:
    """The slot's day at its site, or the nearest one that can be booked at all."""
    on = slot.starts_at.astimezone(service.sites[slot.site_id].zone).date()
    return min(max(on, service.today), service.last_day)


async def read_rules(
    tx: Tx, language: str, service_id: int, practitioner_id: int | None = None
) -> ServiceRules | None:
    """What is laid down for a service, with one practitioner or all; None if it is not offered."""
    row = await tx.fetchrow(
        "select *, now() as now from service where id = $1 and active", service_id
    )
    if row is None:
        return None
    resources = await tx.fetch(
        """select r.id, r.kind, r.name, r.site_id, (
             select count(*) from service_resource o join service s on s.id = o.service_id
             where o.resource_id = r.id and s.active) as services
           from service_resource n join resource r on r.id = n.resource_id
           where n.service_id = $1 and r.active
             and (r.kind <> 'practitioner' or $2::bigint is null or r.id = $2)""",
        service_id,
        practitioner_id,
    )
    schedules = await tx.fetch(
        "select * from schedule where resource_id = any($1::bigint[])",
        [one["id"] for one in resources],
    )
    weekly: dict[int, list[Weekly]] = {}
    for one in schedules:
        weekly.setdefault(one["resource_id"], []).append(
            Weekly(
                one["site_id"],
                one["weekday"],
                minutes_of(one["opens_at"]),
                minutes_of(one["closes_at"]),
                one["valid_from"] or date.min,
                one["valid_until"] or date.max,
            )
        )
    sites = await tx.fetch("select id, name, time_zone from site")
    if not sites:
        return None
    return ServiceRules(
        rules.Offer(
            row["id"],
            row["duration"],
            row["buffer_before"],
            row["buffer_after"],
            row["step"],
            row["minimum_notice"],
            row["horizon_days"],
        ),
        {
            one["id"]: rules.Site(
                one["id"], in_language(one["name"], language), ZoneInfo(one["time_zone"])
            )
            for one in sites
        },
        tuple(
            rules.Resource(
                one["id"],
                one["kind"],
                in_language(one["name"], language),
                one["site_id"],
                one["services"],
                tuple(weekly.get(one["id"], ())),
            )
            for one in resources
        ),
        row["now"],
    )


async def read_board(
    tx: Tx,
    service: ServiceRules,
    first: date,
    days: int,
    but: Ignoring = Ignoring(),
    patient_busy: Periods = (),
) -> rules.Board:
    """All that decides what is free on some days. A hold that has run out takes nothing."""
    ids = [one.id for one in service.resources]
    exceptions = await tx.fetch(
        """select resource_id, site_id, on_date, kind, opens_at, closes_at from schedule_exception
           where on_date between $2 and $3 and (resource_id is null or resource_id = any($1))""",
        ids,
        first - timedelta(days=1),
        first + timedelta(days=days),
    )
    # The range of one value is how the index of the overlap constraint knows a resource.
    taken = await tx.fetch(
        """select l.resource_id, floor(extract(epoch from lower(l.during)) / 60)::bigint as begins,
                  ceil(extract(epoch from upper(l.during)) / 60)::bigint as ends
           from unnest($1::bigint[]) wanted (id)
           join allocation l on int8range(l.resource_id, l.resource_id, '[]')
                                && int8range(wanted.id, wanted.id, '[]')
                            and l.during && tstzrange($2, $3) and l.status in ('held', 'booked')
           join appointment a on a.id = l.appointment_id
           where (l.status = 'booked'
                  or a.held_until > now() and (a.account_id = $5::bigint) is not true)
             and a.id <> $4""",
        ids,
        datetime.combine(first - timedelta(days=2), datetime.min.time(), service.now.tzinfo),
        datetime.combine(first + timedelta(days=days + 2), datetime.min.time(), service.now.tzinfo),
        but.appointment_id or 0,
        but.holds_of,
    )
    busy: dict[int, list[rules.Period]] = {}
    for one in taken:
        busy.setdefault(one["resource_id"], []).append((one["begins"], one["ends"]))
    return rules.Board(
        service.offer,
        tuple(service.sites.values()),
        tuple(replace(one, busy=tuple(busy.get(one.id, ()))) for one in service.resources),
        tuple(
            Exceptional(
                one["on_date"],
                one["kind"] == "extra",
                minutes_of(one["opens_at"] or "00:00"),
                minutes_of(one["closes_at"]) if one["closes_at"] else DAY,
                one["resource_id"],
                one["site_id"],
            )
            for one in exceptions
        ),
        service.now,
        first,
        days,
        patient_busy,
    )


def minutes_of(clock: str) -> int:
    """HH:MM, up to 24:00, as minutes since midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
