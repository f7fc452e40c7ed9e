"""Signing in and staying signed in."""

import asyncio

import pytest

from admin.security import PLAIN_COOKIE
from clinic.db import Database
from clinic.staff import service
from clinic.staff.rules import token_hash
from clinic.staff.types import Role, StaffProblem
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House


async def test_opening_a_sign_in_link_uses_nothing_up(house: House, sign_in: SignIn) -> None:
    token = await house.link(await house.staff("山田"))
    nobody = await sign_in(None)
    for _ in range(3):  # a mail scanner, a preview, the person
        assert token in await nobody.read(f"/sign-in?token={token}")
    response = await nobody.send("/sign-in", {"token": token})
    assert (response.status, response.headers["Location"]) == (303, "/")
    assert (await nobody.get("/today")).status == 200


async def test_a_sign_in_link_works_once(house: House, sign_in: SignIn) -> None:
    token = await house.link(await house.staff("山田"))
    browsers = [await sign_in(None) for _ in range(8)]
    answers = await asyncio.gather(*(one.send("/sign-in", {"token": token}) for one in browsers))
    assert sorted(answer.status for answer in answers) == [303] + [401] * 7


async def test_a_sign_in_link_of_more_than_15_minutes_does_not_work(
    house: House, sign_in: SignIn
) -> None:
    token = await house.link(await house.staff("山田"))
    await house.value(
        "update sign_in_link set expires_at = now() - interval '1 second' returning id"
    )
    answer = await (await sign_in(None)).send("/sign-in", {"token": token})
    assert answer.status == 401
    assert PLAIN_COOKIE not in answer.cookies


async def test_links_and_sessions_are_stored_as_hashes_only(house: House) -> None:
    staff = await house.staff("山田")
    link, session = await house.link(staff), await house.session(staff)
    stored = str(await house.rows("select * from sign_in_link")) + str(
        await house.rows("select * from staff_session")
    )
    assert len(link) >= 43  # 256 bits
    assert len(session) >= 43
    assert link not in stored
    assert session not in stored
    assert token_hash(link) in stored


async def test_the_cookie_is_for_the_server_only(house: House, sign_in: SignIn) -> None:
    token = await house.link(await house.staff("山田"))
    answer = await (await sign_in(None)).send("/sign-in", {"token": token})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{PLAIN_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "change",
    [
        "update staff_session set seen_at = now() - interval '15 minutes'",
        "update staff_session set created_at = now() - interval '12 hours'",
        "update staff_session set ended_at = now()",
        "update staff set disabled_at = now()",
    ],
    ids=["idle", "absolute", "signed out", "disabled"],
)
async def test_a_session_ends(house: House, desk: Browser, change: str) -> None:
    await desk.read("/today")
    await house.rows(change)
    assert (await desk.get("/today")).status == 401


async def test_what_a_page_fetches_by_itself_does_not_prolong_a_session(
    house: House, desk: Browser
) -> None:
    aged = "update staff_session set seen_at = now() - interval '14 minutes'"
    young = "select seen_at > now() - interval '1 minute' from staff_session"
    for path in ("/live/menu", "/live/conversations", "/live/conversations?prolong=1"):
        await house.rows(aged)
        await desk.get(path)
        assert await house.value(young) is False, path
    await desk.post("/touch")  # somebody types
    assert await house.value(young) is True


async def test_signing_out_ends_the_session_on_the_server(house: House, desk: Browser) -> None:
    answer = await desk.post("/sign-out")
    assert answer.status == 303
    assert await house.value("select ended_at is not null from staff_session") is True


async def test_closing_an_account_ends_its_sessions_and_links(
    house: House, database: Database, chief: Browser, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    browser, link = await sign_in(doctor), await house.link(doctor)
    assert (await chief.post(f"/staff/{doctor.id}/disable", disabled="yes")).status == 303
    assert (await browser.get("/today")).status == 401
    assert (await (await sign_in(None)).send("/sign-in", {"token": link})).status == 401
    async with database.transaction() as tx:
        assert await service.make_sign_in_link(tx, doctor.id) is None
        assert await service.find_staff(tx, "佐藤") is None
    await chief.post(f"/staff/{doctor.id}/disable", disabled="no")
    assert (await browser.get("/today")).status == 401, "an ended session stays ended"


async def test_an_admin_cannot_close_the_own_account(house: House, chief: Browser) -> None:
    own = await house.value("select id from staff")
    assert (await chief.post(f"/staff/{own}/disable", disabled="yes")).status == 409


async def test_names_of_staff_are_never_shared(database: Database) -> None:
    async with database.transaction() as tx:
        await service.add_staff(tx, "Sato", Role.DOCTOR)
        assert await service.add_staff(tx, " Ｓａｔｏ ", Role.ADMIN) is StaffProblem.NAME_TAKEN
        assert await service.add_staff(tx, " \n ", Role.ADMIN) is StaffProblem.BAD_NAME
        assert await service.add_staff(tx, "a\u202eb", Role.ADMIN) is StaffProblem.BAD_NAME
        found = await service.find_staff(tx, "Sato")
        assert found is not None
        assert found.role is Role.DOCTOR


async def test_an_admin_makes_an_account_and_a_link_for_it(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    assert (await chief.post("/staff", name="伊藤", role="staff")).status == 303
    made = await house.value("select id from staff where name = '伊藤'")
    page = await (await chief.post(f"/staff/{made}/link")).text()
    token = page.split("/sign-in?token=")[1].split('"')[0]
    assert (await (await sign_in(None)).send("/sign-in", {"token": token})).status == 303
    assert (await chief.post("/staff", name="伊藤", role="staff")).status == 422
