"""What is sent next: rows leased with a fencing token, one by one or a lane of them in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.channels.channel import NotSent
from clinic.campaign.company import HELD_FOR
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import open_message
from clinic.message.types import Message

# Whose turn it is: nothing as urgent that was written before waits or is under way to the same
# chat. A crowd that waits for its predecessors, put off to a later instant, would else fill the
# window, and nothing at all would go out. A reply does not wait for a greeting.
_TURN = """not exists (
  select 1 from outbox e where e.account_id = o.account_id and e.id < o.id
    and e.priority <= o.priority
    and (e.state in ('leased', 'inflight') and e.lease_until < 'infinity'
         or e.state = 'pending' and e.send_at <= now()))"""
# By priority, each from the index: rows of a priority that wait for a later hour cost nothing.
_CLAIM = f"""
  with due as (
    select id from (
      (select w.id, w.priority, w.send_at
       from unnest(array[0, 1, 2, 3, 4, 5]::smallint[]) p (priority), lateral (
         select o.id, o.priority, o.send_at from outbox o
         where o.state = 'pending' and {{whose}} and o.priority = p.priority
           and o.send_at <= now() and {_TURN}
         order by o.send_at, o.id limit 4 * $1::int) w
       order by w.priority, w.send_at, w.id limit 4 * $1::int)
      union all
      (select o.id, o.priority, o.send_at from outbox o
       where o.state = 'unknown' and o.send_at <= now() and {{whose}}
       order by o.priority, o.send_at limit $1)
      union all
      (select o.id, o.priority, o.send_at from outbox o
       where o.state = 'leased' and o.lease_until < now() and {{whose}}
       order by o.lease_until limit $1)) candidates),
  locked as (
    select o.id from outbox o
    where o.id in (select id from due)
      and (o.state in ('pending', 'unknown') and o.send_at <= now()
           or o.state = 'leased' and o.lease_until < now())
      and (o.state = 'unknown' or {_TURN})
    order by o.priority, o.send_at, o.id limit $1 for update skip locked)
  update outbox o set state = 'leased', lease_token = $2, lease_until = now() + $3
  from locked, chat_account a
  where o.id = locked.id and a.id = o.account_id
  returning o.id, o.key, o.account_id, o.content, o.reply_token, o.unknowns, o.priority, o.send_at,
            o.lane is not null as bulk, o.lane, o.carrier_id, {{company}} as company,
            extract(epoch from now() - o.reply_since)::float8 as reply_age,
            a.channel, a.address, a.address_index
"""  # noqa: S608  # constants
# A plan made while the outbox was empty, and kept, takes a hundred times as long when it is full.
PLAN_ANEW = "set local plan_cache_mode = 'force_custom_plan'"
_ONE_BY_ONE = _CLAIM.format(whose="o.lane is null", company="false")
# Whether something waits that could go along: asked here, since a query of its own for each batch
# would cost a tenth of the speed.
_COMPANY = """exists (
  select from outbox w where w.account_id = o.account_id and w.state = 'pending' and w.lane = o.lane
    and w.id <> o.id and w.send_at <= now() + $5::interval)"""
_IN_BULK = _CLAIM.format(whose="o.lane = $4", company=_COMPANY)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row under our lease, not yet allowed out."""

    id: int
    key: UUID
    account_id: int
    channel: str
    fields: Any  # the whole row


@dataclass(frozen=True, slots=True)
class Opened:
    """What sending the row takes. `reply_age` in seconds, when it was claimed."""

    address: str
    message: Message
    reply: str | None
    reply_age: float
    doubtful: bool  # an earlier try ended unknown


async def claim(tx: Tx, lease: UUID, lease_for: timedelta, most: int) -> list[Claimed]:
    """Lease rows that are due and go one by one, by priority and then by time; of each account
    only the one whose turn it is."""
    await tx.execute(PLAN_ANEW)
    return _claimed(await tx.fetch(_ONE_BY_ONE, most, lease, lease_for))


async def claim_lane(
    tx: Tx, lane: str, lease: UUID, lease_for: timedelta, most: int
) -> list[Claimed]:
    """As `claim`, for what goes in bulk by the channel `lane`."""
    await tx.execute(PLAN_ANEW)
    return _claimed(await tx.fetch(_IN_BULK, most, lease, lease_for, lane, HELD_FOR))


def _claimed(rows: Sequence[Any]) -> list[Claimed]:
    rows = sorted(rows, key=lambda row: (row["priority"], row["send_at"], row["id"]))
    return [Claimed(row["id"], row["key"], row["account_id"], row["channel"], row) for row in rows]


def open_claimed(keys: KeyRing, claimed: Claimed) -> Opened:
    """Decrypt what sending takes."""
    row, token = claimed.fields, claimed.fields["reply_token"]
    return Opened(
        address=keys.open(row["address"], "chat_account.address", row["address_index"]).decode(),
        message=open_message(keys, claimed.key, row["content"]),
        reply=token and keys.open(token, "outbox.reply_token", claimed.key).decode(),
        reply_age=row["reply_age"] or 0.0,
        doubtful=row["unknowns"] > 0,
    )


async def postpone(tx: Tx, rows: Sequence[int], lease: UUID, why: NotSent) -> None:
    """Give back rows that were claimed and not begun; nothing was tried."""
    await tx.execute(
        """update outbox set state = 'pending', reason = $3, send_at = now() + $4,
             lease_token = null, lease_until = null
           where id = any ($1::bigint[]) and lease_token = $2 and state = 'leased'""",
        list(rows),
        lease,
        why.reason,
        timedelta(seconds=why.retry_after),
    )


async def renew(tx: Tx, row_id: int, lease: UUID, lease_for: timedelta) -> bool:
    """Have an inflight row for another `lease_for`; False if it is not ours any more."""
    renewed: bool | None = await tx.fetchval(
        """update outbox set lease_until = now() + $3
           where id = $1 and lease_token = $2 and state = 'inflight' returning true""",
        row_id,
        lease,
        lease_for,
    )
    return bool(renewed)
