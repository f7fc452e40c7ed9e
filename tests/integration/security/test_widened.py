"""What once reached further, or lasted longer, than it may; each named after that."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from clinic.clock import now
from clinic.db import Database
from clinic.figures.survey import CONDUCT, SATISFACTION
from clinic.setting.types import SIGNED
from clinic.staff.access.signatures import digest
from clinic.staff.types import Role, Staff
from tests.integration.admin.accounts import by_code, by_password, set_up
from tests.integration.admin.conftest import Browser, SignIn, chief, desk, house, server, sign_in
from tests.integration.admin.house import SETTINGS, House

__all__ = ["chief", "desk", "house", "server", "sign_in"]
WHY = "unconscious at the door"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture
async def doctor(house: House) -> Staff:
    return await house.staff("佐藤", Role.DOCTOR)


async def test_an_hour_in_an_emergency_once_became_for_ever_by_beginning_a_plan(
    house: House, doctor: Staff, sign_in: SignIn
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    other = await house.patient("鈴木 一郎", chart="1002")
    plan = (await house.care_plan(other))["definition"]
    await house.rows("update plan_definition set status = 'active' where id = $1", plan)
    browser = await sign_in(doctor)
    await browser.post("/emergency", chart="1001", reason=WHY)
    on = f"{now():%Y-%m-%d}"
    answer = await browser.post(f"/patients/{patient}/plans", plan=str(plan), on=on)
    assert answer.status == 404
    await house.rows("update emergency_access set until_at = now()")
    assert (await browser.get(f"/patients/{patient}")).status == 404
    await house.visit(patient, await house.practitioner("佐藤", doctor))
    answer = await browser.post(f"/patients/{patient}/plans", plan=str(plan), on=on)
    assert answer.status == 303, "whose patient it is begins one"


async def test_an_hour_in_an_emergency_once_became_for_ever_by_booking_a_visit(
    house: House, doctor: Staff, sign_in: SignIn
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    practitioner = await house.practitioner("佐藤", doctor)
    own = await house.patient("鈴木 一郎")
    await house.visit(own, practitioner)
    service = await house.value("select min(id) from service")
    browser = await sign_in(doctor)
    await browser.post("/emergency", chart="1001", reason=WHY)
    form = {
        "service": str(service),
        "practitioner": str(practitioner),
        "date": "2030-01-15",
        "time": "10:00",
    }
    answer = await browser.post("/calendar/book", **form, patient=str(patient))
    assert answer.status == 404
    answer = await browser.post("/calendar/book", **form, patient=str(own))
    assert answer.status == 422, "the rules of booking are asked for an own patient"
    assert not await house.rows("select 1 from appointment where patient_id = $1", patient)


async def test_what_was_escalated_once_was_shown_to_every_doctor_for_ever(
    house: House, doctor: Staff, sign_in: SignIn
) -> None:
    talk = await house.conversation(patient := await house.patient("田中 花子", chart="1001"))
    case = await house.escalation(talk, patient=patient, said="秘密の言葉")
    owner = await house.staff("高橋", Role.DOCTOR)
    owning, other, desk = [
        await sign_in(one) for one in (owner, doctor, await house.staff("山田 受付"))
    ]
    await owning.post(f"/escalations/{case}/acknowledge")
    await owning.post(f"/escalations/{case}/close", disposition="ambulance", note="")
    await house.rows("update escalation set closed_at = now() - interval '1 hour'")
    assert "秘密の言葉" in await other.read(f"/escalations/{case}"), "a day for handing over"
    await house.rows("update escalation set closed_at = now() - interval '2 days'")
    for address in (f"/escalations/{case}", f"/live/escalations/{case}"):
        answer = await other.get(address)
        assert answer.status == 404
        assert "秘密の言葉" not in await answer.text()
    for listing in ("/escalations?closed=yes", "/escalations?state=closed", "/escalations"):
        assert "田中 花子" not in await other.read(listing)
    for allowed in (owning, desk):
        assert "秘密の言葉" in await allowed.read(f"/escalations/{case}")


async def test_an_admin_once_became_the_clinician_who_signed_by_taking_a_change_back(
    house: House, doctor: Staff, sign_in: SignIn, chief: Browser
) -> None:
    signing = await sign_in(doctor)
    for _ in range(2):
        await signing.post("/settings/readings/sign", seen=digest(SETTINGS.readings.house))
    last = await house.value("select max(id) from setting_change where key = $1", SIGNED)
    await chief.post("/settings/undo", changes=str(last), back="history")
    rows = await house.rows("select staff_id from setting_change where key = $1", SIGNED)
    assert [row["staff_id"] for row in rows] == [doctor.id, doctor.id]


async def test_a_secret_of_a_webhook_or_feed_once_was_shown_without_a_fresh_code(
    house: House, sign_in: SignIn
) -> None:
    admin = await house.staff("鈴木 院長", Role.ADMIN)
    browser = await sign_in(admin)
    practitioner = await house.practitioner("鈴木", admin)
    await set_up(house, browser, admin)
    made = await browser.post(
        "/settings/webhooks", name="a", url="https://example.com/hook", kind="appointment.booked"
    )
    assert made.status == 200, await made.text()
    endpoint = await house.value("select id from webhook_endpoint")
    await house.rows("update staff_session set proved_at = now() - interval '11 min'")
    for path, fields in (
        (f"/settings/webhooks/{endpoint}/act", {"act": "rotate"}),
        (f"/settings/calendar-feeds/practitioners/{practitioner}", {}),
    ):
        answer = await browser.post(path, **fields)
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/prove?")
    assert await house.value("select count(*) from calendar_feed") == 0
    assert await house.value("select old_secret is null from webhook_endpoint")


async def test_who_stole_a_session_once_could_guess_codes_from_a_thousand_addresses(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("鈴木 院長", Role.ADMIN)
    browser = await sign_in(staff)
    await set_up(house, browser, staff)
    looked_at = 0
    for number in range(12):
        # What a try from elsewhere leaves behind is that of another address.
        await house.rows(
            "update sign_in_try set address = $1 where address like '127%'", str(number)
        )
        answer = await browser.post("/prove", code=f"{number:06}", back="/")
        looked_at += answer.status == 401
    assert looked_at <= 5


async def test_a_code_counts_once_however_many_use_it_at_once(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("鈴木 院長", Role.ADMIN)
    phone, codes = await set_up(house, await sign_in(staff), staff)
    for code in (codes[0], await phone.code()):
        browsers = [await sign_in(None) for _ in range(4)]
        asked = [await by_password(one, "鈴木 院長") for one in browsers]
        assert {one.status for one in asked} == {200}
        answers = await asyncio.gather(
            *(by_code(one, page, code) for one, page in zip(browsers, asked, strict=True))
        )
        assert sorted(one.status for one in answers).count(303) == 1, code
        await house.rows("delete from sign_in_try")


async def test_a_sign_in_link_counts_once_however_many_use_it_at_once(
    house: House, sign_in: SignIn
) -> None:
    token = await house.link(await house.staff("山田 受付"))
    browsers = [await sign_in(None) for _ in range(6)]
    answers = await asyncio.gather(*(one.send("/sign-in", {"token": token}) for one in browsers))
    assert sorted(one.status for one in answers) == [303, *[401] * 5]


async def test_a_doctor_once_read_what_a_patient_said_of_that_doctor(
    house: House,
    doctor: Staff,
    sign_in: SignIn,
    chief: Browser,
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    await house.visit(patient, await house.practitioner("佐藤", doctor))
    forms = await house.forms()
    said = [await house.response(patient, forms["gad_7"], {}) for _ in range(2)]
    for one, name in zip(said, (CONDUCT, SATISFACTION), strict=True):
        await house.rows(
            "update questionnaire_response set questionnaire_id = $2 where id = $1",
            one,
            forms[name],
        )
    other = await house.response(patient, forms["gad_7"], {})
    task = await house.task("survey_low", patient=patient, detail={"response": said[1]})
    browser = await sign_in(doctor)
    for one in said:
        assert (await browser.get(f"/questionnaires/responses/{one}")).status == 404
        assert (await chief.get(f"/questionnaires/responses/{one}")).status == 200
    assert (await browser.get(f"/questionnaires/responses/{other}")).status == 200
    for name in (CONDUCT, SATISFACTION):
        for end in ("", ".csv", ".json"):
            page = await browser.read(f"/questionnaires/{forms[name]}/results{end}")
            assert "田中 花子" not in page
            assert f"/questionnaires/responses/{said[0]}" not in page
    assert f"/tasks/{task}/" not in await browser.read("/tasks")
    assert f"/tasks/{task}/" in await chief.read("/tasks")
