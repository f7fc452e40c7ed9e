"""The rota, and the chats to which alerts go."""

import re

import pytest

from admin.on_call.views import read_shifts
from clinic.escalation.accounts import try_staff_code
from clinic.escalation.rules import read_staff_code
from clinic.staff.types import Role, StaffName
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House

ALWAYS = {"weekday": "every", "since": "00:00", "until": "00:00", "position": "1"}
CODE = re.compile(r'id="code">([^<]+)<')


async def hours(house: House) -> list[tuple[object, ...]]:
    rows = await house.rows(
        """select s.name, o.weekday, o.since, o.until, o.position from on_call o
           join staff s on s.id = o.staff_id order by o.weekday, o.position"""
    )
    return [tuple(row.values()) for row in rows]


async def test_an_admin_writes_the_rota_and_everybody_reads_it(
    house: House, sign_in: SignIn, chief: Browser
) -> None:
    sato = await house.staff("佐藤 医師", Role.DOCTOR)
    night = {"staff": str(sato.id), "since": "18:00", "until": "08:00", "position": "2"}
    assert (await chief.post("/on-call", weekday="0", **night)).status == 303
    assert await hours(house) == [("佐藤 医師", 0, "18:00", "08:00", 1)]
    await chief.post("/on-call", weekday="0", **night)
    assert len(await hours(house)) == 1, "the same hours stand once"
    doctor = await sign_in(sato)
    page = await doctor.read("/on-call")
    for words in ("月曜日", "18:00–08:00", "翌日", "佐藤 医師"):
        assert words in page
    assert "/on-call/remove" not in page
    assert (await doctor.post("/on-call", weekday="1", **night)).status == 403
    await chief.post("/on-call/remove", weekday="0", **night)
    assert await hours(house) == []


async def test_who_is_on_call_now_stands_in_the_order_of_the_alerts(
    house: House, chief: Browser
) -> None:
    for name, position in (("佐藤", "2"), ("高橋", "1")):
        staff = await house.staff(name, Role.DOCTOR)
        await chief.post("/on-call", **{**ALWAYS, "staff": str(staff.id), "position": position})
    assert len(await hours(house)) == 14
    now = (await chief.read("/on-call")).partition('id="now"')[2].partition("</section>")[0]
    assert now.index("高橋") < now.index("佐藤")
    assert now.count("通知が届きません") == 2


async def test_an_empty_rota_says_who_is_alerted_then(desk: Browser) -> None:
    page = await desk.read("/on-call")
    assert "当番表は空です" in page
    assert "すべての医師に通知されます" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"staff": "0"},
        {"staff": "x"},
        {"weekday": "7"},
        {"weekday": ""},
        {"since": "24:00"},
        {"until": ""},
        {"position": "0"},
        {"position": "１"},
    ],
    ids=str,
)
async def test_hours_that_are_not_filled_in_well_change_nothing(
    house: House, chief: Browser, wrong: dict[str, str]
) -> None:
    staff = await house.staff("佐藤", Role.DOCTOR)
    answer = await chief.post("/on-call", **{**ALWAYS, "staff": str(staff.id), **wrong})
    assert answer.status == 422
    assert await hours(house) == []


def test_a_time_with_seconds_or_a_zone_is_one_of_the_clock() -> None:
    (shift,) = read_shifts({**ALWAYS, "staff": "1", "weekday": "3", "since": "09:00:30+09:00"})
    assert f"{shift.since:%H:%M:%S%z}" == "09:00:00"


async def test_a_code_binds_ones_own_chat_and_unlinking_ends_that(
    house: House, sign_in: SignIn, desk: Browser
) -> None:
    sato = await house.staff("佐藤", Role.DOCTOR)
    doctor = await sign_in(sato)
    found = CODE.search(await (await doctor.post("/on-call/code")).text())
    assert found is not None
    code = read_staff_code(found[1])
    assert code is not None
    talk = await house.conversation(channel="telegram")
    account = await house.value("select account_id from conversation where id = $1", talk)
    async with house.database.transaction() as tx:
        assert await try_staff_code(tx, KEYS, account, code) == StaffName(sato.id, "佐藤")
    linked = await house.value("select id from staff_account")
    assert "Telegram" in await doctor.read("/on-call")
    assert "解除" not in await desk.read("/on-call")
    unlink = f"/on-call/accounts/{linked}/unlink"
    assert (await desk.post(unlink)).status == 404
    assert (await doctor.post(unlink)).status == 303
    assert await house.value("select count(*) from staff_account") == 0


async def test_a_code_is_shown_once_and_logged_nowhere(house: House, desk: Browser) -> None:
    found = CODE.search(await (await desk.post("/on-call/code")).text())
    assert found is not None
    assert found[1] not in await desk.read("/on-call")
    assert found[1] not in str(await house.rows("select t::text from staff_link_code t"))
    assert found[1] not in str(await house.rows("select t::text from audit t"))
