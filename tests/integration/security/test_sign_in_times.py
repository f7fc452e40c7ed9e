"""Neither the answer to a sign-in nor its time tells whether a name exists, and a code is good once
(R21)."""

import asyncio
import time
from statistics import median

import pytest

from clinic.db import Database
from clinic.staff import second_step
from tests.integration.admin.accounts import by_password, set_up
from tests.integration.admin.conftest import SignIn, house, server, sign_in
from tests.integration.admin.conftest import database as database
from tests.integration.admin.house import KEYS, House

__all__ = ["database", "house", "server", "sign_in"]


@pytest.mark.parametrize(
    ("tries", "people", "apart"),
    [
        pytest.param(20, 2, 0.25, id="short"),
        pytest.param(200, 4, 0.10, marks=pytest.mark.long, id="full"),
    ],
)
async def test_a_wrong_name_takes_as_long_as_a_wrong_password(
    house: House, sign_in: SignIn, tries: int, people: int, apart: float
) -> None:
    staff, closed = await house.staff("山田"), await house.staff("佐藤")
    await set_up(house, await sign_in(staff), staff)
    await set_up(house, await sign_in(closed), closed)
    await house.rows("update staff set disabled_at = now() where id = $1", closed.id)
    # Somebody with a password, nobody, somebody without one, somebody who left.
    bare = await house.staff("田中")
    names = (staff.name, "nobody", bare.name, closed.name)[:people]
    nobody, bodies = await sign_in(None), set()
    worked: dict[str, list[float]] = {name: [] for name in names}
    waited: dict[str, list[float]] = {name: [] for name in names}
    await by_password(nobody, "nobody", "not the password")  # makes the hash that stands for none
    for number in range(tries):
        # Each is the first of its round as often as the others: a load of the machine meets all.
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            await house.rows("delete from sign_in_try")
            wall, work = time.perf_counter(), time.process_time()
            answer = await by_password(nobody, name, "not the password")
            bodies.add((answer.status, await answer.text()))
            waited[name].append(time.perf_counter() - wall)
            worked[name].append(time.process_time() - work)
    assert len(bodies) == 1
    # What the panel works is steadier than what passes on the wall, where other programs' work is
    # counted too; an outsider sees only the latter, which the long run looks at as well. Of pairs
    # of one round, since a load of the machine that comes and goes meets both.
    looked_at = (worked,) if tries < 100 else (worked, waited)
    for times in looked_at:
        for name in names:
            pairs = zip(times[name], times[staff.name], strict=True)
            ratio = median(one / real for one, real in pairs)
            assert abs(ratio - 1) <= apart, (name, ratio)


async def test_of_100_codes_none_is_accepted_twice(
    house: House, database: Database, sign_in: SignIn
) -> None:
    staff = await house.staff("山田")
    phone, _ = await set_up(house, await sign_in(staff), staff)

    async def use(code: str) -> bool:
        async with database.transaction() as tx:
            return await second_step.use_code(tx, KEYS, staff.id, code)

    for _ in range(100):
        code = await phone.code()
        assert sorted(await asyncio.gather(*(use(code) for _ in range(3)))) == [False, False, True]
        assert not await use(code)
