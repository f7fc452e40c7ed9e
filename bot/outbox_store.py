"""How sendings ended, as PostgreSQL keeps it: of the outbox, and of the campaigns behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from bot.channels.channel import NotSent, Outcome, Refused, Sent, Unknown
from bot.environment import Environment
from bot.outbox_claims import PLAN_ANEW
from bot.outbox_together import follow_carriers, part
from clinic.campaign.settle import follow_messages, pause, pause_refused
from clinic.db import Lane, Tx
from clinic.message import rules
from clinic.message.types import DeliveryClass
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

ENDED = frozenset({"rate", "channel_off"})  # tries that never reached the platform
UNAUTHORISED = "unauthorised"  # our own key is wrong, which is nothing that a patient can mend
UNTIL_AUTHORISED = timedelta(minutes=10)
_ROW = """o.id, o.account_id, o.attempts, o.unknowns, o.delivery_class, o.lane, a.channel,
  now() - o.created_at as age,
  o.reply_token is not null and o.reply_since > now() - interval '1 minute' as replying"""
_SENT = """
  update outbox o
  set state = 'sent', platform_id = s.platform_id, reason = null, settled_at = now(),
      reply_token = null, lease_token = null, lease_until = null
  from unnest($1::bigint[], $2::uuid[], $3::text[]) as s(id, lease, platform_id)
  where o.id = s.id and o.lease_token = s.lease and o.state = 'inflight'
"""
# A recipient is told in the same statement: campaigns settle as fast as they are sent.
_SENT_IN_BULK = f"""
  with done as ({_SENT} returning o.id)
  update recipient r set state = 'sent', reason = null, settled_at = now()
  from done where r.outbox_id = done.id and r.state = 'queued'
"""  # noqa: S608  # constants
# And those of what went in the same call. To look for these costs an eighth of the speed.
_SENT_TOGETHER = f"""
  with done as ({_SENT} returning o.id),
  along as (
    update outbox c
    set state = 'sent', reason = null, settled_at = now(), lease_until = null
    from done where c.carrier_id = done.id and c.id <> done.id and c.state = 'inflight'
      and c.carrier_id is not null
    returning c.id)
  update recipient r set state = 'sent', reason = null, settled_at = now()
  from (select id from done union all select id from along) arrived
  where r.outbox_id = arrived.id and r.state = 'queued'
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the sending of a row under this lease ended. `carries`: others went in the same call."""

    id: int
    lease: UUID
    outcome: Outcome
    bulk: bool = False
    carries: bool = False


async def release_lapsed(tx: Tx, env: Environment) -> int:
    """Judge the rows whose process died or froze during the call; how many there were.

    Nobody knows whether those went out. A channel with retry keys may try again at once.
    """
    rows = await tx.fetch(
        f"""select {_ROW} from outbox o join chat_account a on a.id = o.account_id
            where o.state = 'inflight' and o.lease_until < now()
            order by o.lease_until limit 1000 for update of o skip locked"""  # noqa: S608  # constants
    )
    await _mark_unknown(tx, env, [(row, "process_died") for row in rows], at_once=True)
    await _follow(tx, await follow_carriers(tx))
    return len(rows)


async def forget_reply(lane: Lane, row_id: int, lease: UUID, lease_for: timedelta) -> bool:
    """Send this row by push from now on; False if it is not ours any more.

    Raises DatabaseDown.
    """
    rows = await lane.fetch(
        """update outbox set reply_token = null, lease_until = now() + $3
           where id = $1 and lease_token = $2 and state = 'inflight' returning id""",
        row_id,
        lease,
        lease_for,
    )
    return bool(rows)


async def settle(env: Environment, lane: Lane, settlements: Sequence[Settlement]) -> None:
    """Record how sendings ended. A lease that is no longer ours changes nothing.

    May be repeated with the same settlements. Raises DatabaseDown.
    """
    sent = [one for one in settlements if isinstance(one.outcome, Sent)]
    if alone := [one for one in sent if not one.bulk]:
        await lane.fetch(_SENT, *_columns(alone))
    for carries, statement in ((False, _SENT_IN_BULK), (True, _SENT_TOGETHER)):
        if many := [one for one in sent if one.bulk and one.carries is carries]:
            await env.database.retrying(partial(_tick_off, statement=statement, sent=many))
    others = {one.id: one for one in settlements if not isinstance(one.outcome, Sent)}
    if others:
        await env.database.retrying(lambda tx: _settle_others(tx, env, others))


async def _tick_off(tx: Tx, *, statement: str, sent: Sequence[Settlement]) -> None:
    await tx.execute(PLAN_ANEW)
    await tx.execute(statement, *_columns(sent))


def _columns(sent: Sequence[Settlement]) -> list[list[object]]:
    ids = [one.outcome.message_id if isinstance(one.outcome, Sent) else None for one in sent]
    return [
        [one.id for one in sent],
        [one.lease for one in sent],
        [one and one[:96] for one in ids],
    ]


async def pause_campaigns_of(tx: Tx, outbox: Sequence[int], reason: str) -> int:
    """Pause the campaigns that these messages belong to, and tell staff; how many."""
    rows = await tx.fetch(
        "select distinct campaign_id from recipient where outbox_id = any ($1::bigint[])", outbox
    )
    return await pause(tx, [row["campaign_id"] for row in rows], reason)


async def _settle_others(tx: Tx, env: Environment, others: dict[int, Settlement]) -> None:
    rows = await tx.fetch(
        f"""select {_ROW} from unnest($1::bigint[], $2::uuid[]) as s (id, lease)
            join outbox o on o.id = s.id and o.lease_token = s.lease and o.state = 'inflight'
            join chat_account a on a.id = o.account_id
            order by o.id for update of o""",  # noqa: S608  # constants
        list(others),
        [one.lease for one in others.values()],
    )
    unknown: list[tuple[Any, str]] = []
    stop: dict[str, list[int]] = {}
    for row in rows:
        match others[row["id"]].outcome:
            case NotSent(reason, retry_after, _, quota):
                await _give_back(tx, row, reason, timedelta(seconds=retry_after))
                if quota:
                    await _task(tx, f"quota:{row['channel']}", "quota", None)
                    stop.setdefault("quota", []).append(row["id"])
            case Refused(reason) if reason == UNAUTHORISED and row["lane"]:
                await _give_back(tx, row, reason, UNTIL_AUTHORISED)
                stop.setdefault(reason, []).append(row["id"])
            case Refused(reason) if (
                row["lane"] and not row["unknowns"] and await part(tx, row["id"], reason)
            ):
                continue
            case Refused(reason, gone):
                await _refuse(tx, row, reason, gone)
            case Unknown(reason):
                unknown.append((row, reason))
    await _mark_unknown(tx, env, unknown, at_once=False)
    in_bulk = [row["id"] for row in rows if row["lane"]]
    if in_bulk:
        await follow_messages(tx, in_bulk)
        await _follow(tx, await follow_carriers(tx, in_bulk))
        for reason, ids in stop.items():
            await pause_campaigns_of(tx, ids, reason)
        await pause_refused(tx)


async def _follow(tx: Tx, along: Sequence[int]) -> None:
    """What went along with others ended as they did: recipients and other systems are told."""
    if not along:
        return
    await follow_messages(tx, along)
    failed = await tx.fetch(
        """select o.id, a.channel from outbox o join chat_account a on a.id = o.account_id
           where o.id = any ($1::bigint[]) and o.state in ('refused', 'unknown') order by o.id""",
        along,
    )
    told = ({"message_id": row["id"], "channel": row["channel"]} for row in failed)
    await announce(tx, Kind.MESSAGE_FAILED, *told)


async def _give_back(tx: Tx, row: Any, reason: str, delay: timedelta) -> None:
    tried = reason not in ENDED
    await tx.execute(
        """update outbox set state = 'pending', reason = $2, send_at = now() + $3,
             attempts = attempts - case when $4 then 0 else 1 end,
             lease_token = null, lease_until = null where id = $1""",
        row["id"],
        reason[:64],
        max(delay, rules.backoff(row["attempts"], replying=row["replying"])) if tried else delay,
        tried,
    )


async def _refuse(tx: Tx, row: Any, reason: str, gone: bool) -> None:
    await tx.execute(
        """update outbox set state = 'refused', reason = $2, send_at = 'infinity',
             settled_at = now(), lease_token = null, lease_until = null where id = $1""",
        row["id"],
        reason[:64],
    )
    if gone:
        await tx.execute(
            """update chat_account set unreachable_at = coalesce(unreachable_at, now())
               where id = $1""",
            row["account_id"],
        )
    await _undelivered(tx, row)


async def heard_of(tx: Tx, key: UUID, reason: str | None, *, gone: bool = False) -> None:
    """What a gateway told of a message after it had taken it: that it did not arrive, and why, or
    (`reason` None) that it did. Nobody knew of an unknown one; now somebody does."""
    row = await tx.fetchrow(
        f"""select {_ROW}, o.state from outbox o join chat_account a on a.id = o.account_id
            where o.key = $1 and o.state in ('sent', 'unknown') for update of o""",  # noqa: S608  # constants
        key,
    )
    if row is None or (reason is None and row["state"] == "sent"):
        return
    if reason is None:
        await tx.execute(
            """update outbox set state = 'sent', reason = null, send_at = now(),
                 settled_at = now() where id = $1""",
            row["id"],
        )
    else:
        await _refuse(tx, row, reason, gone)
    await tx.execute(
        """update recipient set state = $3, reason = $2
           where outbox_id = $1 and state in ('sent', 'unknown')""",
        row["id"],
        reason,
        "sent" if reason is None else "refused",
    )
    if row["lane"]:
        await follow_messages(tx, [row["id"]])


async def _mark_unknown(
    tx: Tx, env: Environment, rows: Sequence[tuple[Any, str]], *, at_once: bool
) -> None:
    """Nobody knows how these ended: when each is tried again, or that it is left as it is."""
    if not rows:
        return
    again = [_again(env, row, at_once) for row, _ in rows]
    await tx.execute(
        """update outbox o set state = 'unknown', reason = u.reason, unknowns = unknowns + 1,
             send_at = coalesce(now() + u.again, 'infinity'),
             settled_at = case when u.again is null then now() end,
             lease_token = null, lease_until = null
           from unnest($1::bigint[], $2::text[], $3::interval[]) as u (id, reason, again)
           where o.id = u.id""",
        [row["id"] for row, _ in rows],
        [reason[:64] for _, reason in rows],
        again,
    )
    left = [row for (row, _), delay in zip(rows, again, strict=True) if delay is None]
    for row in left:
        await _undelivered(tx, row)
    await follow_messages(tx, [row["id"] for row in left if row["lane"]])


def _again(env: Environment, row: Any, at_once: bool) -> timedelta | None:
    channel = env.channels.get(row["channel"])
    safe = channel is not None and channel.resends_safely
    delay = rules.after_unknown(
        DeliveryClass(row["delivery_class"]),
        resends_safely=safe,
        tries=row["unknowns"] + 1,
        age=row["age"],
        replying=row["replying"],
    )
    return None if delay == "leave" else timedelta(0) if at_once and safe else delay


async def _undelivered(tx: Tx, row: Any) -> None:
    """What must arrive and perhaps did not becomes somebody's task."""
    await announce(tx, Kind.MESSAGE_FAILED, {"message_id": row["id"], "channel": row["channel"]})
    if row["delivery_class"] == DeliveryClass.MUST_ARRIVE:
        await _task(tx, f"undelivered:{row['id']}", "undelivered", row["id"])


async def _task(tx: Tx, key: str, kind: str, outbox_id: int | None) -> None:
    await tx.execute(
        """insert into task (key, kind, conversation_id, detail)
           values ($1, $2, (select c.id from outbox o join conversation c
                            on c.account_id = o.account_id where o.id = $3), $4)
           on conflict (key) do update set state = 'open', closed_at = null
             where task.kind = 'quota'""",
        key,
        kind,
        outbox_id,
        {"outbox": outbox_id} if outbox_id else {},
    )
