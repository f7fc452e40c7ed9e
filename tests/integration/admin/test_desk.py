"""The day sheet, tasks, and link codes."""

from datetime import date, timedelta

import pytest

from clinic.db import Database
from clinic.link.rules import read_code
from clinic.link.service import try_code
from clinic.patient.types import PatientOption
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House


async def test_the_day_by_practitioner_and_by_room(house: House, desk: Browser) -> None:
    sato, ito = await house.practitioner("佐藤"), await house.practitioner("伊藤")
    room = await house.room("診察室1")
    await house.visit(await house.patient("田中 花子", chart="1001"), sato, room, at="09:00")
    await house.visit(await house.patient("高橋 一郎"), ito, at="09:30")
    by_practitioner = await desk.read("/today")
    for words in ("佐藤", "伊藤", "診察室1", "9:00", "診察券 1001", "一般診察", "予約済み"):
        assert words in by_practitioner
    assert "部屋の指定なし" in await desk.read("/today?by=room")


async def test_a_visits_answers_are_one_press_away_for_those_who_may_see_them(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    form = (await house.forms())["phq_9"]
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    mine, other = await house.patient("田中 花子"), await house.patient("高橋 一郎")
    sato, ito = await house.practitioner("佐藤", doctor), await house.practitioner("伊藤")
    answered = []
    for patient, whom in ((mine, sato), (other, ito)):
        visit = await house.visit(patient, whom)
        response = await house.response(patient, form, {})
        await house.rows(
            """with asked as (
                 insert into questionnaire_request
                   (key, questionnaire_id, patient_id, appointment_id, state, send_at)
                 values ($1, $2, $3, $4, 'completed', now()) returning id)
               update questionnaire_response set request_id = asked.id from asked
               where questionnaire_response.id = $5""",
            f"rule:1:{visit}",
            form,
            patient,
            visit,
            response,
        )
        answered.append(f'href="/questionnaires/responses/{response}"')
    await house.response(mine, form, {})  # that nobody asked for a visit
    page = await desk.read("/today")
    assert [page.count(one) for one in answered] == [1, 1]
    assert page.count("/questionnaires/responses/") == 2
    assert "PHQ-9" in page
    browser = await sign_in(doctor)
    page = await browser.read("/today")
    assert [page.count(one) for one in answered] == [1, 0]
    assert (await browser.get(answered[0][6:-1])).status == 200
    assert (await browser.get(answered[1][6:-1])).status == 404


async def test_other_days_are_days_of_the_clinic(house: House, desk: Browser) -> None:
    on = date(2027, 3, 1)
    await house.visit(
        await house.patient("田中 花子"), await house.practitioner("佐藤"), on=on, at="08:30"
    )
    assert "田中 花子" in await desk.read("/today?on=2027-03-01")  # the day before in UTC
    for other in (on - timedelta(days=1), on + timedelta(days=1)):
        page = await desk.read(f"/today?on={other}")
        assert "この日の予約はありません" in page
        assert "予約が入るとここに並びます" in page  # the next step
    for nonsense in ("x", "0001-01-01", "9999-12-31", "2027-02-30"):
        assert "この日の予約はありません" in await desk.read(f"/today?on={nonsense}")


async def test_the_desk_says_what_became_of_a_visit(house: House, desk: Browser) -> None:
    visit = await house.visit(
        await house.patient("田中 花子"), await house.practitioner("佐藤"), at="00:00"
    )
    line = {"HX-Request": "true"}
    answer = await desk.send(
        f"/visits/{visit}/status",
        {"csrf": desk.csrf, "status": "arrived", "version": "1"},
        line,
    )
    assert "来院" in await answer.text()
    stale = await desk.send(
        f"/visits/{visit}/status", {"csrf": desk.csrf, "status": "noshow", "version": "1"}, line
    )
    assert "変更がありました" in await stale.text()
    await desk.post(f"/visits/{visit}/status", status="fulfilled", version="2")
    assert await house.value("select status from appointment") == "fulfilled"
    for status, version in (("booked", "3"), ("cancelled", "3"), ("arrived", "x")):
        refused = await desk.post(f"/visits/{visit}/status", status=status, version=version)
        assert refused.status == 422


async def test_tasks_show_whom_to_call_and_can_be_closed(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子", phone="+819012345678")
    talk = await house.conversation(patient)
    call = await house.task("call", patient=patient)
    urgent = await house.escalation(talk)
    page = await desk.read("/tasks")
    assert "+819012345678" not in page
    shown = await desk.post(f"/escalations/{urgent}/phone")
    assert 'href="tel:+819012345678"' in await shown.text()
    assert page.index(f'id="escalation-{urgent}"') < page.index("電話をかける")
    assert "胸の痛み" in page
    assert "緊急度 4" in page
    assert (await desk.post(f"/tasks/{call}/close")).status == 303
    page = await desk.read("/tasks")
    assert f'id="task-{call}"' not in page
    assert f'id="escalation-{urgent}"' in page  # it is closed by saying how it ended
    closed = await house.rows("select closed_by_id, closed_at from task where state = 'closed'")
    assert None not in closed[0].values()


async def test_an_escalation_of_a_conversation_names_whom_to_call(
    house: House, desk: Browser
) -> None:
    child = await house.patient("田中 一", phone="+819000000001")
    mother = await house.patient("田中 花子", phone="+819012345678")
    talk = await house.conversation(mother, child)
    urgent = await house.escalation(talk)
    assert "田中 花子" in await desk.read("/tasks")
    shown = await desk.post(f"/escalations/{urgent}/phone")
    assert 'href="tel:+819012345678"' in await shown.text()


async def test_codes_that_the_panel_does_not_know_yet_are_shown_as_they_are(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation(
        await house.patient("田中 花子"), said="x", channel="pager", owner="queue", reason="new"
    )
    await house.say(talk, "", "hologram")
    await house.task("brand_new", conversation=talk, detail={"reason": "sunspots"})
    assert "pager" in await desk.read("/conversations")
    assert "写真・音声・ファイルなど" in await desk.read(f"/conversations/{talk}")
    page = await desk.read("/tasks")
    assert "確認が必要です" in page
    assert "sunspots" in page


async def test_a_link_request_is_approved_by_choosing_the_patient(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001", birth_on=date(1950, 3, 4))
    talk = await house.conversation(display_name="はな")
    note = {"name": "田中花子", "birth_on": "1950-03-04", "phone": "+819012345678"}
    task = await house.task("link_request", conversation=talk, note=note)
    page = await desk.read(f"/tasks/{task}/link")
    assert "+819012345678" in page
    assert "生年月日が一致" in page
    answer = await desk.post(f"/tasks/{task}/link", patient=str(patient), relation="child")
    assert answer.status == 303
    link = (await house.rows("select patient_id, relation, proof, ended_at from link"))[0]
    assert link == {
        "patient_id": patient,
        "relation": "child",
        "proof": "staff",
        "ended_at": None,
    }
    again = await desk.post(f"/tasks/{task}/link", patient=str(patient), relation="self")
    assert again.status == 409


@pytest.mark.parametrize("fields", [{"patient": "1; drop table link"}, {"relation": "boss"}])
async def test_a_forged_approval_is_refused(
    house: House, desk: Browser, fields: dict[str, str]
) -> None:
    talk = await house.conversation()
    task = await house.task("link_request", conversation=talk)
    sent = {"patient": "1", "relation": "self", **fields}
    assert (await desk.post(f"/tasks/{task}/link", **sent)).status == 422


@pytest.mark.parametrize(
    "words", ["田中", "たなか", "タナカ", "ﾀﾅｶ", "田中花子", "田中　花子", "1001", "１００１"]
)
async def test_a_patient_is_found_however_it_is_typed(
    house: House, desk: Browser, words: str
) -> None:
    await house.patient("田中 花子", kana="タナカ ハナコ", chart="1001")
    await house.patient("高橋 一郎", kana="タカハシ イチロウ", chart="2002")
    page = await (await desk.post("/patients", q=words)).text()
    assert "田中 花子" in page
    assert "高橋 一郎" not in page


@pytest.mark.parametrize("words", ["%", "_", "\\", "' or 1=1 --", "xyz"])
async def test_signs_of_the_query_language_find_nobody(
    house: House, desk: Browser, words: str
) -> None:
    await house.patient("田中 花子", chart="1001")
    page = await (await desk.post("/patients", q=words)).text()
    assert "田中 花子" not in page
    assert "見つかりません" in page


async def test_a_link_code_is_shown_once_and_works(
    house: House, desk: Browser, database: Database
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    await house.conversation()
    page = await (await desk.post(f"/patients/{patient}/code")).text()
    code = read_code(page.split('id="code">')[1].split("<")[0])
    assert code is not None
    assert code not in str(await house.rows("select * from link_code"))
    async with database.transaction() as tx:
        account = await tx.fetchval("select id from chat_account")
        bound = await try_code(tx, KEYS, account, code)
    assert isinstance(bound, PatientOption)
    assert bound.id == patient
    assert (await desk.post("/patients/999999/code")).status == 404


async def test_a_moved_ciphertext_shows_an_error_and_not_another_patients_number(
    house: House, desk: Browser
) -> None:
    one = await house.patient("田中", phone="+819012345678")
    other = await house.patient("高橋")
    await house.rows("update patient set phone = (select phone from patient where id = $1)", one)
    await house.task("call", patient=other)
    answer = await desk.get("/tasks")
    assert answer.status == 500
    assert "+819012345678" not in await answer.text()
