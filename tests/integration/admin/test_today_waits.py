"""What waits on top of the day: escalations, tasks that are due, conversations of the queue."""

import re

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

LINKS = re.compile(r'id="(wait-(?:escalation|task|conversation)-\d+)"')


def links(page: str) -> list[str]:
    """What waits, in the page's order."""
    return LINKS.findall(page)


def live_path(page: str) -> str:
    """Where the page asks again."""
    path = page.split('hx-get="/live/waits')[1].split('"')[0].replace("&amp;", "&")
    return f"/live/waits{path}"


async def test_an_open_escalation_stands_on_top_with_whom_level_wait_owner_and_a_button(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    case = await house.escalation(await house.conversation(patient), patient=patient)
    await house.rows("update escalation set created_at = now() - interval '7 min'")
    page = await desk.read("/today")
    waits = page.split('id="waits"')[1].split('id="day"')[0]
    for shown in ("レベル4", "田中 花子", "まだ担当者がいません", f'href="/escalations/{case}"'):
        assert shown in waits
    assert re.search(r'data-waiting="42\d"', waits)  # s
    assert f'action="/escalations/{case}/acknowledge"' in waits
    assert (await desk.post(f"/escalations/{case}/acknowledge")).status == 303
    page = await desk.read("/today")
    assert f'action="/escalations/{case}/acknowledge"' not in page
    assert "あなたが担当です" in page
    await house.rows("update escalation set state = 'closed', disposition = 'advice'")
    assert links(await desk.read("/today")) == []


async def test_nothing_stands_there_when_nothing_waits(desk: Browser) -> None:
    page = await desk.read("/today")
    assert 'id="waits"' in page
    assert "data-waiting" not in page


async def test_the_gravest_that_nobody_has_is_first_and_not_more_than_ten_are_shown(
    house: House, desk: Browser
) -> None:
    cases = [await house.escalation(await house.conversation(), level=3) for _ in range(11)]
    grave = await house.escalation(await house.conversation())
    await desk.post(f"/escalations/{cases[0]}/acknowledge")
    found = links(await desk.read("/today"))
    assert found == [f"wait-escalation-{one}" for one in (grave, *cases[1:10])]


async def test_tasks_that_are_due_and_who_waits_for_a_person_are_rows_the_first_five_of_each(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", phone="+819012345678")
    later = await house.task("call", patient=patient)
    await house.rows("update task set due_at = now() + interval '1 hour' where id = $1", later)
    tasks = [await house.task("call", patient=patient) for _ in range(6)]
    await house.rows("update task set due_at = now() - interval '1 min' where id = $1", tasks[5])
    talks = [
        await house.conversation(said="ひみつ", owner="queue", waiting=minutes)
        for minutes in (10, 60, 20, 30, 40, 50)
    ]
    await house.conversation(said="ひみつ")  # the bot answers
    page = await desk.read("/today")
    wanted = [f"wait-task-{one}" for one in (tasks[5], *tasks[:4])]
    wanted += [f"wait-conversation-{talks[n]}" for n in (1, 5, 4, 3, 2)]
    assert links(page) == wanted
    assert f'href="/tasks#task-{tasks[0]}"' in page
    assert f'href="/conversations/{talks[1]}"' in page
    for words in ("ひみつ", "+8190", "5678"):  # for those who open it
        assert words not in page


async def test_another_day_shows_the_escalations_only(house: House, desk: Browser) -> None:
    case = await house.escalation(await house.conversation())
    await house.task("call", patient=await house.patient("田中 花子"))
    page = await desk.read("/today?on=2027-03-01")
    assert links(page) == [f"wait-escalation-{case}"]
    assert (await desk.get(live_path(page))).status == 204
    await house.escalation(await house.conversation())
    assert len(links(await desk.read(live_path(page)))) == 2


async def test_a_doctor_sees_every_escalation_and_otherwise_own_patients_only(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    browser, sato = await sign_in(doctor), await house.practitioner("佐藤", doctor)
    wanted, cases = [], []
    for name, visits in (("自分", True), ("他人", False)):
        patient = await house.patient(name)
        if visits:
            await house.visit(patient, sato)
        task = await house.task("call", patient=patient)
        talk = await house.conversation(patient, owner="queue")
        cases.append(await house.escalation(await house.conversation(patient), patient=patient))
        if visits:
            wanted = [f"wait-task-{task}", f"wait-conversation-{talk}"]
    found = links(await browser.read("/today"))
    assert found == [*(f"wait-escalation-{one}" for one in cases), *wanted]


@pytest.mark.parametrize("what", ["escalation", "taken", "task", "queue", "renamed"])
async def test_it_is_sent_again_only_when_something_changed_and_only_then_leaves_a_trace(
    house: House, desk: Browser, what: str
) -> None:
    patient = await house.patient("田中 花子")
    case = await house.escalation(await house.conversation(patient), patient=patient)
    path = live_path(await desk.read("/today"))
    query = "select detail from audit where action = 'staff:task:list'"
    assert [row["detail"] for row in await house.rows(query)] == [{"escalations": [case]}]
    assert (await desk.get(path)).status == 204
    assert len(await house.rows(query)) == 1
    match what:
        case "escalation":
            await house.escalation(await house.conversation())
        case "taken":
            await desk.post(f"/escalations/{case}/acknowledge")
        case "task":
            await house.task("call", patient=patient)
        case "queue":
            await house.conversation(owner="queue")
        case _:
            await house.rows("update patient set name = '田中 太郎'")
    assert len(links(await desk.read(path))) == (1 if what in ("taken", "renamed") else 2)
    assert len(await house.rows(query)) == 2
