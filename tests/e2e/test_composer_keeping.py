"""What is typed into a campaign's form is kept in its order, in a real browser."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from clinic.staff.types import Role
from tests.e2e.holding import hold
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House
from tests.integration.local.watch import eventually_async

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("page", [1280], indirect=True)]


async def begin(page: Page, house: House, address: str) -> str:
    """A new campaign's form; where it is."""
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/campaigns/new")
    await page.get_by_role("button", name="Use this: We have moved, or are closed").click()
    await page.wait_for_url("**/edit")
    await page.wait_for_load_state()
    return page.url


async def test_all_that_is_typed_before_the_pages_script_has_come_is_kept(
    page: Page, house: House, address: str
) -> None:
    came = asyncio.Event()

    async def late(route: Route) -> None:
        await came.wait()
        await route.continue_()

    await page.route("**/composer*.js*", late)
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/campaigns/new")
    await page.get_by_role("button", name="Use this: We have moved, or are closed").click()
    await page.locator("#title").fill("Flu shots")
    await page.get_by_label("Channel", exact=True).focus()  # not where it was typed
    came.set()
    await expect(page.locator("#kept")).to_contain_text("What you typed is kept")
    assert "Flu shots" in await house.value("select typed::text from campaign_typing")


async def test_a_tab_that_is_closed_while_its_words_are_on_their_way_loses_none(
    page: Page, house: House, address: str
) -> None:
    await begin(page, house, address)
    # What a page asked for ends with it: here it never arrives.
    await page.evaluate(
        """() => {
             const ask = window.fetch;
             window.fetch = (path, more) => String(path).endsWith("/typing")
               ? new Promise(() => { window.asked = true; }) : ask(path, more);
           }"""
    )
    await page.locator("#title").fill("Flu shots")
    await page.wait_for_function("() => window.asked")
    await page.goto("about:blank")

    async def kept() -> bool:
        return "Flu shots" in str(await house.value("select typed::text from campaign_typing"))

    await eventually_async(kept, "the words are kept")


async def test_another_time_is_not_asked_for_before_the_last_words_have_arrived(
    page: Page, house: House, address: str
) -> None:
    await begin(page, house, address)
    gone: list[str] = []
    page.on("request", lambda one: gone.append(one.url))
    answer = await hold(page, "**/typing")
    await page.locator("#title").fill("Flu shots")
    await answer.asked()
    await page.get_by_role("link", name="Season", exact=True).click()
    await page.evaluate("new Promise(done => setTimeout(done))")
    assert not any("when=" in url for url in gone)
    await answer.let_go()
    await page.wait_for_url("**/edit?when=season")
    await expect(page.locator("#title")).to_have_value("Flu shots")


async def test_words_that_arrive_after_later_ones_do_not_take_their_place(
    page: Page, house: House, address: str
) -> None:
    here = await begin(page, house, address)
    late = await kept_once(page, "Flu")
    async with page.expect_response("**/typing"):
        await page.locator("#title").fill("Flu shots")
    await post(page, late)
    assert "Flu shots" in await house.value("select typed::text from campaign_typing")
    await page.goto(here)
    await expect(page.locator("#title")).to_have_value("Flu shots")


async def test_words_that_arrive_after_they_were_saved_are_not_kept_again(
    page: Page, house: House, address: str
) -> None:
    here = await begin(page, house, address)
    late = await kept_once(page, "Flu")
    await page.locator("#title").fill("Flu shots")
    await page.get_by_role("button", name="Save and preview").click()
    await page.wait_for_url("**/preview")
    await post(page, late, here.replace("/edit", "/typing"))
    await page.goto(here)
    await expect(page.locator("#typed")).to_have_count(0)
    await expect(page.locator("#title")).to_have_value("Flu shots")
    async with page.expect_response("**/typing"):
        await page.locator("#title").fill("Flu shots again")  # what comes after is kept
    await page.goto(here)
    await expect(page.locator("#title")).to_have_value("Flu shots again")


async def kept_once(page: Page, title: str) -> str:
    """A title is typed and kept; what the page said for it."""
    said: list[str] = []
    page.on("request", lambda one: said.append(one.post_data or ""))
    await page.locator("#title").fill(title)
    await expect(page.locator("#kept")).to_contain_text("What you typed is kept")
    return next(words for words in said if f"title={title}" in words)


async def post(page: Page, said: str, path: str = "") -> None:
    """What the page said once arrives now."""
    await page.evaluate(
        """([said, path]) => fetch(path || document.getElementById("composer").dataset.keep,
             { method: "POST", body: new URLSearchParams(said) })""",
        [said, path],
    )
