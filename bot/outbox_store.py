"""The outbox as PostgreSQL has it: claims, leases with fencing tokens, and how sendings ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.channels.channel import NotSent, Outcome, Refused, Sent, Unknown
from bot.environment import Environment
from clinic.crypto import KeyRing
from clinic.db import Lane, Tx
from clinic.escalation.rules import GRAVE
from clinic.message import rules
from clinic.message.service import open_message
from clinic.message.types import DeliveryClass, Message

ENDED = frozenset({"rate", "channel_off"})  # tries that never reached the platform


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


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the sending of a row under this lease ended."""

    id: int
    lease: UUID
    outcome: Outcome


async def release_lapsed(tx: Tx, env: Environment) -> int:
    """Judge the rows whose process died or froze during the call; how many there were.

    Nobody knows whether those went out. A channel with retry keys may try again at once.
    """
    rows = await tx.fetch(
        """select o.id, o.unknowns, o.delivery_class, a.channel, now() - o.created_at as age
           from outbox o join chat_account a on a.id = o.account_id
           where o.state = 'inflight' and o.lease_until < now()
           order by o.lease_until limit 200 for update of o skip locked"""
    )
    for row in rows:
        await _mark_unknown(tx, env, row, "process_died", at_once=True)
    return len(rows)


async def claim(tx: Tx, lease: UUID, lease_for: timedelta, most: int) -> list[Claimed]:
    """Lease rows that are due, oldest first; of each account only the one whose turn it is."""
    rows = await tx.fetch(
        """with due as (
             select id from (
               -- Only those whose turn it is: a crowd that waits for its predecessors, put off to a
               -- later instant, would else fill the window and nothing at all would go out.
               (select o.id, o.send_at from outbox o
                where o.state = 'pending' and o.send_at <= now() and not exists (
                  select 1 from outbox e where e.account_id = o.account_id and e.id < o.id
                    and (e.state in ('leased', 'inflight')
                         or e.state = 'pending' and e.send_at <= now()))
                order by o.send_at, o.id limit 4 * $1::int)
               union all
               (select id, send_at from outbox where state = 'unknown' and send_at <= now()
                order by send_at limit $1)
               union all
               (select id, send_at from outbox where state = 'leased' and lease_until < now()
                order by lease_until limit $1)) candidates),
           locked as (
             select o.id from outbox o
             where o.id in (select id from due)
               and (o.state in ('pending', 'unknown') and o.send_at <= now()
                    or o.state = 'leased' and o.lease_until < now())
               and (o.state = 'unknown' or not exists (
                 select 1 from outbox e where e.account_id = o.account_id and e.id < o.id
                   and (e.state in ('leased', 'inflight')
                        or e.state = 'pending' and e.send_at <= now())))
             order by o.send_at, o.id limit $1 for update skip locked)
           update outbox o set state = 'leased', lease_token = $2, lease_until = now() + $3
           from locked, chat_account a
           where o.id = locked.id and a.id = o.account_id
           returning o.id, o.key, o.account_id, o.content, o.reply_token, o.unknowns,
                     extract(epoch from now() - o.reply_since)::float8 as reply_age,
                     a.channel, a.address, a.address_index""",
        most,
        lease,
        lease_for,
    )
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


async def start(
    tx: Tx, env: Environment, claimed: Claimed, lease: UUID, lease_for: timedelta
) -> str | None:
    """The gate: mark the row inflight and return None, or settle it and return the reason.

    Everything that must hold when a message goes out is read in this transaction.
    """
    row = await tx.fetchrow(
        """select o.purpose, o.useful_until, o.link_version, o.appointment_version, o.unknowns,
                  now() as now, a.opted_out_at, a.unreachable_at,
                  a.link_version as account_link_version,
                  v.version as current_version, v.status, v.starts_at,
                  p.deceased_on is not null as deceased, e.state as escalation_state,
                  p.moved_on is not null and not exists (
                    select 1 from patient_summary seen where seen.patient_id = p.id
                      and seen.last_visit_on > p.moved_on) as moved,
                  o.purpose <> all ($3) or exists (
                    select 1 from staff_account own join staff s on s.id = own.staff_id
                    where own.account_id = a.id and s.disabled_at is null) as staffs_own,
                  o.purpose <> all ($3 || $4) and exists (
                    select 1 from escalation x join conversation c on c.id = x.conversation_id
                    where x.state <> 'closed' and (x.level >= $5 or x.rule like 'self_harm%')
                      -- Of one patient's emergency the others of a family hear nothing.
                      and coalesce(x.patient_id = coalesce(v.patient_id, r.patient_id),
                                   c.account_id = a.id)) as escalated
           from outbox o join chat_account a on a.id = o.account_id
           left join appointment v on v.id = o.appointment_id
           left join questionnaire_request r on r.id = o.request_id
           left join patient p on p.id = coalesce(v.patient_id, r.patient_id, (
             select m.patient_id from outreach_member m where m.outbox_id = o.id limit 1))
           left join escalation e on e.id = o.escalation_id
           where o.id = $1 and o.lease_token = $2 and o.state = 'leased'
           for update of o for share of a""",
        claimed.id,
        lease,
        list(rules.FOR_STAFF),
        list(rules.ASKED_FOR),
        GRAVE,
    )
    if row is None:
        return "lease_lost"
    verdict = rules.gate(
        rules.Facts(
            purpose=row["purpose"],
            now=env.local(row["now"]),
            useful_until=row["useful_until"],
            opted_out=row["opted_out_at"] is not None,
            unreachable=row["unreachable_at"] is not None,
            link_version=row["link_version"],
            account_link_version=row["account_link_version"],
            appointment_version=row["appointment_version"],
            current_version=row["current_version"],
            appointment_status=row["status"],
            starts_at=row["starts_at"],
            deceased=row["deceased"],
            moved=row["moved"],
            escalation_state=row["escalation_state"],
            staffs_own=row["staffs_own"],
            escalated=row["escalated"],
        ),
        env.quiet_hours,
    )
    match verdict:
        case rules.Pass():
            await tx.execute(
                """update outbox set state = 'inflight', attempts = attempts + 1,
                     lease_until = now() + $2 where id = $1""",
                claimed.id,
                lease_for,
            )
            return None
        case rules.Wait(until, reason):
            await tx.execute(
                """update outbox set state = 'pending', send_at = $2, reason = $3,
                     lease_token = null, lease_until = null where id = $1""",
                claimed.id,
                until,
                reason,
            )
            return reason
        case rules.Skip(reason):
            # What may have gone out already must not be shown as skipped.
            state = (
                "unknown" if row["unknowns"] else "expired" if reason == "too_late" else "skipped"
            )
            await tx.execute(
                """update outbox set state = $2, reason = $3, send_at = 'infinity',
                     settled_at = now(), lease_token = null, lease_until = null where id = $1""",
                claimed.id,
                state,
                reason,
            )
            return reason


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


async def postpone(tx: Tx, row_id: int, lease: UUID, why: NotSent) -> None:
    """Give back a row that was claimed and not begun; nothing was tried."""
    await tx.execute(
        """update outbox set state = 'pending', reason = $3, send_at = now() + $4,
             lease_token = null, lease_until = null
           where id = $1 and lease_token = $2 and state = 'leased'""",
        row_id,
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


async def settle(env: Environment, lane: Lane, settlements: Sequence[Settlement]) -> None:
    """Record how sendings ended. A lease that is no longer ours changes nothing.

    May be repeated with the same settlements. Raises DatabaseDown.
    """
    sent = [
        (s.id, s.lease, s.outcome.message_id) for s in settlements if isinstance(s.outcome, Sent)
    ]
    if sent:
        await lane.fetch(
            """update outbox o
               set state = 'sent', platform_id = s.platform_id, reason = null, settled_at = now(),
                   reply_token = null, lease_token = null, lease_until = null
               from unnest($1::bigint[], $2::uuid[], $3::text[]) as s(id, lease, platform_id)
               where o.id = s.id and o.lease_token = s.lease and o.state = 'inflight'""",
            [item[0] for item in sent],
            [item[1] for item in sent],
            [item[2] and item[2][:96] for item in sent],
        )
    others = [one for one in settlements if not isinstance(one.outcome, Sent)]
    if others:
        async with env.database.transaction() as tx:
            for settlement in sorted(others, key=lambda item: item.id):
                await _settle_one(tx, env, settlement)


async def _settle_one(tx: Tx, env: Environment, settlement: Settlement) -> None:
    row = await tx.fetchrow(
        """select o.id, o.account_id, o.attempts, o.unknowns, o.delivery_class, a.channel,
                  now() - o.created_at as age
           from outbox o join chat_account a on a.id = o.account_id
           where o.id = $1 and o.lease_token = $2 and o.state = 'inflight' for update of o""",
        settlement.id,
        settlement.lease,
    )
    if row is None:
        return
    match settlement.outcome:
        case NotSent(reason, retry_after, _, quota):
            delay = timedelta(seconds=retry_after)
            tried = reason not in ENDED
            if tried:
                delay = max(delay, rules.backoff(row["attempts"]))
            await tx.execute(
                """update outbox set state = 'pending', reason = $2, send_at = now() + $3,
                     attempts = attempts - case when $4 then 0 else 1 end,
                     lease_token = null, lease_until = null where id = $1""",
                row["id"],
                reason[:64],
                delay,
                tried,
            )
            if quota:
                await _task(tx, f"quota:{row['channel']}", "quota", None)
        case Refused(reason, gone):
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
        case Unknown(reason):
            await _mark_unknown(tx, env, row, reason, at_once=False)


async def _mark_unknown(tx: Tx, env: Environment, row: Any, reason: str, *, at_once: bool) -> None:
    channel = env.channels.get(row["channel"])
    safe = channel is not None and channel.resends_safely
    delay = rules.after_unknown(
        DeliveryClass(row["delivery_class"]),
        resends_safely=safe,
        tries=row["unknowns"] + 1,
        age=row["age"],
    )
    again = None if delay == "leave" else timedelta(0) if at_once and safe else delay
    await tx.execute(
        """update outbox set state = 'unknown', reason = $2, unknowns = unknowns + 1,
             send_at = coalesce(now() + $3::interval, 'infinity'),
             settled_at = case when $3::interval is null then now() end,
             lease_token = null, lease_until = null where id = $1""",
        row["id"],
        reason[:64],
        again,
    )
    if again is None:
        await _undelivered(tx, row)


async def _undelivered(tx: Tx, row: Any) -> None:
    """What must arrive and perhaps did not becomes somebody's task."""
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
