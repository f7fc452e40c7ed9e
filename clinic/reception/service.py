"""What the desk does while a day goes on: check in, start, finish, miss, call, and take it back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from clinic.audit.service import record
from clinic.booking import visits
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.service import set_status, settled
from clinic.booking.types import Changed, Visit
from clinic.db import Tx
from clinic.reception.rules import UNDO
from clinic.reception.types import Called, Numbers, Step, Ticket
from clinic.record.service import refresh

CALLED_SHOWN = 8  # numbers on the board
WAITING_SHOWN = 60
# Of who was called or is in nobody is ahead. Only visits that are `arrived` wait.
_TICKETS = """
select t.id, t.number, t.appointment_id, t.site_id, a.practitioner_id, a.patient_id, a.account_id,
  count(*) filter (where t.called_at is null and t.started_at is null) over (
    partition by t.site_id, a.practitioner_id order by t.number
    rows between unbounded preceding and 1 preceding)::int as ahead,
  t.told, t.called_at, t.started_at
from site i join queue_ticket t on t.site_id = i.id
  and t.on_date = (now() at time zone i.time_zone)::date
join appointment a on a.id = t.appointment_id and a.status = 'arrived'
where $1::bigint is null or i.id = $1
order by t.site_id, t.number
"""
_NUMBER = """
insert into queue_ticket as t (appointment_id, site_id, on_date, number)
select $1, $2, $3, coalesce(max(number), 0) + 1 from queue_ticket
  where site_id = $2 and on_date = $3
on conflict (appointment_id) do update set
  number = case when (t.site_id, t.on_date) = (excluded.site_id, excluded.on_date)
    then t.number else excluded.number end,
  told = case when (t.site_id, t.on_date) = (excluded.site_id, excluded.on_date) then t.told end,
  site_id = excluded.site_id, on_date = excluded.on_date, called_at = null, started_at = null
returning number
"""


async def take_step(
    tx: Tx, actor: Actor, appointment_id: int, version: int, step: Step
) -> Visit | Changed:
    """Say what became of a visit that was shown as `version`. Who comes gets a number of the day.

    A press is kept so that `take_back` can undo it.
    """
    row = await visits.read_row(tx, appointment_id, lock=True)
    if row is None or row["version"] != version:
        return Changed(await visits.visit_now(tx, actor, appointment_id))
    match step:
        case "late" if row["status"] == "booked":
            made = visits.to_visit(row, actor)
        case "started" if row["status"] == "arrived":
            await _start(tx, appointment_id)
            made = visits.to_visit(row, actor)
        case "late" | "started":
            return Changed(visits.to_visit(row, actor))
        case _:
            outcome = await set_status(tx, actor, appointment_id, version, step)
            if isinstance(outcome, Changed):
                return outcome
            made = outcome
            if step == "arrived":
                await give_number(tx, appointment_id)
    await tx.execute(
        """insert into visit_step (appointment_id, version, was, became, staff_id)
           values ($1, $2, $3, $4, $5)""",
        appointment_id,
        made.version,
        row["status"],
        step,
        actor.id if actor.kind == "staff" else None,
    )
    if step in ("late", "started"):
        await record(tx, actor.kind, actor.id, f"{actor.kind}:appointment:{step}", appointment_id)
    return made


async def take_back(tx: Tx, actor: Actor, appointment_id: int) -> bool:
    """Undo the last press on a visit; False if that was too long ago, or it was changed since."""
    row = await visits.read_row(tx, appointment_id, lock=True)
    last = await tx.fetchrow(
        """select id, version, was, became, at > now() - $2::interval as open
           from visit_step where appointment_id = $1 and undone_at is null
           order by id desc limit 1""",
        appointment_id,
        UNDO,
    )
    if row is None or last is None or not last["open"] or row["version"] != last["version"]:
        return False
    await tx.execute("update visit_step set undone_at = now() where id = $1", last["id"])
    if last["became"] == "started":
        await tx.execute(
            "update queue_ticket set started_at = null where appointment_id = $1", appointment_id
        )
    if last["became"] in ("late", "started"):
        await record(tx, actor.kind, actor.id, f"{actor.kind}:appointment:undo", appointment_id)
        return True
    await tx.execute(
        """update appointment set status = $2, version = version + 1, updated_at = now()
           where id = $1""",
        appointment_id,
        last["was"],
    )
    await refresh(tx, [row["patient_id"]])
    await settled(tx, actor, "undo", appointment_id, {"of": last["became"]})
    return True


async def give_number(tx: Tx, appointment_id: int) -> int | None:
    """The number of the day of a visit that checks in at its site. One that has one keeps it.

    None: the visit is of another day; somebody puts the records right.
    """
    row = await tx.fetchrow(
        """select a.site_id, (now() at time zone i.time_zone)::date as on_date,
             (a.starts_at at time zone i.time_zone)::date as visit_on
           from appointment a join site i on i.id = a.site_id where a.id = $1""",
        appointment_id,
    )
    if row["visit_on"] != row["on_date"]:
        return None
    # One at a time at a site: two desks never give the same number.
    await tx.execute("select from site where id = $1 for no key update", row["site_id"])
    number: int = await tx.fetchval(_NUMBER, appointment_id, row["site_id"], row["on_date"])
    return number


async def tickets(tx: Tx, site_id: int | None = None) -> tuple[Ticket, ...]:
    """The queue of today at a site or at all, by number. Patients who left it are not in it."""
    return tuple(Ticket(**row) for row in await tx.fetch(_TICKETS, site_id))


async def call(tx: Tx, actor: Actor, ticket: Ticket) -> bool:
    """Call a number; False if it is in or gone by now. One that was called is called again."""
    called = await tx.fetchval(
        """update queue_ticket t set called_at = now() from appointment a
           where t.id = $1 and a.id = t.appointment_id and a.status = 'arrived'
             and t.started_at is null returning t.id""",
        ticket.id,
    )
    if called is not None:
        detail = {"number": ticket.number}
        action = f"{actor.kind}:queue:call"
        await record(tx, actor.kind, actor.id, action, ticket.appointment_id, detail)
    return called is not None


async def numbers(tx: Tx, site_id: int, language: str) -> Numbers:
    """What the public board of a site shows. Numbers and rooms, of nobody in particular."""
    queue = await tickets(tx, site_id)
    called = sorted(
        (one for one in queue if one.state == "called"),
        key=lambda one: (one.called_at, one.number),
        reverse=True,
    )[:CALLED_SHOWN]
    rooms = await _rooms(tx, [one.appointment_id for one in called], language)
    return Numbers(
        tuple(Called(one.number, rooms.get(one.appointment_id, "")) for one in called),
        tuple(one.number for one in queue if one.state == "waiting")[:WAITING_SHOWN],
    )


async def set_delay(tx: Tx, actor: Actor, practitioner_id: int, on: date, minutes: int) -> None:
    """Say how far behind a practitioner is on a day of the clinic; 0: not at all."""
    if minutes:
        await tx.execute(
            """insert into delay (practitioner_id, on_date, minutes, set_by_id)
               values ($1, $2, $3, $4) on conflict (practitioner_id, on_date) do update
               set minutes = excluded.minutes, set_by_id = excluded.set_by_id, set_at = now()""",
            practitioner_id,
            on,
            minutes,
            actor.id,
        )
    else:
        await tx.execute(
            "delete from delay where practitioner_id = $1 and on_date = $2", practitioner_id, on
        )
    detail = {"minutes": minutes, "on": on.isoformat()}
    await record(tx, actor.kind, actor.id, f"{actor.kind}:delay:set", practitioner_id, detail)


async def delays(tx: Tx, on: date) -> dict[int, int]:
    """Minutes that practitioners are behind on a day, by their id."""
    rows = await tx.fetch("select practitioner_id, minutes from delay where on_date = $1", on)
    return {row["practitioner_id"]: row["minutes"] for row in rows}


async def _start(tx: Tx, appointment_id: int) -> None:
    """The visit begins. One that came another way than by our desk gets its number now."""
    there = await tx.fetchval(
        """select 1 from queue_ticket t join site i on i.id = t.site_id where t.appointment_id = $1
             and t.on_date = (now() at time zone i.time_zone)::date""",
        appointment_id,
    )
    if there is None:
        await give_number(tx, appointment_id)
    await tx.execute(
        """update queue_ticket set started_at = now(), called_at = coalesce(called_at, now())
           where appointment_id = $1""",
        appointment_id,
    )


async def _rooms(tx: Tx, visit_ids: Sequence[int], language: str) -> dict[int, str]:
    rows: list[Any] = await tx.fetch(
        """select distinct on (l.appointment_id) l.appointment_id, r.name
           from allocation l join resource r on r.id = l.resource_id
           where l.appointment_id = any ($1) and r.kind = 'room' and l.status <> 'released'
           order by l.appointment_id, r.id""",
        list(visit_ids),
    )
    return {row["appointment_id"]: in_language(row["name"], language) for row in rows}
