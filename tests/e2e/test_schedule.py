"""The calendar in a real browser: booking by hand, dragging, blocking; at a desk and on a
telephone."""

import pytest
from playwright.async_api import Page, expect

from clinic.booking.demo import seed
from clinic.staff.types import Role
from tests.e2e.browser import picture, violations
from tests.e2e.furnished import open_monday
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, SETTINGS, House

pytestmark = pytest.mark.browser


@pytest.fixture
async def monday(house: House) -> str:
    """A demonstration clinic, and a Monday on which it is open and has no visits."""
    async with house.database.transaction() as tx:
        today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
        await seed(tx, KEYS, SETTINGS, today)
    return str(await open_monday(house))


async def check(page: Page, name: str) -> None:
    """Nothing is out of reach of anybody, or of a small screen."""
    await picture(page, name)
    assert await violations(page) == [], name
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


async def test_a_visit_is_booked_by_hand_moved_by_dragging_and_taken_back(
    page: Page, house: House, address: str, monday: str
) -> None:
    await sign_in(page, house, address, Role.STAFF)
    await page.goto(f"{address}/calendar?on={monday}")
    await expect(
        page.locator("#calendar .ec-resource, #calendar .ec-col-head").first
    ).to_be_visible()
    await check(page, "calendar")
    # Two clicks from Today: the calendar, and the button (or a free time in the grid).
    await page.get_by_role("link", name="Book a visit").click()
    await check(page, "book")
    await page.get_by_label("Day", exact=True).fill(monday)
    await page.get_by_label("Time", exact=True).fill("10:00")
    await page.get_by_role("searchbox").fill("山田")
    await page.get_by_label("山田 花子").check()
    await page.get_by_label("Service").select_option(label="Follow-up visit (15 min)")
    await page.get_by_label("With").select_option(label="Dr. Ken Ito")
    await page.get_by_role("button", name="Book", exact=True).click()
    await expect(page.get_by_text("Booked.")).to_be_visible()
    event = page.locator(".ec-event", has_text="山田 花子").first
    await expect(event).to_be_visible()
    await check(page, "booked")
    if await page.evaluate("innerWidth") < 1000:
        return  # a finger drags after a long press; the card has the same by buttons
    await drag(page, 104)  # an hour down
    await expect(page.get_by_text("Moved.")).to_be_visible()
    at = """select to_char(starts_at at time zone 'Asia/Tokyo', 'HH24:MI') from appointment
            order by id desc limit 1"""
    assert await house.value(at) == "11:00"
    await check(page, "moved")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Back where it was.")).to_be_visible()
    assert await house.value(at) == "10:00"
    await expect(event.locator(".seen-when")).to_have_text("10:00")
    await drag(page, 364)  # into the closed noon
    await expect(page.get_by_text("outside the working hours")).to_be_visible()
    assert await house.value(at) == "10:00"


async def drag(page: Page, down: int) -> None:
    """Drag the visit of 山田 花子 down by so many pixels; a quarter of an hour has 26."""
    event = page.locator(".ec-event", has_text="山田 花子").first
    await event.scroll_into_view_if_needed()
    box = await event.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 8
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + down / 2, steps=5)
    await page.mouse.move(x, y + down, steps=5)
    await page.mouse.up()


async def test_a_visit_opens_and_moves_by_buttons_alone(
    page: Page, house: House, address: str, monday: str
) -> None:
    visit = await house.value("select min(id) from appointment where status = 'booked'")
    await sign_in(page, house, address, Role.STAFF)
    on = await house.value(
        "select (starts_at at time zone 'Asia/Tokyo')::date from appointment where id = $1", visit
    )
    await page.goto(f"{address}/calendar?on={on}")
    await page.locator(".ec-event:has(.seen-what)").first.click()
    await expect(page.get_by_role("dialog", name="Visit")).to_be_visible()
    await check(page, "card")
    await page.goto(f"{address}/calendar?on={on}&view=list&span=week")
    await check(page, "list")
    await page.locator("#calendar-table th a").first.click()
    await check(page, "visit")
    await page.locator(".calendar-slots button").last.click()
    await expect(page.get_by_text("Moved.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Back where it was.")).to_be_visible()


async def test_time_is_blocked_and_opened_again(
    page: Page, house: House, address: str, monday: str
) -> None:
    await sign_in(page, house, address, Role.STAFF)
    await page.goto(f"{address}/calendar/block?at={monday}T10:00&until={monday}T11:00")
    await check(page, "block")
    await page.get_by_label("Reason").fill("Meeting")
    await page.get_by_role("button", name="Block time").click()
    await expect(page.get_by_text("The time is blocked.")).to_be_visible()
    await page.locator(".ec-event.is-block").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Open again").click()
    await expect(page.get_by_text("The time is open again.")).to_be_visible()


async def test_week_room_and_load_views_and_every_settings_page(
    page: Page, house: House, address: str, monday: str
) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    for name, path in (
        ("week", f"/calendar?on={monday}&span=week"),
        ("room", f"/calendar?on={monday}&by=room"),
        ("site", f"/calendar?on={monday}&by=site"),
        ("load", f"/calendar/load?on={monday}"),
        ("sites", "/settings/sites"),
        ("site-form", "/settings/sites/new"),
        ("practitioners", "/settings/practitioners"),
        ("practitioner", "/settings/practitioners/1"),
        ("services", "/settings/services"),
        ("service", "/settings/services/1"),
        ("hours", "/settings/hours"),
        ("weekly", "/settings/hours/1"),
        ("holidays", "/settings/holidays"),
    ):
        await page.goto(f"{address}{path}")
        if name in ("week", "room", "site"):
            await expect(page.locator("#calendar .ec")).to_be_visible()
        await check(page, name)
