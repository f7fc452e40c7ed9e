"""The calendar and the palette do not act on what was asked for before."""

import pytest
from playwright.async_api import Locator, Page, Request, expect

from clinic.booking.demo import seed
from tests.e2e.furnished import open_monday
from tests.e2e.holding import hold, pause_after, settled, stop_the_clock
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, SETTINGS, House

# What comes when is the same at every width, and a finger drags in another way.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("page", [1280], indirect=True)]


@pytest.fixture
async def monday(house: House) -> str:
    """A Monday of a demonstration clinic with the visits of two patients, and no others."""
    async with house.database.transaction() as tx:
        today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
        await seed(tx, KEYS, SETTINGS, today)
    on = await open_monday(house)
    practitioner = await house.value("""select min(practitioner_id) from appointment""")
    for name, at in (("Tanaka Hanako", "10:00"), ("Takahashi Ichiro", "11:00")):
        await house.visit(await house.patient(name), practitioner, at=at, on=on)
    return str(on)


async def seen(page: Page, address: str, monday: str) -> None:
    await page.goto(f"{address}/calendar?on={monday}")
    await expect(event(page, "Tanaka Hanako")).to_be_visible()


async def read_and_closed(page: Page, house: House, address: str, monday: str) -> Locator:
    """Tanaka's visit was read, and its dialog, which this is, closed."""
    await sign_in(page, house, address)
    await seen(page, address, monday)
    dialog = page.get_by_role("dialog", name="Visit")
    await event(page, "Tanaka Hanako").click()
    await expect(dialog.get_by_role("heading", name="Tanaka Hanako")).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    return dialog


def event(page: Page, name: str) -> Locator:
    return page.locator(".ec-event", has_text=name).first


async def test_the_dialog_does_not_open_with_the_visit_that_was_in_it_before(
    page: Page, house: House, address: str, monday: str
) -> None:
    dialog = await read_and_closed(page, house, address, monday)
    held = await hold(page, "**/calendar/visits/*")
    await event(page, "Takahashi Ichiro").click()
    await held.asked()
    await event(page, "Takahashi Ichiro").click()  # once more, as nothing happened
    assert await page.get_by_role("heading", name="Tanaka Hanako").count() == 0
    await held.let_go()
    await expect(dialog.get_by_role("heading", name="Takahashi Ichiro")).to_be_visible()


async def test_the_dialog_shows_the_visit_that_was_pressed_last(
    page: Page, house: House, address: str, monday: str
) -> None:
    await sign_in(page, house, address)
    await seen(page, address, monday)
    held = await hold(page, "**/calendar/visits/*")
    await event(page, "Tanaka Hanako").click()
    await held.asked()
    await event(page, "Takahashi Ichiro").click()
    dialog = page.get_by_role("dialog", name="Visit")
    await expect(dialog.get_by_role("heading", name="Takahashi Ichiro")).to_be_visible()
    await held.let_go()
    await expect(dialog.get_by_role("heading", name="Takahashi Ichiro")).to_be_visible()
    await expect(dialog.get_by_role("heading", name="Tanaka Hanako")).to_have_count(0)


async def test_a_visit_that_does_not_come_is_not_shown_as_the_one_before(
    page: Page, house: House, address: str, monday: str
) -> None:
    dialog = await read_and_closed(page, house, address, monday)
    await page.route("**/calendar/visits/*", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await event(page, "Takahashi Ichiro").click()
    await settled(page)
    assert await page.locator("#calendar-card").inner_text() == ""
    await expect(page.get_by_text("That did not work.")).to_be_visible()
    await expect(dialog).to_be_hidden()


async def test_a_moved_visit_is_not_put_back_by_an_older_look(
    page: Page, house: House, address: str, monday: str
) -> None:
    await sign_in(page, house, address)
    await seen(page, address, monday)
    held = await hold(page, "**/calendar/events.json*")
    box = await event(page, "Tanaka Hanako").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 8
    await page.mouse.move(x, y)
    await page.mouse.down()
    for down in range(0, 157, 26):  # an hour and a half
        await page.mouse.move(x, y + down)
    await page.mouse.up()
    await held.asked()  # what the page is told of the visit at its new time
    async with page.expect_event("requestfinished", lambda it: "events.json" in it.url):
        await page.get_by_role("button", name="Undo").click()
    await settled(page)
    await held.let_go()
    assert await event(page, "Tanaka Hanako").locator(".seen-when").inner_text() == "10:00"
    version = await house.value("select max(version) from appointment")
    assert version > 2


async def test_enter_opens_what_is_found_by_the_words_in_the_field(
    page: Page, house: House, address: str
) -> None:
    await house.patient("高橋 一郎", chart="8002")
    wanted = await house.patient("田中 花子", chart="7001")
    await sign_in(page, house, address)
    await stop_the_clock(page)
    await page.keyboard.press("Control+k")
    await pause_after(page, "#palette-words", "8002")
    await expect(page.get_by_role("option", name="高橋 一郎")).to_be_visible()
    held = await hold(page, "**/palette", "7001")
    await pause_after(page, "#palette-words", "7001")
    await held.asked()
    await page.keyboard.press("Enter")
    await held.let_go()
    await page.wait_for_url(f"**/patients/{wanted}")


async def test_escape_takes_back_an_enter_that_still_waits(
    page: Page, house: House, address: str
) -> None:
    await house.patient("田中 花子", chart="7001")
    await sign_in(page, house, address)
    await stop_the_clock(page)
    await page.keyboard.press("Control+k")
    await page.locator("#palette-words").fill("7001")
    held = await hold(page, "**/palette", "7001")
    await page.keyboard.press("Enter")
    await held.asked()
    await page.keyboard.press("Escape")
    gone: list[Request] = []
    page.on("request", lambda it: gone.append(it) if it.is_navigation_request() else None)
    await held.let_go()
    await settled(page)
    assert gone == []
    await expect(page.locator("#palette")).to_be_hidden()
