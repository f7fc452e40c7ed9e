"""Who works when: weekly hours and the days that differ, as staff lay them down.

Visits that stand outside new hours are told of before the change, and stay until somebody moves
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.hours import Exceptional, Weekly, wall_hours
from clinic.booking.locks import lock_all
from clinic.booking.public_holidays import public_holidays
from clinic.booking.search import exceptional_of, minutes_of
from clinic.booking.setup_rules import (
    REASON_LENGTH,
    ClosingDraft,
    Period,
    Standing,
    WeekDraft,
    Words,
    clock,
    outside,
    weekly_of,
)
from clinic.booking.staff import close_time
from clinic.db import Tx

VISITS_AT_MOST = 2_000
SHOWN_AT_MOST = 400
AHEAD = timedelta(days=400)  # how far the holidays of a country are brought in


@dataclass(frozen=True, slots=True)
class Block:
    """What names the weekly hours of one resource that belong together."""

    site_id: int
    valid_from: date | None
    valid_until: date | None

    @property
    def key(self) -> str:
        """The block as a field of a form."""
        return f"{self.site_id}_{self.valid_from or ''}_{self.valid_until or ''}"


@dataclass(frozen=True, slots=True)
class Week:
    """A block with its periods, Monday first."""

    block: Block
    days: tuple[tuple[Period, ...], ...]


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """A day that differs. Names by language; None: everybody, or every site."""

    id: int
    on: date
    extra: bool
    opens: str | None  # HH:MM; None: the whole day
    closes: str | None
    reason: str
    resource_id: int | None
    resource: Words | None
    site_id: int | None
    site: Words | None


async def weeks_of(tx: Tx, resource_id: int) -> list[Week]:
    """The weekly hours of a practitioner or device, by site and validity."""
    rows = await tx.fetch(
        """select site_id, valid_from, valid_until, weekday, opens_at, closes_at from schedule
           where resource_id = $1
           order by site_id, valid_from nulls first, valid_until nulls first, weekday, opens_at""",
        resource_id,
    )
    found: dict[Block, list[list[Period]]] = {}
    for row in rows:
        block = Block(row["site_id"], row["valid_from"], row["valid_until"])
        days = found.setdefault(block, [[] for _ in range(7)])
        days[row["weekday"]].append((minutes_of(row["opens_at"]), minutes_of(row["closes_at"])))
    return [Week(block, tuple(map(tuple, days))) for block, days in found.items()]


async def outside_after(
    tx: Tx, resource_id: int, old: Block | None, draft: WeekDraft
) -> tuple[int, ...]:
    """The coming visits that a change of weekly hours would leave outside them."""
    weekly = [
        one
        for week in await weeks_of(tx, resource_id)
        if week.block != old
        for one in weekly_of(
            WeekDraft(week.block.site_id, week.days, week.block.valid_from, week.block.valid_until)
        )
    ]
    weekly += weekly_of(draft)
    visits = await _coming(tx, resource_id)
    if not visits:
        return ()
    exceptions = await exceptions_between(
        tx, [resource_id], min(v.on for v in visits), max(v.on for v in visits)
    )
    return outside(visits, weekly, exceptions)


async def save_week(
    tx: Tx, staff_id: int, resource_id: int, old: Block | None, draft: WeekDraft
) -> bool:
    """Put new weekly hours in the place of a block, or beside the others (old None).

    Hours of no day at all take the block away. False: there is no such resource or site.
    """
    kind = await tx.fetchval("select kind from resource where id = $1", resource_id)
    site = await tx.fetchval("select exists (select from site where id = $1)", draft.site_id)
    if kind is None or not site:
        return False
    await lock_all(tx, [(kind, resource_id)])
    if old is not None:
        await tx.execute(
            """delete from schedule where resource_id = $1 and site_id = $2
                 and valid_from is not distinct from $3 and valid_until is not distinct from $4""",
            resource_id,
            old.site_id,
            old.valid_from,
            old.valid_until,
        )
    await tx.executemany(
        """insert into schedule (resource_id, site_id, weekday, opens_at, closes_at, valid_from,
             valid_until) values ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (
                resource_id,
                draft.site_id,
                weekday,
                clock(opens),
                clock(closes),
                draft.valid_from,
                draft.valid_until,
            )
            for weekday, periods in enumerate(draft.days)
            for opens, closes in periods
        ],
    )
    await record(tx, "staff", staff_id, "staff:schedule:save", resource_id)
    return True


async def exceptions_between(
    tx: Tx, resources: Sequence[int], first: date, last: date
) -> list[Exceptional]:
    """The days that differ for these resources, or for whole sites, both dates included."""
    rows = await tx.fetch(
        """select * from schedule_exception where on_date between $2 and $3
             and (resource_id is null or resource_id = any($1::bigint[])) order by id""",
        list(resources),
        first,
        last,
    )
    return [exceptional_of(row, row["on_date"]) for row in rows]


async def weekly_between(tx: Tx, resources: Sequence[int]) -> dict[int, tuple[Weekly, ...]]:
    """The weekly hours of each of these resources."""
    found: dict[int, tuple[Weekly, ...]] = {}
    rows = await tx.fetch(
        "select * from schedule where resource_id = any($1::bigint[]) order by id", list(resources)
    )
    for row in rows:
        one = Weekly(
            row["site_id"],
            row["weekday"],
            minutes_of(row["opens_at"]),
            minutes_of(row["closes_at"]),
            row["valid_from"] or date.min,
            row["valid_until"] or date.max,
        )
        found[row["resource_id"]] = (*found.get(row["resource_id"], ()), one)
    return found


async def site_of(tx: Tx, practitioner_id: int, at: datetime, usual: int) -> int:
    """Where a practitioner works at a wall time: at the usual site if it can be, else at any.

    Out of all hours it is the usual site, or one where the practitioner works at other times.
    """
    weekly = (await weekly_between(tx, [practitioner_id])).get(practitioner_id, ())
    exceptions = await exceptions_between(tx, [practitioner_id], at.date(), at.date())
    rows = await tx.fetch("select id from site where active order by id = $1 desc, id", usual)
    sites: list[int] = [row["id"] for row in rows]
    for site in sites:
        opened, _ = wall_hours(weekly, exceptions, at.date(), site)
        if opened >> (at.hour * 60 + at.minute) & 1:
            return site
    return next((x for x in (usual, *(one.site_id for one in weekly)) if x in sites), usual)


async def closings(
    tx: Tx, since: date, until: date | None = None, resource_id: int | None = None
) -> list[ClosingRow]:
    """The days that differ from `since` on, soonest first; of one resource, or of all."""
    rows = await tx.fetch(
        """select x.*, r.name as resource, i.name as site from schedule_exception x
           left join resource r on r.id = x.resource_id left join site i on i.id = x.site_id
           where x.on_date between $1 and $2 and ($3::bigint is null or x.resource_id = $3)
           order by x.on_date, x.opens_at nulls first, x.id limit $4""",
        since,
        until or date.max,
        resource_id,
        SHOWN_AT_MOST,
    )
    return [
        ClosingRow(
            row["id"],
            row["on_date"],
            row["kind"] == "extra",
            row["opens_at"],
            row["closes_at"],
            row["reason"],
            row["resource_id"],
            row["resource"],
            row["site_id"],
            row["site"],
        )
        for row in rows
    ]


async def add_closing(
    tx: Tx, actor: Actor, draft: ClosingDraft
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Close days or parts of them, or open extra hours; None: no such resource or site.

    The ids of the new rows, and the visits that stand in closed time: they stay.
    """
    for table, id in (("resource", draft.resource_id), ("site", draft.site_id)):
        if id is not None and not await tx.fetchval(
            f"select exists (select from {table} where id = $1)",  # noqa: S608  # of the two above
            id,
        ):
            return None
    whole = (draft.opens, draft.closes) == (0, 1440)
    opens, closes = (None, None) if whole else (clock(draft.opens), clock(draft.closes))
    made: list[int] = []
    standing: list[int] = []
    for on in draft.days:
        if draft.extra:
            made.append(await _open_extra(tx, actor, draft, on, opens, closes))
            continue
        exception_id, visits = await close_time(
            tx, actor, on, draft.resource_id, draft.site_id, opens, closes, draft.reason
        )
        made.append(exception_id)
        standing += [visit for visit in visits if visit not in standing]
    return tuple(made), tuple(standing)


async def _open_extra(
    tx: Tx, actor: Actor, draft: ClosingDraft, on: date, opens: str | None, closes: str | None
) -> int:
    made: int = await tx.fetchval(
        """insert into schedule_exception
             (resource_id, site_id, on_date, kind, opens_at, closes_at, reason)
           values ($1, $2, $3, 'extra', $4, $5, $6) returning id""",
        draft.resource_id,
        draft.site_id,
        on,
        opens,
        closes,
        draft.reason,
    )
    await record(tx, "staff", actor.id, "staff:schedule:extra", made)
    return made


async def import_holidays(tx: Tx, actor: Actor, country: str, today: date) -> int | None:
    """Close the clinic on the country's holidays of the coming year; how many days are new.

    Days that are closed for everybody already are left. None: the country's are not known.
    """
    known = public_holidays(country, today, today + AHEAD)
    if known is None:
        return None
    there = {
        row["on_date"]
        for row in await tx.fetch(
            """select on_date from schedule_exception where resource_id is null and site_id is null
                 and kind = 'closed' and opens_at is null and on_date >= $1""",
            today,
        )
    }
    fresh = [on for on in known if on not in there]
    for on in fresh:
        await close_time(tx, actor, on, None, reason=known[on][:REASON_LENGTH])
    return len(fresh)


async def remove_exception(tx: Tx, actor: Actor, exception_id: int) -> ClosingRow | None:
    """Take a day that differs back; what it was, None if there is none of this id."""
    row = await tx.fetchrow(
        "delete from schedule_exception where id = $1 returning *", exception_id
    )
    if row is None:
        return None
    await record(tx, "staff", actor.id, "staff:schedule:reopen", exception_id)
    return ClosingRow(
        row["id"],
        row["on_date"],
        row["kind"] == "extra",
        row["opens_at"],
        row["closes_at"],
        row["reason"],
        row["resource_id"],
        None,
        row["site_id"],
        None,
    )


async def _coming(tx: Tx, resource_id: int) -> list[Standing]:
    """The booked visits of a resource that have not begun, soonest first."""
    rows: list[Any] = await tx.fetch(
        """select a.id, a.site_id, a.starts_at at time zone i.time_zone as begins,
                  a.ends_at at time zone i.time_zone as ends
           from allocation l join appointment a on a.id = l.appointment_id
                join site i on i.id = a.site_id
           where int8range(l.resource_id, l.resource_id, '[]') && int8range($1, $1, '[]')
             and l.status in ('held', 'booked') and a.status = 'booked' and a.starts_at > now()
           order by a.starts_at, a.id limit $2""",
        resource_id,
        VISITS_AT_MOST,
    )
    return [
        Standing(
            row["id"],
            row["site_id"],
            row["begins"].date(),
            row["begins"].hour * 60 + row["begins"].minute,
            row["begins"].hour * 60
            + row["begins"].minute
            + -(-int((row["ends"] - row["begins"]).total_seconds()) // 60),
        )
        for row in rows
    ]
