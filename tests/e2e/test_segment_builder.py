"""The segment builder in a real browser: conditions chosen, counted and saved, at a desk and on a
telephone."""

from datetime import date

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def test_a_segment_is_put_together_counted_and_saved(
    page: Page, house: House, address: str
) -> None:
    await house.patient("Иванова Мария", chart="1001", birth_on=date(1948, 2, 29))
    await house.patient("Петров Пётр", chart="1002", birth_on=date(2000, 1, 1))
    await house.rows(
        "insert into code_name (kind, code, name, icd10, loaded)"
        " values ('disease', '8840107', 'hypertension', 'I10', 'shipped')"
    )
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/segments/new")
    await check(page)
    found = page.locator(".builder-count dd").first
    first = page.get_by_role("group", name="Condition 1")
    await first.get_by_label("What is asked").select_option(label="Age")
    await first.get_by_label("How it is compared").select_option(label="at least")
    await first.get_by_label("number").fill("65")
    await first.get_by_label("number").press("Tab")
    await expect(found).to_have_text("1")
    await page.get_by_role("button", name="Show up to 10 names").click()
    await expect(page.get_by_role("link", name="Иванова Мария")).to_be_visible()
    await page.get_by_role("button", name="Add a group").click()
    second = page.get_by_role("group", name="Group 2 of conditions")
    await second.get_by_label("In this group").select_option(label="none holds")
    await second.get_by_label("What is asked").select_option(label="Disease (ICD-10)")
    more = second.get_by_label("Type to add")
    await more.press_sequentially("I1")
    await expect(second.locator("datalist option")).to_have_count(1)
    await more.press("Enter")
    await expect(second.get_by_label("I1", exact=True)).to_be_checked()
    await expect(found).to_have_text("1")
    await check(page)
    await page.get_by_role("button", name="Add a condition").first.click()
    await expect(page.get_by_role("group", name="Condition 2")).to_be_visible()
    await page.get_by_role("button", name="Remove this condition").nth(1).click()
    await expect(page.get_by_role("group", name="Condition 2")).to_have_count(0)
    await page.get_by_label("Name", exact=True).fill("Over 65 without hypertension")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(page.get_by_label("number")).to_have_value("65")
    await page.get_by_role("button", name="Advanced (JSON)").click()
    await expect(page.get_by_label("Filter (JSON)")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Back to the conditions").click()
    await expect(page.get_by_label("number")).to_have_value("65")
