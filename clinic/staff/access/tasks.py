"""What staff have to do: calls, requests to be linked, messages that did not arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from clinic.audit.service import record
from clinic.booking.search import in_language
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.link.service import bind
from clinic.patient.types import Relation
from clinic.staff.access import OWN_PATIENTS, VISIBLE_CONVERSATION
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

SHOWN_AT_MOST = 200
LINK_REQUEST = "link_request"
FINDING = "finding"  # of the quality audit


@dataclass(frozen=True, slots=True)
class TaskPatient:
    id: int
    name: str
    chart: str | None
    phone: str | None  # E.164


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do. `note` is what the patient gave for it: name, birth date, phone, words."""

    id: int
    kind: str
    waiting: float  # s since it was written
    detail: Mapping[str, Any]
    note: Mapping[str, str]
    conversation_id: int | None
    patient: TaskPatient | None
    service_name: str | None  # of the visit it is about
    starts_at: datetime | None
    unconfirmed: bool = False  # the visit is booked and nobody has said that they will come
    due_at: datetime | None = None  # not before; None: at once
    tries: int = 0  # calls that reached nobody
    assigned_to: int | None = None
    assigned_name: str | None = None
    wrong_number: bool = False  # the patient's number turned out to be somebody else's


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for somebody, for the badges of the menu.

    `escalations` are those not closed, which `tasks` counts too; nobody has taken `alarms` yet.
    """

    queued: int
    mine: int
    tasks: int
    escalations: int
    alarms: int


# A task of no patient and no conversation is about the house: not for doctors.
_MINE = f"""(t.patient_id in ({OWN_PATIENTS}) or exists (
    select 1 from conversation c where c.id = t.conversation_id and {VISIBLE_CONVERSATION}))"""  # noqa: S608  # constants
# That somebody opened a record in an emergency, or was unhappy with a visit, is not for doctors to
# look at and close.
# What the audit found is for experts, also where it is of no patient: the desk is audited too.
_VISIBLE = f"""t.state = 'open' and case when t.kind = '{FINDING}'
    then exists (select from staff me where me.id = $1 and me.role <> 'staff')
    else $2 or (t.kind not in ('emergency', 'survey_low') and {_MINE}) end"""  # constants
_DUE = "(t.due_at is null or t.due_at <= now())"
# What is due first; a campaign's calls may be thousands, and hide nothing that came after them.
_ORDER = "t.due_at, t.kind = 'unreached', t.created_at, t.id"
# Whom to call about a conversation: the account's holder, or the first it speaks for.
_HOLDER = f"""select l.patient_id from conversation c join link l on l.account_id = c.account_id
    where c.id = t.conversation_id and l.ended_at is null
      and ($2 or l.patient_id in ({OWN_PATIENTS}))
    order by l.relation <> 'self', l.id limit 1"""  # noqa: S608  # constants
_TASK_ROWS = f"""select t.id, t.key, t.kind, t.detail, t.note, t.conversation_id,
      extract(epoch from now() - t.created_at)::float8 as waiting,
      p.id as patient, p.name, p.chart, p.phone, p.key as patient_key, t.due_at, t.tries,
      t.assigned_to_id, w.name as assigned_name,
      f.wrong_phone is not null and f.wrong_phone = p.phone_index as wrong_number,
      v.name as service, a.starts_at, a.id as appointment,
      a.status = 'booked' and a.confirmed_at is null and a.starts_at > now() as unconfirmed
    from task t left join patient p on p.id = case when t.kind <> '{LINK_REQUEST}'
      then coalesce(t.patient_id, ({_HOLDER})) end
    left join appointment a on a.id = t.appointment_id left join service v on v.id = a.service_id
    left join staff w on w.id = t.assigned_to_id
    left join contact_preference f on f.patient_id = p.id"""  # noqa: S608  # constants
_TASK = f"{_TASK_ROWS} where {_VISIBLE}"


async def access_counts(tx: Tx, staff: Staff) -> Counts:
    """How much waits. Shows nobody's data, so it leaves no audit row."""
    row = await tx.fetchrow(
        f"""select
              (select count(*) from conversation c
               where c.owner = 'queue' and {VISIBLE_CONVERSATION}) as queued,
              (select count(*) from conversation c
               where c.owner = 'staff' and c.owner_staff_id = $1) as mine,
              (select count(*) from task t where {_VISIBLE} and {_DUE}) + count(*) as tasks,
              count(*) as escalations, count(*) filter (where e.state = 'open') as alarms
            from escalation e where e.state <> 'closed'""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
    )
    return Counts(*row)


async def access_tasks(tx: Tx, keys: KeyRing, staff: Staff, language: str) -> list[TaskRow]:
    """The open tasks, those that are due first, then in the order they were written. Names of
    services are in the language if they have one in it."""
    rows = await tx.fetch(
        f"{_TASK} order by not {_DUE}, {_ORDER} limit {SHOWN_AT_MOST}",
        staff.id,
        sees_all_patients(staff.role),
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:task:list", None, {"tasks": ids})
    return [task_of(keys, row, language) for row in rows]


async def access_task(
    tx: Tx, keys: KeyRing, staff: Staff, task_id: int, language: str
) -> TaskRow | None:
    """One open task; None if there is none that this staff member may see."""
    row = await find_task(tx, staff, task_id)
    if row is None:
        return None
    await record(tx, "staff", staff.id, "staff:task:read", task_id)
    return task_of(keys, row, language)


async def access_due(tx: Tx, staff: Staff) -> int:
    """How many tasks are due. Shows nobody's data, so it leaves no audit row."""
    due: int = await tx.fetchval(
        f"select count(*) from task t where $1::bigint is not null and {_VISIBLE} and {_DUE}",  # noqa: S608
        staff.id,
        sees_all_patients(staff.role),
    )
    return due


async def access_close_task(tx: Tx, staff: Staff, task_id: int, outcome: str = "done") -> bool:
    """Mark a task as done. False if somebody did already, or this staff member may not see it."""
    row = await find_task(tx, staff, task_id, lock=True)
    if row is None:
        return False
    if row["kind"] == FINDING:
        await tx.execute(
            """update quality_finding set state = 'closed', closed_at = now(), closed_by_id = $2
               where id = $1 and state = 'open'""",
            row["detail"]["finding"],
            staff.id,
        )
    await tx.execute(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2, outcome = $3
           where id = $1""",
        task_id,
        staff.id,
        outcome,
    )
    await record(tx, "staff", staff.id, "staff:task:close", task_id)
    return True


async def access_approve_link(
    tx: Tx, keys: KeyRing, staff: Staff, task_id: int, patient_id: int, relation: Relation
) -> int | Literal["gone", "no_patient"]:
    """Let the chat of a link request speak for a patient, and close the request; its account."""
    row = await find_task(tx, staff, task_id, lock=True)
    if row is None or row["kind"] != LINK_REQUEST or row["conversation_id"] is None:
        return "gone"
    known = await tx.fetchval(
        f"""select p.id from patient p where p.id = $3 and ($2 or p.id in ({OWN_PATIENTS}))""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        patient_id,
    )
    if known is None:
        return "no_patient"
    account_id = await tx.fetchval(
        "select account_id from conversation where id = $1", row["conversation_id"]
    )
    await bind(tx, keys, account_id, patient_id, relation, "staff")
    await record(
        tx, "staff", staff.id, "staff:link:approve", patient_id, {"task": task_id, "as": relation}
    )
    await access_close_task(tx, staff, task_id)
    return int(account_id)


async def find_task(
    tx: Tx, staff: Staff, task_id: int, *, lock: bool = False
) -> Mapping[str, Any] | None:
    """The row of an open task; None if there is none that this staff member may see."""
    row: Mapping[str, Any] | None = await tx.fetchrow(
        f"{_TASK} and t.id = $3 {'for update of t' if lock else ''}",
        staff.id,
        sees_all_patients(staff.role),
        task_id,
    )
    return row


async def find_due(tx: Tx, staff: Staff, at_most: int) -> Sequence[Mapping[str, Any]]:
    """The rows of the first tasks that are due, in the order of the list. The caller writes the
    audit row."""
    rows: Sequence[Mapping[str, Any]] = await tx.fetch(
        f"""{_TASK_ROWS} where t.id in (select t.id from task t where {_VISIBLE} and {_DUE}
              order by {_ORDER} limit $3)
            order by {_ORDER}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        at_most,
    )
    return rows


def task_of(keys: KeyRing, row: Mapping[str, Any], language: str) -> TaskRow:
    """A row of `find_task` or `find_due`, opened."""
    patient = None
    if row["patient"] is not None:
        sealed = row["phone"]
        phone = keys.open(sealed, "patient.phone", row["patient_key"]) if sealed else None
        patient = TaskPatient(
            row["patient"], row["name"], row["chart"], phone.decode() if phone else None
        )
    note = keys.open(row["note"], "task.note", row["key"]) if row["note"] else b"{}"
    return TaskRow(
        id=row["id"],
        kind=row["kind"],
        waiting=row["waiting"],
        detail=row["detail"],
        note=_note(note),
        conversation_id=row["conversation_id"],
        patient=patient,
        service_name=in_language(row["service"], language) if row["service"] else None,
        starts_at=row["starts_at"],
        unconfirmed=bool(row["unconfirmed"]),
        due_at=row["due_at"],
        tries=row["tries"],
        assigned_to=row["assigned_to_id"],
        assigned_name=row["assigned_name"],
        wrong_number=bool(row["wrong_number"]),
    )


def _note(note: bytes) -> dict[str, str]:
    """A note is a JSON object of texts, or plain words."""
    try:
        fields = orjson.loads(note)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        return {"words": note.decode(errors="replace")}
    return {str(name): str(value) for name, value in fields.items() if value is not None}
