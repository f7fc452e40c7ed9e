"""Follow-up plans in the panel: signed, used, edited for one patient, stopped, telephoned."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from clinic.plan import definitions
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

pytestmark = pytest.mark.server


@pytest.fixture
async def plans(house: House) -> dict[str, int]:
    """The shipped plans, by code."""
    async with house.database.transaction() as tx:
        await definitions.install_shipped(tx)
    rows = await house.rows("select id, code from plan_definition")
    return {row["code"]: row["id"] for row in rows}


@pytest.fixture
async def doctor(house: House, sign_in: SignIn) -> Browser:
    return await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))


async def used(browser: Browser, plan: int) -> None:
    """Sign a version and use it."""
    assert (await browser.post(f"/plans/{plan}/sign")).status == 303
    assert (await browser.post(f"/plans/{plan}/activate")).status == 303


async def begun(house: House, chief: Browser, plan: int, patient: int, ago: int = 0) -> int:
    """Begin a plan by hand in the panel; its id."""
    await used(chief, plan)
    day = await house.value("select (now() at time zone 'Asia/Tokyo')::date")
    on = (day - timedelta(days=ago)).isoformat()
    answer = await chief.post(f"/patients/{patient}/plans", plan=str(plan), on=on)
    assert answer.status == 303
    return int(re.findall(r"/care-plans/(\d+)", answer.headers["Location"])[0])


async def test_every_shipped_plan_is_shown_in_words_and_in_five_languages(
    chief: Browser, plans: dict[str, int]
) -> None:
    page = await chief.read("/plans")
    for plan in plans.values():
        assert f"/plans/{plan}" in page
    for language in ("ja", "en", "zh-Hant", "zh-Hans", "ru"):
        await chief.post("/language", language=language, back="/plans")
        for plan in plans.values():
            shown = await chief.read(f"/plans/{plan}")
            assert "plans." not in re.sub(r"<[^>]*>", "", shown)


async def test_nothing_is_used_before_a_clinician_has_signed_it(
    desk: Browser, doctor: Browser, plans: dict[str, int]
) -> None:
    plan = plans["cataract"]
    assert (await desk.post(f"/plans/{plan}/sign")).status == 403
    assert (await desk.post(f"/plans/{plan}/activate")).status == 409
    assert (await doctor.post(f"/plans/{plan}/sign")).status == 303
    assert (await doctor.post(f"/plans/{plan}/activate")).status == 403
    assert (await desk.post(f"/plans/{plan}/activate")).status == 303
    assert "佐藤 医師" in await desk.read(f"/plans/{plan}")


async def test_a_changed_plan_is_a_draft_and_what_is_wrong_is_told_with_its_path(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    plan = plans["cpap"]
    await used(chief, plan)
    said: dict[str, Any] = await house.value(
        "select content from plan_definition where id = $1", plan
    )
    said["steps"][1]["at"] = "25:00"
    wrong = await chief.post(f"/plans/{plan}/edit", content=json.dumps(said))
    assert wrong.status == 422
    assert "steps.1.at" in await wrong.text()
    assert (await chief.post(f"/plans/{plan}/edit", content="{")).status == 422
    said["steps"][1]["at"] = "11:00"
    saved = await chief.post(f"/plans/{plan}/edit", content=json.dumps(said))
    assert saved.status == 303
    rows = await house.rows(
        "select version, status from plan_definition where code = 'cpap' order by version"
    )
    assert [tuple(row.values()) for row in rows] == [(1, "active"), (2, "draft")]
    copied = await chief.post(f"/plans/{plan}/copy")
    assert copied.status == 303
    assert await house.value("select count(*) from plan_definition where code = 'cpap_2'") == 1


async def test_a_plan_is_begun_edited_for_one_patient_and_stopped(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    patient = await house.patient("花田 花子", chart="7")
    plan = await begun(house, chief, plans["cataract"], patient)
    assert "花田 花子" in await chief.read(f"/care-plans/{plan}")
    assert f"/patients/{patient}/plans" in await chief.read(f"/patients/{patient}")
    added = await chief.post(
        f"/care-plans/{plan}/steps",
        what="call",
        amount="5",
        unit="days",
        at="10:00",
        text="様子を聞く",
    )
    assert added.status == 303
    moved = await chief.post(
        f"/care-plans/{plan}/steps/move", step="week", amount="2", unit="weeks"
    )
    assert moved.status == 303
    assert (await chief.post(f"/care-plans/{plan}/steps/drop", step="month")).status == 303
    rows = await house.rows(
        """select a.step, a.state, (a.due_at at time zone 'Asia/Tokyo')::date - p.anchor_on as days
           from care_plan_activity a join care_plan p on p.id = a.plan_id order by a.due_at"""
    )
    assert [tuple(row.values()) for row in rows] == [
        ("next_day", "waiting", 1),
        ("third_day", "waiting", 3),
        ("own_1", "waiting", 5),
        ("week", "waiting", 14),
        ("month", "cancelled", rows[-1]["days"]),
    ]
    shown = await chief.read(f"/care-plans/{plan}")
    assert "様子を聞く" in shown
    assert (await chief.post(f"/care-plans/{plan}/stop", reason="patient_wish")).status == 303
    assert await house.value("select state || ' ' || reason from care_plan") == (
        "revoked patient_wish"
    )
    assert "花田 花子" in await chief.read("/plans/dropped")
    assert (await chief.post(f"/care-plans/{plan}/stop", reason="patient_wish")).status == 404


async def test_staff_decide_about_what_was_past(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    patient = await house.patient("花田 花子")
    plan = await begun(house, chief, plans["after_discharge"], patient, ago=8)
    tasks = await chief.read("/tasks")
    assert f"/care-plans/{plan}" in tasks
    (row,) = await house.rows(
        "select id from care_plan_activity where state = 'to_decide' order by id"
    )
    assert (await chief.post(f"/care-plans/activities/{row['id']}/decide", do="send")).status == 303
    assert await house.value("select state from task") == "closed"
    assert (await chief.post(f"/care-plans/activities/{row['id']}/decide", do="send")).status == 409


async def called(house: House, step: str, patient: int) -> int:
    """A step of a plan whose patient is to be called; the activity."""
    activity: int = await house.value("select id from care_plan_activity where step = $1", step)
    task = await house.value(
        """insert into task (key, kind, patient_id, detail) values ('t', 'call', $1, $2)
           returning id""",
        patient,
        {"reason": "plan_no_answer", "activity": activity},
    )
    await house.value(
        """update care_plan_activity set state = 'asked', next_at = null, task_id = $2
           where id = $1 returning id""",
        activity,
        task,
    )
    return activity


async def test_the_answer_of_a_phone_call_is_entered_in_the_same_questionnaire(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    form = (await house.forms())["quality_of_life"]
    patient = await house.patient("花田 花子", phone="+819012345678")
    await begun(house, chief, plans["after_discharge"], patient)
    activity = await called(house, "month", patient)
    request = await house.value(
        """insert into questionnaire_request (key, questionnaire_id, patient_id, state, send_at)
           values ('plan:1', $1, $2, 'expired', now()) returning id""",
        form,
        patient,
    )
    await house.value(
        "update care_plan_activity set request_id = $2 where id = $1 returning id",
        activity,
        request,
    )
    url = f"/care-plans/activities/{activity}/call"
    assert url in await chief.read("/tasks")
    page = await chief.read(url)
    assert "+819012345678" not in page
    assert "+81 •••• 678" in page
    number = await chief.post(f"/care-plans/activities/{activity}/phone")
    assert "tel:+819012345678" in await number.text()
    reveal = "select detail from audit where action = 'staff:care_plan_activity:reveal_phone'"
    assert await house.value(reveal) == {"patient": patient}
    for _ in range(30):
        state = re.findall(r'name="state" value="([^"]*)"', page)[0]
        values = re.findall(r'name="choice" value="([^"]+)"', page)
        wanted = next(one for one in ("yes", "option:0", "skip") if one in values)
        answer = await chief.post(url, state=unescaped(state), choice=wanted)
        if answer.status == 303:
            break
        page = await answer.text()
    assert answer.headers["Location"].startswith("/questionnaires/responses/")
    row = (await house.rows("select * from questionnaire_response"))[0]
    assert (row["source"], row["account_id"], row["patient_id"]) == ("phone", None, patient)
    assert row["entered_by_id"] is not None
    assert row["scores"]["total"] is not None
    assert await house.value("select state from task") == "closed"
    assert await house.value("select state from questionnaire_request") == "completed"
    assert (await chief.get(answer.headers["Location"])).status == 200
    assert (await chief.get(f"/questionnaires/{form}/results")).status == 200


def unescaped(text: str) -> str:
    return (
        text.replace("&#34;", '"')
        .replace("&quot;", '"')
        .replace("&#39;", "'")
        .replace("&amp;", "&")
    )


async def test_how_a_patient_is_on_the_telephone_ends_the_step(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    patient = await house.patient("花田 花子")
    await begun(house, chief, plans["cataract"], patient)
    activity = await called(house, "week", patient)
    assert (await chief.post(f"/care-plans/activities/{activity}/told", how="help")).status == 303
    rows = await house.rows(
        "select state, reason, answer from care_plan_activity where id = $1", activity
    )
    assert tuple(rows[0].values()) == ("completed", "answered_phone", "help")
    assert await house.value("select detail ->> 'reason' from task where kind = 'plan_alert'") == (
        "plan_help"
    )
    assert (await chief.post(f"/care-plans/activities/{activity}/told", how="fine")).status == 409


async def test_a_doctor_sees_plans_of_own_patients_only(
    house: House, chief: Browser, doctor: Browser, plans: dict[str, int]
) -> None:
    patient = await house.patient("花田 花子")
    plan = await begun(house, chief, plans["cataract"], patient)
    assert (await doctor.get(f"/care-plans/{plan}")).status == 404
    assert (await doctor.get(f"/patients/{patient}/plans")).status == 404
    assert (await doctor.post(f"/care-plans/{plan}/stop", reason="mistake")).status == 404
    activity = await called(house, "week", patient)
    assert (await doctor.get(f"/care-plans/activities/{activity}/call")).status == 404
    assert "花田" not in await doctor.read(f"/plans/{plans['cataract']}")


async def test_a_grave_answer_on_the_telephone_calls_a_doctor_before_the_call_is_over(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    form = (await house.forms())["phq_9"]
    patient = await house.patient("花田 花子", phone="+819012345678")
    await begun(house, chief, plans["after_discharge"], patient)
    activity = await called(house, "month", patient)
    await house.value(
        """with asked as (
             insert into questionnaire_request (key, questionnaire_id, patient_id, state, send_at)
             values ('plan:1', $2, $3, 'sent', now()) returning id)
           update care_plan_activity set request_id = (select id from asked)
           where id = $1 returning id""",
        activity,
        form,
        patient,
    )
    url = f"/care-plans/activities/{activity}/call"
    page = await chief.read(url)
    for _ in range(20):
        state = re.findall(r'name="state" value="([^"]*)"', page)[0]
        options = re.findall(r'name="choice" value="(option:\d+)"', page)
        answer = await chief.post(url, state=unescaped(state), choice=options[-1])
        page = await answer.text()
        if "phone-alarm" in page:
            break
    assert "phone-alarm" in page
    rows = await house.rows("select patient_id, detail from task where kind = 'plan_alert'")
    assert [(row["patient_id"], row["detail"]["reason"]) for row in rows] == [
        (patient, "plan_doctor")
    ]
    assert await house.value("select count(*) from questionnaire_response") == 0


async def test_a_plan_can_be_counted_from_another_day(
    house: House, chief: Browser, plans: dict[str, int]
) -> None:
    plan = await begun(house, chief, plans["cataract"], await house.patient("花田 花子"))
    day = await house.value("select anchor_on + 10 from care_plan")
    assert (await chief.post(f"/care-plans/{plan}/anchor", on=day.isoformat())).status == 303
    due = await house.value(
        """select (min(due_at) at time zone 'Asia/Tokyo')::date from care_plan_activity"""
    )
    assert due == day + timedelta(days=1)
