"""The gate: everything that must hold when a message goes out, read in the transaction that commits
it as inflight. One message or some hundred, it is the same statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.environment import Environment
from clinic.campaign.settle import follow_messages
from clinic.db import Tx
from clinic.escalation.rules import GRAVE
from clinic.installation.service import IS_MUTED
from clinic.message import rules
from clinic.message.types import PRIORITIES
from clinic.policy.service import MOVED, limits, recent
from clinic.policy.types import CAPPED, Past

# What a message is about and to whom: rows of the outbox under our lease, or members of a chunk.
_OURS = "o.id = any ($1::bigint[]) and o.lease_token = $2 and o.state = 'leased'"
_MESSAGES = f"""
  select o.id, o.account_id, o.purpose, o.useful_until, o.link_version, o.appointment_id,
         o.appointment_version, o.escalation_id, o.request_id, o.unknowns, t.campaign_id,
         o.consent_purpose, o.created_at,
         coalesce(o.patient_id, (
           select s.patient_id from outreach_member s where s.outbox_id = o.id limit 1)
         ) as patient_id
  from outbox o join chat_account a on a.id = o.account_id
  left join recipient t on t.outbox_id = o.id
  where {_OURS}
"""  # noqa: S608  # a constant
# What is looked at whatever the message is: m is the message, a the account, p whom it is about.
_ABOUT = f"""
  m.purpose, m.useful_until, m.link_version, m.consent_purpose,
  a.opted_out_at is not null as opted_out, a.unreachable_at is not null as unreachable,
  p.deceased_on is not null as deceased, {MOVED} as moved, p.zone,
  -- Of one patient's emergency the others of a family hear nothing.
  m.purpose <> all ($3::text[] || $4::text[]) and exists (
    select 1 from grave g where coalesce(g.patient_id = p.id, g.account_id = a.id)) as escalated,
  c.state as campaign_state, m.consent_purpose is null or a.consent_version is not null as agreed,
  -- Replies need no consent and do not pay for the look.
  case when m.consent_purpose is not null then (
    select y.given from consent y
    where y.account_id = a.id and y.purpose = m.consent_purpose
    order by y.id desc limit 1) end as said,
  coalesce(f.call_only, false) as call_only, coalesce(f.no_greetings, false) as no_greetings
"""  # noqa: S608  # a constant
_WITH_IT = """
  left join contact_preference f on f.patient_id = p.id
  left join patient_summary s on s.patient_id = p.id
  left join campaign c on c.id = m.campaign_id
"""
_GRAVE = """
  grave as materialized (
    select x.patient_id, c.account_id from escalation x
    join conversation c on c.id = x.conversation_id
    where x.state <> 'closed' and (x.level >= $5 or x.rule like 'self_harm%'))
"""
_OF_MESSAGES = f"""
  with m as materialized ({_MESSAGES}), {_GRAVE}
  select m.id, p.id as patient_id, {_ABOUT}, m.appointment_version, m.unknowns, a.channel,
         now() - m.created_at as age,
         a.link_version as account_link_version, v.version as current_version, v.status,
         v.starts_at, e.state as escalation_state,
         m.purpose <> all ($3) or exists (
           select 1 from staff_account own join staff s on s.id = own.staff_id
           where own.account_id = a.id and s.disabled_at is null) as staffs_own,
         {IS_MUTED} as muted, now() as now
  from m join chat_account a on a.id = m.account_id
  left join appointment v on v.id = m.appointment_id
  left join questionnaire_request r on r.id = m.request_id
  left join patient p on p.id = coalesce(v.patient_id, r.patient_id, m.patient_id)
  left join escalation e on e.id = m.escalation_id {_WITH_IT}
  order by m.id
"""  # noqa: S608  # constants
# Who is in a chunk is told by an odd word for "queued": the plain one tempts the planner into an
# index that finds every member of the campaign, whether or not it was sent to meanwhile.
QUEUED = "nullif(t.state, 'queued') is null"
# A chunk's text concerns whoever it is written to only while the chat speaks for them (else -1,
# which is no version). Nobody else moves members of a chunk that we have locked.
_MEMBERS = f"""
  select t.id, t.account_id, k.purpose, least(k.useful_until, t.useful_until) as useful_until,
         case when not exists (select 1 from link l where l.account_id = t.account_id
                                 and l.patient_id = t.patient_id and l.ended_at is null)
              then -1 end as link_version,
         t.patient_id, t.campaign_id, k.consent_purpose
  from chunk k join recipient t on t.chunk_id = k.id
  where k.id = any ($1::bigint[]) and k.lease_token = $2 and {QUEUED}
"""  # noqa: S608  # a constant
_ALIKE = """
  purpose, useful_until, link_version, consent_purpose, opted_out, unreachable, deceased, moved,
  zone, escalated, campaign_state, agreed, said, call_only, no_greetings
"""
# One row for all members of whom the same is true, which is nearly all of them.
_OF_MEMBERS = f"""
  with m as ({_MEMBERS}), {_GRAVE},
  each as (
    select m.id, m.patient_id, a.address, a.address_index, {_ABOUT}
    from m join chat_account a on a.id = m.account_id
    left join patient p on p.id = m.patient_id {_WITH_IT})
  select array_agg(id) as ids, array_agg(patient_id) as patients,
         array_agg(address) as addresses, array_agg(address_index) as indexes, {_ALIKE},
         null::int as appointment_version, 0 as unknowns, 0 as account_link_version,
         null::int as current_version, null::text as status, null::timestamptz as starts_at,
         null::text as escalation_state, true as staffs_own, {IS_MUTED} as muted, now() as now
  from each group by {_ALIKE}
"""  # noqa: S608  # constants
# Ahead of the look, so that it sees what whoever changed an account just now has committed.
_LOCK = f"""
  select count(*) from (
    select from outbox o join chat_account a on a.id = o.account_id
    where {_OURS} order by o.id for update of o for share of a) locked
"""  # noqa: S608  # a constant
_LOCK_ACCOUNTS = f"""
  select count(*) from (
    select from recipient t join chat_account a on a.id = t.account_id
    where t.chunk_id = $1 and {QUEUED} for share of a) locked
"""  # noqa: S608  # a constant


@dataclass(frozen=True, slots=True)
class Members:
    """What becomes of each recipient in a chunk, by id; and their addresses, as they are stored."""

    verdicts: Mapping[int, rules.Verdict]
    addresses: Mapping[int, tuple[bytes, str]]


async def judge_members(tx: Tx, env: Environment, chunk: int, lease: UUID) -> Members:
    """Look at each recipient in a chunk that is locked and under our lease."""
    await tx.execute(_LOCK_ACCOUNTS, chunk)
    groups = await _look(tx, _OF_MEMBERS, [chunk], lease)
    if not groups:
        return Members({}, {})
    held, now = limits(env.settings), env.local(groups[0]["now"])
    capped = {one for group in groups if group["purpose"] in CAPPED for one in group["patients"]}
    past = await recent(tx, sorted(capped), now, gone=True) if capped else {}
    verdicts: dict[int, rules.Verdict] = {}
    addresses: dict[int, tuple[bytes, str]] = {}
    for group in groups:
        facts = _facts_of(group, now, ())
        verdict = rules.gate(facts, held)
        verdicts |= dict.fromkeys(group["ids"], verdict)
        for one, patient in zip(group["ids"], group["patients"], strict=True):
            if patient in past:
                verdicts[one] = rules.gate(replace(facts, recent=past[patient]), held)
        sealed = zip(group["addresses"], group["indexes"], strict=True)
        addresses |= zip(group["ids"], sealed, strict=True)
    return Members(verdicts, addresses)


async def start(
    tx: Tx, env: Environment, rows: Sequence[int], lease: UUID, lease_for: timedelta
) -> Mapping[int, str]:
    """Mark leased rows inflight, or settle them; the reasons of those that do not go out now."""
    await tx.execute(_LOCK, list(rows), lease)
    found = await _look(tx, _OF_MESSAGES, rows, lease)
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


async def _look(tx: Tx, query: str, ids: Sequence[int], lease: UUID) -> list[Any]:
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
    past = await recent(tx, sorted(capped), now, but, gone=True) if capped else {}
    verdicts: dict[int, rules.Verdict] = {}
    for row in rows:
        patient = row["patient_id"]
        verdict = rules.gate(_facts_of(row, now, past.get(patient, ())), held)
        channel = env.channels.get(row["channel"])
        if row["unknowns"] and channel is not None and channel.resends_safely:
            verdict = rules.again(verdict, row["age"])
        verdicts[row["id"]] = verdict
        # What goes out in the same moment counts for the next one.
        if patient in capped and row["consent_purpose"] and isinstance(verdict, rules.Pass):
            going = Past(row["consent_purpose"], PRIORITIES[row["purpose"]], now)
            past[patient] = (*past.get(patient, ()), going)
    return verdicts


def _facts_of(row: Any, now: datetime, past: tuple[Past, ...]) -> rules.Facts:
    return rules.Facts(
        purpose=row["purpose"],
        now=now,
        useful_until=row["useful_until"],
        opted_out=row["opted_out"],
        unreachable=row["unreachable"],
        link_version=row["link_version"],
        account_link_version=row["account_link_version"],
        appointment_version=row["appointment_version"],
        current_version=row["current_version"],
        appointment_status=row["status"],
        starts_at=row["starts_at"],
        deceased=row["deceased"],
        moved=row["moved"],
        zone=row["zone"],
        escalation_state=row["escalation_state"],
        staffs_own=row["staffs_own"],
        escalated=row["escalated"],
        campaign_state=row["campaign_state"],
        consent_purpose=row["consent_purpose"],
        agreed=row["agreed"],
        said=row["said"],
        call_only=row["call_only"],
        no_greetings=row["no_greetings"],
        recent=past,
        muted=row["muted"],
    )
