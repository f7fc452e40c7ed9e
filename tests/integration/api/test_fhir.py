"""The FHIR interface: every resource is one of FHIR R4, and found by what is asked."""

import warnings
from datetime import date
from typing import Any

import orjson
import pytest

from bot.api.fhir.table import ROUTES
from clinic.api_key.types import Scope
from clinic.ids import new_key
from clinic.questionnaire import codec
from clinic.questionnaire.demo import filled
from clinic.questionnaire.service import install_shipped, load
from tests.integration.api.house import House
from tests.integration.api.test_calls import NOBODY
from tests.integration.local.watch import eventually_async

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the library about itself
    from fhir.resources.R4B import get_fhir_model_class

pytestmark = pytest.mark.server
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def checked(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource, if it is one of FHIR R4."""
    get_fhir_model_class(resource["resourceType"]).model_validate_json(orjson.dumps(resource))
    return resource


async def asked(house: House, path: str, **query: Any) -> dict[str, Any]:
    answer = await house.call("GET", f"/fhir{path}", **query)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "application/fhir+json"
    return checked(await answer.json())


async def found(house: House, kind: str, **query: Any) -> list[str]:
    """The ids that a search finds, each of which can be read."""
    bundle = await asked(house, f"/{kind}", **query)
    assert bundle["type"] == "searchset"
    entries = bundle.get("entry", [])
    for entry in entries:
        one = entry["resource"]
        assert entry["fullUrl"] == f"https://chat.example/kayoi/fhir/{kind}/{one['id']}"
        assert await asked(house, f"/{kind}/{one['id']}") == checked(one)
    return [entry["resource"]["id"] for entry in entries]


async def refused(house: House, path: str, **options: Any) -> tuple[int, str]:
    answer = await house.call(options.pop("method", "GET"), f"/fhir{path}", **options)
    assert answer.content_type == "application/fhir+json"
    outcome = checked(await answer.json())
    assert outcome["resourceType"] == "OperationOutcome"
    return answer.status, outcome["issue"][0]["code"]


async def answered(house: House) -> str:
    """An answered questionnaire of the first patient."""
    key, keys = new_key(), house.env.keys
    async with house.env.database.transaction() as tx:
        await install_shipped(tx)
        form_id = await tx.fetchval("select id from questionnaire where name = 'phq_9'")
        form = await load(tx, form_id)
        answers = codec.dump(filled(form, {}, date(2026, 11, 1)))
        await tx.execute(
            """insert into questionnaire_response (key, questionnaire_id, patient_id, language,
                 answers) values ($1, $2, $3, 'ja', $4)""",
            key,
            form_id,
            house.clinic.patients[0],
            keys.seal(orjson.dumps(answers), "questionnaire_response.answers", key),
        )
    return str(key)


async def test_the_statement_names_what_can_be_asked(house: House) -> None:
    answer = await house.client.get("/fhir/metadata")
    statement = checked(await answer.json())
    (rest,) = statement["rest"]
    named = {one["type"] for one in rest["resource"]}
    assert named == {one.path.split("/")[1] for one in ROUTES}
    assert named == {"Patient", "Appointment", "Slot", "QuestionnaireResponse", "Communication"}
    assert {one.scope for one in ROUTES} == {Scope.FHIR_READ}


async def test_no_other_scope_opens_any_of_it(house: House) -> None:
    key = await house.key(*(set(Scope) - {Scope.FHIR_READ}))
    for route in ROUTES:
        path = route.path.replace("{id}", NOBODY)
        body = b"" if route.method == "POST" else None
        told = await refused(
            house, path, method=route.method, body=body, headers=dict(FORM), key=key
        )
        assert told == (403, "forbidden")
    answer = await house.client.get("/fhir/Patient")
    assert (answer.status, answer.content_type) == (401, "application/fhir+json")


async def test_patients_are_found_by_number_birth_date_and_by_post_by_name(house: House) -> None:
    body = {
        "name": "山田 太郎",
        "kana": "ヤマダ タロウ",
        "chart": "K-1",
        "birth_on": "1950-03-07",
        "sex": "male",
        "language": "ja",
        "phone": "09012345678",
        "email": "taro@example.com",
        "address": "東京都",
    }
    made = (await house.good("POST", "/patients", body))["id"]
    one = await asked(house, f"/Patient/{made}")
    assert one["telecom"][0] == {"system": "phone", "value": "+819012345678"}
    assert one["identifier"][0]["value"] == "K-1"
    every = await found(house, "Patient")
    assert len(every) == 3
    for query, there in (
        ({"_id": made}, True),
        ({"_id": f"{made},{NOBODY}"}, True),
        ({"_id": "1"}, False),
        ({"identifier": "k-1"}, True),
        ({"identifier": "urn:oid:1|K-1"}, True),
        ({"identifier": "K-2"}, False),
        ({"birthdate": "1950-03-07"}, True),
        ({"birthdate": "1950-03"}, True),
        ({"birthdate": "ne1950"}, False),
        ({"birthdate": "gt1950-03-07"}, False),
        ({"birthdate": "le1950-03-07", "gender": "male"}, True),
        ({"birthdate": "ge1950", "gender": "female"}, False),
    ):
        assert (made in await found(house, "Patient", **query)) is there, query
    for form, count in (
        ("name=山田", 1),
        ("name=ﾔﾏﾀﾞ", 1),
        ("name=%25", 0),
        ("phone=09012345678", 1),
    ):
        path = "/fhir/Patient/_search"
        answer = await house.call("POST", path, form.encode(), headers=dict(FORM))
        bundle = checked(await answer.json())
        assert len(bundle.get("entry", [])) == count, form
        assert "name" not in str(bundle["link"])
    told = await refused(house, "/Patient", name="山田")
    assert told == (422, "invalid")


async def test_visits_are_found_by_patient_day_and_status(house: House) -> None:
    visit = await house.booked()
    patient, day = await house.patient(), visit["starts_at"][:10]
    name = visit["id"]
    one = await asked(house, f"/Appointment/{name}")
    assert one["participant"][0]["actor"]["reference"] == f"Patient/{patient}"
    for query, there in (
        ({"patient": patient}, [name]),
        ({"patient": f"Patient/{patient}"}, [name]),
        ({"patient": f"https://x.example/fhir/Patient/{patient}"}, [name]),
        ({"patient": f"Practitioner/{patient}"}, []),
        ({"date": day}, [name]),
        ({"date": f"ge{visit['starts_at']}"}, [name]),
        ({"date": f"gt{visit['starts_at']}"}, []),
        ({"date": f"lt{day}"}, []),
        ({"status": "booked,cancelled"}, [name]),
        ({"status": "noshow"}, []),
        ({"status": "held"}, []),
        ({"service-type": "visit", "_lastUpdated": "ge2020"}, [name]),
    ):
        assert await found(house, "Appointment", **query) == there, query


async def test_free_times_are_slots_until_they_are_booked(house: House) -> None:
    day = house.clinic.day(3).isoformat()
    free = await found(house, "Slot", **{"service-type": "visit", "start": day})
    assert len(free) == 16
    assert await found(house, "Slot", **{"service-type": "visit", "_count": "2"})
    assert await found(house, "Slot", **{"service-type": "visit", "status": "busy"}) == []
    assert await found(house, "Slot", **{"service-type": "nothing"}) == []
    later = await found(house, "Slot", **{"service-type": "visit", "start": f"ge{day}"})
    assert later[:16] == free
    await house.booked()
    assert await refused(house, f"/Slot/{free[0]}") == (404, "not-found")
    for wrong in ("1", "1-20261301T0000Z-1-1", "9-00010101T0000Z-9-9", NOBODY):
        assert await refused(house, f"/Slot/{wrong}") == (404, "not-found")
    for query in ({}, {"service-type": "visit", "start": "lt2026"}, {"nothing": "1"}):
        assert await refused(house, "/Slot", **query) == (422, "invalid")


async def test_answers_and_messages_are_found_by_patient(house: House) -> None:
    key = await answered(house)
    patient = await house.patient()
    one = await asked(house, f"/QuestionnaireResponse/{key}")
    assert one["subject"] == {"reference": f"Patient/{patient}"}
    for query, there in (
        ({"patient": patient}, [key]),
        ({"subject": await house.patient(1)}, []),
        ({"status": "completed", "authored": "ge2020-01-01"}, [key]),
        ({"status": "in-progress"}, []),
        ({"questionnaire": one["questionnaire"].partition("|")[0]}, [key]),
    ):
        assert await found(house, "QuestionnaireResponse", **query) == there, query
    written = await house.reachable()
    sent = await house.good("POST", "/messages", {"patient": written, "text": "結果が出ました"})

    async def tried() -> bool:  # here no gateway takes it; it stays to be sent
        return bool(await house.rows("select 1 from outbox where reason is not null"))

    await eventually_async(tried, "the message is tried once")
    message = await asked(house, f"/Communication/{sent['id']}")
    assert message["payload"] == [{"contentString": "結果が出ました"}]
    assert message["status"] == "in-progress"
    for query, there in (
        ({"patient": written, "status": "in-progress"}, [sent["id"]]),
        ({"patient": written, "status": "completed"}, []),
        ({"sent": "ge2020-01-01"}, []),
        ({"subject": patient}, []),
    ):
        assert await found(house, "Communication", **query) == there, query
    await house.rows("update outbox set state = 'sent', settled_at = now() returning id")
    assert await found(house, "Communication", sent="ge2020-01-01") == [sent["id"]]
    await house.rows("update outbox set purpose = 'alert' returning id")  # to staff
    assert await found(house, "Communication") == []


async def test_a_search_goes_on_by_its_link_with_all_that_was_asked(house: House) -> None:
    for number in range(5):
        await house.good("POST", "/patients", {"name": "P", "chart": f"C{number}", "sex": "other"})
    seen, path = [], "/Patient?gender=other&_count=2"
    while path:
        bundle = await asked(house, path)
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        following = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
        path = following[0].partition("/fhir")[2] if following else ""
        assert "gender" not in path
    assert len(seen) == len(set(seen)) == 5


async def test_what_cannot_be_asked_is_an_outcome(house: House) -> None:
    assert await refused(house, f"/Patient/{NOBODY}") == (404, "not-found")
    assert await refused(house, "/Observation") == (404, "not-found")
    assert await refused(house, "/Patient", method="DELETE") == (405, "not-supported")
    assert await refused(house, "/Patient", _format="xml") == (406, "not-supported")
    xml = {"Accept": "application/fhir+xml"}
    assert await refused(house, "/Patient", headers=xml) == (406, "not-supported")
    form = {"method": "POST", "body": b"{}", "headers": {"Content-Type": "application/json"}}
    assert await refused(house, "/Patient/_search", **form) == (415, "not-supported")
    for query in (
        {"birthdate": "yesterday"},
        {"birthdate": "2026-13"},
        {"birthdate": "0000"},
        {"_count": "0"},
        {"_count": "x"},
        {"_cursor": "x"},
        {"telecom": "1"},
        {"name:exact": "1"},
    ):
        assert await refused(house, "/Patient", **query) == (422, "invalid"), query


async def test_every_read_and_search_stands_in_the_audit_trail(house: House) -> None:
    patient = await house.patient()
    await asked(house, f"/Patient/{patient}")
    await asked(house, "/Patient", _id=patient)
    rows = await house.rows("select action, subject_id, detail from audit order by id desc limit 2")
    search, read = rows
    assert (read["action"], read["subject_id"]) == (
        "api_key:call:fhir_read_Patient",
        house.clinic.patients[0],
    )
    assert search["action"] == "api_key:call:fhir_search_Patient"
    assert search["detail"]["Patient"] == [house.clinic.patients[0]]
