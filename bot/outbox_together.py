"""Messages that wait for the same chat go out in one call, where the channel can do that.

Each stays a row of its own, judged by itself, with its own recipient and its own end. One of them,
the carrier, stands for the call: its key is the retry key, and as it ends all of them end. The
others are inflight without a lease of their own, so nothing but the end of their carrier moves
them. All of this is committed with the carrier's own change of state, so whoever dies leaves either
rows that wait or a call of which it is known what was in it: a second try is the same call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.channels.channel import Channel, SendsTogether
from bot.environment import Environment
from bot.outbox_claims import Claimed
from bot.outbox_gate import start
from clinic.campaign.company import HELD_FOR
from clinic.campaign.settle import follow_messages
from clinic.crypto import KeyRing, Sealed
from clinic.db import Tx
from clinic.message.service import open_message
from clinic.message.types import Message

MOST = 4  # that go along with another
# What waits for each of these chats besides the rows that were claimed, and nobody has in hand.
_WAITING = """
  select account_id, id, key, content from outbox
  where account_id = any ($1::bigint[]) and state = 'pending' and lane = $2 and unknowns = 0
    and carrier_id is null and send_at <= now() + $3::interval
  order by account_id, priority, id limit $4 for update skip locked
"""
# What was in the call of which nobody knows how it ended, in the order in which it was.
_CARRIED = """
  select o.id as carrier, c.id, c.key, c.content, o.unknowns
  from outbox o join outbox c on c.carrier_id = o.id and c.id <> o.id and c.state = 'inflight'
  where o.id = any ($1::bigint[]) and o.lease_token = $2 and o.state = 'leased'
    and o.unknowns > 0
  order by o.id, c.priority, c.id
"""
# As their carrier ended. If surely nothing went out, they wait again, each by itself.
_FOLLOW = """
  with ended as (
    select c.id, l.state, l.reason, l.settled_at, l.send_at, l.unknowns,
      l.state = 'pending' as waits
    from outbox c join outbox l on l.id = c.carrier_id
    where c.state = 'inflight' and c.carrier_id is not null and c.id <> l.id and {which}
      and (l.state in ('sent', 'refused', 'expired', 'skipped')
           or l.state = 'unknown' and l.send_at = 'infinity'
           or l.state = 'pending' and l.unknowns = 0)
    order by c.id for update of c {others})
  update outbox c
  set state = case when e.waits then 'pending' when e.state in ('sent', 'refused') then e.state
                else 'unknown' end,
      reason = e.reason, attempts = c.attempts - e.waits::int, unknowns = e.unknowns,
      send_at = e.send_at, carrier_id = case when not e.waits then c.carrier_id end,
      settled_at = case when not e.waits then coalesce(e.settled_at, now()) end,
      lease_token = null, lease_until = null
  from ended e where c.id = e.id returning c.id
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """What may be sent now: the reasons of the rows that may not, and what goes along with those
    that may, by row."""

    stopped: Mapping[int, str]
    along: Mapping[int, tuple[Message, ...]]


@dataclass(slots=True)
class _Party:
    """A call of several. `again`: it was tried, and must be the same as it was."""

    again: bool = False
    others: list[tuple[int, Message]] = field(default_factory=list)


async def one_of_each_chat(tx: Tx, claimed: Sequence[Claimed], lease: UUID) -> list[Claimed]:
    """The first row of each chat; the others wait on, to go along with it."""
    first = {row.account_id: row for row in reversed(claimed)}
    others = [row.id for row in claimed if first[row.account_id] is not row]
    if others:
        await tx.execute(
            """update outbox set state = case when unknowns > 0 then 'unknown' else 'pending' end,
                 lease_token = null, lease_until = null
               where id = any ($1::bigint[]) and lease_token = $2""",
            others,
            lease,
        )
    return [row for row in claimed if first[row.account_id] is row]


async def begin(
    tx: Tx,
    env: Environment,
    channel: Channel,
    rows: Sequence[Claimed],
    lease: UUID,
    lease_for: timedelta,
) -> Begun:
    """Mark leased rows inflight, with what waits for the same chats, or settle them."""
    ids = [row.id for row in rows]
    if not isinstance(channel, SendsTogether):
        return Begun(await start(tx, env, ids, lease, lease_for), {})
    doubtful = [row.id for row in rows if row.fields["unknowns"]]
    parties = await _again(tx, env.keys, doubtful, lease) if doubtful else {}
    parties |= await _gather(tx, env.keys, channel, rows, lease)
    await _lease(tx, parties, lease, lease_for)
    everybody = [*ids, *(one for party in parties.values() for one, _ in party.others)]
    stopped = dict(await start(tx, env, everybody, lease, lease_for))
    along: dict[int, tuple[Message, ...]] = {}
    for carrier, party in parties.items():
        members = [one for one, _ in party.others]
        if party.again and not stopped.keys().isdisjoint((carrier, *members)):
            stopped[carrier] = await _not_again(tx, carrier, members)
            continue
        going = [one for one in party.others if one[0] not in stopped]
        if carrier in stopped:
            await _free(tx, [one for one, _ in going])
        elif going:
            await _carry(tx, carrier, [one for one, _ in going])
            along[carrier] = tuple(message for _, message in going)
    return Begun({one: why for one, why in stopped.items() if one in set(ids)}, along)


async def follow_carriers(tx: Tx, carriers: Sequence[int] | None = None) -> list[int]:
    """Let what went along with these, or with any, end as they ended; the rows that did.

    If surely nothing went out, they wait again.
    """
    if carriers is None:
        rows = await tx.fetch(_FOLLOW.format(which="true", others="skip locked"))
    else:  # whoever has one of these in hand is waited for: a carrier must not go out without it
        query = _FOLLOW.format(which="l.id = any ($1::bigint[])", others="")
        rows = await tx.fetch(query, list(carriers))
    return [row["id"] for row in rows]


async def part(tx: Tx, carrier: int, reason: str) -> bool:
    """The platform refused a call of several: each is tried once more, alone, so that one that it
    does not take keeps no other from the patient. False if the row was alone already."""
    status: str = await tx.execute(
        """update outbox set state = 'pending', reason = $2, send_at = now(), carrier_id = id,
             attempts = attempts - 1, lease_token = null, lease_until = null
           where state = 'inflight' and unknowns = 0 and (
             carrier_id = $1 and id <> $1 or id = $1 and exists (
               select from outbox c where c.carrier_id = $1 and c.id <> $1
                 and c.state = 'inflight'))""",
        carrier,
        reason[:64],
    )
    return not status.endswith(" 0")


async def _again(tx: Tx, keys: KeyRing, ids: Sequence[int], lease: UUID) -> dict[int, _Party]:
    parties: dict[int, _Party] = {}
    for row in await tx.fetch(_CARRIED, list(ids), lease):
        party = parties.setdefault(row["carrier"], _Party(again=True))
        # One that does not open any more is judged by the gate, which blanked it.
        party.others.append((row["id"], _opened(keys, row) or Message("", "en")))
    return parties


async def _gather(
    tx: Tx, keys: KeyRing, channel: SendsTogether, rows: Sequence[Claimed], lease: UUID
) -> dict[int, _Party]:
    """What fits into one call with each of these rows, and nobody else has in hand."""
    # What was tried once, or was refused in company, goes as it is.
    carriers = {
        row.account_id: row
        for row in rows
        if row.fields["company"] and not row.fields["unknowns"] and row.fields["carrier_id"] is None
    }
    if not carriers:
        return {}
    lane = next(iter(carriers.values())).fields["lane"]
    found = await tx.fetch(_WAITING, list(carriers), lane, HELD_FOR, MOST * len(carriers))
    if not found:
        return {}
    # Of a row whose lease lapsed another process makes a call in which these are not.
    ours = await tx.fetch(
        """select id from outbox where id = any ($1::bigint[]) and lease_token = $2
             and state = 'leased' order by id for update skip locked""",
        [carriers[row["account_id"]].id for row in found],
        lease,
    )
    kept = {row["id"] for row in ours}
    parties: dict[int, _Party] = {}
    said: dict[int, list[Message]] = {}
    for row in found:
        carrier = carriers[row["account_id"]]
        if carrier.id not in said:
            first = _opened(keys, {**carrier.fields}) if carrier.id in kept else None
            said[carrier.id] = [] if first is None else [first]
        message = _opened(keys, row)
        if message is None or not said[carrier.id] or len(said[carrier.id]) > MOST:
            continue
        if channel.fit_together([*said[carrier.id], message]):
            said[carrier.id].append(message)
            parties.setdefault(carrier.id, _Party()).others.append((row["id"], message))
    return parties


def _opened(keys: KeyRing, row: Any) -> Message | None:
    try:
        return open_message(keys, row["key"], row["content"])
    except (Sealed, ValueError):  # whoever sends it alone tells staff of it
        return None


async def _lease(tx: Tx, parties: Mapping[int, _Party], lease: UUID, lease_for: timedelta) -> None:
    """Have the gate judge these too. What may have gone out once must not end as left out."""
    for again in (False, True):
        members = [
            one for party in parties.values() if party.again is again for one, _ in party.others
        ]
        if members:
            await tx.execute(
                """update outbox set state = 'leased', lease_token = $2, lease_until = now() + $3,
                     unknowns = unknowns + $4, attempts = attempts - $4
                   where id = any ($1::bigint[])""",
                members,
                lease,
                lease_for,
                int(again),
            )


async def _carry(tx: Tx, carrier: int, members: Sequence[int]) -> None:
    await tx.execute(
        """update outbox set state = 'inflight', carrier_id = $2, unknowns = 0,
             lease_token = null, lease_until = 'infinity' where id = any ($1::bigint[])""",
        list(members),
        carrier,
    )


async def _free(tx: Tx, members: Sequence[int]) -> None:
    """These would have gone along with one that does not go now: their own turn comes."""
    await tx.execute(
        """update outbox set state = 'pending', attempts = attempts - 1, lease_token = null,
             lease_until = null where id = any ($1::bigint[])""",
        list(members),
    )


async def _not_again(tx: Tx, carrier: int, members: Sequence[int]) -> str:
    """A call that may have gone out is not tried again as it was, or not now; the reason.

    If one of the messages may not go out any more the whole of it stays unknown.
    """
    everybody = [carrier, *members]
    ended = await tx.fetchval(
        """select reason from outbox where id = any ($1::bigint[])
             and (state in ('skipped', 'expired') or state = 'unknown' and send_at = 'infinity')
           order by id limit 1""",
        everybody,
    )
    if ended is not None:
        await tx.execute(
            """update outbox set state = 'unknown', reason = $2, send_at = 'infinity',
                 settled_at = now(), lease_token = null, lease_until = null
               where id = any ($1::bigint[])""",
            everybody,
            ended,
        )
        await follow_messages(tx, everybody)
        return str(ended)
    row = await tx.fetchrow(
        """select reason, send_at from outbox where id = any ($1::bigint[]) and state = 'pending'
           order by send_at desc limit 1""",
        everybody,
    )
    await tx.execute(
        """update outbox set state = 'pending', reason = $2, send_at = $3,
             attempts = attempts - (state = 'inflight')::int, lease_token = null,
             lease_until = null where id = $1""",
        carrier,
        row["reason"],
        row["send_at"],
    )
    await _carry(tx, carrier, members)
    return str(row["reason"])
