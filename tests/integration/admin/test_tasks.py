"""Tasks: what is due, who does it, how a call ended and what follows from it."""

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

PHONE = "+819012345678"


async def a_call(house: House) -> tuple[int, int, int]:
    """A visit that nobody confirmed, and the task to call its patient: task, visit, patient."""
    patient = await house.patient("田中 花子", phone=PHONE)
    visit = await house.visit(patient, await house.practitioner("佐藤"))
    await house.begins_in(180, visit)
    task = await house.task("call", patient=patient, visit=visit, detail={"reason": "unconfirmed"})
    return task, visit, patient


async def one_task(house: House) -> dict[str, object]:
    return (await house.rows("select state, outcome, tries, due_at, result from task"))[0]


async def test_a_number_is_masked_until_it_is_asked_for_and_that_is_noted(
    house: House, desk: Browser
) -> None:
    task, _, patient = await a_call(house)
    page = await desk.read("/tasks")
    assert PHONE not in page
    assert "+81 •••• 678" in page
    answer = await desk.post(f"/tasks/{task}/phone")
    assert f'href="tel:{PHONE}"' in await answer.text()
    trail = await house.rows(
        "select subject_id, detail from audit where action = 'staff:task:reveal_phone'"
    )
    assert trail == [{"subject_id": task, "detail": {"patient": patient}}]


async def test_who_says_they_come_has_confirmed(house: House, desk: Browser) -> None:
    task, _, _ = await a_call(house)
    await desk.post(f"/tasks/{task}/result", outcome="coming", words="娘さんと来る")
    assert await house.value("select confirmed_at is not null from appointment")
    ended = await one_task(house)
    assert (ended["state"], ended["outcome"]) == ("closed", "coming")
    assert "娘".encode() not in bytes(ended["result"])  # type: ignore[call-overload]  # bytes
    again = await desk.post(f"/tasks/{task}/result", outcome="coming")
    assert again.status == 409


async def test_who_does_not_come_gives_the_time_to_others(house: House, desk: Browser) -> None:
    task, visit, _ = await a_call(house)
    await desk.post(f"/tasks/{task}/result", outcome="not_coming")
    assert await house.value("select status from appointment") == "cancelled"
    assert await house.value("select appointment_id from slot_rescue") == visit


async def test_who_was_not_reached_is_called_again_later(house: House, desk: Browser) -> None:
    task, _, _ = await a_call(house)
    await desk.post(f"/tasks/{task}/result", outcome="unreached", again="30")
    page = await desk.read("/tasks")
    assert "あとでやること" in page
    assert "1回つながらず" in page
    assert "<strong>0</strong> <span>やること" in await desk.read("/today")
    await house.rows("update task set due_at = now() - interval '1 s'")
    assert "<strong>1</strong> <span>やること" in await desk.read("/today")
    await desk.post(f"/tasks/{task}/result", outcome="unreached", again="0")
    ended = await one_task(house)
    assert (ended["state"], ended["outcome"], ended["tries"]) == ("closed", "unreached", 1)


async def test_a_wrong_number_is_never_written_to_and_is_seen_until_it_is_corrected(
    house: House, desk: Browser
) -> None:
    task, _, patient = await a_call(house)
    await house.rows("update patient set phone_index = 'a'")
    await house.conversation(patient, channel="sms")
    await desk.post(f"/tasks/{task}/result", outcome="wrong_number")
    assert await house.value("select unreachable_at is not null from chat_account")
    await house.task("call", patient=patient)
    words = "この番号は間違いです"
    assert words in await desk.read("/tasks")
    await house.rows("update patient set phone_index = 'b'")
    assert words not in await desk.read("/tasks")


async def test_a_result_that_came_too_late_changes_no_visit(house: House, desk: Browser) -> None:
    task, _, _ = await a_call(house)
    await house.rows("update appointment set status = 'cancelled'")
    answer = await desk.post(f"/tasks/{task}/result", outcome="coming")
    assert answer.status == 409
    assert (await one_task(house))["state"] == "open"


async def test_a_task_is_given_to_a_colleague_and_put_off(house: House, desk: Browser) -> None:
    task, _, _ = await a_call(house)
    suzuki = await house.staff("鈴木 看護師")
    await desk.post(f"/tasks/{task}/assign", to=str(suzuki.id))
    assert "担当：鈴木 看護師" in await desk.read("/tasks")
    assert (await desk.post(f"/tasks/{task}/assign", to="999999")).status == 409
    await desk.post(f"/tasks/{task}/snooze", minutes="120")
    assert "あとでやること" in await desk.read("/tasks")
    await desk.post(f"/tasks/{task}/snooze", minutes="0")
    assert "あとでやること" not in await desk.read("/tasks")
    actions = {row["action"] for row in await house.rows("select action from audit")}
    assert {"staff:task:assign", "staff:task:snooze"} <= actions


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("result", {"outcome": "promised"}),
        ("result", {"outcome": "reached", "words": "x" * 1001}),
        ("assign", {"to": "x"}),
        ("snooze", {"minutes": "7"}),
    ],
)
async def test_forged_forms_are_refused(
    house: House, desk: Browser, path: str, fields: dict[str, str]
) -> None:
    task, _, _ = await a_call(house)
    assert (await desk.post(f"/tasks/{task}/{path}", **fields)).status == 422


async def test_a_doctor_works_off_tasks_of_own_patients_only(house: House, sign_in: SignIn) -> None:
    task, _, _ = await a_call(house)
    browser = await sign_in(await house.staff("伊藤 医師", Role.DOCTOR))
    assert (await browser.post(f"/tasks/{task}/phone")).status == 404
    for path, fields in (
        ("result", {"outcome": "reached"}),
        ("assign", {"to": ""}),
        ("snooze", {"minutes": "30"}),
    ):
        assert (await browser.post(f"/tasks/{task}/{path}", **fields)).status == 409
    assert (await one_task(house))["state"] == "open"


async def test_tasks_stand_under_their_kinds_and_calls_of_plans_lead_to_their_script(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", phone=PHONE)
    plan = await house.care_plan(patient)
    await house.task("call", patient=patient, detail={"activity": plan["activity"]})
    await house.task("call", patient=patient)
    page = await desk.read("/tasks")
    assert f"/care-plans/activities/{plan['activity']}/call" in page
    assert page.count('class="task-group"') == 2


async def test_the_number_of_an_escalation_is_masked_until_it_is_asked_for_and_that_is_noted(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", phone=PHONE)
    talk = await house.conversation(patient, said="胸が痛い")
    case = await house.escalation(talk, patient=patient)
    page = await desk.read("/tasks")
    assert PHONE not in page
    assert "+81 •••• 678" in page
    answer = await desk.post(f"/escalations/{case}/phone")
    assert f'href="tel:{PHONE}"' in await answer.text()
    trail = await house.rows(
        "select subject_id, detail from audit where action = 'staff:escalation:reveal_phone'"
    )
    assert trail == [{"subject_id": case, "detail": {"patient": patient}}]


async def test_an_escalation_without_a_number_has_none_to_show(house: House, desk: Browser) -> None:
    case = await house.escalation(await house.conversation(said="胸が痛い"))
    assert (await desk.post(f"/escalations/{case}/phone")).status == 404


async def test_whom_a_campaign_did_not_reach_is_called_with_its_words(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", phone=PHONE)
    campaign = await house.value(
        """insert into campaign (key, name, kind, purpose, state, audience, trigger, content)
           values (gen_random_uuid(), '再診', 'follow_up', 'care', 'finished', '{"patients": [1]}',
                   '{"kind": "once", "at": "2026-01-05T09:00", "late": "send"}',
                   '{"texts": {"ja": "{name}様、検査の時期です。"}}') returning id"""
    )
    task = await house.task(
        "unreached", patient=patient, detail={"campaign": campaign, "reason": "no_chat"}
    )
    gone = await house.task("unreached", patient=patient, detail={"campaign": 999_999})
    page = await desk.read("/tasks")
    assert page.count("田中 花子様、検査の時期です。") == 1
    for one in (task, gone):
        assert f'action="/tasks/{one}/phone"' in page
    assert PHONE not in page
    answer = await desk.post(f"/tasks/{task}/phone")
    assert f'href="tel:{PHONE}"' in await answer.text()
    await desk.post(f"/tasks/{task}/result", outcome="unreached", again="30")
    await desk.post(f"/tasks/{gone}/result", outcome="reached")
    rows = await house.rows("select state, outcome, tries from task order by id")
    assert rows == [
        {"state": "open", "outcome": "unreached", "tries": 1},
        {"state": "closed", "outcome": "reached", "tries": 0},
    ]


async def test_a_campaigns_calls_hide_nothing_that_came_after_them(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    await house.rows(
        """insert into task (key, kind, patient_id)
           select 'unreached:' || n, 'unreached', $1 from generate_series(1, 250) n""",
        patient,
    )
    late = await house.task("link_request", patient=patient)
    assert f'id="task-{late}"' in await desk.read("/tasks")
