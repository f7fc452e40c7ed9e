"""The facts by which the policy judges, read for many patients at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from clinic.config import Settings
from clinic.db import Tx
from clinic.escalation.rules import GRAVE
from clinic.link.rules import LIVE
from clinic.policy import rules
from clinic.policy.types import (
    CAPPED,
    Account,
    Candidate,
    Decision,
    Go,
    LeftOut,
    Limits,
    Past,
    Person,
    Wanted,
)

# Seen again is ours again.
MOVED = """p.moved_on is not null and not coalesce(s.last_visit_on > p.moved_on, false)"""
# Escalations that pause what goes out by itself; of one patient's emergency the others of a family
# hear nothing.
_GRAVE = f"""
  select x.patient_id, c.account_id from escalation x
  join conversation c on c.id = x.conversation_id
  where x.state <> 'closed' and (x.level >= {GRAVE} or x.rule like 'self_harm%')"""  # noqa: S608
_PERSON = f"""
  p.merged_into_id is not null or exists (
    select 1 from erasure e where e.patient_id = p.id) as erased,
  p.deceased_on is not null as deceased, {MOVED} as moved,
  coalesce(f.call_only, false) as call_only, coalesce(f.no_greetings, false) as no_greetings"""  # noqa: S608  # a constant
# $1: the purpose on which the newest word counts.
_ACCOUNT = """
  a.id, a.channel, a.link_version, a.language, a.consent_version is not null as agreed,
  a.opted_out_at is not null as opted_out, a.unreachable_at is not null as unreachable,
  (select c.given from consent c where c.account_id = a.id and c.purpose = $1
   order by c.id desc limit 1) as said"""
_CANDIDATES = f"""
with grave as materialized ({_GRAVE}),
asked as (select * from unnest($2::bigint[], $3::bigint[]) n (patient_id, first))
select p.id as patient_id, p.birth_on, p.language as spoken, p.zone, f.channel as prefers,
  {_PERSON},
  p.id in (select patient_id from grave where patient_id is not null) as escalated,
  $4 and (exists (select 1 from appointment v where v.patient_id = p.id
      and v.status = 'booked' and v.starts_at > $5)
    or exists (select 1 from outside_appointment v
      left join source_record r on r.id = v.record_id
      where v.patient_id = p.id and v.status = 'booked' and v.starts_at > $5
        and r.replaced_by_id is null)) as has_visit,
  {_ACCOUNT}, l.relation = 'self' as own,
  a.id in (select account_id from grave where patient_id is null) as chat_escalated
from asked join patient p on p.id = asked.patient_id
left join patient_summary s on s.patient_id = p.id
left join contact_preference f on f.patient_id = p.id
left join (link l join chat_account a on a.id = l.account_id)
  on l.patient_id = p.id and ({LIVE} or l.ended_at is null and l.account_id = asked.first)
order by p.id, a.id
"""  # noqa: S608  # constants
# What waits to be sent is counted on its day; what did not arrive is not counted. Nothing is
# written two months before it is sent.
_RECENT = """
select o.patient_id, o.consent_purpose as purpose, o.priority,
  coalesce(o.settled_at, o.send_at) as at, o.state in ('inflight', 'sent', 'unknown') as sent
from outbox o
where o.patient_id = any ($1) and o.consent_purpose is not null and o.id <> all ($3)
  and o.created_at > $2::timestamptz - interval '60 days'
  and (o.state in ('inflight', 'sent', 'unknown')
       or not $4 and o.state in ('pending', 'leased'))
  and coalesce(o.settled_at, o.send_at) > $2::timestamptz - interval '8 days'
union all
select r.patient_id, k.consent_purpose, k.priority,
  coalesce(k.settled_at, k.send_at), k.state in ('inflight', 'sent', 'unknown')
from recipient r join chunk k on k.id = r.chunk_id
where r.patient_id = any ($1) and r.due_at > $2::timestamptz - interval '60 days'
  and r.state in ('queued', 'sent', 'unknown')
  and (k.state in ('inflight', 'sent', 'unknown')
       or not $4 and k.state in ('pending', 'leased'))
  and coalesce(k.settled_at, k.send_at) > $2::timestamptz - interval '8 days'
order by 1
"""


async def judge(
    tx: Tx,
    settings: Settings,
    zone: ZoneInfo,
    patients: Sequence[int],
    what: Wanted,
    at: datetime,
) -> dict[int, Decision]:
    """What becomes of one message to each of these patients, if it were to go out `at`.

    In two statements however many there are; a thousand at a time is a good number.
    """
    held, now = limits(settings), at.astimezone(zone)
    found = await candidates(tx, settings, patients, what, now)
    return {
        patient: rules.decide(found[patient], what, now, held)
        if patient in found
        else LeftOut("erased")
        for patient in patients
    }


async def choose(
    tx: Tx, settings: Settings, patients: Sequence[int], what: Wanted, now: datetime
) -> dict[int, Go | LeftOut]:
    """The account through which a message goes to each patient, at whatever hour; else why none."""
    held = limits(settings)
    found = await candidates(tx, settings, patients, what, now)
    return {
        patient: _chosen(found[patient], what, held) if patient in found else LeftOut("erased")
        for patient in patients
    }


def _chosen(candidate: Candidate, what: Wanted, held: Limits) -> Go | LeftOut:
    chosen = rules.choose(candidate, what, held)
    if isinstance(chosen, LeftOut):
        return chosen
    language = chosen.language or candidate.language
    return Go(chosen.id, chosen.channel, language, chosen.link_version)


async def why_not(tx: Tx, account_id: int, patient_id: int | None, what: Wanted) -> str | None:
    """Why a message does not go to the very account that it belongs to; None: it may.

    `patient_id`: whom it is about, if that is known.
    """
    row = await tx.fetchrow(
        f"""select {_PERSON}, {_ACCOUNT} from chat_account a left join patient p on p.id = $3
            left join patient_summary s on s.patient_id = p.id
            left join contact_preference f on f.patient_id = p.id where a.id = $2""",  # noqa: S608
        what.purpose,
        account_id,
        patient_id,
    )
    return rules.person_barred(_person(row), what) or rules.account_barred(_account(row), what)


async def candidates(
    tx: Tx, settings: Settings, patients: Sequence[int], what: Wanted, now: datetime
) -> dict[int, Candidate]:
    """The facts about these patients, as far as they exist. `now`: in the clinic's zone."""
    ids = list(dict.fromkeys(patients))
    rows = await tx.fetch(
        _CANDIDATES,
        what.purpose,
        ids,
        [what.first.get(one) for one in ids],
        what.unless_visit,
        now,
    )
    past = await recent(tx, ids, now) if what.kind in CAPPED else {}
    language, today = settings.clinic.languages[0], now.date()
    return {
        patient: _candidate(list(of), language, today, past.get(patient, ()))
        for patient, of in groupby(rows, lambda row: row["patient_id"])
    }


async def recent(
    tx: Tx, patients: Sequence[int], now: datetime, but: Sequence[int] = (), *, gone: bool = False
) -> dict[int, tuple[Past, ...]]:
    """What nobody asked for that went, or is to go, to these patients since 8 days ago.

    That is a week, and the whole local day. `but`: without these rows of the outbox. `gone`: only
    what went.
    """
    rows = await tx.fetch(_RECENT, list(patients), now, list(but), gone)
    return {
        patient: tuple(Past(*list(row.values())[1:]) for row in of)
        for patient, of in groupby(rows, lambda row: row["patient_id"])
    }


def limits(settings: Settings) -> Limits:
    """What this installation set."""
    policy = settings.policy
    begins, ends = policy.quiet_hours
    return Limits(
        quiet=(time.fromisoformat(begins), time.fromisoformat(ends)),
        per_day=policy.per_day,
        per_week=policy.per_week.model_dump(),
        elderly_age=policy.elderly_age,
    )


def _candidate(
    rows: Sequence[Mapping[str, Any]], language: str, today: date, past: tuple[Past, ...]
) -> Candidate:
    first = rows[0]
    return Candidate(
        patient_id=first["patient_id"],
        person=replace(_person(first), has_visit=first["has_visit"], escalated=first["escalated"]),
        accounts=tuple(
            replace(_account(row), own=row["own"], escalated=row["chat_escalated"])
            for row in rows
            if row["id"] is not None
        ),
        language=first["spoken"] or language,
        age=_age(first["birth_on"], today),
        prefers=first["prefers"],
        zone=first["zone"],
        recent=past,
    )


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        erased=row["erased"],
        deceased=row["deceased"],
        moved=row["moved"],
        call_only=row["call_only"],
        no_greetings=row["no_greetings"],
    )


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        id=row["id"],
        channel=row["channel"],
        link_version=row["link_version"],
        language=row["language"],
        agreed=row["agreed"],
        said=row["said"],
        opted_out=row["opted_out"],
        unreachable=row["unreachable"],
    )


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
