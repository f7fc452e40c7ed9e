"""An answer to older words is neither shown nor chosen from: whatever comes late, and in whatever
order."""

import re

import pytest
from playwright.async_api import Locator, Page, Request, expect

from clinic.staff.types import Role
from tests.e2e.furnished import furnished, open_monday
from tests.e2e.holding import hold, pause_after, settled, stop_the_clock
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

# What comes when is the same at every width.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("page", [1280], indirect=True)]

ASKED = """select count(*) from appointment a join patient p on p.id = a.patient_id
           where p.chart = $1"""


async def two_patients(house: House) -> None:
    await house.patient("田中 花子", chart="7001")
    await house.patient("高橋 一郎", chart="8002")


async def test_the_words_typed_last_are_looked_for_while_the_first_wait(
    page: Page, house: House, address: str
) -> None:
    await two_patients(house)
    await sign_in(page, house, address)
    await page.goto(f"{address}/calendar/book")
    held = await hold(page, "**/calendar/book/find", "7001")
    await stop_the_clock(page)
    await pause_after(page, "#q", "7001")
    await held.asked()
    await pause_after(page, "#q", "99")
    await pause_after(page, "#q", "8002")
    await held.let_go()
    await expect(page.get_by_label("高橋 一郎")).to_be_checked()
    await expect(page.get_by_label("田中 花子")).to_have_count(0)


async def test_nobody_is_booked_who_was_found_by_older_words(
    page: Page, house: House, address: str
) -> None:
    await furnished(house, await house.staff("佐藤"))
    await two_patients(house)
    monday = await open_monday(house)
    await sign_in(page, house, address)
    await page.goto(f"{address}/calendar/book?on={monday}")
    await page.get_by_label("Time", exact=True).fill("10:00")
    await page.get_by_label("Service").select_option(label="Follow-up visit (15 min)")
    await page.get_by_label("With").select_option(label="Dr. Ken Ito")
    await page.locator("#q").fill("7001")
    await expect(page.get_by_label("田中 花子")).to_be_checked()
    await stop_the_clock(page)
    await page.locator("#q").fill("8002")
    await page.get_by_role("button", name="Book", exact=True).click()
    await expect(page.get_by_text("Choose the patient, or add")).to_be_visible()
    assert await house.value(ASKED, "7001") == 0


@pytest.mark.parametrize(
    ("path", "chosen_by"),
    [
        ("/calendar/book", "input[name=patient][form=book]:not([value=new])"),
        ("/walk-in", "a[href^='/walk-in/']"),
        ("/tasks/{task}/link", "input[name=patient]"),
        ("/questionnaires/{questionnaire}/ask", "input[name=patient]"),
    ],
)
async def test_a_late_answer_does_not_bring_back_whom_older_words_found(
    page: Page, house: House, address: str, path: str, chosen_by: str
) -> None:
    there = await furnished(house, await house.staff("佐藤"))
    await two_patients(house)
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}{path.format_map(there)}")
    held = await hold(page, "**/find", "7001")
    await stop_the_clock(page)
    choices = page.locator("#found").locator(chosen_by)
    await pause_after(page, "#q", "8002")
    await expect(choices).to_have_count(1)
    await pause_after(page, "#q", "7001")
    await held.asked()
    await page.locator("#q").fill("8002")
    assert await choices.count() == 0
    await held.let_go()
    assert await choices.count() == 0
    await page.clock.run_for(1000)
    await expect(page.locator("#found")).to_contain_text("高橋 一郎")
    await expect(choices).to_have_count(1)
    # What is typed again is looked for again: it had been taken away.
    await page.locator("#q").fill("80")
    await pause_after(page, "#q", "8002")
    await expect(choices).to_have_count(1)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/walk-in", "#q"),
        ("/patients", "#q"),
        ("/tasks/{task}/link", "#q"),
        ("/questionnaires/{questionnaire}/ask", "#q"),
        ("/triage", "#q"),
        ("/segments/new", "#tree"),
        ("/campaigns/{campaign}/edit", "#text-a-en"),
    ],
)
async def test_the_words_typed_last_are_asked_for_on_every_page(
    page: Page, house: House, address: str, path: str, field: str
) -> None:
    there = await furnished(house, await house.staff("佐藤"))
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}{path.format_map(there)}")
    if field == "#tree":
        await page.get_by_role("button", name="Advanced (JSON)").click()
        await expect(page.locator(field)).to_be_visible()
    held = await hold(page, "**/*", "words1")
    await stop_the_clock(page)
    for words in ("words1", "words2"):
        await pause_after(page, field, words)
        await held.asked()

    def last(request: Request) -> bool:
        return "words3" in f"{request.url} {request.post_data or ''}"

    async with page.expect_request(last):
        await pause_after(page, field, "words3")
        await held.let_go()


async def test_the_times_are_those_of_the_service_chosen_last(
    page: Page, house: House, address: str
) -> None:
    there = await furnished(house, await house.staff("佐藤"))
    await sign_in(page, house, address)
    await page.goto(f"{address}/walk-in/{there['patient']}")
    what = page.locator("#what")
    first, second = await what.locator("option:not([selected])").evaluate_all(
        "them => them.slice(0, 2).map(one => one.value)"
    )
    await what.evaluate("field => { field.options[0].selected = true }")
    held = await hold(page, "**/walk-in/*", f"what={first}")
    await what.select_option(first)
    await held.asked()
    await what.select_option(second)
    await held.let_go()
    await expect(page.locator("#slots")).to_have_attribute("aria-live", "polite")
    await expect(page.locator("#slots input[name=what]")).to_have_value(second)


async def test_the_timeline_shows_what_was_chosen_last(
    page: Page, house: House, address: str
) -> None:
    there = await furnished(house, await house.staff("佐藤"))
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/patients/{there['patient']}/timeline")
    kinds = page.locator(".timeline-kinds a")
    second = await kinds.nth(2).inner_text()
    held = await hold(page, re.compile(r"timeline\?only="))
    await kinds.nth(1).click()
    await held.asked()
    await kinds.nth(2).click()
    await held.let_go()
    await expect(page.locator(".timeline-kinds [aria-current]")).to_have_text(second)


async def two_wait(page: Page, house: House, address: str) -> Locator:
    """Two patients wait, on a page that hears of nothing new. The button that calls the next."""
    sato = await house.practitioner("佐藤")
    names = {"Tanaka Hanako": "00:00", "Takahashi Ichiro": "00:30"}
    for name, at in names.items():
        await house.visit(await house.patient(name), sato, at=at)
    await sign_in(page, house, address)
    for number, name in enumerate(names, 1):
        await page.get_by_role("button", name=f"Arrived: {name}").click()
        await expect(page.get_by_text(f"No. {number} ·")).to_be_visible()
    await page.route("**/live/**", lambda route: route.abort())
    await page.goto(f"{address}/today")
    return page.get_by_role("button", name="Call next: 1 (2 wait): 佐藤")


async def test_call_next_pressed_twice_calls_one_patient(
    page: Page, house: House, address: str
) -> None:
    button = await two_wait(page, house, address)
    sent: list[str] = []
    page.on("request", lambda it: sent.append(it.url) if "/queue/next/" in it.url else None)
    held = await hold(page, "**/queue/next/*")
    await button.click()
    await held.asked()
    await button.click()
    await held.let_go()
    await expect(page.get_by_text("No. 1 · called")).to_be_visible()
    await settled(page)
    assert len(sent) == 1
    called = "select array(select number from queue_ticket where called_at is not null)"
    assert await house.value(called) == [1]


async def test_the_second_click_of_a_double_one_does_not_call_the_next_but_one(
    page: Page, house: House, address: str
) -> None:
    button = await two_wait(page, house, address)
    await button.click()
    instead = page.get_by_role("button", name="Call next: 2 (1 waits): 佐藤")
    await expect(instead).to_be_visible()
    box = await instead.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 9, box["y"] + 9)
    await page.mouse.down(click_count=2)
    await page.mouse.up(click_count=2)
    await settled(page)
    called = "select array(select number from queue_ticket where called_at is not null)"
    assert await house.value(called) == [1]


async def test_call_next_on_a_page_that_is_behind_calls_nobody_else(
    page: Page, house: House, address: str
) -> None:
    button = await two_wait(page, house, address)
    await house.rows("update queue_ticket set called_at = now() where number = 1")  # a colleague
    await button.click()
    await expect(page.get_by_text("No. 1 · called")).to_be_visible()
    await expect(page.get_by_role("button", name="Call next: 2 (1 waits): 佐藤")).to_be_visible()
    called = "select array(select number from queue_ticket where called_at is not null)"
    assert await house.value(called) == [1]


async def test_a_search_in_the_inbox_is_answered_though_the_list_is_renewed_meanwhile(
    page: Page, house: House, address: str
) -> None:
    await house.conversation(await house.patient("田中 花子"), said="hello", owner="queue")
    await sign_in(page, house, address)
    await page.goto(f"{address}/conversations")
    renewal = await hold(page, "**/live/conversations*")
    search = await hold(page, "**/conversations/find")
    await house.conversation(await house.patient("高橋 一郎"), said="hello", owner="queue")
    await page.evaluate("document.getElementById('lists').dispatchEvent(new Event('live'))")
    await renewal.asked()
    await page.locator("#inbox-words").fill("田中")
    await page.keyboard.press("Enter")
    await search.asked()
    await renewal.let_go()
    await search.let_go()
    await expect(page.locator("#lists .inbox-about[role=status]")).to_be_visible()
    await expect(page.locator("#lists .talk")).to_have_count(1)
