"""Who may take what at this moment: advisory locks in one order, and holds that have run out."""

from collections.abc import Iterable

from clinic.booking.actor import Actor
from clinic.booking.rules import PRACTITIONER
from clinic.booking.search import ServiceRules
from clinic.booking.types import Slot
from clinic.db import Tx

KINDS = {PRACTITIONER: 1, "room": 2, "device": 3, "patient": 4}

_KEEPS = "status in ('held', 'proposed')"
# Each status has an index of its own.
_HELD = "select id from appointment where status = 'held'"
_DEAD = f"""{_HELD} and held_until <= now() union all
  select id from appointment where status = 'proposed' and held_until <= now()"""  # noqa: S608
_EXPIRE = """
, gone as (
  update appointment a set status = 'expired', version = version + 1, updated_at = now()
  from due where a.id = due.id returning a.id),
freed as (
  update allocation l set status = 'released' from due
  where l.appointment_id = due.id and l.status = 'held'),
noted as (
  insert into audit (actor_kind, action, subject_id)
  select 'system', 'system:appointment:expire', id from gone)
select count(*) from gone
"""


async def take_locks(tx: Tx, service: ServiceRules, slot: Slot, patient_id: int) -> None:
    """Wait until nobody else takes the slot's practitioner, patient, or any room or device of its.

    Rooms that could stand in for the slot's own are locked too. Held until the transaction ends.
    """
    wanted = [
        (one.kind, one.id)
        for one in service.resources
        if (one.id == slot.practitioner_id if one.kind == PRACTITIONER else True)
        and one.site_id in (None, slot.site_id)
    ]
    await lock_all(tx, [*wanted, ("patient", patient_id)])


async def lock_all(tx: Tx, wanted: Iterable[tuple[str, int]]) -> None:
    """Take the locks of (kind, id) in the one order that everybody keeps."""
    # A table's own ids never reach 2^31; the modulus is for the type.
    keys = sorted({(KINDS[kind], number % 2**31) for kind, number in wanted})
    await tx.execute(
        """select pg_advisory_xact_lock(kind, id)
           from unnest($1::int[], $2::int[]) as wanted (kind, id)""",
        [kind for kind, _ in keys],
        [number for _, number in keys],
    )


async def expire(tx: Tx, service: ServiceRules, patient_id: int, account_id: int | None) -> None:
    """Take over holds that have run out on what is about to be taken, and the account's own.

    In the taker's transaction, since no constraint can look at the clock.
    """
    await tx.execute(
        f"""with due as (
              select id from appointment
              where id in ({_HELD} and account_id = $3 union all {_DEAD}) and {_KEEPS}
                and (status = 'held' and account_id = $3 or held_until <= now() and (
                patient_id = $1 or exists (
                  select from allocation l where l.appointment_id = appointment.id
                  and l.status = 'held' and l.resource_id = any($2::bigint[]))))
              order by id for update) {_EXPIRE}""",  # noqa: S608  # constants
        patient_id,
        [one.id for one in service.resources],
        account_id,
    )


async def expire_holds(tx: Tx, limit: int = 200) -> int:
    """Give back up to `limit` holds that have run out; how many it was. Waits for nobody."""
    count: int = await tx.fetchval(
        f"""with due as (
              select id from appointment
              where id in ({_DEAD}) and {_KEEPS} and held_until <= now()
              order by id limit $1 for update skip locked) {_EXPIRE}""",  # noqa: S608  # constants
        limit,
    )
    return count


async def give_back(tx: Tx, appointment_id: int, actor: Actor | None = None) -> None:
    """Free what a hold keeps, if it is one. An actor who released it is noted."""
    await tx.execute(
        f"""with due as (
              select id from appointment where id = $1 and {_KEEPS} for update),
            released as (
              insert into audit (actor_kind, actor_id, action, subject_id)
              select $2::text, $3::bigint, $2::text || ':appointment:release', id
              from due where $2::text is not null)
            {_EXPIRE}""",  # noqa: S608  # constants
        appointment_id,
        actor and actor.kind,
        actor and actor.id,
    )
