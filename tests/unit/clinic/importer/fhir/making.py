"""FHIR resources as the systems write them that we know: Synthea, JP Core, a server's search."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from clinic.importer.fhir.reader import read_bundle, read_lines
from clinic.importer.types import Entry, Issue, Part

TOKYO = ZoneInfo("Asia/Tokyo")
TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
PATIENT = "0a56854c-d96f-e6b8-40fb-d55b3e438d27"


def identifier(type_: str, value: str, system: str = "http://hospital.example") -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": TYPES, "code": type_}]},
        "system": system,
        "value": value,
    }


def synthea_patient(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "identifier": [
            {"system": "https://github.com/synthetichealth/synthea", "value": PATIENT},
            identifier("SS", "999-12-3456", "http://hl7.org/fhir/sid/us-ssn"),
            identifier("MR", "MR-0042"),
            identifier("DL", "S99912345", "urn:oid:2.16.840.1.113883.4.3.25"),
            identifier("PPN", "X1234567X", "http://standardhealthrecord.org/Passport"),
        ],
        "name": [
            {"use": "maiden", "family": "Kutch271", "given": ["Maria750"], "prefix": ["Mrs."]},
            {"use": "official", "family": "Bauch723", "given": ["Maria750"], "prefix": ["Mrs."]},
        ],
        "telecom": [{"system": "phone", "value": "555-114-8925", "use": "home"}],
        "gender": "female",
        "birthDate": "1960-01-15",
        "address": [
            {"line": ["1 Main St"], "city": "Boston", "state": "MA", "postalCode": "02101"}
        ],
        "communication": [
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-US"}]}}
        ],
        **more,
    }


def about(resource_type: str, **more: Any) -> dict[str, Any]:
    """A resource about the patient; `id_` where several are needed."""
    id_ = more.pop("id_", f"{resource_type.lower()}-1")
    subject = {"subject": {"reference": f"urn:uuid:{PATIENT}"}}
    return {"resourceType": resource_type, "id": id_, **subject, **more}


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    entries = [{"fullUrl": f"urn:uuid:{one.get('id')}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "transaction", **more, "entry": entries}


def parts(content: dict[str, Any] | str, **more: Any) -> list[Part]:
    text = content if isinstance(content, str) else json.dumps(content)
    return list(read_bundle(text, TOKYO, **more))


def line_parts(*lines: dict[str, Any] | str, **more: Any) -> list[Part]:
    written = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    return list(read_lines(enumerate(written, 1), TOKYO, **more))


def entries(read: list[Part]) -> list[Entry]:
    return [one for one in read if isinstance(one, Entry)]


def issues(read: list[Part]) -> list[Issue]:
    return [one for one in read if isinstance(one, Issue)]


def only(read: list[Part]) -> Entry:
    """The one entry of what was read, when nothing else was to be said."""
    assert issues(read) == []
    (entry,) = entries(read)
    return entry


def told(*resources: dict[str, Any]) -> Entry:
    """What a Synthea-like bundle says of its patient by these resources."""
    return only(parts(bundle(synthea_patient(), *resources)))
