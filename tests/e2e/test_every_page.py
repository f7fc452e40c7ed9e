"""Every page of the panel that needs no number in its address, in a real browser: wide and narrow,
light and dark, by a machine that knows WCAG. Finds what the makers of a page did not look at."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from admin.routes import ROUTES
from bot import board_pages
from bot.environment import Environment
from clinic.reception.board import open_anew
from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, SETTINGS, House

pytestmark = pytest.mark.browser
NO_PAGES = ("/healthz", "/metrics", "/favicon.ico", "/sign-in", "/", "/segments/words")
PAGES = [
    row
    for row in ROUTES
    if row.method == "GET"
    and "{" not in row.path
    and row.path not in NO_PAGES
    and not row.path.startswith("/live/")
    and "." not in row.path.rsplit("/", 1)[-1]
    and row.by_person
]


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    width, look = request.param
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=look, locale="en-GB"
    )
    page = await context.new_page()
    yield page
    await context.close()


async def look(page: Page, address: str, path: str) -> list[str]:
    """What is wrong with a page."""
    answer = await page.goto(f"{address}{path}")
    if answer is None or answer.status != 200:
        return [f"{path}: {answer and answer.status}"]
    found = [f"{path}: {fault}" for fault in await violations(page)]
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append(f"{path}: wider than the screen")
    return found


async def test_every_page_is_within_reach_of_everybody(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient(
        "田中 花子", kana="タナカ ハナコ", chart="1", birth_on=date(1960, 1, 2)
    )
    talk = await house.conversation(patient, said="こんにちは", owner="queue", waiting=5)
    await house.visit(patient, await house.practitioner("佐藤"), await house.room("1"))
    await house.task("call", patient=patient, conversation=talk)
    found: list[str] = []
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    for row in PAGES:
        if Role.ADMIN in (row.roles or ()):
            found += await look(page, address, row.path)
    await page.context.clear_cookies()
    await sign_in(page, house, address, await house.staff("Sato", Role.DOCTOR))
    for row in PAGES:
        if Role.ADMIN not in (row.roles or Role):
            found += await look(page, address, row.path)
    found += faults
    assert not found, "\n" + "\n".join(found)


async def test_the_board_of_the_waiting_room_is_for_everybody_too(page: Page, house: House) -> None:
    """Empty, with numbers called and waiting, and when it has had no news for a while."""
    faults = watch(page)
    doctor = await house.practitioner("佐藤")
    await house.visit(await house.patient("田中 花子"), doctor, await house.room("3"), at="23:00")
    async with house.database.transaction() as tx:
        token = await open_anew(tx, KEYS, await tx.fetchval("select id from site"))
    app = web.Application()
    nothing = cast("tuple[Any, Any, Any]", (None,) * 3)
    app.add_routes(board_pages.routes(Environment(house.database, KEYS, SETTINGS, {}, *nothing)))
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        found = await look(page, url, f"/board/{token}?language=en")
        for number in range(1, 12):
            patient = await house.patient("x", chart=str(number))
            visit = await house.visit(patient, doctor, at=f"{number:02}:00", status="arrived")
            await house.rows(
                """insert into queue_ticket (appointment_id, site_id, on_date, number, called_at)
                   select $1, site_id, (now() at time zone 'Asia/Tokyo')::date, $2::int,
                     case when $2 < 3 then now() end from appointment where id = $1""",
                visit,
                number,
            )
        found += await look(page, url, f"/board/{token}?language=ja")
        await expect(page.locator(".called li")).to_have_count(2)
        assert "田中" not in await page.content()
        await page.route("**/board/**", lambda route: route.abort())
        # The board's own look, every three seconds, would take it back.
        await page.evaluate("setInterval(() => document.body.classList.add('is-stale'), 20)")
        await expect(page.locator("#stale")).to_be_visible()
        found += [f"stale: {fault}" for fault in await violations(page)]
        await page.goto("about:blank")
    assert not found + faults, "\n" + "\n".join(found + faults)


async def test_pages_of_a_copy_from_which_nothing_goes_out(
    page: Page, house: House, address: str
) -> None:
    faults = watch(page)
    await house.rows(
        """insert into installation (origin, instance, muted_at, mute_reason)
           values (gen_random_uuid(), gen_random_uuid(), now(), 'restored')"""
    )
    found: list[str] = []
    for role in (Role.ADMIN, Role.STAFF):  # only an admin may let it speak
        await page.context.clear_cookies()
        await sign_in(page, house, address, await house.staff(role, role))
        for path in ("/today", "/patients", "/calendar"):
            found += await look(page, address, path)
            await expect(page.locator("[data-muted]")).to_be_visible()
            if (await page.locator("[data-muted] button").count() > 0) != (role is Role.ADMIN):
                found.append(f"{path}: whose button is it")
    assert not found + faults, "\n" + "\n".join(found + faults)
