"""How long somebody waits who was wrong, and that nobody can lock somebody else out (R21)."""

import asyncio
import re

import pytest

from clinic.db import Database
from clinic.staff import signing_in
from clinic.staff.rules import WRONG_CODES_IN_ALL
from clinic.staff.types import Asked, Came, Later, Opened
from tests.integration.admin.accounts import PASSWORD, by_code, by_password, set_up
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.house import KEYS, House

HERE, THERE = Came("192.0.2.1", ""), Came("198.51.100.7", "")


async def tries(database: Database, name: str, came: Came) -> bool:
    """One wrong password; whether it was looked at."""
    async with database.transaction() as tx:
        return not isinstance(await signing_in.knock(tx, KEYS, name, came), Later)


async def older(house: House, seconds: int) -> None:
    await house.rows("update sign_in_try set at = at - $1 * interval '1 second'", seconds)


async def test_ten_wrong_tries_wait_longer_and_longer_but_never_more_than_15_minutes(
    house: House, database: Database
) -> None:
    waits = []
    for _ in range(10):
        waited = 0
        while not await tries(database, "山田", HERE):
            await older(house, 5)
            waited += 5
            assert waited <= 900
        waits.append(waited)
    assert waits[:5] == [0] * 5
    assert [round(it / 15) * 15 for it in waits[5:]] == [15, 30, 60, 120, 240]
    await older(house, 900)
    assert await tries(database, "山田", HERE)


async def test_wrong_tries_from_another_address_keep_nobody_waiting(
    house: House, database: Database, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    for _ in range(30):
        await tries(database, "山田", THERE)
    assert not await tries(database, "山田", THERE)
    nobody = await sign_in(None)
    asked = await by_password(nobody, "山田")
    assert (await by_code(nobody, asked, await phone.code())).status == 303


async def test_an_unknown_name_waits_as_a_known_one_does(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    await set_up(house, await sign_in(staff), staff)
    bodies = {}
    for name in ("山田", "nobody"):
        browser = await sign_in(None)
        for _ in range(6):
            answer = await by_password(browser, name, "not the password")
        # The seconds that are left are counted down meanwhile.
        bodies[name] = (answer.status, re.sub(r"\d+", "0", await answer.text()))
        await older(house, 10_000)
    assert bodies["山田"][0] == 429
    assert bodies["山田"] == bodies["nobody"]


async def test_many_tries_at_once_are_counted_all(house: House, database: Database) -> None:
    looked_at = await asyncio.gather(*(tries(database, "山田", HERE) for _ in range(20)))
    assert sum(looked_at) == 5


async def test_one_address_that_tries_many_names_waits(database: Database) -> None:
    looked_at = [await tries(database, f"name {number}", HERE) for number in range(60)]
    assert 40 <= sum(looked_at) < 50


async def test_what_was_typed_as_a_name_is_not_stored_readably(
    house: House, database: Database
) -> None:
    await tries(database, PASSWORD, HERE)
    assert PASSWORD not in str(await house.rows("select t::text from sign_in_try t"))


async def test_being_right_forgets_what_was_wrong_before(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    nobody = await sign_in(None)
    for _ in range(3):
        await by_password(nobody, "山田", "not the password")
    await by_code(nobody, await by_password(nobody, "山田"), await phone.code())
    assert await house.value("select count(*) from sign_in_try") == 0


async def test_five_wrong_codes_end_a_sign_in(house: House, sign_in: SignIn) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    nobody = await sign_in(None)
    asked = await by_password(nobody, "山田")
    for _ in range(5):
        await by_code(nobody, asked, "000000")
    await house.rows("delete from sign_in_try")
    assert (await by_code(nobody, asked, await phone.code())).status == 401


@pytest.mark.parametrize("known", [False, True], ids=["elsewhere", "own address"])
async def test_guessing_codes_from_many_addresses_is_stopped_and_the_owner_goes_on(
    house: House, database: Database, sign_in: SignIn, known: bool
) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)
    await house.rows(
        "insert into sign_in_step (token_hash, staff_id, wrong, used_at)"
        " select 'step ' || n, $1, 5, now() from generate_series(1, $2::int) n",
        staff.id,
        WRONG_CODES_IN_ALL // 5,
    )
    came = HERE if known else THERE
    await house.rows("update staff_session set address = $1", HERE.address)
    async with database.transaction() as tx:
        knocked = await signing_in.knock(tx, KEYS, "山田", came)
        assert isinstance(knocked, signing_in.Knock)
        asked = await signing_in.answer(tx, knocked, right=True)
        assert isinstance(asked, Asked)
        done = await signing_in.give_code(tx, KEYS, asked.token, await phone.code(), came)
    assert isinstance(done, Opened if known else Later)
