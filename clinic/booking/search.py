"""Reads what decides which starts are free, and answers what can be booked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.booking import rules
from clinic.booking.hours import Exceptional, Weekly
from clinic.booking.types import DayOption, PractitionerOption, ServiceOption, Slot
from clinic.db import Tx

NEARBY_DAYS = 8
NEARBY_BEFORE = 2  # of them, before the day that was wanted


# Each is one query, since booking waits for every round trip with the locks held.
_RULES = """
select s.*, now() as now,
  (select jsonb_agg(to_jsonb(i)) from site i where i.active) as sites,
  (select jsonb_agg(jsonb_build_object('id', r.id, 'kind', r.kind, 'name', r.name,
     'site_id', r.site_id,
     'services', (select count(*) from service_resource o join service t on t.id = o.service_id
                  where o.resource_id = r.id and t.active),
     'weekly', (select jsonb_agg(to_jsonb(w)) from schedule w where w.resource_id = r.id)))
   from service_resource n join resource r on r.id = n.resource_id
   where n.service_id = s.id and r.active
     and (r.kind <> 'practitioner' or $2::bigint is null or r.id = $2)) as resources
from service s where s.id = $1 and s.active
"""
# The range of one value is how the index of the overlap constraint knows a resource; all at once,
# since PostgreSQL would read everybody's time to find that of two. `offset 0`: the patient's visits
# are looked up by the patient, and not found among all that are coming.
_BOARD = """
select
  (select jsonb_agg(to_jsonb(x)) from schedule_exception x
   where x.on_date between $2::date and $3::date
     and (x.resource_id is null or x.resource_id = any($1::bigint[]))) as exceptions,
  (select jsonb_agg(jsonb_build_array(l.resource_id,
     floor(date_part('epoch', lower(l.during)) / 60)::bigint,
     ceil(date_part('epoch', upper(l.during)) / 60)::bigint))
   from allocation l
   where int8range(l.resource_id, l.resource_id, '[]')
         && (select range_agg(int8range(id, id, '[]')) from unnest($1::bigint[]) id)
     and l.during && tstzrange($2::date - 1, $3::date + 2) and l.status in ('held', 'booked')
     and l.appointment_id <> $4 and (l.status = 'booked'
     or (select a.held_until > now() and (a.account_id = $5::bigint) is not true
         from appointment a where a.id = l.appointment_id))) as taken,
  (select jsonb_agg(jsonb_build_array(
     floor(date_part('epoch', a.starts_at) / 60)::bigint,
     ceil(date_part('epoch', a.ends_at) / 60)::bigint))
   from (select * from appointment where patient_id = $6::bigint offset 0) a
   where a.ends_at > now() and a.id <> $4 and (a.status = 'booked'
     or a.status = 'held' and a.held_until > now()
        and (a.account_id = $5::bigint) is not true)) as patient_busy,
  exists (select from appointment a where a.status = 'held'
          and (a.held_until <= now() or a.account_id = $5::bigint))
    or exists (select from appointment a
               where a.status = 'proposed' and a.held_until <= now()) as dead_holds
"""


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


async def read_rules(
    tx: Tx, language: str, service_id: int, practitioner_id: int | None = None
) -> ServiceRules | None:
    """What is laid down for a service, with one practitioner or all; None if it is not offered."""
    row = await tx.fetchrow(_RULES, service_id, practitioner_id)
    if row is None or row["sites"] is None:
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
            for one in row["sites"]
        },
        tuple(
            rules.Resource(
                one["id"],
                one["kind"],
                in_language(one["name"], language),
                one["site_id"],
                one["services"],
                tuple(map(_weekly, one["weekly"] or ())),
            )
            for one in row["resources"] or ()
        ),
        row["now"],
    )


async def read_board(
    tx: Tx,
    service: ServiceRules,
    first: date,
    days: int,
    but: Ignoring = Ignoring(),
    patient_id: int | None = None,
) -> rules.Board:
    """All that decides what is free on some days, for a patient if there is one.

    A hold that has run out takes nothing.
    """
    row = await tx.fetchrow(
        _BOARD,
        [one.id for one in service.resources],
        first - timedelta(days=1),
        first + timedelta(days=days),
        but.appointment_id or 0,
        but.holds_of,
        patient_id,
    )
    busy: dict[int, list[rules.Period]] = {}
    for resource_id, begins, ends in row["taken"] or ():
        busy.setdefault(resource_id, []).append((begins, ends))
    return rules.Board(
        service.offer,
        tuple(service.sites.values()),
        tuple(replace(one, busy=tuple(busy.get(one.id, ()))) for one in service.resources),
        tuple(exceptional_of(x, date.fromisoformat(x["on_date"])) for x in row["exceptions"] or ()),
        service.now,
        first,
        days,
        tuple((begins, ends) for begins, ends in row["patient_busy"] or ()),
        row["dead_holds"],
    )


async def nearby_board(
    tx: Tx, service: ServiceRules, slot: Slot, but: Ignoring, patient_id: int
) -> rules.Board:
    """The board of the week around a slot, as far as they can be booked."""
    on = _bookable_day(service, slot)
    first = max(on - timedelta(days=NEARBY_BEFORE), service.today)
    return await read_board(tx, service, first, NEARBY_DAYS, but, patient_id)


async def whole_board(tx: Tx, service: ServiceRules, but: Ignoring, patient_id: int) -> rules.Board:
    """The board up to the horizon."""
    days = (service.last_day - service.today).days + 1
    return await read_board(tx, service, service.today, days, but, patient_id)


def _bookable_day(service: ServiceRules, slot: Slot) -> date:
    """The slot's day at its site, or the nearest one that can be booked at all."""
    on = slot.starts_at.astimezone(service.sites[slot.site_id].zone).date()
    return min(max(on, service.today), service.last_day)


def _weekly(row: Mapping[str, Any]) -> Weekly:
    return Weekly(
        row["site_id"],
        row["weekday"],
        minutes_of(row["opens_at"]),
        minutes_of(row["closes_at"]),
        date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min,
        date.fromisoformat(row["valid_until"]) if row["valid_until"] else date.max,
    )


def exceptional_of(row: Mapping[str, Any], on: date) -> Exceptional:
    """A stored exception as the rules take it; `on` is its day."""
    return Exceptional(
        on,
        row["kind"] == "extra",
        minutes_of(row["opens_at"] or "00:00"),
        minutes_of(row["closes_at"] or "24:00"),
        row["resource_id"],
        row["site_id"],
    )


def minutes_of(clock: str) -> int:
    """HH:MM, up to 24:00, as minutes since midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
