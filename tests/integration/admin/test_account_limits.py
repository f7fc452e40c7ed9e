"""What a code, a link, a question and a session are good for, and what for no more (R21, R22)."""

from datetime import timedelta

import pyotp
import time_machine

from admin.routes import ROUTES
from clinic import clock
from clinic.staff import second_step
from clinic.staff.types import Role
from tests.integration.admin.accounts import (
    PASSWORD,
    by_code,
    by_password,
    follow_csrf,
    set_up,
)
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House

# Whoever sits down at a screen that was left alone can do none of these.
GRAVE = {
    ("GET", "/account/app"),
    ("GET", "/account/password"),
    ("GET", "/audit/list.csv"),
    ("GET", r"/patients/{patient:\d{1,18}}/erase"),
    ("GET", r"/patients/{patient:\d{1,18}}/export.json"),
    ("GET", r"/patients/{patient:\d{1,18}}/export.pdf"),
    ("POST", "/account/app"),
    ("POST", "/account/app/confirm"),
    ("POST", "/account/passkeys"),
    ("POST", "/account/passkeys/ask"),
    ("POST", "/account/password"),
    ("POST", "/account/recovery-codes"),
    ("POST", "/on-call/code"),
    ("POST", r"/patients/{patient:\d{1,18}}/erase"),
    ("POST", "/settings/api-keys"),
    ("POST", "/settings/webhooks"),
    ("POST", "/staff"),
    ("POST", r"/staff/{staff:\d{1,18}}/disable"),
    ("POST", r"/staff/{staff:\d{1,18}}/link"),
    ("POST", r"/staff/{staff:\d{1,18}}/reset"),
    ("POST", r"/staff/{staff:\d{1,18}}/role"),
}


def test_nothing_grave_loses_its_fresh_code() -> None:
    assert {(row.method, row.path) for row in ROUTES if row.fresh} >= GRAVE


async def test_the_code_that_took_an_app_into_use_signs_nobody_in(house: House) -> None:
    staff = await house.staff("山田")
    async with house.database.transaction() as tx:  # in which it is always the same moment
        await second_step.begin_app(tx, KEYS, staff)
        pending = await second_step.pending_app(tx, KEYS, staff, "Kayoi")
        assert pending is not None
        code = pyotp.TOTP(pending[0]).at(await tx.fetchval("select now()"))
        assert await second_step.confirm_app(tx, KEYS, staff, code)
        assert not await second_step.use_code(tx, KEYS, staff.id, code)


async def test_a_code_is_used_up_whatever_the_clock_of_the_process_says(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    code, accepted = await phone.code(), []
    for hours in (-24, -1, 0, 1, 24):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            async with house.database.transaction() as tx:
                accepted.append(await second_step.use_code(tx, KEYS, staff.id, code))
    assert accepted == [True, False, False, False, False]


async def test_new_recovery_codes_make_the_old_ones_worthless(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    _, old = await set_up(house, await sign_in(staff), staff)
    async with house.database.transaction() as tx:
        new = await second_step.new_recovery_codes(tx, KEYS, staff)
        assert not await second_step.use_code(tx, KEYS, staff.id, old[0])
        assert await second_step.use_code(tx, KEYS, staff.id, new[0])


async def test_who_guesses_codes_within_a_session_has_to_wait(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田", Role.ADMIN)
    browser = await sign_in(staff)
    phone, _ = await set_up(house, browser, staff)
    await house.rows("update staff_session set proved_at = null")
    wrong = [(await browser.post("/prove", code="000000", back="/")).status for _ in range(5)]
    assert wrong == [401] * 5
    assert (await browser.post("/prove", code=await phone.code(), back="/")).status == 429
    assert await house.value("select count(*) from staff_session where proved_at is not null") == 0


async def test_a_new_role_ends_links_and_who_is_half_way_in(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    await follow_csrf(house, chief)
    chief.csrf = await house.value(
        """select csrf_token from staff_session t join staff s on s.id = t.staff_id
           where s.role = 'admin' order by t.id desc limit 1"""
    )
    half_way, link = await sign_in(None), await house.link(staff)
    asked = await by_password(half_way, "山田")
    assert (await chief.post(f"/staff/{staff.id}/role", role="doctor")).status == 303
    assert (await by_code(half_way, asked, await phone.code())).status == 401
    assert (await (await sign_in(None)).send("/sign-in", {"token": link})).status == 401


async def test_a_new_password_does_not_make_the_day_of_a_session_longer(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    browser = await sign_in(staff)
    await set_up(house, browser, staff)
    await house.rows("update staff_session set created_at = created_at - interval '11 hours'")
    answer = await browser.post("/account/password", password=PASSWORD, again=PASSWORD)
    assert answer.status == 303
    age = "select now() - created_at > interval '11 hours' from staff_session"
    assert await house.value(f"{age} order by id desc limit 1") is True
