"""Signing in by password and code, and setting both up (ASVS 6.2, 6.3, 6.5)."""

import asyncio

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.routes import ROUTES
from admin.security import PLAIN_COOKIE, SECURE_COOKIE
from clinic.config import Settings
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.accounts import (
    PASSWORD,
    by_code,
    by_password,
    follow_csrf,
    set_up,
    token_of,
)
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House
from tests.integration.admin.test_guard import path_of


async def test_who_set_up_password_and_app_signs_in_with_both(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    nobody = await sign_in(None)
    asked = await by_password(nobody, "山田")
    assert asked.status == 200
    assert PLAIN_COOKIE not in asked.cookies
    opened = await by_code(nobody, asked, await phone.code())
    assert (opened.status, opened.headers["Location"]) == (303, "/")
    assert (await nobody.get("/account")).status == 200


async def test_a_code_is_accepted_once(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    code = await phone.code()
    browsers = [await sign_in(None) for _ in range(6)]
    asked = [await by_password(one, "山田") for one in browsers]
    answers = await asyncio.gather(
        *(by_code(one, page, code) for one, page in zip(browsers, asked, strict=True))
    )
    assert sorted(answer.status for answer in answers)[:1] == [303]
    assert [answer.status for answer in answers].count(303) == 1


async def test_a_link_asks_for_the_code_of_who_has_an_app(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    nobody = await sign_in(None)
    asked = await nobody.send("/sign-in", {"token": await house.link(staff)})
    assert asked.status == 200
    assert PLAIN_COOKIE not in asked.cookies
    assert (await by_code(nobody, asked, await phone.code())).status == 303


async def test_a_recovery_code_stands_in_for_the_app_once(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    _, codes = await set_up(house, await sign_in(staff), staff)
    typed = f" {codes[3].lower().replace('-', ' ')} "
    for wanted in (303, 401):
        nobody = await sign_in(None)
        assert (await by_code(nobody, await by_password(nobody, "山田"), typed)).status == wanted
    assert await house.value("select count(*) from recovery_code where used_at is null") == 9


async def test_of_secrets_and_codes_nothing_readable_is_stored(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    phone, codes = await set_up(house, await sign_in(staff), staff)
    stored = ""
    for name in ("staff", "recovery_code", "staff_session", "audit", "sign_in_step"):
        stored += str(await house.rows(f"select t::text from {name} t"))
    assert "$argon2id$" in stored
    for secret in (PASSWORD, phone.secret, phone.secret.encode().hex(), *codes):
        assert secret not in stored
        assert secret.replace("-", "") not in stored


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer_for_the_same_work(
    house: House, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, bare = await house.staff("山田"), await house.staff("田中")
    await set_up(house, await sign_in(staff), staff)
    closed = await house.staff("佐藤")
    await set_up(house, await sign_in(closed), closed)
    await house.rows("update staff set disabled_at = now() where id = $1", closed.id)
    hashed = []
    real = __import__("clinic.staff.passwords", fromlist=["_verify"])._verify

    def counted(stored: str, password: str) -> bool:
        hashed.append(stored.split("$")[3])  # its cost
        return bool(real(stored, password))

    monkeypatch.setattr("clinic.staff.passwords._verify", counted)
    bodies = set()
    for name, password in (
        ("山田", "not the password"),
        ("nobody", PASSWORD),
        (bare.name, PASSWORD),  # has no password
        (closed.name, PASSWORD),
        ("\x00", PASSWORD),
        ("山田", PASSWORD + "x" * 500),
    ):
        answer = await by_password(await sign_in(None), name, password)
        assert answer.status == 401
        bodies.add(await answer.text())
    assert len(bodies) == 1
    assert len(hashed) == 6
    assert len(set(hashed)) == 1


async def test_a_password_without_a_second_step_signs_nobody_in(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    browser = await sign_in(staff)
    await browser.post("/account/password", password=PASSWORD, again=PASSWORD)
    assert (await by_password(await sign_in(None), "山田")).status == 401


@pytest.mark.parametrize(
    ("password", "again", "problem"),
    [
        ("tiny pass", "tiny pass", "too short"),
        ("x1y2z3" * 22, "x1y2z3" * 22, "too long"),
        ("password12345!", "password12345!", "easy to guess"),
        ("さくら内科クリニック2026", "さくら内科クリニック2026", "easy to guess"),
        ("Yamada Hanako!", "Yamada Hanako!", "easy to guess"),
        (PASSWORD, PASSWORD + "!", "not the same"),
    ],
)
async def test_a_weak_password_is_refused_in_words(
    house: House, sign_in: SignIn, password: str, again: str, problem: str
) -> None:
    browser = await sign_in(await house.staff("Yamada Hanako"))
    await browser.post("/language", language="en")
    answer = await browser.post("/account/password", password=password, again=again)
    assert answer.status == 422
    assert problem in await answer.text()
    assert password not in await answer.text()
    assert await house.value("select password_hash from staff") is None


async def test_a_long_password_is_not_cut_off(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    browser = await sign_in(staff)
    await set_up(house, browser, staff)
    long = "lavender ships at dawn, " * 5  # 120 characters
    assert (await browser.post("/account/password", password=long, again=long)).status == 303
    assert (await by_password(await sign_in(None), "山田", long[:-1] + "x")).status == 401
    assert (await by_password(await sign_in(None), "山田", long)).status == 200


async def test_changing_the_password_or_the_app_ends_all_other_sessions_at_once(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    mine, other = await sign_in(staff), await sign_in(staff)
    before = await house.value("select max(id) from staff_session")
    mine.csrf = await house.value("select csrf_token from staff_session where id = $1", before - 1)
    await set_up(house, mine, staff)
    assert (await other.get("/account")).status == 401
    assert (await mine.get("/account")).status == 200
    assert await house.value("select count(*) from staff_session where ended_at is null") == 1
    assert await house.value("select max(id) from staff_session") > before, "a new session"


async def test_an_own_browser_is_signed_out_from_the_list_and_all_of_them_at_once(
    house: House, sign_in: SignIn
) -> None:
    staff, colleague = await house.staff("山田"), await house.staff("田中")
    one, two, theirs = await sign_in(staff), await sign_in(staff), await sign_in(colleague)
    ids = [row["id"] for row in await house.rows("select id from staff_session order by id")]
    assert (await two.post(f"/account/sessions/{ids[2]}/end")).status == 404, "a colleague's"
    assert (await two.post(f"/account/sessions/{ids[0]}/end")).status == 303
    assert (await one.get("/account")).status == 401
    third = await sign_in(staff)
    assert (await two.post("/account/sessions/end")).status == 303
    assert [(await it.get("/account")).status for it in (two, third, theirs)] == [401, 401, 200]


async def test_resetting_a_second_step_ends_everything_and_only_a_link_lets_in(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    browser = await sign_in(staff)
    await set_up(house, browser, staff)
    half_way = await sign_in(None)
    asked = await by_password(half_way, "山田")
    await follow_csrf(house, chief)
    chief.csrf = await house.value(
        "select csrf_token from staff_session t join staff s on s.id = t.staff_id"
        " where s.role = 'admin' order by t.id desc limit 1"
    )
    assert (await chief.post(f"/staff/{staff.id}/reset")).status == 303
    assert (await browser.get("/account")).status == 401
    assert (await by_code(half_way, asked, "123456")).status == 401
    assert (await by_password(await sign_in(None), "山田")).status == 401
    nobody = await sign_in(None)
    assert (await nobody.send("/sign-in", {"token": await house.link(staff)})).status == 303


async def test_a_new_role_ends_the_sessions_of_its_owner(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    browser = await sign_in(staff)
    assert (await chief.post(f"/staff/{staff.id}/role", role="doctor")).status == 303
    assert (await browser.get("/account")).status == 401
    assert (await chief.post(f"/staff/{staff.id}/role", role="owner")).status == 422
    own = await house.value("select id from staff where role = 'admin'")
    assert (await chief.post(f"/staff/{own}/role", role="staff")).status == 409
    page = await chief.read("/staff")
    assert "doctor" in page


async def test_what_is_grave_asks_for_the_code_anew(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("鈴木", Role.ADMIN)
    browser = await sign_in(staff)
    phone, _ = await set_up(house, browser, staff)
    patient = await house.patient("田中 花子")
    await house.rows("update staff_session set proved_at = now() - interval '11 minutes'")
    fresh = [row for row in ROUTES if row.fresh and row.roles and Role.ADMIN in row.roles]
    assert {"/staff", "/account/password"} < {row.path for row in fresh}
    for row in fresh:
        path = path_of(row)
        answer = await (browser.get(path) if row.method == "GET" else browser.post(path))
        assert answer.status == 303, path
        assert answer.headers["Location"].startswith("/prove?"), path
    wrong = await browser.post("/prove", code="000000", back="/account")
    assert wrong.status == 401
    back = f"/patients/{patient}/export.json"
    good = await browser.post("/prove", code=await phone.code(), back=back)
    assert (good.status, good.headers["Location"]) == (303, back)
    assert (await browser.get(back)).status == 200
    away = await browser.post("/prove", code=await phone.code(), back="//evil.example")
    assert away.headers["Location"] == "/"


async def test_over_a_network_nobody_works_without_a_second_step(
    database: Database, house: House
) -> None:
    settings = Settings(server={"trusted_proxies": ["127.0.0.1"]})
    staff = await house.staff("鈴木", Role.ADMIN)
    session = await house.session(staff)
    headers = {"X-Forwarded-Proto": "https", "Cookie": f"{SECURE_COOKIE}={session}"}
    async with (
        TestServer(create_app(database, KEYS, settings)) as server,
        ClientSession(headers=headers) as http,
    ):
        for row in ROUTES:
            if Role.ADMIN not in (row.roles or ()) or row.unfinished or row.method != "GET":
                continue
            answer = await http.get(server.make_url(path_of(row)), allow_redirects=False)
            assert answer.status == 303, row.path
            assert answer.headers["Location"] == "/account/second-step", row.path
        answer = await http.get(server.make_url("/account"), allow_redirects=False)
        assert answer.status == 200


async def test_a_clinic_can_ask_for_the_second_step_on_its_own_machine_too(
    database: Database, house: House
) -> None:
    settings = Settings(admin={"second_step": "always"})
    session = await house.session(await house.staff("鈴木", Role.ADMIN))
    headers = {"Cookie": f"{PLAIN_COOKIE}={session}"}
    async with (
        TestServer(create_app(database, KEYS, settings)) as server,
        ClientSession(headers=headers) as http,
    ):
        answer = await http.get(server.make_url("/staff"), allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/account/second-step")


async def test_a_proxy_that_nobody_declared_does_not_make_a_network_one_machine(
    house: House, sign_in: SignIn
) -> None:
    browser = await sign_in(await house.staff("山田"))
    answer = await browser.get("/conversations", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status, answer.headers["Location"]) == (303, "/account/second-step")


async def test_an_old_question_for_a_code_is_over(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    nobody = await sign_in(None)
    asked = await by_password(nobody, "山田")
    await house.rows("update sign_in_step set created_at = now() - interval '11 minutes'")
    assert (await by_code(nobody, asked, await phone.code())).status == 401
    assert "step" not in (await nobody.read("/sign-in")).split("<form")[1]
    assert token_of(await (await by_password(nobody, "山田")).text(), "step")
