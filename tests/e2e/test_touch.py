"""The calendar under a finger, on a telephone: a long press takes a visit up, a tap opens it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, CDPSession, Locator, Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.e2e.test_schedule import monday
from tests.integration.admin.house import House

__all__ = ["monday"]  # the fixture of a demonstration clinic
pytestmark = pytest.mark.browser
QUARTER = 26  # px of a quarter of an hour
AT = """select to_char(starts_at at time zone 'Asia/Tokyo', 'HH24:MI') from appointment
        order by id desc limit 1"""


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
        locale="en-GB",
    )
    page = await context.new_page()
    faults = watch(page)
    yield page
    await context.close()
    assert faults == []


class Finger:
    """One finger on the screen, as the operating system tells the browser of it."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def down(self, x: float, y: float) -> None:
        await self._tell("touchStart", [{"x": x, "y": y}])

    async def move(self, x: float, y: float) -> None:
        await self._tell("touchMove", [{"x": x, "y": y}])

    async def up(self) -> None:
        await self._tell("touchEnd", [])

    async def _tell(self, kind: str, points: list[dict[str, float]]) -> None:
        await self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.fixture
async def finger(page: Page) -> Finger:
    return Finger(await page.context.new_cdp_session(page))


@pytest.fixture
async def visit(page: Page, house: House, address: str, monday: str) -> Locator:
    """A visit at 10:00 on an open calendar, in view."""
    await sign_in(page, house, address, Role.STAFF)
    await page.goto(f"{address}/calendar/book?at={monday}T10:00")
    await page.get_by_role("searchbox").fill("山田")
    await page.get_by_label("山田 花子").check()
    await page.get_by_label("Service").select_option(label="Follow-up visit (15 min)")
    await page.get_by_label("With").select_option(label="Dr. Ken Ito")
    await page.get_by_role("button", name="Book", exact=True).click()
    await expect(page.get_by_text("Booked.")).to_be_visible()
    event = page.locator(".ec-event", has_text="山田 花子").first
    await event.evaluate(
        "one => one.scrollIntoView({ behavior: 'instant', block: 'center', inline: 'center' })"
    )
    assert await house.value(AT) == "10:00"
    return event


async def middle(event: Locator) -> tuple[float, float]:
    box = await event.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + 8


async def take_up(page: Page, finger: Finger, event: Locator) -> tuple[float, float]:
    """Press until the visit is under the finger."""
    x, y = await middle(event)
    await finger.down(x, y)
    await expect(page.locator(".ec-dragging").first).to_be_attached()
    return x, y


async def test_a_visit_is_moved_by_a_long_press_and_a_finger_and_taken_back(
    page: Page, house: House, finger: Finger, visit: Locator
) -> None:
    x, y = await take_up(page, finger, visit)
    for part in range(1, 9):
        await finger.move(x, y + part * QUARTER / 2)
    await finger.up()
    await expect(page.get_by_text("Moved.")).to_be_visible()
    assert await house.value(AT) == "11:00"
    assert await violations(page) == []
    await page.get_by_role("button", name="Undo").tap()
    await expect(page.get_by_text("Back where it was.")).to_be_visible()
    assert await house.value(AT) == "10:00"


async def test_a_finger_that_scrolls_or_taps_moves_nothing(
    page: Page, house: House, finger: Finger, visit: Locator
) -> None:
    x, y = await middle(visit)
    before = await page.evaluate("scrollY")
    await finger.down(x, y)
    for part in range(1, 9):
        await finger.move(x, y - part * QUARTER)
    await finger.up()
    await page.wait_for_function("before => scrollY > before", arg=before)
    await visit.scroll_into_view_if_needed()
    await visit.tap()
    await expect(page.get_by_role("dialog", name="Visit")).to_be_visible()
    assert await house.value(AT) == "10:00"


async def test_a_visit_is_reached_and_moved_by_keyboard_alone(
    page: Page, house: House, visit: Locator
) -> None:
    await visit.get_by_role("link").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Visit")).to_be_visible()
    button = page.get_by_role("dialog").locator(".calendar-slots button").last
    for _ in range(200):
        if await button.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Moved.")).to_be_visible()
    assert await house.value(AT) != "10:00"
