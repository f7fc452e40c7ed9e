"""The FHIR resources that stand in rows: where from, and by what they are searched."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from bot.api.fhir import resources
from bot.api.fhir.search import Kind, Parameter
from bot.api.patients import STANDS
from bot.api.route import Call
from clinic.message.rules import FOR_STAFF
from clinic.message.service import open_message
from clinic.questionnaire import codec
from clinic.questionnaire.response import to_fhir
from clinic.questionnaire.service import load

_STATUSES = ("booked", "arrived", "fulfilled", "cancelled", "noshow")


def _patient(call: Call, row: Any) -> dict[str, Any]:
    opened = {
        name: call.env.keys.open(row[name], f"patient.{name}", row["key"]).decode()
        for name in ("phone", "email", "address")
        if row[name] is not None
    }
    return resources.patient(row, opened)


def _appointment(call: Call, row: Any) -> dict[str, Any]:
    return resources.appointment(row, call.actor.language)


def _communication(call: Call, row: Any) -> dict[str, Any]:
    message = open_message(call.env.keys, row["key"], row["content"])
    return resources.communication(row, message)


async def _response(call: Call, row: Any) -> dict[str, Any]:
    opened = call.env.keys.open(row["answers"], "questionnaire_response.answers", row["key"])
    questionnaire = await load(call.tx, row["questionnaire_id"])
    found = to_fhir(
        questionnaire,
        codec.load(orjson.loads(opened)),
        status="completed",
        authored_at=row["authored_at"],
        subject=f"Patient/{row['patient']}",
    )
    updated = {"lastUpdated": row["authored_at"].isoformat(timespec="milliseconds")}
    return {
        "resourceType": found.pop("resourceType"),
        "id": str(row["key"]),
        "meta": updated,
        **found,
    }


_BY_STATE: Mapping[str, tuple[str, ...]] = {
    status: tuple(state for state, one in resources.EVENT_STATUS.items() if one == status)
    for status in dict.fromkeys(resources.EVENT_STATUS.values())
}
_ABOUT = Parameter("reference", "p.key", of="Patient")
# Each way from a message to its patient has an index; all of them at once have none.
_WRITTEN_TO = replace(
    _ABOUT,
    within="""o.id in (
      select x.id from patient n join outbox x on x.patient_id = n.id where n.key = any({0})
      union all
      select x.id from patient n join appointment w on w.patient_id = n.id
      join outbox x on x.appointment_id = w.id where n.key = any({0})
      union all
      select x.id from patient n join questionnaire_request w on w.patient_id = n.id
      join outbox x on x.request_id = w.id where n.key = any({0}))""",
)

PATIENT = Kind(
    "Patient",
    "select p.* from patient p",
    STANDS,
    "p.id",
    "p.key",
    {
        "_id": Parameter("id", "p.key"),
        "identifier": Parameter("chart", "p.chart"),
        "birthdate": Parameter("date", "p.birth_on", day=True),
        "gender": Parameter("token", "p.sex"),
        "name": Parameter("name", "p.name_key", hidden=True),
        "phone": Parameter("phone", "p.phone_index", hidden=True),
    },
    _patient,
)
APPOINTMENT = Kind(
    "Appointment",
    """select a.id, a.key, a.version, a.status, a.starts_at, a.ends_at, a.created_at, a.updated_at,
         a.confirmed_at is not null as confirmed, p.key as patient, s.code as service,
         s.name as service_name, r.code as practitioner, r.name as practitioner_name,
         i.code as site, i.name as site_name, i.time_zone
       from appointment a join patient p on p.id = a.patient_id
       join service s on s.id = a.service_id join site i on i.id = a.site_id
       join resource r on r.id = a.practitioner_id""",
    f"a.status not in ('held', 'proposed', 'expired') and {STANDS}",
    "a.id",
    "a.key",
    {
        "_id": Parameter("id", "a.key"),
        "patient": _ABOUT,
        "date": Parameter("date", "a.starts_at"),
        "status": Parameter("token", "a.status", codes={one: (one,) for one in _STATUSES}),
        "service-type": Parameter("token", "s.code"),
        "_lastUpdated": Parameter("date", "a.updated_at"),
    },
    _appointment,
)
RESPONSE = Kind(
    "QuestionnaireResponse",
    """select q.id, q.key, q.questionnaire_id, q.answers, q.authored_at, p.key as patient
       from questionnaire_response q join questionnaire f on f.id = q.questionnaire_id
       join patient p on p.id = q.patient_id""",
    STANDS,
    "q.id",
    "q.key",
    {
        "_id": Parameter("id", "q.key"),
        "patient": _ABOUT,
        "subject": _ABOUT,
        "questionnaire": Parameter("token", "f.url"),
        "status": Parameter("token", "'completed'"),
        "authored": Parameter("date", "q.authored_at"),
        "_lastUpdated": Parameter("date", "q.authored_at"),
    },
    _response,
)
# What was said to staff is none of a patient's; of a talk no patient is known for certain.
COMMUNICATION = Kind(
    "Communication",
    """select o.id, o.key, o.state, o.reason, o.purpose, o.content, o.created_at, o.settled_at,
         c.channel, p.key as patient
       from outbox o join chat_account c on c.id = o.account_id
       left join appointment v on v.id = o.appointment_id
       left join questionnaire_request q on q.id = o.request_id
       join patient p on p.id = coalesce(o.patient_id, v.patient_id, q.patient_id)""",
    f"o.purpose not in ({', '.join(repr(one) for one in sorted(FOR_STAFF))}) and {STANDS}",
    "o.id",
    "o.key",
    {
        "_id": Parameter("id", "o.key"),
        "patient": _WRITTEN_TO,
        "subject": _WRITTEN_TO,
        "status": Parameter("token", "o.state", codes=_BY_STATE),
        "sent": Parameter("date", "case when o.state = 'sent' then o.settled_at end"),
        "_lastUpdated": Parameter("date", "coalesce(o.settled_at, o.created_at)"),
    },
    _communication,
)
KINDS = (PATIENT, APPOINTMENT, RESPONSE, COMMUNICATION)
