"""Everything that is stored of one patient, as JSON: docs/patient-export.md names every field."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson

from clinic.config import Settings
from clinic.conversation.types import Line
from clinic.crypto import OVERHEAD, KeyRing
from clinic.db import Tx
from clinic.document.service import answers_of, content_of, documents_of
from clinic.media.service import content_of as content_of_file
from clinic.message.service import transcript
from clinic.questionnaire import codec
from clinic.questionnaire.response import to_fhir
from clinic.questionnaire.service import load
from clinic.record.summary import EVERYTHING, read_record
from clinic.record.types import Record

FORMAT = 1  # rises when a field changes its meaning or goes
FILES = 64 * 1024 * 1024  # bytes of files in one export: more is looked at in the conversation


@dataclass(frozen=True, slots=True)
class Export:
    """What is taken out: `record` is for whoever lays pages out, `content` the whole of it."""

    record: Record
    content: Mapping[str, Any]

    def as_json(self) -> bytes:
        """The file."""
        return orjson.dumps(self.content, option=orjson.OPT_INDENT_2)


async def read_export(tx: Tx, keys: KeyRing, settings: Settings, patient_id: int) -> Export | None:
    """Everything of a patient; None if there is none. Messages of chats that others use too are
    theirs as well, so they are not in it."""
    await tx.execute("set local statement_timeout = '60s'")
    found = await read_record(tx, keys, patient_id, everything=True)
    if found is None:
        return None
    content = {
        "format": FORMAT,
        "clinic": settings.clinic.name,
        "exported_at": await tx.fetchval("select now()"),
        **asdict(found),
        "answered": await _responses(tx, keys, patient_id),
        "messages": await _messages(tx, keys, patient_id),
        "triage": await _triage(tx, keys, patient_id),
        "escalations": await _escalations(tx, keys, patient_id),
        "appointment_notes": await _appointment_notes(tx, keys, patient_id),
        "requests": await _plain(
            tx,
            """select q.title, r.state, r.created_at, r.sent_at from questionnaire_request r
               join questionnaire q on q.id = r.questionnaire_id
               where r.patient_id = $1 order by r.id""",
            patient_id,
        ),
        "sources": await _plain(
            tx,
            """select i.kind, x.month, x.setting, x.visit_count, x.points, i.committed_at
                from source_record x join import_run i on i.id = x.run_id
                where x.patient_id = $1 and x.replaced_by_id is null
                order by x.month, x.id""",
            patient_id,
        ),
        "plans": await _plain(
            tx,
            "select on_date, estimated from plan_date where patient_id = $1 order by on_date",
            patient_id,
        ),
        "lapse": await _plain(
            tx,
            """select g.code as group, l.state, l.last_visit_on, l.expected_on
               from lapse l join care_group g on g.id = l.group_id
               where l.patient_id = $1 order by g.position""",
            patient_id,
        ),
        "readings": await _plain(
            tx,
            """select kind, value::float8, second::float8, unit, occasion, measured_at, source,
                      status, level
               from observation where patient_id = $1 order by measured_at, id""",
            patient_id,
        ),
        "reading_limits": await _plain(
            tx,
            """select measure, side, level, at::float8, set_at from observation_limit
               where patient_id = $1 order by id""",
            patient_id,
        ),
        "cohorts": await _plain(
            tx,
            """select c.name, m.arm, m.enrolled_on, m.status, m.event_on, m.contact_on
               from cohort_member m join cohort c on c.id = m.cohort_id
               where m.patient_id = $1 order by m.id""",
            patient_id,
        ),
        "care_plans": await _plain(
            tx,
            """select d.title, p.anchor_on, p.state, p.reason, a.step, a.n, a.due_at,
                      a.state as step_state, a.reason as step_reason, a.answer
               from care_plan p join plan_definition d on d.id = p.definition_id
               join care_plan_activity a on a.plan_id = p.id
               where p.patient_id = $1 order by p.id, a.due_at, a.id""",
            patient_id,
        ),
        "waitlist": await _plain(
            tx,
            """select s.code as service, w.weekdays, w.part, w.from_on, w.until_on, w.state,
                      w.created_at, w.ended_at
               from waitlist_entry w join service s on s.id = w.service_id
               where w.patient_id = $1 order by w.id""",
            patient_id,
        ),
        "documents": await _documents(tx, keys, patient_id),
        "contact_preference": await _plain(
            tx,
            """select channel, no_greetings, call_only, wrong_phone is not null as wrong_phone,
                      chosen_by_id is null as own_choice, chosen_at
               from contact_preference where patient_id = $1""",
            patient_id,
        ),
        "campaigns": await _plain(
            tx,
            """select c.name, c.kind, r.occurrence, r.due_at, r.state, r.reason, r.settled_at,
                      r.answered_at
               from recipient r join campaign c on c.id = r.campaign_id
               where r.patient_id = $1 order by r.id""",
            patient_id,
        ),
        "outreach": await _plain(
            tx,
            """select o.label, m.held_out, m.left_out, m.sent_on, m.returned_on
               from outreach_member m join outreach o on o.id = m.outreach_id
               where m.patient_id = $1 order by m.id""",
            patient_id,
        ),
    }
    return Export(found, content)


async def _plain(tx: Tx, query: str, patient_id: int) -> list[dict[str, Any]]:
    return [dict(row) for row in await tx.fetch(query, patient_id)]


async def _responses(tx: Tx, keys: KeyRing, patient_id: int) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        """select id, key, questionnaire_id, answers, authored_at, scores, flags
           from questionnaire_response where patient_id = $1 order by id""",
        patient_id,
    )
    found = []
    for row in rows:
        form = await load(tx, row["questionnaire_id"])
        answers = codec.load(
            orjson.loads(_open(keys, row, "questionnaire_response.answers", row["key"]))
        )
        resource = to_fhir(
            form,
            answers,
            status="completed",
            authored_at=row["authored_at"],
            subject=f"Patient/{patient_id}",
        )
        found.append({"resource": resource, "scores": row["scores"], "alerts": row["flags"]})
    return found


async def _messages(tx: Tx, keys: KeyRing, patient_id: int) -> list[dict[str, Any]]:
    """Chats that speak, and spoke, for this patient alone, with what staff noted of them."""
    chats = await tx.fetch(
        """select distinct a.id, a.channel, c.id as conversation, not exists (
             select 1 from link o where o.account_id = a.id and o.patient_id <> $1) as alone
           from link l join chat_account a on a.id = l.account_id
           join conversation c on c.account_id = a.id where l.patient_id = $1 order by a.id""",
        patient_id,
    )
    found = []
    for chat in chats:
        lines, notes, files = [], [], []
        if chat["alone"]:
            files = await _files(tx, keys, chat["id"])
            said = await transcript(tx, keys, chat["id"], limit=EVERYTHING)
            lines = [_line(one) for one in said]
            for row in await tx.fetch(
                """select n.key, n.note as answers, n.created_at, s.name from internal_note n
                   join staff s on s.id = n.staff_id where n.conversation_id = $1 order by n.id""",
                chat["conversation"],
            ):
                note = _open(keys, row, "internal_note.note", row["key"]).decode()
                notes.append({"at": row["created_at"], "by": row["name"], "note": note})
        found.append(
            {
                "channel": chat["channel"],
                "conversation": chat["conversation"],
                "shared": not chat["alone"],
                "lines": lines,
                "notes": notes,
                "files": files,
            }
        )
    return found


async def _files(tx: Tx, keys: KeyRing, account_id: int) -> list[dict[str, Any]]:
    """What was sent in the web chat besides words."""
    rows = await tx.fetch(
        """select key, content_type, length(content) - $2 as size, created_at as at
           from chat_media where account_id = $1 order by id""",
        account_id,
        OVERHEAD,
    )
    found, room = [], FILES
    for row in rows:
        content = await content_of_file(tx, keys, row["key"]) if row["size"] <= room else None
        room -= row["size"] if content is not None else 0
        told = {name: row[name] for name in ("at", "content_type", "size")}
        found.append({**told, "content": content and b64encode(content).decode()})
    return found


def _line(one: Line) -> dict[str, Any]:
    words = one.message.text if one.message is not None else one.text
    return {
        "at": one.at,
        "from": one.side,
        "by": one.staff_name,
        "kind": one.kind,
        "text": words,
        "state": one.state,
    }


async def _documents(tx: Tx, keys: KeyRing, patient_id: int) -> list[dict[str, Any]]:
    found = []
    for one in await documents_of(tx, keys, patient_id):
        content = await content_of(tx, keys, one.id)
        found.append(
            {
                "number": one.number,
                "kind": one.kind,
                "language": one.language,
                "state": one.state,
                "issued_at": one.issued_at,
                "sent_at": one.sent_at,
                "sha256": one.sha256,
                "title": content.title,
                "text": [block.text for block in content.blocks],
                "answers": [
                    {"answer": given.answer, "relation": given.relation, "at": given.at}
                    for given in await answers_of(tx, one.id)
                ],
            }
        )
    return found


async def _triage(tx: Tx, keys: KeyRing, patient_id: int) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        """select key, presentation, level, disposition, checked_in, answers, created_at
           from triage_run where patient_id = $1 order by id""",
        patient_id,
    )
    return [
        {
            **{name: row[name] for name in ("presentation", "level", "disposition", "checked_in")},
            "at": row["created_at"],
            "run": orjson.loads(_open(keys, row, "triage_run.answers", row["key"])),
        }
        for row in rows
    ]


async def _escalations(tx: Tx, keys: KeyRing, patient_id: int) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        """select key, source, rule, level, state, disposition, created_at, closed_at, said, note
           from escalation where patient_id = $1 order by id""",
        patient_id,
    )
    names = ("source", "rule", "level", "state", "disposition", "created_at", "closed_at")
    return [
        {
            **{name: row[name] for name in names},
            **{
                name: keys.open(row[name], f"escalation.{name}", row["key"]).decode()
                for name in ("said", "note")
                if row[name] is not None
            },
        }
        for row in rows
    ]


async def _appointment_notes(tx: Tx, keys: KeyRing, patient_id: int) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        """select key, starts_at, note, cancel_reason from appointment
           where patient_id = $1 and (note is not null or cancel_reason is not null)
           order by starts_at""",
        patient_id,
    )
    return [
        {
            "starts_at": row["starts_at"],
            **{
                name: keys.open(row[name], f"appointment.{name}", row["key"]).decode()
                for name in ("note", "cancel_reason")
                if row[name] is not None
            },
        }
        for row in rows
    ]


def _open(keys: KeyRing, row: Mapping[str, Any], where: str, name: UUID) -> bytes:
    return keys.open(row["answers"], where, name)
