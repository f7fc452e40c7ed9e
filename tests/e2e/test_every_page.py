"""Every page of the panel in a real browser: wide and narrow, light and dark, by a machine that
knows WCAG. Finds what the makers of a page did not look at."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from admin.routes import ROUTES
from admin.table import Row
from bot import board_pages
from bot.environment import Environment
from clinic.reception.board import open_anew
from clinic.staff.types import Role, Staff
from tests.e2e.browser import picture, violations, watch
from tests.e2e.furnished import furnished
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, SETTINGS, House

pytestmark = pytest.mark.browser
# What gives no page of its own, or one that another test looks at: why.
NO_PAGE = {
    "/healthz": "words for a machine",
    "/metrics": "figures for a machine",
    "/favicon.ico": "a picture",
    "/static/{name}": "files",
    "/": "leads to Today",
    "/account/second-step": "leads to the step that is next",
    "/settings/channels/test/{message}": "a part of the channels' page",
    "/settings/channels/{topic}/quota": "a part of the channels' page",
    "/checklist": "a part of Today",
    "/segments/words": "a list that the builder reads",
    "/campaigns/pictures/{name}": "a picture",
    "/media/{inbound}": "a picture or a voice",
}
FILES = (".csv", ".json", ".pdf")
PARTS = "/live/"  # parts of pages that are looked at
PDF = {"/documents/{document}/answers/{reply}"}  # as FILES, without saying so in its name
# What a page needs to have something to show.
ASKED = {
    "/calendar/book": "?patient={patient}",
    "/figures/rows": "?figure=visit",
    "/merges/compare": "?kept={patient}&lost={other}",
}
NAMES = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\})?[^{}]*)?\}")


def plain(row: Row) -> str:
    """The path of a row, without what its parameters have to look like."""
    return NAMES.sub(r"{\1}", row.path)


def is_page(row: Row) -> bool:
    """Whether a row gives a page. A new row does, unless somebody says here that it does not."""
    path = plain(row)
    no_page = path in NO_PAGE or path in PDF or path.startswith(PARTS) or path.endswith(FILES)
    return row.method == "GET" and not no_page


def address_of(row: Row, there: Mapping[str, int | str]) -> str:
    """Where the page is of what is there. Raises KeyError of a parameter that nobody furnished."""
    path = plain(row)
    # Its parameter is called as that of the manual.
    known = {**there, "topic": "cough"} if path.startswith("/triage") else there
    return (path + ASKED.get(path, "")).format_map(known)


PAGES = [row for row in ROUTES if is_page(row)]
# What a clinic that has just begun has.
OF_NOTHING = [row for row in PAGES if "{" not in row.path and row.path not in ASKED]


# Each width and each look in every run; the other two pairs take as long again.
@pytest.fixture(
    params=[
        (1280, "light"),
        pytest.param((1280, "dark"), marks=pytest.mark.long),
        pytest.param((390, "light"), marks=pytest.mark.long),
        (390, "dark"),
    ],
    ids=lambda look: "-".join(map(str, look)),
)
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
    if urlsplit(page.url).path != urlsplit(path).path:
        return [f"{path}: leads to {page.url}"]
    await picture(page, urlsplit(path).path.strip("/").replace("/", "-"))
    found = [f"{path}: {fault}" for fault in await violations(page)]
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append(f"{path}: wider than the screen")
    return found


async def look_at_all(
    page: Page,
    house: House,
    address: str,
    doctor: Staff,
    pages: Sequence[Row],
    there: Mapping[str, int | str],
) -> list[str]:
    """What is wrong with pages: those of nobody, of an admin, and of doctors only."""
    found = []
    for who in (None, await house.staff("Yamada", Role.ADMIN), doctor):
        await page.context.clear_cookies()
        if who is not None:
            await sign_in(page, house, address, who)
        for row in pages:
            if first_to_see(row) is (who.role if who else None):
                found += await look(page, address, address_of(row, there))
    return found


def first_to_see(row: Row) -> Role | None:
    """As whom a page is looked at."""
    if row.roles is None:
        return None
    return Role.ADMIN if Role.ADMIN in row.roles else Role.DOCTOR


def test_every_route_that_is_said_to_be_no_page_is_there() -> None:
    assert NO_PAGE.keys() | PDF | ASKED.keys() <= {plain(row) for row in ROUTES}


async def test_every_page_is_within_reach_of_everybody(
    page: Page, house: House, address: str
) -> None:
    doctor = await house.staff("Sato", Role.DOCTOR)
    there = await furnished(house, doctor)
    faults = watch(page)
    found = await look_at_all(page, house, address, doctor, PAGES, there) + faults
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("page", [(390, "dark")], indirect=True)
async def test_pages_of_a_clinic_that_has_just_begun(
    page: Page, house: House, address: str
) -> None:
    doctor = await house.staff("Sato", Role.DOCTOR)
    faults = watch(page)
    found = await look_at_all(page, house, address, doctor, OF_NOTHING, {}) + faults
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
