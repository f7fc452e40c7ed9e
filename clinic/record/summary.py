"""Reads the record of one patient from the tables that tell of them.

Who may look is asked before, by clinic.staff.access.records.
"""

from collections.abc import Mapping
from typing import Any

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.record.service import CURRENT
from clinic.record.types import (
    Act,
    Answered,
    Appointment,
    Chat,
    Coded,
    Condition,
    Consent,
    Erased,
    Merge,
    Note,
    Person,
    Record,
    Summary,
    Supply,
    Task,
    Visit,
)

SHOWN = 50  # lines of each list on the page
EVERYTHING = 1_000_000
_OPEN = ("phone", "email", "address", "insurer", "insured")
# A date of a patient list is no receipt, a row without a record was written by staff.
_VISITS = f"""
    select on_date, setting, array_agg(distinct source order by source) as sources from (
      select x.on_date, x.setting, case when x.record_id is null then 'staff'
        when i.kind = 'uke' then 'receipt' else 'list' end as source
      from encounter x left join source_record s on s.id = x.record_id
      left join import_run i on i.id = s.run_id
      where x.patient_id = $1 and {CURRENT}
      union all
      select (a.starts_at at time zone p.time_zone)::date, 'outpatient', 'own'
      from appointment a join site p on p.id = a.site_id
      where a.patient_id = $1 and a.status in ('arrived', 'fulfilled')) told
    group by 1, 2 order by 1 desc, 2 limit $2"""  # noqa: S608  # constants
_CONDITIONS = f"""
    select x.code, coalesce(nullif(x.name, ''), n.name, '') as name, x.icd10, x.suspected, x.main,
           x.started_on, x.ended_on, x.outcome, r.month
    from condition x left join source_record r on r.id = x.record_id
    left join code_name n on n.kind = 'disease' and n.code = x.code
    where x.patient_id = $1 and {CURRENT} and ($3 or r.month is null or r.month = (
      select max(month) from source_record where patient_id = $1 and replaced_by_id is null))
    order by r.month desc nulls last, x.main desc, x.suspected, x.started_on desc nulls last, x.id
    limit $2"""  # noqa: S608  # constants
_ACTS = f"""
    select x.code, coalesce(n.name, '') as name, x.on_date, x.count, x.points
    from procedure x left join code_name n on n.kind = 'act' and n.code = x.code
    where x.patient_id = $1 and {CURRENT}
    order by x.on_date desc nulls last, x.id desc limit $2"""  # noqa: S608  # constants
_SUPPLIES = f"""
    select x.code, coalesce(n.name, '') as name, x.on_date, x.days
    from supply x left join code_name n on n.kind = 'drug' and n.code = x.code
    where x.patient_id = $1 and {CURRENT}
    order by x.on_date desc, x.id desc limit $2"""  # noqa: S608  # constants
_APPOINTMENTS = f"""
    select a.starts_at, a.status, v.name as service, r.name as practitioner
    from appointment a join service v on v.id = a.service_id
    join resource r on r.id = a.practitioner_id
    where a.patient_id = $1 and a.status not in ('held', 'proposed', 'expired')
    union all
    select x.starts_at, x.status, null, null from outside_appointment x
    where x.patient_id = $1 and {CURRENT}
    order by 1 desc limit $2"""  # noqa: S608  # constants
_CHATS = """
    select c.id as conversation_id, a.channel, l.relation, l.proof, a.display_name,
           a.address_index, l.created_at as since, l.ended_at, a.opted_out_at is not null as out,
           a.unreachable_at is not null as unreachable, c.last_patient_at, exists (
             select 1 from link o where o.account_id = a.id and o.ended_at is null
               and o.patient_id <> $1) as others
    from link l join chat_account a on a.id = l.account_id
    join conversation c on c.account_id = a.id
    where l.patient_id = $1 order by l.ended_at is not null, l.relation <> 'self', l.id desc
    limit $2"""


async def read_record(
    tx: Tx, keys: KeyRing, patient_id: int, *, everything: bool = False
) -> Record | None:
    """The record of a patient; None if there is none, or it was joined into another.

    `everything`: all of each list, not only what a page shows of it, and conditions of all months.
    """
    row = await tx.fetchrow(
        """select p.*, s.first_visit_on, s.last_visit_on, s.visit_count, s.visits_year, s.no_shows,
                  s.supply_until, s.newest_month, s.patient_id as summed
           from patient p left join patient_summary s on s.patient_id = p.id
           where p.id = $1 and p.merged_into_id is null""",
        patient_id,
    )
    if row is None:
        return None
    most = EVERYTHING if everything else SHOWN
    conditions = await tx.fetch(_CONDITIONS, patient_id, most, everything)
    acts = await tx.fetch(_ACTS, patient_id, most)
    supplies = await tx.fetch(_SUPPLIES, patient_id, most)
    visits = await tx.fetch(_VISITS, patient_id, most)
    appointments = await tx.fetch(_APPOINTMENTS, patient_id, most)
    tags = await tx.fetch(
        "select tag from patient_tag where patient_id = $1 order by tag", row["id"]
    )
    return Record(
        person=_person(keys, row),
        summary=_summary(row),
        chats=tuple(_chat(keys, one) for one in await tx.fetch(_CHATS, patient_id, most)),
        consents=await _consents(tx, patient_id, most),
        conditions=tuple(_condition(one) for one in conditions),
        acts=tuple(Act(_coded(one), one["on_date"], one["count"], one["points"]) for one in acts),
        supplies=tuple(Supply(_coded(one), one["on_date"], one["days"]) for one in supplies),
        notes=await read_notes(tx, keys, patient_id),
        visits=tuple(
            Visit(one["on_date"], one["setting"], tuple(one["sources"])) for one in visits
        ),
        appointments=tuple(Appointment(*one.values()) for one in appointments),
        answered=await _answered(tx, patient_id, most),
        tasks=await _tasks(tx, patient_id),
        tags=tuple(one["tag"] for one in tags),
        merges=await _merges(tx, patient_id),
    )


async def read_erased(tx: Tx, patient_id: int) -> Erased | None:
    """What is left of an erased patient; None if nobody erased them."""
    row = await tx.fetchrow(
        """select e.patient_id, e.erased_at, s.name, e.lifted_at
           from erasure e left join staff s on s.id = e.erased_by_id where e.patient_id = $1""",
        patient_id,
    )
    return None if row is None else Erased(*row.values())


async def read_notes(tx: Tx, keys: KeyRing, patient_id: int) -> tuple[Note, ...]:
    """Allergies first, then what else staff must know; those that have ended at the end."""
    rows = await tx.fetch(
        """select n.id, n.kind, n.content, n.key, s.name, n.created_at, n.ended_at
           from patient_note n left join staff s on s.id = n.written_by_id
           where n.patient_id = $1 order by n.ended_at is not null, n.kind, n.id desc""",
        patient_id,
    )
    return tuple(
        Note(
            row["id"],
            row["kind"],
            keys.open(row["content"], "patient_note.content", row["key"]).decode(),
            row["name"],
            row["created_at"],
            row["ended_at"],
        )
        for row in rows
    )


def _person(keys: KeyRing, row: Mapping[str, Any]) -> Person:
    opened: dict[str, Any] = {
        name: keys.open(row[name], f"patient.{name}", row["key"]).decode() if row[name] else ""
        for name in _OPEN
    }
    plain = (
        *("id", "name", "kana", "chart", "birth_on", "sex", "language", "zone", "provisional"),
        *("deceased_on", "moved_on", "acquired_by", "occupation", "membership"),
    )
    return Person(**opened, **{name: row[name] for name in plain}, sources=row["field_sources"])


def _summary(row: Mapping[str, Any]) -> Summary:
    if row["summed"] is None:
        return Summary()
    names = (
        *("first_visit_on", "last_visit_on", "visit_count", "visits_year", "no_shows"),
        *("supply_until", "newest_month"),
    )
    return Summary(**{name: row[name] for name in names})


def _chat(keys: KeyRing, row: Mapping[str, Any]) -> Chat:
    name = row["display_name"]
    return Chat(
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        relation=row["relation"],
        proof=row["proof"],
        display_name=keys.open(name, "chat_account.display_name", row["address_index"]).decode()
        if name
        else "",
        since=row["since"],
        ended_at=row["ended_at"],
        opted_out=row["out"],
        unreachable=row["unreachable"],
        others=row["others"],
        last_patient_at=row["last_patient_at"],
    )


def _coded(row: Mapping[str, Any]) -> Coded:
    return Coded(row["code"], row["name"])


def _condition(row: Mapping[str, Any]) -> Condition:
    names = ("icd10", "suspected", "main", "started_on", "ended_on", "outcome", "month")
    return Condition(_coded(row), **{name: row[name] for name in names})


async def _consents(tx: Tx, patient_id: int, most: int) -> tuple[Consent, ...]:
    rows = await tx.fetch(
        """select a.channel, c.purpose, c.notice_version, c.given, c.at
           from consent c join chat_account a on a.id = c.account_id
           where c.account_id in (
             select account_id from link where patient_id = $1 and ended_at is null)
           order by c.id desc limit $2""",
        patient_id,
        most,
    )
    return tuple(Consent(*row.values()) for row in rows)


async def _answered(tx: Tx, patient_id: int, most: int) -> tuple[Answered, ...]:
    rows = await tx.fetch(
        """select r.id, q.title, r.authored_at, r.scores, jsonb_array_length(r.flags) as alerts
           from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id
           where r.patient_id = $1 order by r.authored_at desc, r.id desc limit $2""",
        patient_id,
        most,
    )
    return tuple(Answered(*row.values()) for row in rows)


async def _tasks(tx: Tx, patient_id: int) -> tuple[Task, ...]:
    rows = await tx.fetch(
        """select id, kind, created_at from task
           where patient_id = $1 and state = 'open' order by id""",
        patient_id,
    )
    return tuple(Task(*row.values()) for row in rows)


async def _merges(tx: Tx, patient_id: int) -> tuple[Merge, ...]:
    rows = await tx.fetch(
        """select m.id, p.name, p.chart, m.merged_at
           from patient_merge m join patient p on p.id = m.lost_id
           where m.kept_id = $1 and m.undone_at is null order by m.id desc""",
        patient_id,
    )
    return tuple(Merge(*row.values()) for row in rows)
