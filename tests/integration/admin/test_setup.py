"""Setting a clinic up from nothing: sites, practitioners, services, hours, days that differ."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic.booking.demo import seed
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House

SITE = {"name.ja": "本院", "name.en": "Main", "time_zone": "Asia/Tokyo", "active": "yes"}
DOCTOR = {"kind": "practitioner", "name.ja": "佐藤 恵", "active": "yes"}
SERVICE = {
    "name.ja": "初診",
    "duration": "30",
    "buffer_before": "0",
    "buffer_after": "0",
    "step": "30",
    "minimum_notice": "60",
    "horizon_days": "60",
    "cancel_notice": "0",
    "position": "0",
    "reminders": "1440",
    "active": "yes",
}
WEEK = {f"day.{weekday}": "9:00-12:30, 14:00-18:00" for weekday in range(5)}


async def clinic(house: House, chief: Browser) -> dict[str, int]:
    """A site, a doctor, a service and hours, by the forms alone."""
    assert (await chief.post("/settings/sites", **SITE)).status == 303
    assert (await chief.post("/settings/practitioners", **DOCTOR)).status == 303
    doctor = await house.value("select max(id) from resource")
    site = await house.value("select max(id) from site")
    answer = await chief.post("/settings/services", **SERVICE, resources=str(doctor))
    assert answer.status == 303
    answer = await chief.post(f"/settings/hours/{doctor}", block="new", site=str(site), **WEEK)
    assert answer.status == 303
    service = await house.value("select max(id) from service")
    return {"site": site, "doctor": doctor, "service": service}


async def test_each_page_says_what_is_still_missing_until_nothing_is(
    house: House, chief: Browser
) -> None:
    page = await chief.read("/settings/sites")
    for words in ("まだ予約を受け付けられません", "担当者を登録する", "毎週の診療時間"):
        assert words in page
    await clinic(house, chief)
    for name in ("sites", "practitioners", "services", "hours", "holidays"):
        assert "まだ予約を受け付けられません" not in await chief.read(f"/settings/{name}")
    assert await house.value("select count(*) from schedule") == 10


async def test_a_name_that_is_missing_in_a_language_is_marked(house: House, chief: Browser) -> None:
    await clinic(house, chief)
    page = await chief.read("/settings/sites")
    assert "zh-Hant" in page
    assert "の名前がまだありません" in page


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("/settings/sites", {**SITE, "name.ja": "", "name.en": ""}, "少なくとも一つの言語"),
        ("/settings/sites", {**SITE, "time_zone": "Mars"}, "タイムゾーンを選んで"),
        ("/settings/practitioners", {**DOCTOR, "staff": "999"}, "これは選べません"),
        ("/settings/practitioners", {**DOCTOR, "kind": "room"}, "一つ選んでください"),
        ("/settings/services", {**SERVICE, "duration": "0"}, "範囲内の数字"),
        ("/settings/services", {**SERVICE, "resources": "999"}, "これは選べません"),
        ("/settings/holidays", {"on": "2027-01-04", "until": "2027-01-01"}, "始まりより前"),
    ],
)
async def test_what_cannot_be_taken_is_said_beside_its_field(
    house: House, chief: Browser, path: str, fields: dict[str, str], words: str
) -> None:
    before = await house.value("select count(*) from audit where action like 'staff:%:save'")
    answer = await chief.post(path, **fields)
    assert answer.status == 422
    assert words in await answer.text()
    after = await house.value("select count(*) from audit where action like 'staff:%:save'")
    assert before == after


async def test_what_visits_refer_to_is_made_inactive_and_never_deleted(
    house: House, chief: Browser
) -> None:
    made = await clinic(house, chief)
    await house.visit(await house.patient("田中 花子"), made["doctor"])
    fields = {key: value for key, value in DOCTOR.items() if key != "active"}
    doctor = f"/settings/practitioners/{made['doctor']}"
    assert (await chief.post(doctor, **fields)).status == 303
    assert "使用していません" in await chief.read("/settings/practitioners")
    assert await house.value("select count(*) from appointment") == 1
    assert await house.value("select active from resource") is False
    assert "佐藤" in await chief.read(doctor)


async def test_changed_hours_show_the_visits_that_would_stand_outside_before_they_are_saved(
    house: House, chief: Browser
) -> None:
    made = await clinic(house, chief)
    monday = await coming(house, 0)
    visit = await house.visit(
        await house.patient("田中 花子"), made["doctor"], at="10:00", on=monday
    )
    key = f"{await house.value('select site_id from appointment')}__"
    other = f"/settings/hours/{made['doctor']}"
    await house.rows("update schedule set site_id = (select site_id from appointment)")
    change = {**WEEK, "day.0": "14:00-18:00", "block": key, "site": key.strip("_")}
    answer = await chief.post(other, **change)
    assert answer.status == 409
    page = await answer.text()
    assert "田中 花子" in page
    assert f'href="/calendar/visits/{visit}"' in page
    assert await house.value("select count(*) from schedule") == 10
    saved = await chief.post(other, **change, sure="yes", call="yes")
    assert saved.status == 303
    assert await house.value("select count(*) from schedule") == 9
    tasks = await house.rows("select kind, appointment_id, detail from task")
    assert [(one["kind"], one["appointment_id"]) for one in tasks] == [("call", visit)]
    assert "診療時間が変わり" in await chief.read("/tasks")


async def coming(house: House, weekday: int) -> date:
    """The first such weekday that is a week away at least."""
    today: date = await house.value("select (now() at time zone 'Asia/Tokyo')::date")
    return today + timedelta(days=7 + (weekday - today.weekday()) % 7)


async def test_two_who_change_the_same_hours_do_not_undo_each_other(
    house: House, chief: Browser
) -> None:
    made = await clinic(house, chief)
    path, key = f"/settings/hours/{made['doctor']}", f"{made['site']}__"
    first = {**WEEK, "block": key, "site": str(made["site"]), "valid_from": "2027-01-01"}
    assert (await chief.post(path, **first)).status == 303
    assert (await chief.post(path, **first)).status == 409
    assert await house.value("select count(*) from schedule") == 10


async def test_hours_of_no_day_take_the_block_away(house: House, chief: Browser) -> None:
    made = await clinic(house, chief)
    path, key = f"/settings/hours/{made['doctor']}", f"{made['site']}__"
    assert (await chief.post(path, block=key, site=str(made["site"]))).status == 303
    assert await house.value("select count(*) from schedule") == 0


async def test_the_holidays_of_the_country_come_with_one_press_and_only_once(
    house: House, desk: Browser
) -> None:
    assert (await desk.post("/settings/holidays/import")).status == 303
    known = await house.value("select count(*) from schedule_exception")
    assert known >= 14  # of a year in Japan
    answer = await desk.post("/settings/holidays/import")
    assert answer.headers["Location"] == "/settings/holidays?brought=0"
    assert await house.value("select count(*) from schedule_exception") == known
    assert "元日" in await desk.read("/settings/holidays")


async def test_a_closed_day_tells_which_visits_stand_in_it_and_whom_to_call(
    house: House, desk: Browser, chief: Browser
) -> None:
    made = await clinic(house, chief)
    on = await coming(house, 1)
    visit = await house.visit(await house.patient("田中 花子"), made["doctor"], on=on)
    answer = await desk.post("/settings/holidays", on=str(on), kind="closed", reason="学会")
    page = await answer.text()
    assert "田中 花子" in page
    await desk.post("/settings/holidays/call", visits=str(visit))
    assert await house.value("select appointment_id from task") == visit
    exception = await house.value("select id from schedule_exception")
    assert (await desk.post(f"/settings/holidays/{exception}/remove")).status == 303
    assert await house.value("select count(*) from schedule_exception") == 0


async def test_doctors_set_their_own_hours_and_leave_and_nobody_elses(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    made = await clinic(house, chief)
    account = await house.staff("佐藤 医師", Role.DOCTOR)
    other = await house.practitioner("伊藤")
    path = f"/settings/practitioners/{made['doctor']}"
    assert (await chief.post(path, **DOCTOR, staff=str(account.id))).status == 303
    doctor = await sign_in(account)
    mine = f"/settings/hours/{made['doctor']}"
    assert (await doctor.get("/settings/hours")).headers["Location"] == mine
    assert "佐藤 恵" in await doctor.read(mine)
    assert (await doctor.get(f"/settings/hours/{other}")).status == 404
    fields: dict[str, Any] = {"block": "new", "site": str(made["site"]), "day.5": "9-12"}
    assert (await doctor.post(f"/settings/hours/{other}", **fields)).status == 404
    assert (await doctor.post(mine, **fields)).status == 303
    leave = {"on": "2027-03-01", "kind": "closed", "reason": "休暇"}
    assert (await doctor.post("/settings/holidays", **leave)).status == 404  # everybody's
    answer = await doctor.post("/settings/holidays", **leave, resource=str(made["doctor"]))
    assert answer.status == 303
    assert (await doctor.post("/settings/holidays", **leave, resource=str(other))).status == 404
    assert (await doctor.get("/settings/sites")).status == 403
    assert await house.value("select count(*) from schedule_exception") == 1


async def test_one_account_is_one_practitioner(house: House, chief: Browser) -> None:
    account = await house.staff("佐藤 医師", Role.DOCTOR)
    await house.practitioner("佐藤", account)
    answer = await chief.post("/settings/practitioners", **DOCTOR, staff=str(account.id))
    assert answer.status == 422


async def test_the_demonstration_clinic_opens_in_every_form(house: House, chief: Browser) -> None:
    async with house.database.transaction() as tx:
        today = await tx.fetchval("select current_date")
        await seed(tx, KEYS, SETTINGS, today)
    for path, table in (
        ("sites", "site"),
        ("practitioners", "resource"),
        ("services", "service"),
        ("hours", "resource"),
    ):
        for row in await house.rows(f"select id from {table}"):
            assert (await chief.get(f"/settings/{path}/{row['id']}")).status == 200
