"""Who may call the API, and what it answers to those who may not or say it wrongly."""

import asyncio
import logging
import re
from typing import Any

import pytest

from bot.api import serve
from bot.api.table import ROUTES
from clinic.api_key.rules import PREFIX
from clinic.api_key.service import revoke_key
from clinic.api_key.types import Scope
from tests.integration.api.house import House

pytestmark = pytest.mark.server
BODIES: dict[str, Any] = {
    "create_patient": {"name": "Aoi Mori"},
    "search_patients": {"chart": "1"},
    "change_patient": {"name": "Aoi Mori"},
    "book_appointment": {
        "patient": "00000000-0000-4000-8000-000000000000",
        "service": "visit",
        "site": "main",
        "practitioner": "d0",
        "starts_at": "2027-01-01T09:00:00+09:00",
    },
    "move_appointment": {"version": 1, "starts_at": "2027-01-01T09:00:00+09:00"},
    "cancel_appointment": {"version": 1},
    "send_message": {"patient": "00000000-0000-4000-8000-000000000000", "text": "Hello"},
}
QUERIES: dict[str, dict[str, Any]] = {"list_slots": {"service": "visit"}}
NOBODY = "00000000-0000-4000-8000-000000000000"


def address(path: str, name: str = NOBODY) -> str:
    return path.replace("{id}", name)


async def test_a_key_may_do_what_its_scope_says_and_nothing_else(house: House) -> None:
    keys = {scope: await house.key(scope) for scope in Scope}
    for route in ROUTES:
        for scope, key in keys.items():
            answer = await house.call(
                route.method,
                address(route.path),
                BODIES.get(route.name),
                key=key,
                **QUERIES.get(route.name, {}),
            )
            assert (answer.status == 403) is (scope != route.scope), (route.name, scope)
            assert answer.status < 500
            if answer.status == 403:
                problem = await answer.json()
                assert (problem["code"], problem["scope"]) == ("no_scope", route.scope)


async def test_every_route_of_the_application_stands_in_the_table_with_its_scope(
    house: House,
) -> None:
    app = house.client.server.app  # type: ignore[attr-defined]  # a test server has one
    served = {
        (route.method, resource.canonical.removeprefix("/api/v1"))
        for resource in app.router.resources()
        if resource.canonical == "/api/v1"
        for route in resource
        if route.method != "HEAD"
        for resource in [route.resource]
    }
    assert served - {("GET", "/openapi.json")} == {(one.method, one.path) for one in ROUTES}
    assert all(isinstance(one.scope, Scope) for one in ROUTES)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer x", "Basic YTpi", f"Bearer {PREFIX}{'A' * 43}", "Bearer \u00fc"],
)
async def test_without_a_good_key_nothing_is_told(house: House, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for route in ROUTES:
        answer = await house.client.request(
            route.method,
            "/api/v1" + address(route.path),
            json=BODIES.get(route.name),
            headers=headers,
        )
        assert (answer.status, (await answer.json())["code"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_revoked_key_is_dead_with_the_next_call(house: House) -> None:
    key = await house.key()
    assert (await house.call("GET", "/services", key=key)).status == 200
    async with house.env.database.transaction() as tx:
        assert await revoke_key(tx, key.key.id)
        assert not await revoke_key(tx, key.key.id)
    assert await house.refused("GET", "/services", key=key) == (401, "unauthorized")


async def test_a_key_is_stored_as_a_hash_only(house: House) -> None:
    key = await house.key()
    stored = str(await house.rows("select * from api_key"))
    assert key.secret not in stored
    assert key.secret[:10] in stored
    assert key.secret not in str(await house.rows("select * from audit"))


async def test_every_call_stands_in_the_audit_trail_with_its_key(house: House) -> None:
    key = await house.key("patients:read")
    await house.call("GET", f"/patients/{await house.patient()}", key=key)
    await house.call("GET", f"/patients/{NOBODY}", key=key)
    await house.call("GET", "/segments", key=key)
    rows = await house.rows(
        """select actor_id, action, subject_id, detail from audit
           where actor_kind = 'api_key' order by id"""
    )
    assert {row["actor_id"] for row in rows} == {key.key.id}
    assert [(row["action"], row["subject_id"], row["detail"]["status"]) for row in rows] == [
        ("api_key:call:read_patient", house.clinic.patients[0], 200),
        ("api_key:call:read_patient", None, 404),
        ("api_key:call:list_segments", None, 403),
    ]


async def test_a_key_that_calls_too_often_waits_and_another_does_not(house: House) -> None:
    slow, other = await house.key(rate=2), await house.key()
    assert [(await house.call("GET", "/services", key=slow)).status for _ in range(3)] == [
        *(200, 200, 429)
    ]
    answer = await house.call("GET", "/services", key=slow)
    assert (await answer.json())["code"] == "too_many"
    assert 1 <= int(answer.headers["Retry-After"]) <= 31
    assert (await house.call("GET", "/services", key=other)).status == 200


async def test_who_tries_keys_by_the_hundred_is_slowed_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "WRONG_BURST", 3)
    monkeypatch.setattr(serve, "WRONG_RATE", 0.01)
    answers = [await house.client.get("/api/v1/services") for _ in range(5)]
    assert [one.status for one in answers] == [401, 401, 401, 429, 429]


async def test_what_is_not_there_and_what_cannot_be_done_are_problems_too(house: House) -> None:
    assert await house.refused("GET", "/nowhere") == (404, "not_found")
    assert await house.refused("GET", "") == (404, "not_found")
    answer = await house.call("DELETE", "/patients")
    assert (answer.status, (await answer.json())["code"]) == (405, "not_allowed")
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}
    assert (await house.call("OPTIONS", "/patients")).status == 405


async def test_no_other_site_may_call_from_a_browser(house: House) -> None:
    answer = await house.call("GET", "/services", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_a_body_must_be_json_in_utf8_and_not_large(house: House) -> None:
    body = b'{"name": "A"}'
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=shift_jis"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ):
        told = await house.refused("POST", "/patients", body, headers=headers)
        assert told == (415, "bad_media_type")
    large = b'{"name": "' + b"a" * 262_144 + b'"}'
    assert await house.refused("POST", "/patients", large) == (413, "too_large")
    for broken in (b"{", b"", b"\xff", b'{"name": "\\ud800"}'):
        assert await house.refused("POST", "/patients", broken) == (400, "malformed")
    for wrong in (b"[]", b"null", b"{}", b'{"name": 1}', b'{"name": "A", "name2": "B"}'):
        assert await house.refused("POST", "/patients", wrong) == (422, "invalid")


async def test_a_body_that_never_ends_does_not_keep_its_connection(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "BODY_TIME", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.client.port)
    writer.write(b"POST /api/v1/patients HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 9)
    writer.close()


async def test_parameters_that_are_unknown_twice_or_wrong_are_refused(house: House) -> None:
    for query in (
        "?nothing=1",
        "?limit=0",
        "?limit=x",
        "?limit=1&limit=2",
        "?cursor=abc",
        "?limit=",
    ):
        assert await house.refused("GET", f"/patients{query}") == (422, "invalid"), query


async def test_no_row_number_and_no_foreign_key_names_anything(house: House) -> None:
    visit, patient = (await house.booked())["id"], await house.patient()
    own = house.clinic.patients[0]
    for path in ("patients", "appointments", "messages", "campaigns"):
        for name in (str(own), "1", "0", "%00", "..%2f", NOBODY):
            assert (await house.call("GET", f"/{path}/{name}")).status == 404
    assert (await house.call("GET", f"/patients/{visit}")).status == 404
    assert (await house.call("GET", f"/appointments/{patient}")).status == 404
    assert (await house.call("GET", f"/messages/{visit}")).status == 404


async def test_nothing_of_a_call_is_logged(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    key = await house.key()
    await house.call("POST", "/patients", {"name": "canary-name", "phone": "09000001111"}, key=key)
    await house.call("POST", "/patients", {"name": "canary-name", "phone": "canary"}, key=key)
    await house.call("POST", "/patients/search", {"chart": "canary-chart"}, key=key)
    await house.call("GET", "/patients", key=key, canary="canary")

    async def breaks(*_: object) -> None:
        raise RuntimeError("canary-in-error")

    monkeypatch.setattr(serve, "recognise", breaks)
    answer = await house.call("POST", "/patients", {"name": "canary-name"}, key=key)
    assert (answer.status, (await answer.json())["code"]) == (500, "internal")
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("asyncio")]
    text = "\n".join(ours)
    assert "canary" not in text
    assert key.secret not in text
    assert "call failed: RuntimeError" in text
    audit = str(await house.rows("select * from audit"))
    assert "canary" not in audit
    assert "canary" not in str(await house.rows("select * from api_deed"))


async def test_the_document_is_openapi_31_and_names_every_route(house: House) -> None:
    answer = await house.client.get("/api/v1/openapi.json")
    found = await answer.json()
    assert found["openapi"] == "3.1.0"
    told = {
        (method.upper(), path, operation["x-scope"])
        for path, operations in found["paths"].items()
        for method, operation in operations.items()
    }
    assert told == {(one.method, one.path, one.scope) for one in ROUTES}
    references = set(re.findall(r'"#/components/(\w+)/(\w+)"', await answer.text()))
    assert all(name in found["components"][kind] for kind, name in references)


async def test_chats_keep_their_connections_while_programs_ask(house: House) -> None:
    assert serve.MOST_AT_ONCE < 10
    answers = await asyncio.gather(*(house.call("GET", "/services") for _ in range(40)))
    assert {one.status for one in answers} == {200}
