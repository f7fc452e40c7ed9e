"""Everything that is known of a patient, in the order of time: one list of many tables.

Each table is asked by an index of the patient and gives no more lines than a page shows, so a long
record costs what a short one does.
"""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import last_words
from clinic.staff.access.heads import find_head
from clinic.staff.access.records import visible
from clinic.staff.types import Staff

SHOWN = 30  # lines of a page
# Every piece selects: at, kind, id, code, state, who, names, detail, ref. $1: patient, $2: zone.
_PIECES: Mapping[str, str] = MappingProxyType(
    {
        "visit": """select a.starts_at as at, a.id, null as code, a.status as state, null as who,
            v.name as names, jsonb_build_object('by', r.name) as detail, a.id as ref
          from appointment a join service v on v.id = a.service_id
          join resource r on r.id = a.practitioner_id
          where a.patient_id = $1 and a.status not in ('held', 'proposed', 'expired')""",
        "outside": """select x.starts_at as at, x.id, null as code, x.status as state,
            null as who, null::jsonb as names, null::jsonb as detail, null::bigint as ref
          from outside_appointment x left join source_record r on r.id = x.record_id
          where x.patient_id = $1 and r.replaced_by_id is null""",
        # A date of a patient list is no receipt, a row without a record was written by staff.
        "encounter": """select e.on_date::timestamp at time zone $2 as at, e.id, e.setting as code,
            case when e.record_id is null then 'staff' when i.kind = 'uke' then 'receipt'
              else 'list' end as state,
            null as who, null::jsonb as names, null::jsonb as detail, null::bigint as ref
          from encounter e left join source_record r on r.id = e.record_id
          left join import_run i on i.id = r.run_id
          where e.patient_id = $1 and r.replaced_by_id is null""",
        "receipt": """select x.month::timestamp at time zone $2 as at, x.id, x.setting as code,
            null as state, null as who, null::jsonb as names,
            jsonb_build_object('points', x.points, 'visits', x.visit_count) as detail,
            null::bigint as ref
          from source_record x
          where x.patient_id = $1 and x.month is not null and x.replaced_by_id is null""",
        "waitlist": """select w.created_at as at, w.id, null as code, w.state, s.name as who,
            v.name as names, null::jsonb as detail, null::bigint as ref
          from waitlist_entry w join service v on v.id = w.service_id
          left join staff s on s.id = w.added_by_id where w.patient_id = $1""",
        "campaign": """select coalesce(r.settled_at, r.due_at) as at, r.id, r.reason as code,
            r.state, null as who, null::jsonb as names,
            jsonb_build_object('name', c.name, 'channel', a.channel,
              'answered', r.answered_at is not null, 'booked', r.booked_id is not null) as detail,
            c.id as ref
          from recipient r join campaign c on c.id = r.campaign_id
          left join chat_account a on a.id = r.account_id where r.patient_id = $1""",
        # Of a visit, a questionnaire or the patient alone; what a campaign sent is told above.
        "message": """select coalesce(o.settled_at, o.created_at) as at, o.id, o.purpose as code,
            o.state, s.name as who, null::jsonb as names,
            jsonb_build_object('channel', a.channel, 'reason', o.reason) as detail, c.id as ref
          from (select id from outbox where patient_id = $1
                union select m.id from appointment v join outbox m on m.appointment_id = v.id
                where v.patient_id = $1
                union select m.id from questionnaire_request q
                join outbox m on m.request_id = q.id where q.patient_id = $1) own
          join outbox o on o.id = own.id join chat_account a on a.id = o.account_id
          join conversation c on c.account_id = o.account_id
          left join staff s on s.id = o.staff_id
          where o.purpose not in ('dialogue', 'emergency', 'alert', 'on_call')
            and not exists (select from recipient t where t.outbox_id = o.id)""",
        "chat": """select coalesce(c.last_patient_at, l.created_at) as at, c.id,
            a.channel as code, c.owner as state, null as who, null::jsonb as names,
            jsonb_build_object('wrote', c.last_patient_at is not null) as detail, c.id as ref
          from link l join chat_account a on a.id = l.account_id
          join conversation c on c.account_id = a.id
          where l.patient_id = $1 and l.ended_at is null""",
        "answer": """select r.authored_at as at, r.id, r.source as code, null as state,
            s.name as who, q.title as names,
            jsonb_build_object('scores', r.scores, 'alerts', jsonb_array_length(r.flags))
              as detail, r.id as ref
          from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id
          left join staff s on s.id = r.entered_by_id where r.patient_id = $1""",
        "request": """select coalesce(r.sent_at, r.created_at) as at, r.id, null as code, r.state,
            s.name as who, q.title as names, null::jsonb as detail, null::bigint as ref
          from questionnaire_request r join questionnaire q on q.id = r.questionnaire_id
          left join staff s on s.id = r.requested_by_id
          where r.patient_id = $1 and r.state <> 'completed'""",
        "reading": """select o.measured_at as at, o.id, o.kind as code, o.status as state,
            s.name as who, null::jsonb as names,
            jsonb_build_object('value', trim_scale(o.value), 'second', trim_scale(o.second),
              'unit', o.unit, 'level', o.level) as detail, null::bigint as ref
          from observation o left join staff s on s.id = o.written_by_id
          where o.patient_id = $1""",
        "triage": """select r.created_at as at, r.id, r.disposition as code, null as state,
            null as who, null::jsonb as names, jsonb_build_object('level', r.level) as detail,
            r.id as ref
          from triage_run r where r.patient_id = $1""",
        "escalation": """select e.created_at as at, e.id, e.source as code, e.state,
            s.name as who, null::jsonb as names, jsonb_build_object('level', e.level) as detail,
            e.id as ref
          from escalation e left join staff s on s.id = e.owner_id where e.patient_id = $1""",
        "task": """select coalesce(t.closed_at, t.created_at) as at, t.id, t.kind as code,
            t.state, s.name as who, null::jsonb as names,
            jsonb_build_object('outcome', t.outcome, 'tries', t.tries) as detail,
            case when t.state = 'open' then t.id end as ref
          from task t left join staff s on s.id = t.closed_by_id where t.patient_id = $1""",
        "plan": """select x.created_at as at, x.id, null as code, x.state, s.name as who,
            d.title as names, null::jsonb as detail, x.id as ref
          from care_plan x join plan_definition d on d.id = x.definition_id
          left join staff s on s.id = x.started_by_id where x.patient_id = $1""",
        "note": """select n.created_at as at, n.id, n.kind as code,
            case when n.ended_at is null then 'standing' else 'ended' end as state,
            s.name as who, null::jsonb as names, null::jsonb as detail, null::bigint as ref
          from patient_note n left join staff s on s.id = n.written_by_id
          where n.patient_id = $1""",
        "consent": """select c.at, c.id, c.purpose as code,
            case when c.given then 'given' else 'taken_back' end as state, null as who,
            null::jsonb as names, jsonb_build_object('channel', a.channel) as detail,
            null::bigint as ref
          from (select distinct account_id from link
                where patient_id = $1 and ended_at is null) l
          join consent c on c.account_id = l.account_id
          join chat_account a on a.id = c.account_id""",
        "link": """select l.created_at as at, l.id, l.relation as code, l.proof as state,
            null as who, null::jsonb as names, jsonb_build_object('channel', a.channel) as detail,
            null::bigint as ref
          from link l join chat_account a on a.id = l.account_id where l.patient_id = $1""",
        "unlink": """select l.ended_at as at, l.id, l.relation as code, null as state,
            null as who, null::jsonb as names, jsonb_build_object('channel', a.channel) as detail,
            null::bigint as ref
          from link l join chat_account a on a.id = l.account_id
          where l.patient_id = $1 and l.ended_at is not null""",
        "merge": """select m.merged_at as at, m.id, null as code,
            case when m.undone_at is null then 'standing' else 'undone' end as state,
            s.name as who, null::jsonb as names, jsonb_build_object('name', p.name) as detail,
            null::bigint as ref
          from patient_merge m join patient p on p.id = m.lost_id
          left join staff s on s.id = m.merged_by_id where m.kept_id = $1""",
        "emergency": """select e.created_at as at, e.id, null as code, null as state,
            s.name as who, null::jsonb as names, null::jsonb as detail, null::bigint as ref
          from emergency_access e join staff s on s.id = e.staff_id where e.patient_id = $1""",
    }
)
# What is shown together, by the name of the filter.
FILTERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "visits": ("visit", "outside", "encounter", "receipt", "waitlist"),
        "messages": ("campaign", "message"),
        "chats": ("chat",),
        "forms": ("answer", "request"),
        "health": ("reading", "triage", "escalation"),
        "tasks": ("task",),
        "plans": ("plan",),
        "notes": ("note",),
        "access": ("consent", "link", "unlink", "merge", "emergency"),
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the timeline begins: after this line."""

    at: datetime
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line. `kind`: of the table it is of; `code`, `state` and `detail` as that table has them;
    `who`: a member of staff; `names`: by language; `ref`: the id of its page, if it has one."""

    at: datetime
    kind: str
    id: int
    code: str | None
    state: str | None
    who: str | None
    names: Mapping[str, str] | None
    detail: Mapping[str, Any]
    ref: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of it, the newest first. `more`: after which line it goes on."""

    events: tuple[Event, ...]
    more: Place | None


async def access_timeline(
    tx: Tx,
    staff: Staff,
    patient_id: int,
    zone: str,
    *,
    only: str | None = None,
    after: Place | None = None,
) -> Timeline | None:
    """A page of what is known of a patient; None: one may not see them. `only`: of `FILTERS`."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    kinds = FILTERS[only] if only else tuple(_PIECES)
    rows = await tx.fetch(
        _QUERY[only],
        patient_id,
        zone,
        after and after.at,
        after and after.kind,
        after and after.id,
        SHOWN + 1,
    )
    detail = {"kinds": list(kinds)} if only else {}
    await record(tx, "staff", staff.id, "staff:patient:timeline", patient_id, detail)
    events = tuple(
        Event(
            **{name: row[name] for name in ("at", "kind", "id", "code", "state", "who", "names")},
            detail=row["detail"] or {},
            ref=row["ref"],
        )
        for row in rows
    )
    shown = events[:SHOWN]
    last = shown[-1] if len(events) > SHOWN else None
    return Timeline(shown, Place(last.at, last.kind, last.id) if last else None)


async def access_last_words(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int, conversation_id: int
) -> str | None:
    """What was written last in a patient's chat; None if one may not see it, or it is no chat of
    theirs."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    account = await tx.fetchval(
        """select c.account_id from conversation c join link l on l.account_id = c.account_id
           where c.id = $1 and l.patient_id = $2 and l.ended_at is null limit 1""",
        conversation_id,
        patient_id,
    )
    if account is None or await find_head(tx, staff, conversation_id) is None:
        return None
    await record(tx, "staff", staff.id, "staff:conversation:read", conversation_id)
    return await last_words(tx, keys, account)


def _query(kinds: tuple[str, ...]) -> str:
    parts = (
        f"""(select x.at, '{kind}' as kind, x.id, x.code, x.state, x.who, x.names, x.detail, x.ref
             from ({_PIECES[kind]}) x
             where $3::timestamptz is null or (x.at, '{kind}', x.id) < ($3, $4::text, $5::bigint)
             order by x.at desc, x.id desc limit $6)"""
        for kind in kinds
    )
    whole = " union all ".join(parts)
    # A filter may have no piece that needs the zone, and a parameter must stand somewhere.
    return f"""select * from ({whole}) y where $2::text is not null
               order by at desc, kind desc, id desc limit $6"""


_QUERY: Mapping[str | None, str] = {
    None: _query(tuple(_PIECES)),
    **{name: _query(kinds) for name, kinds in FILTERS.items()},
}
