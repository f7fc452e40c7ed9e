"""Unconfirmed visits, walk-ins and the boards' addresses, at the desk."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from clinic.config import Policy, Settings
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House
from tests.integration.booking.clinic import make

PHONE = "+819012345678"
NEVER_QUIET = Settings(policy=Policy(quiet_hours=("00:00", "00:00")))


@pytest.fixture
async def server(database: Database) -> AsyncIterator[TestServer]:
    """A clinic whose patients may be written to at the hour of the test."""
    async with TestServer(create_app(database, KEYS, NEVER_QUIET)) as server:
        yield server


async def silent(house: House) -> int:
    """A visit in half an hour that nobody has confirmed; its patient has a chat."""
    patient = await house.patient("田中 花子", phone=PHONE)
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1'")
    visit = await house.visit(patient, await house.practitioner("佐藤"))
    await house.begins_in(30, visit)
    return visit


async def test_a_patient_is_asked_again_and_not_every_minute(house: House, desk: Browser) -> None:
    visit = await silent(house)
    assert "田中 花子" in await desk.read("/unconfirmed")
    first = await desk.post(f"/unconfirmed/{visit}/ask")
    assert first.headers["Location"] == "/unconfirmed?done=asked"
    again = await desk.post(f"/unconfirmed/{visit}/ask")
    assert again.headers["Location"] == "/unconfirmed?why=too_often"
    assert "送れませんでした" in await desk.read("/unconfirmed?why=too_often")
    sent = await house.rows("select purpose, appointment_id, appointment_version from outbox")
    assert sent == [{"purpose": "reminder", "appointment_id": visit, "appointment_version": 1}]
    assert await house.value("select count(*) from audit where action like '%ask_again'") == 1


async def test_who_may_not_be_written_to_is_not_asked_and_the_reason_is_told(
    house: House, desk: Browser
) -> None:
    visit = await silent(house)
    await house.rows("update chat_account set opted_out_at = now()")
    answer = await desk.post(f"/unconfirmed/{visit}/ask")
    assert answer.headers["Location"] == "/unconfirmed?why=opted_out"
    assert await house.value("select count(*) from outbox") == 0


async def test_a_yes_on_the_telephone_is_noted_and_the_visit_leaves_the_list(
    house: House, desk: Browser
) -> None:
    visit = await silent(house)
    patient = await house.value("select patient_id from appointment")
    number = await desk.post(f"/patients/{patient}/phone")
    assert f'href="tel:{PHONE}"' in await number.text()
    assert await house.value("select count(*) from audit where action = 'staff:patient:reveal'")
    await desk.post(f"/unconfirmed/{visit}/confirm", version="1")
    assert "返事待ちの予約はありません" in await desk.read("/unconfirmed")
    later = await desk.post(f"/unconfirmed/{visit}/ask")
    assert later.headers["Location"] == "/unconfirmed?why=not_relevant"


async def test_a_time_that_nobody_confirmed_goes_to_others_and_its_call_is_over(
    house: House, desk: Browser
) -> None:
    visit = await silent(house)
    await house.task("call", visit=visit)
    assert (await desk.post(f"/unconfirmed/{visit}/free", version="1")).status == 303
    assert await house.value("select status from appointment") == "cancelled"
    assert await house.value("select cause from slot_rescue") == "silence"
    assert await house.value("select outcome from task") == "freed"
    assert await house.value("select dedup_key from outbox") == f"freed:{visit}:2"
    assert (await desk.post(f"/unconfirmed/{visit}/free", version="1")).status == 409


async def test_a_doctor_sees_own_unconfirmed_visits_and_frees_none(
    house: House, sign_in: SignIn
) -> None:
    visit = await silent(house)
    browser = await sign_in(await house.staff("伊藤 医師", Role.DOCTOR))
    assert "田中 花子" not in await browser.read("/unconfirmed")
    for deed in ("ask", "confirm"):
        answer = await browser.post(f"/unconfirmed/{visit}/{deed}", version="1")
        assert answer.status == 404
    assert (await browser.post(f"/unconfirmed/{visit}/free", version="1")).status == 403


async def test_somebody_new_is_registered_and_checked_in_by_the_rules_of_every_booking(
    house: House, desk: Browser
) -> None:
    clinic = await make(house.database, hours=[("00:00", "24:00")], duration=1, step=1)
    form = {"name": "山本 新", "kana": "ヤマモト シン", "phone": "090-1111-2222"}
    made = await desk.post("/walk-in", birth_on="1980-02-03", **form)
    path = made.headers["Location"]
    slot = (await desk.read(path)).split('name="slot" value="')[-1].split('"')[0]
    done = await desk.post(path, what=str(clinic.service), slot=slot)
    assert done.headers["Location"].startswith("/today#visit-")
    visit = (await house.rows("select status, patient_id from appointment"))[0]
    assert visit["status"] == "arrived"
    assert path == f"/walk-in/{visit['patient_id']}"
    assert await house.value("select number from queue_ticket") == 1
    assert await house.value("select count(*) from allocation where status = 'booked'") == 1
    taken = await desk.post(path, what=str(clinic.service), slot=slot)
    assert taken.status == 409  # the practitioner has no two patients at once
    assert "ふさがりました" in await taken.text()
    actions = {row["action"] for row in await house.rows("select action from audit")}
    assert {
        "staff:patient:register",
        "staff:appointment:book",
        "staff:appointment:arrived",
    } <= actions


async def test_who_is_known_already_is_not_registered_twice_unawares(
    house: House, desk: Browser
) -> None:
    await house.patient("山本 新")
    alike = await desk.post("/walk-in", name="山本新")
    assert alike.status == 409
    assert "同じ方がもう登録されていませんか" in await alike.text()
    assert await house.value("select count(*) from patient") == 1
    assert (await desk.post("/walk-in", name="山本新", anyway="yes")).status == 303
    assert await house.value("select count(*) from patient") == 2


@pytest.mark.parametrize(
    "form",
    [{"name": ""}, {"name": "山本", "phone": "x"}, {"name": "山本", "birth_on": "2999-01-01"}],
)
async def test_a_faulty_registration_is_explained_and_nothing_is_written(
    house: House, desk: Browser, form: dict[str, str]
) -> None:
    assert (await desk.post("/walk-in", **form)).status == 422
    assert await house.value("select count(*) from patient") == 0


async def test_only_an_admin_gives_a_board_its_address(
    house: House, desk: Browser, chief: Browser
) -> None:
    clinic = await make(house.database)
    assert (await desk.post(f"/queue/boards/{clinic.site}/open")).status == 403
    assert (await chief.post(f"/queue/boards/{clinic.site}/open")).status == 303
    first = (await desk.read("/queue/boards")).split("/board/")[1].split('"')[0]
    await chief.post(f"/queue/boards/{clinic.site}/open")
    assert first not in await desk.read("/queue/boards")
    await chief.post(f"/queue/boards/{clinic.site}/close")
    assert "/board/" not in await desk.read("/queue/boards")
    assert (await chief.post("/queue/boards/999999/open")).status == 404
