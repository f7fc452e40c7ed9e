"""Endpoints of other systems, and the deliveries that are on their way to them."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from clinic.crypto import KeyRing, Sealed
from clinic.db import Tx
from clinic.ids import new_key
from clinic.webhook import rules
from clinic.webhook.types import (
    TEST,
    Arrived,
    Delivery,
    DeliveryState,
    Due,
    Endpoint,
    EndpointState,
    Failed,
    Outcome,
    Wanted,
)

_SECRET, _URL = "webhook_endpoint.secret", "webhook_endpoint.url"
_ENDPOINT = """
  select e.*, d.delivered_at, coalesce(d.waiting, 0) as waiting, coalesce(d.dead, 0) as dead,
         case when e.old_secret_until > now() then e.old_secret_until end as old_until
  from webhook_endpoint e left join lateral (
    select max(settled_at) filter (where state = 'delivered') as delivered_at,
           count(*) filter (where state in ('pending', 'leased')) as waiting,
           count(*) filter (where state = 'dead') as dead
    from webhook_delivery where endpoint_id = e.id) d on true
"""
# Of each endpoint that nobody here is busy with, the oldest that are due.
_CLAIM = """
  with due as (
    select d.id from webhook_endpoint e cross join lateral (
      select id from webhook_delivery
      where endpoint_id = e.id and settled_at is null and send_at <= now()
      order by send_at, id limit $2 for update skip locked) d
    where e.state = 'active' and e.id <> all ($1::bigint[])),
  taken as (
  update webhook_delivery d
  set state = 'leased', lease_token = $3, send_at = now() + $4, attempts = attempts + 1
  from due, webhook_event v, webhook_endpoint e
  where d.id = due.id and v.id = d.event_id and e.id = d.endpoint_id
  returning d.id, d.endpoint_id, d.attempts, e.key, e.url, e.secret, v.key as event_key, v.kind,
            v.data, v.created_at, case when e.old_secret_until > now() then e.old_secret end as old)
  select * from taken order by id
"""


# Endpoints ----------------------------------------------------------------------------------------


async def add(tx: Tx, keys: KeyRing, wanted: Wanted) -> tuple[int, str]:
    """A new endpoint, and its secret, which nobody is shown again."""
    key, secret = new_key(), secrets.token_bytes(rules.SECRET_BYTES)
    endpoint_id: int = await tx.fetchval(
        """insert into webhook_endpoint (key, name, url, kinds, secret)
           values ($1, $2, $3, $4, $5) returning id""",
        key,
        wanted.name,
        keys.seal(wanted.url.encode(), _URL, key),
        list(wanted.kinds),
        keys.seal(secret, _SECRET, key),
    )
    return endpoint_id, rules.shown_secret(secret)


async def change(tx: Tx, keys: KeyRing, endpoint_id: int, wanted: Wanted) -> bool:
    """Write an endpoint anew; what waits goes to the new URL. False if there is none."""
    key = await _lock(tx, endpoint_id)
    if key is None:
        return False
    await tx.execute(
        "update webhook_endpoint set name = $2, url = $3, kinds = $4 where id = $1",
        endpoint_id,
        wanted.name,
        keys.seal(wanted.url.encode(), _URL, key),
        list(wanted.kinds),
    )
    return True


async def rotate(tx: Tx, keys: KeyRing, endpoint_id: int) -> str | None:
    """A new secret, shown once; the one before goes on signing beside it for a day."""
    key = await _lock(tx, endpoint_id)
    if key is None:
        return None
    secret = secrets.token_bytes(rules.SECRET_BYTES)
    await tx.execute(
        """update webhook_endpoint set old_secret = secret, old_secret_until = now() + $3,
             secret = $2 where id = $1""",
        endpoint_id,
        keys.seal(secret, _SECRET, key),
        rules.ROTATION,
    )
    return rules.shown_secret(secret)


async def turn(tx: Tx, endpoint_id: int, state: EndpointState, reason: str | None = None) -> bool:
    """Pause, resume or remove an endpoint. False if there is none, or it is so already.

    While it is paused nothing new is delivered to it (see `catching_up`); what waits goes out once
    it is resumed.
    """
    done = await tx.fetchval(
        """update webhook_endpoint set state = $2, reason = $3,
             failing_since = case when $2 = 'active' then null else failing_since end
           where id = $1 and state <> $2 returning id""",
        endpoint_id,
        state,
        reason,
    )
    if done is None:
        return False
    if state == "active":
        await tx.execute(
            """update webhook_delivery set send_at = now()
               where endpoint_id = $1 and state = 'pending'""",
            endpoint_id,
        )
        await _close_tasks(tx, endpoint_id, "paused")
    if state == "removed":
        await tx.execute(
            """update webhook_delivery set state = 'dropped', send_at = 'infinity',
                 settled_at = now(), lease_token = null
               where endpoint_id = $1 and settled_at is null""",
            endpoint_id,
        )
        await _close_tasks(tx, endpoint_id, "paused", "dead")
    return True


async def test(tx: Tx, endpoint_id: int) -> bool:
    """Send an active endpoint an event that says nothing. False if there is no such."""
    made = await tx.fetchval(
        """with happened as (
             insert into webhook_event (key, kind, data)
             select $2, $3, '{}' from webhook_endpoint where id = $1 and state = 'active'
             returning id)
           insert into webhook_delivery (event_id, endpoint_id) select id, $1 from happened
           returning id""",
        endpoint_id,
        new_key(),
        TEST,
    )
    return made is not None


async def listing(tx: Tx, keys: KeyRing, endpoint_id: int | None = None) -> list[Endpoint]:
    """All endpoints that were not removed, by name; or the one, even if it was."""
    rows = await tx.fetch(
        f"""{_ENDPOINT} where case when $1::bigint is null then e.state <> 'removed'
                                   else e.id = $1 end order by e.name, e.id""",
        endpoint_id,
    )
    return [_endpoint(keys, row) for row in rows]


async def deliveries(
    tx: Tx,
    endpoint_id: int,
    states: Collection[DeliveryState] = (),
    *,
    before: int | None = None,
    most: int = 50,
) -> list[Delivery]:
    """What went or is to go to an endpoint, the newest first. `states` (): any."""
    rows = await tx.fetch(
        """select d.id, v.key::text as event_key, v.kind, d.state, d.attempts, d.answered, d.reason,
                  v.created_at, nullif(d.send_at, 'infinity') as next_at, d.settled_at
           from webhook_delivery d join webhook_event v on v.id = d.event_id
           where d.endpoint_id = $1 and (d.state = any($2) or cardinality($2::text[]) = 0)
             and ($3::bigint is null or d.id < $3)
           order by d.id desc limit $4""",
        endpoint_id,
        list(states),
        before,
        most,
    )
    return [Delivery(*row.values()) for row in rows]


async def redeliver(tx: Tx, endpoint_id: int, delivery_id: int | None = None) -> int:
    """Send again what was given up, or the one even if it arrived, under its old id; how many."""
    rows = await tx.fetch(
        """update webhook_delivery d set state = 'pending', attempts = 0, send_at = now(),
             settled_at = null, reason = null, lease_token = null
           from webhook_endpoint e
           where e.id = d.endpoint_id and e.state <> 'removed' and d.endpoint_id = $1
             and case when $2::bigint is null then d.state = 'dead'
                      else d.id = $2 and d.state in ('dead', 'delivered') end
           returning d.id""",
        endpoint_id,
        delivery_id,
    )
    left: int = await tx.fetchval(
        "select count(*) from webhook_delivery where endpoint_id = $1 and state = 'dead'",
        endpoint_id,
    )
    if not left:
        await _close_tasks(tx, endpoint_id, "dead")
    return len(rows)


# Deliveries ---------------------------------------------------------------------------------------


async def claim(
    tx: Tx, keys: KeyRing, busy: Collection[int], lease: UUID, *, most: int, lasts: timedelta
) -> list[Due]:
    """Take what is due of active endpoints, oldest first, at most `most` of each, none of `busy`.

    Nobody else takes it for as long as the lease `lasts`. What does not open (Sealed: a key was
    taken away) is given up.
    """
    rows = await tx.fetch(_CLAIM, list(busy), most, lease, lasts)
    found = []
    for row in rows:
        try:
            found.append(_due(keys, row))
        except Sealed:
            await settle(tx, row["id"], lease, Failed("sealed"), last=True)
    return found


async def settle(
    tx: Tx, delivery_id: int, lease: UUID, outcome: Outcome, *, last: bool = False
) -> bool:
    """Write how a try ended. False if the lease was lost: then somebody else knows better."""
    row = await tx.fetchrow(
        """select d.endpoint_id, d.attempts, e.key, e.failing_since,
                  now() - coalesce(e.failing_since, now()) as failing_for
           from webhook_delivery d join webhook_endpoint e on e.id = d.endpoint_id
           where d.id = $1 and d.lease_token = $2 and d.state = 'leased' for update of d""",
        delivery_id,
        lease,
    )
    if row is None:
        return False
    if isinstance(outcome, Arrived):
        await _end(tx, delivery_id, "delivered", outcome.status, None)
        if row["failing_since"] is not None:
            await tx.execute(
                "update webhook_endpoint set failing_since = null where id = $1",
                row["endpoint_id"],
            )
        return True
    delay = None if last else rules.retry_after(row["attempts"])
    if delay is None:
        await _end(tx, delivery_id, "dead", outcome.status, outcome.reason)
        await _tell_staff(tx, row["endpoint_id"], "dead")
    else:
        await tx.execute(
            """update webhook_delivery set state = 'pending', lease_token = null,
                 send_at = now() + $2, answered = $3, reason = $4 where id = $1""",
            delivery_id,
            delay,
            outcome.status,
            outcome.reason,
        )
    await _fails(tx, row, outcome)
    return True


async def forget(tx: Tx, older_than: timedelta, most: int = 5000) -> int:
    """Delete events of long ago with their deliveries; how many."""
    gone: int = await tx.fetchval(
        """with old as (
             select id from webhook_event v where created_at < now() - $1::interval
               and not exists (select from webhook_delivery d
                               where d.event_id = v.id and d.settled_at is null)
             order by id limit $2),
           ended as (delete from webhook_delivery where event_id in (select id from old))
           select count(*) from old""",
        older_than,
        most,
    )
    if gone:  # a statement of its own: references are checked against what is there by then
        await tx.execute(
            """delete from webhook_event v where created_at < now() - $1::interval
               and not exists (select from webhook_delivery d where d.event_id = v.id)""",
            older_than,
        )
    return gone


# Inside -------------------------------------------------------------------------------------------


async def _lock(tx: Tx, endpoint_id: int) -> UUID | None:
    key: UUID | None = await tx.fetchval(
        "select key from webhook_endpoint where id = $1 and state <> 'removed' for update",
        endpoint_id,
    )
    return key


async def _end(
    tx: Tx, delivery_id: int, state: DeliveryState, status: int | None, reason: str | None
) -> None:
    await tx.execute(
        """update webhook_delivery set state = $2, lease_token = null, send_at = 'infinity',
             answered = $3, reason = $4, settled_at = now() where id = $1""",
        delivery_id,
        state,
        status,
        reason,
    )


async def _fails(tx: Tx, row: Any, failed: Failed) -> None:
    """Note that nothing arrives at an endpoint; after days of that it is paused."""
    if row["failing_since"] is None:
        await tx.execute(
            """update webhook_endpoint set failing_since = now()
               where id = $1 and failing_since is null""",
            row["endpoint_id"],
        )
    reason = rules.pause_reason(failed, row["failing_for"])
    if reason is None:
        return
    paused = await tx.fetchval(
        """update webhook_endpoint set state = 'paused', reason = $2
           where id = $1 and state = 'active' returning id""",
        row["endpoint_id"],
        reason,
    )
    if paused is not None:
        await _tell_staff(tx, row["endpoint_id"], "paused")


async def _tell_staff(tx: Tx, endpoint_id: int, what: str) -> None:
    """One open task for each endpoint and `what`: dead, paused."""
    await tx.execute(
        """insert into task (key, kind, detail) values ($1, $2, $3)
           on conflict (key) do update set state = 'open', closed_at = null""",
        f"webhook:{endpoint_id}:{what}",
        f"webhook_{what}",
        {"webhook": endpoint_id},
    )


async def _close_tasks(tx: Tx, endpoint_id: int, *what: str) -> None:
    await tx.execute(
        """update task set state = 'closed', closed_at = now()
           where key = any($1) and state = 'open'""",
        [f"webhook:{endpoint_id}:{one}" for one in what],
    )


def _due(keys: KeyRing, row: Any) -> Due:
    sealed: Sequence[bytes] = [row["secret"], *([row["old"]] if row["old"] else [])]
    key: str = str(row["event_key"])
    at: datetime = row["created_at"]
    return Due(
        row["id"],
        row["endpoint_id"],
        row["attempts"],
        keys.open(row["url"], _URL, row["key"]).decode(),
        tuple(keys.open(one, _SECRET, row["key"]) for one in sealed),
        key,
        rules.body_of(key, row["kind"], at, row["data"]),
    )


def _endpoint(keys: KeyRing, row: Any) -> Endpoint:
    return Endpoint(
        id=row["id"],
        name=row["name"],
        url=keys.open(row["url"], _URL, row["key"]).decode(),
        kinds=rules.read_kinds(row["kinds"]),
        state=row["state"],
        reason=row["reason"],
        failing_since=row["failing_since"],
        old_secret_until=row["old_until"],
        delivered_at=row["delivered_at"],
        waiting=row["waiting"],
        dead=row["dead"],
    )
