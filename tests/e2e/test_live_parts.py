"""What is looked at by itself, in a real browser: news and presses meet at a bad moment."""

import re

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Staff
from tests.e2e.holding import hold, stop_the_clock
from tests.e2e.panel import sign_in
from tests.e2e.parts import answered, ask, note_answers, only_when_told, replaced
from tests.integration.admin.house import House

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("page", [1280], indirect=True)]


@pytest.fixture
async def staff(house: House) -> Staff:
    return await house.staff("Yamada")


@pytest.fixture
async def talk(page: Page, house: House, address: str, staff: Staff) -> int:
    """A conversation that waits; the page shows it, and hears of news."""
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient, said="10時でいいですか", owner="queue", waiting=12)
    for n in range(30):
        await house.say(talk, f"line {n}")
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations/{talk}")
    await page.wait_for_selector("html[data-live=yes]")
    await page.wait_for_load_state("networkidle")
    return talk


async def take_over(page: Page) -> None:
    await page.get_by_role("button", name="Take over and answer").click()
    await expect(page.locator("#text")).to_be_focused()
    await page.wait_for_selector("html[data-live=yes]")


# News ---------------------------------------------------------------------------------------------


async def test_news_that_come_while_a_part_is_renewed_are_shown_too(
    page: Page, house: House, talk: int
) -> None:
    await only_when_told(page)
    answer = await hold(page, "**/live/menu*")
    await ask(page, "menu")
    await answer.asked()
    other = await house.conversation(await house.patient("王 小明"), owner="queue")
    await expect(page.locator(f"#talk-{other}")).to_be_attached()  # the page was told
    await answer.let_go()
    await expect(page.locator("#menu")).to_have_attribute("data-queued", "2")


async def test_an_older_look_at_the_day_does_not_bring_back_the_button_that_was_pressed(
    page: Page, house: House, address: str, staff: Staff
) -> None:
    await house.visit(await house.patient("Tanaka Hanako"), await house.practitioner("Sato"))
    await sign_in(page, house, address, staff)
    await page.wait_for_selector("html[data-live=yes]")
    await page.wait_for_load_state("networkidle")
    await only_when_told(page)
    arrived = page.get_by_role("button", name="Arrived: Tanaka Hanako")
    undo = page.get_by_role("button", name="Undo: Tanaka Hanako")
    answer = await hold(page, "**/live/today*")
    await ask(page, "day")
    await answer.asked()
    await arrived.click()
    await expect(undo).to_be_visible()
    await note_answers(page)
    await answer.let_go()
    await answered(page, "day")
    assert await arrived.count() == 0
    await expect(undo).to_be_visible()


# Presses ------------------------------------------------------------------------------------------


async def test_a_button_that_is_renewed_while_it_is_pressed_is_pressed_all_the_same(
    page: Page, talk: int
) -> None:
    await only_when_told(page)
    await page.locator("#take-over").hover()
    await stop_the_clock(page)  # nothing is held under a mouse for long
    answer = await hold(page, "**/live/conversations/*")
    await ask(page, "thread")
    await answer.asked()
    await note_answers(page)
    await page.mouse.down()
    await answer.let_go()
    await answered(page, "thread")
    await page.mouse.up()
    await page.clock.resume()
    await expect(page.locator("#text")).to_be_focused()


async def test_a_part_that_was_not_renewed_under_the_mouse_is_renewed_once_it_is_released(
    page: Page, talk: int
) -> None:
    await only_when_told(page)
    await page.locator("#menu").evaluate("menu => { menu.dataset.old = 'yes'; }")
    await page.locator("h1").hover()
    await stop_the_clock(page)  # nothing is held under a mouse for long
    answer = await hold(page, "**/live/menu*")
    await ask(page, "menu")
    await answer.asked()
    await note_answers(page)
    await page.mouse.down()
    await answer.let_go()
    await answered(page, "menu")
    await expect(page.locator("#menu[data-old]")).to_have_count(1)
    await page.mouse.up()
    await page.clock.resume()
    await expect(page.locator("#menu:not([data-old])")).to_have_count(1)


# Readers ------------------------------------------------------------------------------------------


async def test_who_reads_further_up_is_not_thrown_to_the_top_by_news(page: Page, talk: int) -> None:
    await page.locator("#messages").evaluate("one => { one.scrollTop = 300; }")
    await replaced(page, "thread")
    assert await page.locator("#messages").evaluate("one => one.scrollTop") == 300


async def test_the_menu_stays_where_it_was_scrolled_to(page: Page, talk: int) -> None:
    await page.set_viewport_size({"width": 1280, "height": 400})
    await page.locator("#side").evaluate("one => { one.scrollTop = 60; }")
    assert await page.locator("#side").evaluate("one => one.scrollTop") == 60
    await replaced(page, "menu")
    assert await page.locator("#side").evaluate("one => one.scrollTop") == 60


@pytest.mark.parametrize("busy", ["list", "dialog"])
async def test_a_page_is_not_loaded_anew_under_who_chooses_from_a_list_or_reads_a_dialog(
    page: Page, house: House, talk: int, busy: str
) -> None:
    await house.staff("Suzuki")
    await take_over(page)
    if busy == "list":
        await page.get_by_text("Give to").first.click()
        await page.get_by_label("Who should answer?").focus()
    else:
        await page.locator("[data-help-opens]").click()
        await expect(page.locator("#help")).to_be_visible()
    await page.evaluate("window.stays = true")
    await house.rows(
        """update conversation set owner = 'queue', queued_at = now(), owner_staff_id = null,
             owner_until = null"""
    )
    await replaced(page, "thread")
    await expect(page.locator("#thread")).to_have_attribute("data-mine", "no")
    await replaced(page, "thread")
    assert await page.evaluate("window.stays")
    async with page.expect_navigation():
        await page.evaluate(
            """() => { document.querySelector("dialog[open]")?.close();
                       document.activeElement.blur(); }"""
        )
        await ask(page, "thread")
    await expect(page.locator("#text")).to_have_count(0)


# The focus ----------------------------------------------------------------------------------------


async def test_news_do_not_take_the_focus_back_to_what_somebody_left_by_tab(
    page: Page, talk: int
) -> None:
    await take_over(page)
    await replaced(page, "menu")
    await expect(page.locator("#text")).to_be_focused()
    await (
        page.locator("#menu :is(summary, [data-menu-opens])").locator("visible=true").first.focus()
    )
    await replaced(page, "menu")
    await expect(page.locator("#text")).not_to_be_focused()


async def test_a_number_that_comes_late_does_not_take_the_focus_from_the_note(
    page: Page, house: House, address: str, staff: Staff
) -> None:
    patient = await house.patient("Tanaka Hanako", phone="+819012345678")
    await house.task("call", patient=patient)
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/tasks")
    note = page.locator("textarea[name=words]")
    link = page.get_by_role("link", name="+819012345678")
    answer = await hold(page, "**/tasks/*/phone")
    await page.get_by_role("button", name="Show the number: Tanaka Hanako").press("Enter")
    await answer.asked()
    await note.press_sequentially("calls ")
    await answer.let_go()
    await expect(link).to_be_visible()
    await expect(link).not_to_have_class(re.compile("htmx-added"))
    await page.keyboard.type("back")
    await expect(note).to_have_value("calls back")


async def test_the_number_has_the_focus_of_the_button_that_showed_it(
    page: Page, house: House, address: str, staff: Staff
) -> None:
    patient = await house.patient("Tanaka Hanako", phone="+819012345678")
    await house.task("call", patient=patient)
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/tasks")
    await page.get_by_role("button", name="Show the number: Tanaka Hanako").press("Enter")
    await expect(page.get_by_role("link", name="+819012345678")).to_be_focused()


async def test_the_answer_to_one_press_does_not_take_the_focus_from_the_next_button(
    page: Page, house: House, address: str, staff: Staff
) -> None:
    sato = await house.practitioner("Sato")
    for name, at in (("Tanaka Hanako", "00:00"), ("Takahashi Ichiro", "00:30")):
        await house.visit(await house.patient(name), sato, at=at)
    await sign_in(page, house, address, staff)
    await page.wait_for_load_state("networkidle")
    following = page.get_by_role("button", name="Arrived: Takahashi Ichiro")
    answer = await hold(page, "**/visits/*/status")
    await page.get_by_role("button", name="Arrived: Tanaka Hanako").press("Enter")
    await answer.asked()
    await following.focus()
    await answer.let_go()
    await expect(page.get_by_role("button", name="Undo: Tanaka Hanako")).to_be_visible()
    await expect(page.locator(".htmx-added")).to_have_count(0)
    await expect(following).to_be_focused()
