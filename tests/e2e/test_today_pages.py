"""The day at the desk in a real browser: at a desk and on a telephone."""

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def test_a_patient_is_checked_in_by_one_press_called_seen_and_it_can_be_undone(
    page: Page, house: House, address: str
) -> None:
    sato = await house.practitioner("佐藤")
    for name, at in (("Tanaka Hanako", "00:00"), ("Takahashi Ichiro", "00:30")):
        await house.visit(await house.patient(name, chart=name[:3]), sato, at=at)
    await sign_in(page, house, address)
    await check(page)
    for name in ("Tanaka Hanako", "Takahashi Ichiro"):
        await page.get_by_role("button", name=f"Arrived: {name}").click()
    await expect(page.get_by_text("No. 2 · 1 ahead")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Undo: Takahashi Ichiro").click()
    await expect(page.get_by_role("button", name="Arrived: Takahashi Ichiro")).to_be_visible()
    await page.get_by_role("button", name="Arrived: Takahashi Ichiro").click()
    await expect(page.get_by_text("No. 2 · 1 ahead")).to_be_visible()  # the number stays theirs
    await page.get_by_role("button", name="Call next: 1 (2 wait): 佐藤").click()
    await expect(page.get_by_text("No. 1 · called")).to_be_visible()
    await page.get_by_role("button", name="Start: Tanaka Hanako").click()
    await expect(page.get_by_text("In the room")).to_be_visible()
    await page.get_by_role("button", name="Seen: Tanaka Hanako").click()
    await expect(page.get_by_role("button", name="Undo: Tanaka Hanako")).to_be_focused()
    await check(page)
    await page.emulate_media(media="print")
    assert not await page.get_by_role("button", name="Undo: Tanaka Hanako").is_visible()
    assert not await page.locator(".strip").is_visible()
    await expect(page.get_by_text("Takahashi Ichiro")).to_be_visible()
    rows = await house.rows("select status from appointment order by id")
    assert [row["status"] for row in rows] == ["fulfilled", "arrived"]


async def test_a_delay_moves_the_times_and_shows_who_hears_of_it(
    page: Page, house: House, address: str
) -> None:
    sato = await house.practitioner("佐藤")
    reached = await house.patient("Tanaka Hanako")
    await house.conversation(reached)
    await house.rows("update chat_account set consent_version = '2.1'")
    await house.visit(reached, sato, at="23:59:59")
    await house.rows("delete from allocation")  # two at once: a fault of the house's, not ours
    await house.visit(await house.patient("Takahashi Ichiro"), sato, at="23:59:59")
    await sign_in(page, house, address)
    await page.get_by_role("link", name="Running late: 佐藤").click()
    await check(page)
    await page.get_by_role("button", name="20 min late").click()
    await check(page)
    await expect(page.get_by_text("23:59 → 00:19").first).to_be_visible()
    await page.goto(f"{address}/today")
    await expect(page.get_by_text("about 00:19").first).to_be_visible()
    await expect(page.get_by_role("link", name="20 min late: 佐藤")).to_be_visible()


async def test_unconfirmed_visits_tasks_walk_ins_and_boards_are_within_reach(
    page: Page, house: House, address: str
) -> None:
    sato = await house.practitioner("佐藤")
    patient = await house.patient("Tanaka Hanako", phone="+819012345678")
    visit = await house.visit(patient, sato, at="23:59:59")
    await house.task("call", patient=patient, visit=visit, detail={"reason": "unconfirmed"})
    await sign_in(page, house, address, Role.ADMIN)
    await page.get_by_role("link", name="visits unconfirmed").click()
    await check(page)
    await page.get_by_role("button", name="Show the number: Tanaka Hanako").click()
    await expect(page.get_by_role("link", name="+819012345678")).to_be_visible()
    await page.goto(f"{address}/tasks")
    await check(page)
    await page.get_by_role("button", name="Show the number: Tanaka Hanako").click()
    await expect(page.get_by_role("link", name="+819012345678")).to_be_visible()
    for summary in ("What to say", "Assign or put off"):
        await page.get_by_text(summary).click()
    await check(page)
    await page.get_by_role("button", name="Is coming", exact=True).click()
    await expect(page.get_by_text("Noted.")).to_be_visible()
    await page.goto(f"{address}/queue/boards")
    await page.get_by_role("button", name="Turn the board on: Main").click()
    await expect(page.get_by_role("link", name="/board/")).to_be_visible()
    await check(page)
    await page.goto(f"{address}/walk-in")
    await check(page)
    await page.get_by_label("Name", exact=True).fill("Tanaka Hanako")
    await page.get_by_role("button", name="Register and go on").click()
    await expect(page.get_by_text("Are they perhaps here already?")).to_be_visible()
    await check(page)
    await page.get_by_role("link", name="This one: Tanaka Hanako").first.click()
    await check(page)


async def test_what_waits_stands_on_top_appears_by_itself_and_its_clock_runs(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient("Tanaka Hanako", phone="+819012345678")
    sato = await house.practitioner("佐藤")
    await house.visit(patient, sato, at="23:59:59")
    task = await house.task("call", patient=patient)
    await house.conversation(patient, owner="queue", waiting=8)
    await page.clock.install()
    await sign_in(page, house, address)
    await check(page)
    wait = page.locator("#waits .wait")
    await expect(wait).to_have_count(2)
    case = await house.escalation(await house.conversation(patient), patient=patient)
    await expect(wait).to_have_count(3)
    await expect(wait.first).to_contain_text("Level 4: emergency now")
    await expect(wait.first).to_contain_text("Tanaka Hanako")
    await expect(wait.first.locator("[data-ticks]")).to_have_text("0 min")
    top = await wait.first.bounding_box()
    visits = await page.locator("#day").bounding_box()
    assert top is not None
    assert visits is not None
    assert top["y"] < visits["y"]
    await check(page)
    await page.get_by_role("link", name="All tasks").focus()
    await page.clock.fast_forward("07:00")
    await expect(wait.first.locator("[data-ticks]")).to_have_text("7 min")
    await expect(page.get_by_role("link", name="All tasks")).to_be_focused()
    await page.locator(f"#wait-task-{task}").click()
    await page.wait_for_url(f"**/tasks#task-{task}")
    await page.goto(f"{address}/today")
    await page.get_by_role("button", name="I take it: Tanaka Hanako").click()
    await page.wait_for_url(f"**/escalations/{case}")
    await expect(page.get_by_text("You have it")).to_be_visible()
