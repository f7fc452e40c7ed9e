"""Chunks of campaigns as PostgreSQL has them: one message to many accounts in one call.

Until its first try a chunk is open: each member is judged once more, and who may not get it leaves.
Then it is closed, and every further try is the same call. It is opened again if surely nothing went
out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.channels.channel import NotSent, Outcome, Refused, Sent, Unknown
from bot.environment import Environment
from bot.outbox_gate import QUEUED, judge_members
from bot.outbox_store import UNAUTHORISED, UNTIL_AUTHORISED
from clinic.campaign.settle import follow_chunks, pause, pause_refused
from clinic.crypto import Sealed
from clinic.db import Tx
from clinic.installation.service import IS_MUTED
from clinic.message import rules
from clinic.message.bulk import enqueue_many
from clinic.message.codec import load_message
from clinic.message.service import Outgoing
from clinic.message.types import DeliveryClass, Message


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk under our lease, not yet allowed out."""

    id: int
    key: UUID
    members: int
    row: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A chunk that is committed as inflight: what the platform is given, the same at each try."""

    addresses: tuple[str, ...]
    message: Message


# Who is in it is told in the same statement. What happens to nobody else needs no look at others.
_SENT = f"""
  with done as (
    update chunk set state = 'sent', reason = null, send_at = 'infinity', settled_at = now(),
      lease_token = null, lease_until = null
    where id = $1 and lease_token = $2 and state = 'inflight' returning id)
  update recipient t set state = 'sent', reason = null, settled_at = now()
  from done where t.chunk_id = done.id and {QUEUED}
"""  # noqa: S608  # a constant


async def release_lapsed_chunks(tx: Tx, env: Environment) -> int:
    """Judge the chunks whose process died or froze during the call; how many there were."""
    rows = await tx.fetch(
        """select *, now() - created_at as age from chunk
           where state = 'inflight' and lease_until < now()
           order by lease_until limit 50 for update skip locked"""
    )
    for row in rows:
        await _mark_unknown(tx, env, row, "process_died", at_once=True)
    return len(rows)


async def claim_chunks(
    tx: Tx, channel: str, lease: UUID, lease_for: timedelta, most: int
) -> list[Chunk]:
    """Lease chunks of a channel that are due, by priority and then by time."""
    rows = await tx.fetch(
        """with due as (
             (select id from chunk where state = 'pending' and channel = $4 and send_at <= now()
              order by priority, send_at limit $1)
             union all
             (select id from chunk where state = 'unknown' and channel = $4 and send_at <= now()
              order by send_at limit $1)
             union all
             (select id from chunk where state = 'leased' and channel = $4 and lease_until < now()
              order by lease_until limit $1)),
           locked as (
             select id from chunk where id in (select id from due)
               and (state in ('pending', 'unknown') and send_at <= now()
                    or state = 'leased' and lease_until < now())
             order by priority, send_at, id limit $1 for update skip locked)
           update chunk c set state = 'leased', lease_token = $2, lease_until = now() + $3
           from locked where c.id = locked.id returning c.*""",
        most,
        lease,
        lease_for,
        channel,
    )
    rows = sorted(rows, key=lambda row: (row["priority"], row["send_at"], row["id"]))
    return [Chunk(row["id"], row["key"], row["members"], row) for row in rows]


async def start_chunk(
    tx: Tx, env: Environment, chunk: Chunk, lease: UUID, lease_for: timedelta
) -> Call | str:
    """Close the chunk, if it is open, and mark it inflight; or the reason why it stays.

    Raises Sealed if its text does not open.
    """
    row = await tx.fetchrow(
        f"""select *, now() as now, now() - created_at as age,
                  useful_until <= now() as late, {IS_MUTED} as muted,
                  (select c.state from recipient t join campaign c on c.id = t.campaign_id
                   where t.chunk_id = chunk.id limit 1) as campaign_state
           from chunk where id = $1 and lease_token = $2 and state = 'leased' for update""",  # noqa: S608  # a constant
        chunk.id,
        lease,
    )
    if row is None:
        return "lease_lost"
    content = env.keys.open(row["content"], "chunk.content", row["key"])
    if row["closed"]:
        if reason := await _stopped(tx, env, row, lease):
            return reason
        sealed = await _sealed(tx, chunk.id)
    elif isinstance(closed := await _close(tx, env, chunk, lease), str):
        return closed
    else:
        sealed = closed
    try:
        addresses = tuple(
            env.keys.open(address, "chat_account.address", index).decode()
            for address, index in sealed
        )
    except Sealed:
        addresses = ()
    # Without one of them, as after an erasure, nobody can say any more what the first call was.
    if row["closed"] and (len(addresses) != row["members"] or "" in addresses):
        await _end(tx, chunk.id, "unknown", "unreadable")
        return "unreadable"
    await tx.execute(
        """update chunk set state = 'inflight', closed = true, members = $3,
             attempts = attempts + 1, lease_until = now() + $2 where id = $1""",
        chunk.id,
        lease_for,
        len(addresses),
    )
    return Call(addresses, load_message(content))


async def give_back(tx: Tx, chunk: int, lease: UUID, why: NotSent) -> None:
    """Give back a chunk that was claimed and not begun; nothing was tried."""
    await tx.execute(
        """update chunk set state = case when unknowns > 0 then 'unknown' else 'pending' end,
             reason = $3, send_at = now() + $4, lease_token = null, lease_until = null
           where id = $1 and lease_token = $2 and state = 'leased'""",
        chunk,
        lease,
        why.reason[:64],
        timedelta(seconds=why.retry_after),
    )


async def pause_campaigns_of(tx: Tx, chunk: int, reason: str) -> None:
    """Pause the campaigns that this chunk belongs to, and tell staff."""
    rows = await tx.fetch("select distinct campaign_id from recipient where chunk_id = $1", chunk)
    await pause(tx, [row["campaign_id"] for row in rows], reason)


async def settle_chunk(tx: Tx, env: Environment, chunk: int, lease: UUID, outcome: Outcome) -> None:
    """Record how the call ended. A lease that is no longer ours changes nothing."""
    if isinstance(outcome, Sent):
        await tx.execute(_SENT, chunk, lease)
        return
    row = await tx.fetchrow(
        """select *, now() - created_at as age, now() as now from chunk
           where id = $1 and lease_token = $2 and state = 'inflight' for update""",
        chunk,
        lease,
    )
    if row is None:
        return
    match outcome:
        case NotSent(reason, retry_after, _, quota):
            await _open_again(tx, row, reason, timedelta(seconds=retry_after))
            if quota:
                await pause_campaigns_of(tx, chunk, "quota")
        case Refused(reason) if reason == UNAUTHORISED:
            await _open_again(tx, row, reason, UNTIL_AUTHORISED)
            await pause_campaigns_of(tx, chunk, reason)
        case Refused(reason):
            await _send_singly(tx, env, row)
            await _end(tx, chunk, "refused", reason)
        case Unknown(reason):
            await _mark_unknown(tx, env, row, reason, at_once=False)


async def _stopped(tx: Tx, env: Environment, row: Any, lease: UUID) -> str | None:
    """Why a chunk that may have gone out is not tried again, or not now; None: it is.

    It must stay the same call: what speaks against one of its members alone does not change it.
    """
    ended = "too_late" if row["late"] else None
    if row["campaign_state"] == "cancelled":
        ended = "campaign_cancelled"
    elif ended is None and row["age"] >= rules.RETRY_KEY_LIFE:
        ended = "retry_key_dead"
    if ended is not None:
        await _end(tx, row["id"], "unknown", ended)
        return ended
    until: datetime = row["now"] + rules.UNTIL_RESUMED
    if row["muted"] or row["campaign_state"] == "paused":
        reason = "muted" if row["muted"] else "campaign_paused"
    else:
        verdicts = (await judge_members(tx, env, row["id"], lease)).verdicts.values()
        nights = [
            verdict.until
            for verdict in verdicts
            if isinstance(verdict, rules.Wait) and verdict.reason == "quiet_hours"
        ]
        if not nights:
            return None
        reason, until = "quiet_hours", max(nights)
    await _wait(tx, row["id"], until, reason, state="unknown")
    return reason


async def _close(
    tx: Tx, env: Environment, chunk: Chunk, lease: UUID
) -> Sequence[tuple[bytes, str]] | str:
    """Let those leave whom it may not go to; the addresses of the others, as `_sealed` has them,
    or the reason if nobody is left to whom it may go now."""
    members = await judge_members(tx, env, chunk.id, lease)
    verdicts = members.verdicts
    waits = {one: v for one, v in verdicts.items() if isinstance(v, rules.Wait)}
    skips = {one: v.reason for one, v in verdicts.items() if isinstance(v, rules.Skip)}
    await _leave(tx, skips)
    if len(waits) + len(skips) < len(verdicts):
        await _leave_for_now(tx, waits)
        return [
            members.addresses[one]
            for one in sorted(verdicts)
            if isinstance(verdicts[one], rules.Pass)
        ]
    if waits:
        first = min(waits.values(), key=lambda wait: wait.until)
        await _wait(tx, chunk.id, first.until, first.reason, state="pending")
        return first.reason
    reason = next(iter(skips.values()), "nobody_left")
    await _end(tx, chunk.id, "skipped", reason)
    return reason


async def _leave(tx: Tx, skips: Mapping[int, str]) -> None:
    """These get nothing. Who cannot be reached here is judged anew, by another account."""
    if skips:
        await tx.execute(
            """update recipient r
               set state = case s.reason when 'unreachable' then 'pending'
                             when 'too_late' then 'expired'
                             when 'campaign_cancelled' then 'cancelled' else 'skipped' end,
                   tried = case s.reason when 'unreachable' then r.tried || to_jsonb(r.account_id)
                             else r.tried end,
                   due_at = case s.reason when 'unreachable' then now() else r.due_at end,
                   settled_at = case s.reason when 'unreachable' then null else now() end,
                   account_id = case s.reason when 'unreachable' then null else r.account_id end,
                   reason = s.reason, chunk_id = null
               from unnest($1::bigint[], $2::text[]) as s (id, reason) where r.id = s.id""",
            list(skips),
            list(skips.values()),
        )


async def _leave_for_now(tx: Tx, waits: Mapping[int, rules.Wait]) -> None:
    """These wait by themselves for their time, and are then judged anew."""
    if waits:
        await tx.execute(
            """update recipient r set state = 'pending', due_at = w.until, reason = w.reason,
                 account_id = null, chunk_id = null
               from unnest($1::bigint[], $2::timestamptz[], $3::text[]) as w (id, until, reason)
               where r.id = w.id""",
            list(waits),
            [wait.until for wait in waits.values()],
            [wait.reason for wait in waits.values()],
        )


async def _sealed(tx: Tx, chunk: int) -> Sequence[tuple[bytes, str]]:
    """Addresses of all who are in it, as they are stored, each with its index."""
    rows: Sequence[Any] = await tx.fetch(
        f"""select a.address, a.address_index from recipient t
            join chat_account a on a.id = t.account_id
            where t.chunk_id = $1 and {QUEUED} order by t.id""",  # noqa: S608  # a constant
        chunk,
    )
    return [(row["address"], row["address_index"]) for row in rows]


async def _send_singly(tx: Tx, env: Environment, row: Any) -> None:
    """The platform took it for nobody, since one address is wrong: each gets a row of their own,
    and that address shows by its own refusal."""
    message = load_message(env.keys.open(row["content"], "chunk.content", row["key"]))
    members = await tx.fetch(
        """select t.id, t.account_id, t.patient_id,
                  case when exists (select 1 from link l where l.account_id = t.account_id
                                      and l.patient_id = t.patient_id and l.ended_at is null)
                       then a.link_version else -1 end as link_version
           from recipient t join chat_account a on a.id = t.account_id
           where t.chunk_id = $1 and t.state = 'queued' order by t.id for update of t""",
        row["id"],
    )
    now: datetime = row["now"]
    ids = await enqueue_many(
        tx,
        env.keys,
        [
            Outgoing(
                account_id=member["account_id"],
                message=message,
                dedup_key=f"chunk:{row['id']}:{member['id']}",
                purpose=row["purpose"],
                delivery_class=DeliveryClass.CAMPAIGN,
                useful_for=row["useful_until"] - now,
                link_version=member["link_version"],
                consent_purpose=row["consent_purpose"],
                patient_id=member["patient_id"],
            )
            for member in members
        ],
    )
    await tx.execute(
        """update recipient t set outbox_id = n.outbox_id, chunk_id = null
           from unnest($1::bigint[], $2::bigint[]) as n (id, outbox_id) where t.id = n.id""",
        [member["id"] for member in members],
        ids,
    )


async def _mark_unknown(tx: Tx, env: Environment, row: Any, reason: str, *, at_once: bool) -> None:
    channel = env.channels.get(row["channel"])
    safe = channel is not None and channel.resends_safely
    delay = rules.after_unknown(
        DeliveryClass.CAMPAIGN, resends_safely=safe, tries=row["unknowns"] + 1, age=row["age"]
    )
    if delay == "leave":
        await _end(tx, row["id"], "unknown", reason)
        return
    again = timedelta(0) if at_once and safe else delay
    await tx.execute(
        """update chunk set state = 'unknown', reason = $2, unknowns = unknowns + 1,
             send_at = now() + $3::interval, lease_token = null, lease_until = null
           where id = $1""",
        row["id"],
        reason[:64],
        again,
    )


async def _open_again(tx: Tx, row: Any, reason: str, delay: timedelta) -> None:
    """Surely nothing went out now; if nothing may have before, its members are judged anew."""
    await tx.execute(
        """update chunk set state = case when unknowns > 0 then 'unknown' else 'pending' end,
             closed = unknowns > 0, reason = $2, send_at = now() + $3, lease_token = null,
             lease_until = null where id = $1""",
        row["id"],
        reason[:64],
        max(delay, rules.backoff(row["attempts"])),
    )


async def _wait(tx: Tx, chunk: int, until: datetime, reason: str, *, state: str) -> None:
    await tx.execute(
        """update chunk set state = $4, send_at = $2, reason = $3, lease_token = null,
             lease_until = null where id = $1""",
        chunk,
        until,
        reason,
        state,
    )


async def _end(tx: Tx, chunk: int, state: str, reason: str | None) -> None:
    """The chunk and, with it, all who are still in it."""
    await tx.execute(
        """update chunk set state = $2, reason = $3, send_at = 'infinity', settled_at = now(),
             lease_token = null, lease_until = null where id = $1""",
        chunk,
        state,
        reason and reason[:64],
    )
    await follow_chunks(tx, [chunk])
    if state == "refused":
        await pause_refused(tx)
