"""Attacks on the panel, each named after what it once achieved."""

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.security import PLAIN_COOKIE, SECURE_COOKIE
from clinic.config import Server, Settings
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House


async def test_a_cookie_of_bytes_that_are_no_text_is_no_session(sign_in: SignIn) -> None:
    nobody = await sign_in(None)
    answer = await nobody.get("/today", headers={"Cookie": f"{PLAIN_COOKIE}=\udcff\udcfe"})
    assert answer.status == 401


async def test_a_forged_token_or_charset_is_refused_and_no_fault(desk: Browser) -> None:
    forged = await desk.send("/touch", {}, {"X-CSRF-Token": "\udcff\udcfe"})
    assert forged.status == 403
    form = "application/x-www-form-urlencoded; charset=utf-99"
    strange = await desk.send("/touch", {"csrf": desk.csrf}, {"Content-Type": form})
    assert strange.status == 415


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", ""]
)
async def test_choosing_a_language_leads_to_no_other_site(desk: Browser, back: str) -> None:
    answer = await desk.post("/language", language="en", back=back)
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("words", ["\0", "' or 1=1--", "%", "_", "\\", "a" * 4000])
async def test_a_search_finds_nothing_by_signs_of_sql(
    house: House, desk: Browser, words: str
) -> None:
    await house.patient("田中 花子", chart="1001")
    page = await (await desk.post("/patients", q=words)).text()
    assert "田中" not in page


async def test_a_sign_in_link_behind_https_is_not_handed_out_for_the_clear(
    database: Database, house: House
) -> None:
    chief = await house.staff("鈴木", Role.ADMIN)
    token = await house.session(chief)
    csrf = await house.value("select csrf_token from staff_session")
    await house.rows("update staff set totp_secret = 'x'")
    await house.rows("update staff_session set proved_at = now()")
    settings = Settings(server=Server(trusted_proxies=("127.0.0.1",)))
    headers = {"X-Forwarded-Proto": "https", "Cookie": f"{SECURE_COOKIE}={token}"}
    async with (
        TestServer(create_app(database, KEYS, settings)) as server,
        ClientSession(headers=headers) as http,
    ):
        url = server.make_url(f"/staff/{chief.id}/link")
        page = await (await http.post(url, data={"csrf": csrf})).text()
    assert "https://127.0.0.1" in page
    assert "http://127.0.0.1" not in page


async def test_a_doctor_of_one_child_does_not_see_the_records_of_the_family(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    practitioner = await house.practitioner("佐藤", doctor)
    mother = await house.patient("田中 花子", chart="1001", phone="+819012345678")
    child = await house.patient("田中 太郎", chart="1002")
    await house.visit(child, practitioner)
    talk = await house.conversation(mother, child, said="お願いします", owner="queue")
    await house.task("call", conversation=talk)
    browser = await sign_in(doctor)
    for path in ("/conversations", f"/conversations/{talk}", "/tasks"):
        page = await browser.read(path)
        assert "田中 太郎" in page, path
        assert "田中 花子" not in page, path
        assert "1001" not in page, path
        assert "+8190" not in page, path
