"""How messages of campaigns ended, told to their recipients; when that is alarming; and what waits
for its campaign."""

from collections.abc import Sequence

from clinic.db import Tx
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

AT_ONCE = 5000
LAST = 200  # sendings of a campaign by which it is judged
MOST_REFUSED = 0.05  # of LAST
# For which messages wait, and longer than any of them waits before it is looked at again: their
# campaign, the month's quota, a key of the clinic's that the platform takes.
PAUSING = ("campaign_paused", "quota_reserve", "monthly quota", "unauthorised")
JUST_NOW = "15 min"

# What ended because of the account may still go by another one of the patient's: a call that is
# refused after a doubtful try is the same call, so that was refused too. "unauthorised" is the
# clinic's own key and says nothing of the patient.
_FOLLOW = f"""
  with messages as (
    select r.id, r.patient_id, r.tried, o.account_id, o.state, o.reason, o.settled_at
    from recipient r join outbox o on o.id = r.outbox_id
    where r.state = 'queued' and {{whose}}
      and (o.state in ('sent', 'refused', 'expired', 'skipped')
           or o.state = 'unknown' and o.send_at = 'infinity')
    limit {AT_ONCE} for update of r skip locked),
  members as (
    select r.id, r.patient_id, r.tried, r.account_id, c.state, c.reason, c.settled_at
    from chunk c join recipient r on r.chunk_id = c.id
    where r.state = 'queued' and {{of_chunk}}
      and (c.state in ('sent', 'refused', 'expired', 'skipped')
           or c.state = 'unknown' and c.send_at = 'infinity')
    limit {AT_ONCE} for update of r skip locked),
  judged as (
    select e.*, e.account_id is not null
           and (e.state = 'refused' and e.reason is distinct from 'unauthorised'
                or e.state = 'skipped' and e.reason = 'unreachable')
           and exists (
             select 1 from link l join chat_account a on a.id = l.account_id
             where l.patient_id = e.patient_id and l.ended_at is null
               and a.id <> e.account_id and not e.tried @> to_jsonb(a.id)
               and a.consent_version is not null and a.opted_out_at is null
               and a.unreachable_at is null) as otherwise
    from (select * from messages union all select * from members) e)
  update recipient r
  set state = case when j.otherwise then 'pending'
                   when j.state = 'skipped' and j.reason = 'campaign_cancelled' then 'cancelled'
                   else j.state end,
      reason = left(j.reason, 48),
      due_at = case when j.otherwise then now() else r.due_at end,
      tried = case when j.otherwise then r.tried || to_jsonb(j.account_id) else r.tried end,
      account_id = case when j.otherwise then null else j.account_id end,
      outbox_id = case when j.otherwise then null else r.outbox_id end,
      chunk_id = case when j.otherwise then null else r.chunk_id end,
      settled_at = case when j.otherwise then null else coalesce(j.settled_at, now()) end
  from judged j where r.id = j.id
"""  # noqa: S608  # constants
_ALL = _FOLLOW.format(whose="true", of_chunk="true")
_OF_MESSAGES = _FOLLOW.format(whose="r.outbox_id = any ($1::bigint[])", of_chunk="false")
_OF_CHUNKS = _FOLLOW.format(whose="false", of_chunk="c.id = any ($1::bigint[])")


async def follow(tx: Tx) -> int:
    """Settle recipients whose message or chunk ended; how many (at most some thousand at a time).

    Who was refused, or cannot be reached there, and has another account that was not tried becomes
    pending again, with the one in `tried`: it is judged anew by which account it goes, if by any.
    The sender settles those whose end it brings about; this is for all that is left over.
    """
    return _count(await tx.execute(_ALL))


async def follow_messages(tx: Tx, outbox: Sequence[int]) -> int:
    """As `follow`, for the recipients of these messages."""
    return _count(await tx.execute(_OF_MESSAGES, outbox))


async def follow_chunks(tx: Tx, chunks: Sequence[int]) -> int:
    """As `follow`, for the recipients in these chunks."""
    return _count(await tx.execute(_OF_CHUNKS, chunks))


async def pause_refused(tx: Tx) -> int:
    """Pause running campaigns of whose last 200 messages more than 5 % were refused, since they
    began or went on; how many."""
    rows = await tx.fetch(
        f"""select c.id from campaign c, lateral (
              select count(*) filter (where last.state = 'refused') as refused from (
                select r.state from recipient r
                where r.campaign_id = c.id and r.state in ('sent', 'refused', 'unknown')
                  and (c.resumed_at is null or r.settled_at > c.resumed_at)
                order by r.settled_at desc limit {LAST}) last) found
            where c.state = 'running' and found.refused > {LAST * MOST_REFUSED}"""  # noqa: S608  # constants
    )
    return await pause(tx, [row["id"] for row in rows], "refused")


async def pause(tx: Tx, campaigns: Sequence[int], reason: str) -> int:
    """Pause those of these campaigns that run, and tell staff; how many did.

    `reason`: refused (too many of the last), quota, quota_reserve or unauthorised.
    """
    rows = await tx.fetch(
        """update campaign set state = 'paused', reason = $2
           where id = any ($1::bigint[]) and state = 'running' returning id""",
        sorted(campaigns),
        reason,
    )
    await tx.executemany(
        """insert into task (key, kind, detail) values ($1, 'campaign', $2)
           on conflict (key) do update set state = 'open', closed_at = null""",
        [
            (f"campaign:{row['id']}:{reason}", {"campaign": row["id"], "reason": reason})
            for row in rows
        ],
    )
    await announce(tx, Kind.CAMPAIGN_PAUSED, *({"campaign_id": row["id"]} for row in rows))
    return len(rows)


async def hurry(tx: Tx) -> int:
    """Have what waits since its campaign was paused looked at now, if it runs again; how many
    messages and chunks.

    To be done again and again, not once at the press: a sender that saw the pause just before it
    puts its rows off just after it.
    """
    return sum(
        [
            _count(
                await tx.execute(
                    f"""update {table} set send_at = now() where id in (
                          select m.id from campaign c
                            join recipient r on r.campaign_id = c.id and r.state = 'queued'
                            join {table} m on m.id = r.{table}_id
                          where c.state = 'running' and c.resumed_at > now() - interval '{JUST_NOW}'
                            and m.state in ('pending', 'unknown')
                            and m.reason in {PAUSING}
                            and m.send_at > now() and m.send_at < 'infinity'
                          for update of m skip locked)"""  # noqa: S608  # constants
                )
            )
            for table in ("outbox", "chunk")
        ]
    )


async def end_waiting(tx: Tx) -> int:
    """End the messages and chunks of cancelled campaigns that surely have not gone out, though it
    may not be their turn for long; how many. `follow` then ends their recipients."""
    return sum(
        [
            _count(
                await tx.execute(
                    f"""update {table} set state = 'skipped', reason = 'campaign_cancelled',
                          send_at = 'infinity', settled_at = now()
                        where id in (
                          select m.id from campaign c
                            join recipient r on r.campaign_id = c.id and r.state = 'queued'
                            join {table} m on m.id = r.{table}_id
                          where c.state = 'cancelled' and m.state = 'pending' and {untried}
                          limit {AT_ONCE} for update of m skip locked)"""  # noqa: S608  # constants
                )
            )
            for table, untried in (("outbox", "m.unknowns = 0"), ("chunk", "not m.closed"))
        ]
    )


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
