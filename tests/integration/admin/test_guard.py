"""Every route of the panel: who may use it, and what every answer carries."""

import re
from datetime import date

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.routes import ROUTES
from admin.security import HEADERS
from admin.table import NoRow, Row
from clinic.config import Settings
from clinic.db import Database
from clinic.setting.types import TESTED
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House
from tests.integration.admin.papers import paper
from tests.integration.admin.runs import run_of
from tests.integration.admin.test_imports import LIST, UKE, bring, preview

PUBLIC = [row for row in ROUTES if row.roles is None]
GUARDED = [row for row in ROUTES if row.roles is not None]
CHANGES = [row for row in ROUTES if row.method != "GET"]
NOT_THERE = "999999"


def path_of(row: Row) -> str:
    """An address of the route, of something that is not there."""
    known = row.path.replace("/help/{topic}", "/help/today")
    known = known.replace("/rules/{topic}", "/rules/cough").replace("{topic}", "way")
    filled = re.sub(r"\{name:[^}]*\}", "panel.css", known)
    return re.sub(r"\{\w+:\\d\{1,18\}\}", NOT_THERE, filled)


async def test_a_route_without_a_row_stops_the_panel_from_starting(database: Database) -> None:
    async def forgotten(_request: web.Request) -> web.Response:
        return web.Response()

    app = create_app(database, KEYS, SETTINGS)
    app.router.add_get("/export", forgotten)
    with pytest.raises(NoRow, match="GET /export"):
        await web.AppRunner(app).setup()


async def test_no_guarded_page_opens_without_a_session(sign_in: SignIn) -> None:
    nobody = await sign_in(None)
    for row in GUARDED:
        path = path_of(row)
        answer = await (nobody.get(path) if row.method == "GET" else nobody.post(path))
        assert answer.status == 401, row.path


async def test_no_parameter_opens_a_page_to_an_ended_session(house: House, desk: Browser) -> None:
    await house.rows("update staff_session set seen_at = now() - interval '1 hour'")
    for row in GUARDED:
        for extra in ("?skip_timeout_reset=1", "?session=1&role=admin", "?HX-Request=true"):
            path = path_of(row) + extra
            answer = await (desk.get(path) if row.method == "GET" else desk.post(path))
            assert answer.status == 401, row.path


@pytest.mark.parametrize("role", Role)
async def test_every_role_may_use_what_the_table_says(
    house: House, sign_in: SignIn, role: Role
) -> None:
    staff = await house.staff("somebody", role)
    for row in GUARDED:
        browser = await sign_in(staff)  # one of the routes signs out
        path = path_of(row)
        answer = await (browser.get(path) if row.method == "GET" else browser.post(path))
        assert row.roles is not None
        assert (answer.status == 403) is (role not in row.roles), row.path
        assert answer.status < 500, row.path


async def test_every_answer_carries_the_security_headers(desk: Browser, sign_in: SignIn) -> None:
    nobody = await sign_in(None)
    seen = set()
    for browser in (desk, nobody):
        for row in ROUTES:
            if browser is desk and row.path in ("/sign-out", "/account/sessions/end"):
                continue
            path = path_of(row)
            answer = await (browser.get(path) if row.method == "GET" else browser.post(path))
            seen.add(answer.status)
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, row.path
            if row.path != "/static/{name:.+}":
                assert answer.headers["Cache-Control"] == "no-store", row.path
    for path, fields in (("/nowhere", None), ("/today", {"csrf": "x" * 70_000}), ("/touch", {})):
        answer = await (desk.get(path) if fields is None else desk.send(path, fields))
        seen.add(answer.status)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
    assert {200, 204, 303, 401, 403, 404, 405} <= seen


async def test_the_policy_lets_no_foreign_or_inline_script_run() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    for rule in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy


async def test_a_form_that_is_too_large_is_refused_in_words(desk: Browser) -> None:
    answer = await desk.send("/touch", {"csrf": desk.csrf, "text": "x" * 70_000})
    assert answer.status == 413
    assert HEADERS["X-Frame-Options"] == answer.headers["X-Frame-Options"]


async def test_an_error_of_ours_shows_a_page_and_logs_no_words(
    desk: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = "田中 花子 +819012345678"

    def broken(*_args: object) -> date:
        raise RuntimeError(words)

    monkeypatch.setattr("admin.today.views.grouped", broken)
    answer = await desk.get("/today")
    assert answer.status == 500
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "田中" not in await answer.text()
    assert "RuntimeError" in caplog.text
    assert "田中" not in caplog.text


async def test_every_change_refuses_a_missing_or_foreign_token(
    house: House, desk: Browser, chief: Browser
) -> None:
    for row in CHANGES:
        if row.roles is None:  # signing in: the link itself is the secret
            continue
        for token in ("", "x" * 43, desk.csrf):
            answer = await chief.send(path_of(row), {"csrf": token})
            assert answer.status == 403, row.path
    assert await house.value("select count(*) from staff_session where ended_at is null") == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_every_change_refuses_a_form_of_another_site(
    chief: Browser, headers: dict[str, str]
) -> None:
    for row in CHANGES:
        answer = await chief.send(path_of(row), {"csrf": chief.csrf}, headers)
        assert answer.status == 403, row.path


async def test_a_foreign_form_does_not_use_a_sign_in_link_up(house: House, sign_in: SignIn) -> None:
    token = await house.link(await house.staff("山田"))
    nobody = await sign_in(None)
    forged = {"Origin": "https://evil.example"}
    assert (await nobody.send("/sign-in", {"token": token}, forged)).status == 403
    assert (await nobody.send("/sign-in", {"token": token})).status == 303


async def test_reading_changes_nothing_but_the_audit_trail(house: House, chief: Browser) -> None:
    patient = await house.patient("田中 花子", chart="1")
    talk = await house.conversation(patient, said="こんにちは", owner="queue")
    await house.visit(patient, await house.practitioner("佐藤"))
    task = await house.task("link_request", conversation=talk, note={"name": "田中"})
    form = (await house.forms())["gad_7"]
    response = await house.response(patient, form, {})
    there = {"task": task, "conversation": talk, "questionnaire": form, "response": response}
    there["review"], there["patient"] = await house.review(talk), patient
    there["escalation"] = await house.escalation(talk, said="胸が痛い")
    await bring(house, chief, UKE)  # makes the groups too
    other = UKE.replace(b"19600115", b"19700115").replace(b"202607", b"202606")
    await bring(house, chief, other, "other.uke")
    there["patient"] = patient
    there["run"] = await preview(house, chief, "list.csv", LIST)
    there["doubt"] = await house.value("select max(id) from match_review")
    await chief.post("/segments", name="all", tree='{"and": []}')
    await chief.post("/campaigns", template="birthday")
    there["campaign"] = await house.value("select min(id) from campaign")
    for name, table in (("visit", "appointment"), ("site", "site"), ("resource", "resource")):
        there[name] = await house.value(f"select min(id) from {table}")
    there["service"] = await house.value("select min(id) from service")
    there["practitioner"] = there["resource"]
    there["segment"] = await house.value("select min(id) from segment")
    study = {"name": "Study", "arms": "study", "rounds": "1", "lost_after_days": "365"}
    await chief.post("/cohorts", **study)
    there["cohort"] = await house.value("select min(id) from cohort")
    there["group"] = await house.value("select min(id) from care_group")
    there |= await house.care_plan(patient) | await paper(house, patient, "お知らせ")
    told = {"name": "Sheet", "url": "https://example.com/in", "kind": "appointment.booked"}
    await chief.post("/settings/webhooks", **told)
    there["inbound"] = await house.picture(talk)
    there["own"] = await house.value(
        "insert into faq_topic (names, answers, examples) values ($1, $1, '{}') returning id",
        {"en": "Parking"},
    )
    there["triage"] = await run_of(house, talk, patient, severity=1)
    there["endpoint"] = await house.value("select min(id) from webhook_endpoint")
    there["message"] = await house.tell(talk, "お待ちください", "pending")
    await house.rows(
        "insert into setting_change (key, value) values ($1, $2)",
        TESTED,
        [there["message"]],
    )
    tables = [
        row["name"]
        for row in await house.rows(
            "select tablename as name from pg_tables where schemaname = 'public'"
        )
        if row["name"] not in ("audit", "staff_session")
    ]

    async def everything() -> dict[str, object]:
        return {name: await house.rows(f"select t::text from {name} t") for name in tables}

    before = await everything()
    for row in ROUTES:
        if row.method == "GET" and Role.ADMIN in (row.roles or Role):
            names = re.findall(r"\{(\w+):\\d", row.path)
            path = path_of(row).replace(NOT_THERE, str(there[names[0]]) if names else "")
            # No channel has a quota here, and no picture is kept.
            if not row.path.startswith(("/settings/channels/{topic}/quota", "/campaigns/pictures")):
                assert (await chief.get(path)).status in (200, 204, 303), path
    assert await everything() == before


async def test_over_https_the_cookie_is_bound_to_the_host_and_transport_is_strict(
    database: Database, house: House
) -> None:
    settings = Settings(server={"trusted_proxies": ["127.0.0.1"]})
    token = await house.link(await house.staff("山田"))
    async with (
        TestServer(create_app(database, KEYS, settings)) as server,
        ClientSession(headers={"X-Forwarded-Proto": "https"}) as http,
    ):
        url = server.make_url("/sign-in")
        answer = await http.post(url, data={"token": token}, allow_redirects=False)
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-kayoi=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_a_stranger_cannot_claim_that_the_connection_is_encrypted(
    house: House, sign_in: SignIn
) -> None:
    token = await house.link(await house.staff("山田"))
    claim = {"X-Forwarded-Proto": "https"}
    answer = await (await sign_in(None)).send("/sign-in", {"token": token}, claim)
    assert answer.headers["Set-Cookie"].startswith("kayoi_admin=")


async def test_health_and_metrics_name_no_patient(house: House, sign_in: SignIn) -> None:
    patient = await house.patient("田中 花子", phone="+819012345678")
    talk = await house.conversation(patient, said="胸が痛い", owner="queue", waiting=5)
    await house.tell(talk, "お待ちください", "pending")
    await house.task("call", patient=patient)
    nobody = await sign_in(None)
    assert await (await nobody.get("/healthz")).json() == {"status": "ok"}
    text = await nobody.read("/metrics")
    assert "kayoi_conversations_queued 1.0" in text
    assert 'kayoi_outbox_open{state="pending"} 1.0' in text
    assert 'kayoi_tasks_open{kind="call"} 1.0' in text
    assert "田中" not in text
