"""Rows as FHIR R4 resources. Pure.

Practitioners, places and services are named by the clinic's own codes (logical references).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic.booking.search import in_language
from clinic.message.types import Message

Row = Mapping[str, Any]
Resource = dict[str, Any]
MEDICAL_RECORD = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]
}
SPELLING = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
# Event status of a message by its state in the outbox.
EVENT_STATUS: Mapping[str, str] = {
    "pending": "in-progress",
    "leased": "in-progress",
    "inflight": "in-progress",
    "sent": "completed",
    "refused": "not-done",
    "expired": "not-done",
    "skipped": "not-done",
    "unknown": "unknown",
}


def patient(row: Row, opened: Mapping[str, str]) -> Resource:
    """`opened`: phone, email and address, as far as there are any."""
    found: Resource = {
        "resourceType": "Patient",
        "id": str(row["key"]),
        "active": row["deceased_on"] is None and row["moved_on"] is None,
        "name": [{"use": "official", "text": row["name"]}],
    }
    if row["kana"]:
        spelling = {"extension": [{"url": SPELLING, "valueCode": "SYL"}], "text": row["kana"]}
        found["name"].append(spelling)
    if row["chart"]:
        found["identifier"] = [{"use": "usual", "type": MEDICAL_RECORD, "value": row["chart"]}]
    telecom = [
        {"system": name, "value": opened[name]} for name in ("phone", "email") if name in opened
    ]
    if telecom:
        found["telecom"] = telecom
    if row["sex"]:
        found["gender"] = row["sex"]
    if row["birth_on"]:
        found["birthDate"] = _day(row["birth_on"])
    if row["deceased_on"]:
        found["deceasedDateTime"] = _day(row["deceased_on"])
    if "address" in opened:
        found["address"] = [{"text": opened["address"]}]
    if row["language"]:
        spoken = {"coding": [{"system": "urn:ietf:bcp:47", "code": row["language"]}]}
        found["communication"] = [{"language": spoken, "preferred": True}]
    return found


def appointment(row: Row, language: str) -> Resource:
    """A visit."""
    zone = ZoneInfo(row["time_zone"])
    minutes = int((row["ends_at"] - row["starts_at"]).total_seconds() // 60)
    return {
        "resourceType": "Appointment",
        "id": str(row["key"]),
        "meta": {"versionId": str(row["version"]), "lastUpdated": _instant(row["updated_at"])},
        "status": row["status"],
        "serviceType": [_service(row["service"], row["service_name"], language)],
        "start": _instant(row["starts_at"].astimezone(zone)),
        "end": _instant(row["ends_at"].astimezone(zone)),
        "minutesDuration": minutes,
        "created": _instant(row["created_at"]),
        "participant": [
            {
                "actor": {"reference": f"Patient/{row['patient']}"},
                "status": "accepted" if row["confirmed"] else "needs-action",
            },
            {
                "actor": _named("Practitioner", row["practitioner"], row["practitioner_name"]),
                "status": "accepted",
            },
            {"actor": _named("Location", row["site"], row["site_name"]), "status": "accepted"},
        ],
    }


def slot(
    name: str, service: str, practitioner: str, words: Row, starts: datetime, ends: datetime
) -> Resource:
    """A free time. `words`: names of `service` and `practitioner`."""
    return {
        "resourceType": "Slot",
        "id": name,
        "serviceType": [{"coding": [{"code": service}], "text": words["service"]}],
        "schedule": {
            "type": "Schedule",
            "identifier": {"value": practitioner},
            "display": words["practitioner"],
        },
        "status": "free",
        "start": _instant(starts),
        "end": _instant(ends),
    }


def communication(row: Row, message: Message) -> Resource:
    """A message to a patient, with what was said."""
    about = {"reference": f"Patient/{row['patient']}"}
    found: Resource = {
        "resourceType": "Communication",
        "id": str(row["key"]),
        "meta": {"lastUpdated": _instant(row["settled_at"] or row["created_at"])},
        "status": EVENT_STATUS[row["state"]],
        "category": [{"text": row["purpose"]}],
        "medium": [{"text": row["channel"]}],
        "subject": about,
        "recipient": [about],
    }
    if row["state"] == "sent" and row["settled_at"]:
        found["sent"] = _instant(row["settled_at"])
    elif row["reason"]:
        found["statusReason"] = {"text": row["reason"]}
    if message.text.strip():
        found["payload"] = [{"contentString": message.text}]
    return found


def _named(kind: str, code: str, name: Mapping[str, str]) -> dict[str, Any]:
    shown = in_language(name, "en")
    found: dict[str, Any] = {"type": kind, "identifier": {"value": code}}
    return {**found, "display": shown} if shown else found


def _service(code: str, name: Mapping[str, str], language: str) -> dict[str, Any]:
    return {"coding": [{"code": code}], "text": in_language(name, language) or code}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _day(on: date) -> str:
    return on.isoformat()
