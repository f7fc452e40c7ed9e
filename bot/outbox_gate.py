"""The gate: everything that must hold when a message goes out, read in the transaction that commits
it as inflight. One message or some hundred, it is the same statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.environment import Environment
from clinic.campaign.settle import follow_messages
from clinic.db import Tx
from clinic.escalation.rules import GRAVE
from clinic.installation.service import IS_MUTED
from clinic.message import rules
from clinic.policy.service import MOVED, limits, recent
from clinic.policy.types import CAPPED, Past

# What a message is about and to whom: rows of the outbox under our lease, or members of a chunk.
_MESSAGES = """
  select o.id, o.account_id, o.purpose, o.useful_until, o.link_version, o.appointment_id,
         o.appointment_version, o.escalation_id, o.request_id, o.unknowns, t.campaign_id,
         o.consent_purpose,
         coalesce(o.patient_id, (
           select s.patient_id from outreach_member s where s.outbox_id = o.id limit 1)
         ) as patient_id
  from outbox o join chat_account a on a.id = o.account_id
  left join recipient t on t.outbox_id = o.id
  where o.id = any ($1::bigint[]) and o.lease_token = $2 and o.state = 'leased'
  for update of o for share of a
"""
# A chunk's text concerns whoever it is written to only while the chat speaks for them.
_MEMBERS = """
  select t.id, t.account_id, k.purpose, least(k.useful_until, t.useful_until) as useful_until,
         case when exists (select 1 from link l where l.account_id = a.id
                             and l.patient_id = t.patient_id and l.ended_at is null)
              then a.link_version else -1 end as link_version,
         null::bigint as appointment_id, null::int as appointment_version,
         null::bigint as escalation_id, null::bigint as request_id, t.patient_id,
         0 as unknowns, t.campaign_id, k.consent_purpose
  from chunk k join recipient t on t.chunk_id = k.id join chat_account a on a.id = t.account_id
  where k.id = any ($1::bigint[]) and k.lease_token = $2 and t.state = 'queued'
  for update of t for share of a
"""
_FACTS = """
  with m as materialized ({messages}),
  grave as materialized (
    select x.patient_id, c.account_id from escalation x
    join conversation c on c.id = x.conversation_id
    where x.state <> 'closed' and (x.level >= $5 or x.rule like 'self_harm%'))
  select m.id, m.purpose, m.useful_until, m.link_version, m.appointment_version, m.unknowns,
         now() as now, a.opted_out_at, a.unreachable_at, a.link_version as account_link_version,
         v.version as current_version, v.status, v.starts_at,
         p.deceased_on is not null as deceased, e.state as escalation_state,
         {moved} as moved,
         m.purpose <> all ($3) or exists (
           select 1 from staff_account own join staff s on s.id = own.staff_id
           where own.account_id = a.id and s.disabled_at is null) as staffs_own,
         -- Of one patient's emergency the others of a family hear nothing.
         m.purpose <> all ($3 || $4) and exists (
           select 1 from grave g where coalesce(
             g.patient_id = coalesce(v.patient_id, r.patient_id, m.patient_id),
             g.account_id = a.id)) as escalated,
         c.state as campaign_state, m.consent_purpose, p.id as patient_id,
         m.consent_purpose is null or a.consent_version is not null as agreed,
         -- Replies need no consent and do not pay for the look.
         case when m.consent_purpose is not null then (
           select y.given from consent y
           where y.account_id = a.id and y.purpose = m.consent_purpose
           order by y.id desc limit 1) end as said,
         coalesce(f.call_only, false) as call_only,
         coalesce(f.no_greetings, false) as no_greetings,
         {is_muted} as muted
  from m join chat_account a on a.id = m.account_id
  left join appointment v on v.id = m.appointment_id
  left join questionnaire_request r on r.id = m.request_id
  left join patient p on p.id = coalesce(v.patient_id, r.patient_id, m.patient_id)
  left join contact_preference f on f.patient_id = p.id
  left join patient_summary s on s.patient_id = p.id
  left join escalation e on e.id = m.escalation_id
  left join campaign c on c.id = m.campaign_id
  order by m.id
"""
_OF_MESSAGES = _FACTS.format(messages=_MESSAGES, moved=MOVED, is_muted=IS_MUTED)
_OF_MEMBERS = _FACTS.format(messages=_MEMBERS, moved=MOVED, is_muted=IS_MUTED)


async def judge_members(
    tx: Tx, env: Environment, chunk: int, lease: UUID
) -> dict[int, rules.Verdict]:
    """What becomes of each recipient in a chunk under our lease, by id. They are locked."""
    rows = await _facts(tx, _OF_MEMBERS, [chunk], lease)
    return await _judge(tx, env, rows, ())


async def start(
    tx: Tx, env: Environment, rows: Sequence[int], lease: UUID, lease_for: timedelta
) -> Mapping[int, str]:
    """Mark leased rows inflight, or settle them; the reasons of those that do not go out now."""
    found = await _facts(tx, _OF_MESSAGES, rows, lease)
    doubtful = {row["id"] for row in found if row["unknowns"]}
    stopped = dict.fromkeys(rows, "lease_lost")
    passed: list[int] = []
    ended: dict[int, tuple[str, str]] = {}
    waiting: dict[int, tuple[datetime, str]] = {}
    for row, verdict in (await _judge(tx, env, found, rows)).items():
        match verdict:
            case rules.Pass():
                passed.append(row)
                del stopped[row]
            case rules.Wait(until, reason):
                waiting[row], stopped[row] = (until, reason), reason
            case rules.Skip(reason):
                # What may have gone out already must not be shown as skipped.
                state = "expired" if reason == "too_late" else "skipped"
                ended[row] = "unknown" if row in doubtful else state, reason
                stopped[row] = reason
    if passed:
        await tx.execute(
            """update outbox set state = 'inflight', attempts = attempts + 1,
                 lease_until = now() + $2 where id = any ($1::bigint[])""",
            passed,
            lease_for,
        )
    if waiting:
        await tx.execute(
            """update outbox o set state = 'pending', send_at = w.until, reason = w.reason,
                 lease_token = null, lease_until = null
               from unnest($1::bigint[], $2::timestamptz[], $3::text[]) as w (id, until, reason)
               where o.id = w.id""",
            list(waiting),
            [until for until, _ in waiting.values()],
            [reason for _, reason in waiting.values()],
        )
    if ended:
        await tx.execute(
            """update outbox o set state = e.state, reason = e.reason, send_at = 'infinity',
                 settled_at = now(), lease_token = null, lease_until = null
               from unnest($1::bigint[], $2::text[], $3::text[]) as e (id, state, reason)
               where o.id = e.id""",
            list(ended),
            [state for state, _ in ended.values()],
            [reason for _, reason in ended.values()],
        )
        await follow_messages(tx, list(ended))
    return stopped


async def _facts(tx: Tx, query: str, ids: Sequence[int], lease: UUID) -> list[Any]:
    rows: list[Any] = await tx.fetch(
        query, list(ids), lease, list(rules.FOR_STAFF), list(rules.ASKED_FOR), GRAVE
    )
    return rows


async def _judge(
    tx: Tx, env: Environment, rows: Sequence[Any], but: Sequence[int]
) -> dict[int, rules.Verdict]:
    if not rows:
        return {}
    held, now = limits(env.settings), env.local(rows[0]["now"])
    capped = {row["patient_id"] for row in rows if row["purpose"] in CAPPED} - {None}
    past = await recent(tx, sorted(capped), now, but) if capped else {}
    return {
        row["id"]: rules.gate(_facts_of(row, now, past.get(row["patient_id"], ())), held)
        for row in rows
    }


def _facts_of(row: Any, now: datetime, past: tuple[Past, ...]) -> rules.Facts:
    return rules.Facts(
        purpose=row["purpose"],
        now=now,
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
        campaign_state=row["campaign_state"],
        consent_purpose=row["consent_purpose"],
        agreed=row["agreed"],
        said=row["said"],
        call_only=row["call_only"],
        no_greetings=row["no_greetings"],
        recent=tuple(one for one in past if one.sent),
        muted=row["muted"],
    )
