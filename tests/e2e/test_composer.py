"""Writing a campaign in a real browser: for whom by conditions, and how it arrives while it is
typed, at a desk and on a telephone."""

from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House
from tests.integration.local.watch import eventually_async

pytestmark = pytest.mark.browser


async def check_from_the_top(page: Page) -> None:
    # From the top: what the bar above covers half while a page is scrolled is no small target.
    await page.evaluate("scrollTo(0, 0)")
    await check(page)


async def test_a_text_is_seen_on_a_telephone_while_it_is_typed(
    page: Page, house: House, address: str
) -> None:
    await house.patient("Петров Пётр", birth_on=date(2000, 1, 1))
    await house.patient("Иванова Мария", birth_on=date(1948, 2, 29))
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/campaigns/new")
    await page.get_by_role("button", name="Use this: We have moved, or are closed").click()
    await page.wait_for_url("**/edit")
    whom = page.get_by_label("For whom", exact=True).or_(page.locator("#audience")).first
    await expect(page.get_by_label("What is asked")).to_be_hidden()
    await whom.select_option(label="Build conditions here")
    await page.get_by_label("What is asked").select_option(label="Age")
    await page.get_by_label("How it is compared").select_option(label="at least")
    await page.get_by_label("number", exact=True).fill("65")
    await page.get_by_label("number", exact=True).press("Tab")
    await expect(page.locator(".builder-count dd").first).to_have_text("1")
    await page.locator("#text-a-ru").fill("{name}, мы переехали.")
    await expect(page.locator("#phones")).to_contain_text("Иванова Мария, мы переехали.")
    await page.locator("#text-a-ru").fill("{name}, вы были {last_visit}.")
    await expect(page.locator("#phones")).to_contain_text("no {last_visit}")
    await page.get_by_label("Channel", exact=True).select_option(label="SMS")
    await expect(page.locator("#phones .phone").first).to_contain_text("SMS")
    await check_from_the_top(page)
    await page.get_by_role("button", name="Send a test to me").click()
    await expect(page.get_by_text("Your own chat is not linked yet.")).to_be_visible()
    await expect(page.locator("#text-a-ru")).to_have_value("{name}, вы были {last_visit}.")
    await page.get_by_role("button", name="Save and preview").click()
    await page.wait_for_url("**/preview")
    await check_from_the_top(page)


async def test_a_picture_is_added_and_nothing_typed_is_lost_with_a_closed_tab(
    page: Page, house: House, address: str, tmp_path: Path
) -> None:
    await house.patient("Иванова Мария", birth_on=date(1948, 2, 29))
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/campaigns/new")
    await page.get_by_role("button", name="Use this: We have moved, or are closed").click()
    await page.wait_for_url("**/edit")
    here = page.url
    await page.locator("#title").fill("Flu shots")
    await expect(page.locator("#kept")).to_contain_text("What you typed is kept")
    # A browser ends a page that is left and does not hide in time.
    slow = await page.context.new_cdp_session(page)
    await slow.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    await page.locator("#text-a-en").fill("From Monday, {name}.")
    await page.goto("about:blank")  # before the pause after typing is over

    async def kept() -> bool:
        return "From Monday" in await house.value("select typed::text from campaign_typing")

    await eventually_async(kept, "the last words are kept")
    await slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    await page.goto(here)
    await expect(page.locator("#title")).to_have_value("Flu shots")
    await expect(page.locator("#text-a-en")).to_have_value("From Monday, {name}.")
    await expect(page.locator("#typed")).to_be_visible()
    shot = tmp_path / "shot.png"
    Image.new("RGB", (900, 600), "teal").save(shot)
    await page.locator("#picture-file").set_input_files(shot)  # taken at once
    await expect(page.locator("#picture .shown-picture")).to_be_visible()
    await expect(page.locator("#text-a-en")).to_have_value("From Monday, {name}.")
    await page.locator("#alt-en").fill("A nurse gives a flu shot")
    await page.get_by_text("Add a card", exact=True).first.click()
    await page.get_by_role("button", name="Show it").click()
    await expect(page.locator("#phones")).to_contain_text("Without a public address")
    await page.get_by_label("Channel", exact=True).select_option(label="Web chat")
    await expect(page.get_by_alt_text("A nurse gives a flu shot").first).to_be_visible()
    await check_from_the_top(page)


async def test_a_season_fills_in_its_days_and_fields_come_with_what_was_chosen(
    page: Page, house: House, address: str
) -> None:
    await house.forms()
    patient = await house.patient("Иванова Мария", birth_on=date(1948, 2, 29))
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/campaigns/new")
    await page.get_by_role("button", name="Use this: We have moved, or are closed").click()
    await page.wait_for_url("**/edit")
    here = page.url
    await page.locator("#text-a-en").fill("Ask us early, {name}.")
    await page.get_by_role("link", name="Season", exact=True).click()
    await page.wait_for_url("**/edit?when=season")
    await page.locator("#name").select_option("heat")  # taken at once
    await expect(page.locator("#from")).to_have_value("05-15")
    await expect(page.get_by_text("The days are filled in")).to_be_visible()
    await expect(page.locator("#text-a-en")).to_have_value("Ask us early, {name}.")
    await expect(page.locator("#audience")).to_have_value("filter")
    await expect(page.locator(".builder-count dd").first).to_have_text("1")
    await page.locator("#to").fill("10-10")
    await page.locator("details.as-card summary", has_text="SMS or e-mail").nth(1).click()
    await page.locator("#sms-a-en").fill("Short, {name}.")
    await page.get_by_label("Channel", exact=True).select_option(label="SMS")
    await expect(page.locator("#phones")).to_contain_text("Short, Иванова Мария.")
    await check_from_the_top(page)
    await page.get_by_role("button", name="Save and preview").click()
    await expect(page.get_by_text("Heat: once a season, from May 15 to Oct 10")).to_be_visible()

    await page.goto(f"{here}?when=relative")
    await expect(page.locator("#score")).to_be_hidden()
    await page.locator("#base").select_option(label="A score of a questionnaire")
    await page.locator("#score").select_option("phq_9|total")
    await page.locator("#at_least").fill("10")
    await expect(page.locator("#group")).to_be_hidden()
    await check_from_the_top(page)
    await page.get_by_role("button", name="Save and preview").click()
    await expect(page.get_by_text("A score of a questionnaire").first).to_be_visible()

    await page.goto(f"{address}/patients/{patient}")
    await page.get_by_role("link", name="Plan a message").click()
    await expect(page.get_by_text("For one patient: Иванова Мария")).to_be_visible()
    await check_from_the_top(page)
    await page.get_by_role("button", name="Use this: A message in your own words").click()
    await expect(page.locator("#audience")).to_contain_text("Иванова Мария")
    await check_from_the_top(page)
