"""What programs do by the API: patients, visits, messages; and that doing it twice does it once."""

import asyncio
from typing import Any

import pytest

from clinic.campaign.service import create
from clinic.campaign.types import Draft
from clinic.segment.read import read as read_filter
from clinic.segment.service import save
from clinic.segment.types import Saved
from tests.integration.api.house import House
from tests.integration.api.test_calls import NOBODY

pytestmark = pytest.mark.server
NEW = {
    "name": "森 葵",
    "kana": "モリ アオイ",
    "chart": "A-77",
    "birth_on": "1980-02-29",
    "sex": "female",
    "language": "ja",
    "phone": "090-1111-2222",
    "email": "Aoi@example.com",
    "address": "東京都",
}


# Patients -----------------------------------------------------------------------------------------


async def test_a_patient_is_made_read_found_and_changed(house: House) -> None:
    made = await house.good("POST", "/patients", NEW)
    assert made == {
        **NEW,
        "id": made["id"],
        "phone": "+819011112222",
        "email": "aoi@example.com",
        "provisional": False,
        "deceased_on": None,
        "moved_on": None,
        "created_at": made["created_at"],
    }
    assert await house.good("GET", f"/patients/{made['id']}") == made
    for wanted in ({"chart": "a-77"}, {"phone": "０９０ １１１１ ２２２２"}):
        found = await house.good("POST", "/patients/search", wanted)
        assert found == {"items": [made], "next": None}
    assert (await house.good("POST", "/patients/search", {"chart": "B"}))["items"] == []
    changed = await house.good(
        "PATCH", f"/patients/{made['id']}", {"phone": None, "language": "en"}
    )
    assert changed == {**made, "phone": None, "language": "en"}
    sealed = await house.rows("select phone, email, address from patient where chart = 'A-77'")
    assert "aoi@example.com" not in str(sealed)


@pytest.mark.parametrize(
    ("body", "place", "reason"),
    [
        ({"name": " "}, "/name", "empty"),
        ({"name": "A\u0000"}, "/name", "string_pattern_mismatch"),
        ({"name": "A", "phone": "12"}, "/phone", "bad_phone"),
        ({"name": "A", "email": "nobody"}, "/email", "bad_email"),
        ({"name": "A", "birth_on": "2999-01-01"}, "/birth_on", "bad_date"),
        ({"name": "A", "birth_on": "1999-02-30"}, "/birth_on", "date_parsing"),
        ({"name": "A", "sex": "unknown"}, "/sex", "literal_error"),
        ({"name": "A", "chart": "1" * 33}, "/chart", "string_too_long"),
        ({"name": "A", "provisional": True}, "/provisional", "extra_forbidden"),
        ({"name": "A", "deceased_on": "2020-01-01"}, "/deceased_on", "extra_forbidden"),
        ({"name": "A", "id": NOBODY}, "/id", "extra_forbidden"),
        ({"name": "A", "merged_into_id": 1}, "/merged_into_id", "extra_forbidden"),
    ],
)
async def test_a_field_that_is_wrong_or_not_ours_to_give_away_is_refused_by_name(
    house: House, body: dict[str, Any], place: str, reason: str
) -> None:
    answer = await house.call("POST", "/patients", body)
    assert answer.status == 422
    assert {"place": place, "reason": reason} in (await answer.json())["errors"]
    assert await house.value("select count(*) from patient") == 2


async def test_a_chart_number_belongs_to_one_patient(house: House) -> None:
    await house.good("POST", "/patients", {"name": "A", "chart": "1"})
    told = await house.refused("POST", "/patients", {"name": "B", "chart": "1"})
    assert told == (409, "taken")
    assert await house.value("select count(*) from patient") == 3
    path = f"/patients/{await house.patient()}"
    assert await house.refused("PATCH", path, {"chart": "1"}) == (409, "taken")
    assert await house.refused("PATCH", path, {}) == (422, "invalid")
    for both in ({}, {"chart": None}, {"chart": "1", "phone": "0312345678"}):
        assert await house.refused("POST", "/patients/search", both) == (422, "invalid")


async def test_who_was_joined_into_another_or_erased_is_not_there_any_more(house: House) -> None:
    first, second = await house.patient(0), await house.patient(1)
    await house.rows(
        "update patient set merged_into_id = $2 where id = $1 returning id",
        house.clinic.patients[0],
        house.clinic.patients[1],
    )
    await house.rows(
        "insert into erasure (patient_id) values ($1) returning id", house.clinic.patients[1]
    )
    for name in (first, second):
        assert (await house.call("GET", f"/patients/{name}")).status == 404
        assert (await house.call("PATCH", f"/patients/{name}", {"kana": "A"})).status == 404
    assert (await house.good("GET", "/patients"))["items"] == []


async def test_pages_hold_everybody_once_and_their_cursors_tell_nothing(house: House) -> None:
    for number in range(5):
        await house.good("POST", "/patients", {"name": f"P{number}"})
    seen, cursor = [], None
    while True:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = await house.good("GET", "/patients", **query)
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        told = await house.refused("GET", f"/appointments?cursor={cursor}")
        assert told == (422, "invalid")  # of another list
        other = await house.key()
        assert await house.refused("GET", f"/patients?cursor={cursor}", key=other) == told
    assert len(seen) == len(set(seen)) == 7


# Visits -------------------------------------------------------------------------------------------


async def test_a_visit_is_booked_moved_and_cancelled(house: House) -> None:
    (service,) = (await house.good("GET", "/services"))["items"]
    assert (service["code"], service["minutes"]) == ("visit", 30)
    slot, later = await house.slot(0), await house.slot(3)
    booked = await house.booked()
    assert {name: booked[name] for name in slot} == slot
    assert (booked["status"], booked["version"], booked["confirmed"]) == ("booked", 2, False)
    assert await house.slot(0) != slot  # nobody else is offered it
    path = f"/appointments/{booked['id']}"
    assert await house.good("GET", path) == booked
    move = {"version": booked["version"], "starts_at": later["starts_at"]}
    moved = await house.good("POST", f"{path}/move", move)
    assert (moved["starts_at"], moved["id"]) == (later["starts_at"], booked["id"])
    assert await house.refused("POST", f"{path}/move", move) == (409, "changed")
    ended = await house.good("POST", f"{path}/cancel", {"version": moved["version"]})
    assert ended["status"] == "cancelled"
    assert await house.slot(0) == slot
    deeds = await house.rows(
        """select action from audit where actor_kind = 'api_key' and action not like '%:call:%'
           order by id"""
    )
    assert [row["action"].split(":")[-1] for row in deeds] == ["hold", "book", "move", "cancel"]


async def test_a_time_that_is_taken_or_none_at_all_is_refused_and_nothing_is_kept(
    house: House,
) -> None:
    patient, other = await house.patient(0), await house.patient(1)
    slot = await house.slot()
    await house.good("POST", "/appointments", {"patient": patient, **slot})
    told = await house.refused("POST", "/appointments", {"patient": other, **slot})
    assert told == (409, "taken")
    night = {**slot, "starts_at": slot["starts_at"].replace("T09:00", "T03:00")}
    assert await house.refused("POST", "/appointments", {"patient": other, **night}) == told
    for name in ("patient", "service", "site", "practitioner"):
        wrong = {"patient": other, **slot, name: NOBODY[:32] if name != "patient" else NOBODY}
        assert (await house.call("POST", "/appointments", wrong)).status == 422, name
    uneven = {"patient": other, **slot, "starts_at": "2027-01-01T09:00:30+09:00"}
    assert (await house.call("POST", "/appointments", uneven)).status == 422
    assert await house.value("select count(*) from appointment") == 1
    assert await house.clinic.overlaps() == 0


async def test_visits_are_listed_by_what_is_asked(house: House) -> None:
    first, second = await house.booked(0), await house.booked(2)
    every = (await house.good("GET", "/appointments"))["items"]
    assert [one["id"] for one in every] == [first["id"], second["id"]]
    page = await house.good("GET", "/appointments", limit="1")
    assert [one["id"] for one in page["items"]] == [first["id"]]
    page = await house.good("GET", "/appointments", limit="1", cursor=page["next"])
    assert ([one["id"] for one in page["items"]], page["next"]) == ([second["id"]], None)
    for query, found in (
        ({"starts_from": second["starts_at"]}, [second["id"]]),
        ({"starts_before": second["starts_at"]}, [first["id"]]),
        ({"patient": await house.patient(1)}, []),
        ({"patient": await house.patient(0), "practitioner": "d0"}, [first["id"], second["id"]]),
        ({"status": "cancelled"}, []),
    ):
        told = (await house.good("GET", "/appointments", **query))["items"]
        assert [one["id"] for one in told] == found, query
    wrong: tuple[dict[str, Any], ...] = (
        *({"status": "held"}, {"starts_from": "yesterday"}),
        {"patient": "1"},
    )
    for query in wrong:
        assert (await house.call("GET", "/appointments", **query)).status == 422


# Messages -----------------------------------------------------------------------------------------


async def test_words_wait_in_the_outbox_under_the_policy(house: House) -> None:
    patient = await house.reachable()
    body = {"patient": patient, "text": "検査の結果が\n出ました。"}
    sent = await house.good("POST", "/messages", body)
    assert (sent["state"], sent["channel"], sent["purpose"]) == ("pending", "sms", "care")
    told = await house.good("GET", f"/messages/{sent['id']}")
    assert (told["id"], told["patient"]) == (sent["id"], patient)
    (row,) = await house.rows("select purpose, consent_purpose, link_version from outbox")
    assert (row["purpose"], row["consent_purpose"]) == ("plan", "care")
    assert row["link_version"] is not None
    assert "検査" not in str(await house.rows("select * from outbox"))


async def test_who_may_not_be_written_to_is_not_and_the_reason_is_told(house: House) -> None:
    patient = await house.reachable()
    body = {"patient": patient, "text": "Autumn offers", "purpose": "marketing"}
    answer = await house.call("POST", "/messages", body)  # nobody said yes to marketing
    assert (answer.status, (await answer.json())["reason"]) == (409, "no_consent")
    await house.rows("update chat_account set opted_out_at = now() returning id")
    answer = await house.call("POST", "/messages", {**body, "purpose": "care"})
    assert (answer.status, (await answer.json())["reason"]) == (409, "opted_out")
    nobody = {"patient": await house.patient(), "text": "Hello"}
    answer = await house.call("POST", "/messages", nobody)
    assert (answer.status, (await answer.json())["reason"]) == (409, "no_chat")
    assert await house.value("select count(*) from outbox") == 0


async def test_a_message_that_did_not_come_by_the_api_is_not_told_of(house: House) -> None:
    patient = await house.reachable()
    sent = await house.good("POST", "/messages", {"patient": patient, "text": "Hello"})
    await house.rows("update outbox set dedup_key = 'staff:1' returning id")
    assert (await house.call("GET", f"/messages/{sent['id']}")).status == 404


# Twice --------------------------------------------------------------------------------------------


async def test_a_repeated_call_does_nothing_again_and_is_answered_alike(house: House) -> None:
    once = "order-1234"
    body = {"patient": await house.patient(), **await house.slot()}
    first = await house.call("POST", "/appointments", body, once=once)
    again = await house.call("POST", "/appointments", body, once=once)
    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json()
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    other = {**body, "note": "x"}
    assert await house.refused("POST", "/appointments", other, once=once) == (422, "key_reused")
    assert await house.value("select count(*) from appointment") == 1
    key = await house.key()  # the same name of another key's is another deed
    told = await house.refused("POST", "/appointments", body, once=once, key=key)
    assert told == (409, "refused")  # the patient is elsewhere then


async def test_ten_at_once_with_one_idempotency_key_book_once(house: House) -> None:
    body = {"patient": await house.reachable(), "text": "Hello"}
    key = await house.key()
    answers = await asyncio.gather(
        *(house.call("POST", "/messages", body, once="order-1234", key=key) for _ in range(10))
    )
    assert {one.status for one in answers} == {202}
    assert len({(await one.json())["id"] for one in answers}) == 1
    assert await house.value("select count(*) from outbox") == 1


async def test_what_failed_may_be_tried_again_under_the_same_key(house: House) -> None:
    once = "order-1234"
    body = {"patient": await house.patient(1), **await house.slot()}
    booked = await house.booked()
    assert await house.refused("POST", "/appointments", body, once=once) == (409, "taken")
    cancel = {"version": booked["version"]}
    await house.good("POST", f"/appointments/{booked['id']}/cancel", cancel)
    assert (await house.call("POST", "/appointments", body, once=once)).status == 201


async def test_a_post_without_an_idempotency_key_is_refused(house: House) -> None:
    for wrong in ("", "short", "x" * 65, "with blank 1"):
        told = await house.refused(
            "POST", "/patients", {"name": "A"}, headers={"Idempotency-Key": wrong}
        )
        assert told == (400, "no_idempotency_key")


async def test_deeds_are_forgotten_after_two_days(house: House) -> None:
    await house.good("POST", "/patients", {"name": "A"}, once="order-1234")
    await house.rows("update api_deed set created_at = now() - interval '49 hours' returning id")
    await house.good("POST", "/patients", {"name": "B"}, once="order-5678")
    assert await house.value("select count(*) from api_deed") == 1


# Campaigns and segments ---------------------------------------------------------------------------


async def test_campaigns_and_segments_tell_numbers_only(house: House) -> None:
    tree = read_filter({"field": "age", "op": "at_least", "value": 0})
    assert not isinstance(tree, tuple), tree
    async with house.env.database.transaction() as tx:
        saved = await save(tx, "Everybody", tree, None)
    assert isinstance(saved, Saved)
    listed = await house.good("GET", "/segments")
    assert listed["items"] == [{"id": saved.key, "version": 1, "name": "Everybody"}]
    counted = await house.good("GET", f"/segments/{saved.key}/count")
    assert counted.keys() == {"matched", "reachable", "left_out"}
    draft = Draft(
        "Autumn",
        "event",
        {"segment": saved.key, "version": 1},
        {"kind": "once", "at": "2027-01-01T09:00", "late": "skip"},
        {"texts": {"en": "Hello"}},
    )
    async with house.env.database.transaction() as tx:
        made = await create(tx, draft, None)
    assert not isinstance(made, tuple), made
    (one,) = (await house.good("GET", "/campaigns"))["items"]
    assert (one["id"], one["state"]) == (str(made.key), "draft")
    figures = await house.good("GET", f"/campaigns/{made.key}")
    assert (figures["recipients"], figures["answered"]) == (0, 0)
