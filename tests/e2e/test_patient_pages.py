"""Finding a patient, the timeline of a record and the lapse board in a real browser, at a desk and
on a telephone."""

from datetime import date

import pytest
from playwright.async_api import Page, expect

from clinic.lapse.service import install
from clinic.staff.types import Role
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser


async def test_a_patient_is_found_by_typing_read_and_written_to(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient("田中 花子", chart="1001", phone="+819012345678")
    await house.conversation(patient, said="Shall I fast before?")
    await house.rows("update chat_account set consent_version = '2.1', language = 'en'")
    practitioner = await house.practitioner("Sato")
    await house.visit(patient, practitioner, on=date(2099, 1, 5))
    await house.visit(patient, practitioner, on=date(2026, 1, 5), status="fulfilled")
    await house.rows(
        """insert into encounter (patient_id, on_date, setting)
           select $1, '2025-12-01'::date - n, 'outpatient' from generate_series(1, 40) n""",
        patient,
    )
    await sign_in(page, house, address)
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await page.wait_for_url("**/patients")
    await check(page)
    await page.keyboard.type("田中")
    found = page.get_by_role("link", name="田中 花子")
    await expect(found).to_be_visible()
    assert page.url.endswith("/patients")
    await page.keyboard.press("ArrowDown")
    await expect(found).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/patients/{patient}")
    await check(page)
    lines = page.locator("#timeline .happenings li")
    await expect(lines.first).to_contain_text("2099")
    before = await lines.count()
    await page.get_by_role("link", name="Earlier").click()
    await expect(lines).not_to_have_count(before)
    await page.get_by_role("button", name="Show the last line").click()
    await expect(page.get_by_text("Shall I fast before?")).to_be_visible()
    await page.locator("#timeline").get_by_role("link", name="Chats", exact=True).click()
    await expect(lines).to_have_count(1)
    await check(page)
    await page.get_by_role("link", name="Send a message").click()
    await check(page)
    await page.get_by_label("Message", exact=True).fill("No need to fast.")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/conversations/*")
    assert await house.value("select patient_id from outbox where purpose = 'staff'") == patient


async def test_from_today_to_a_recall_that_is_started(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    patient = await listed(house)
    await page.goto(f"{address}/lapse")
    await check(page)
    await page.get_by_role("link", name="CPAP", exact=True).first.click()
    await check(page)
    await page.get_by_label("Choose 田中 花子").check()
    await page.get_by_role("button", name="Write to these patients").click()
    await page.wait_for_url("**/preview")
    await check(page)
    await expect(page.get_by_role("link", name="田中 花子")).to_be_visible()
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_text("Started.")).to_be_visible()
    said = await house.value("select audience from campaign")
    assert said == {"patients": [patient], "group": "cpap"}
    await page.goto(f"{address}/lapse")
    await page.get_by_role("link", name="CPAP", exact=True).first.click()
    await page.get_by_role("link", name="Call list").click()
    await expect(page.get_by_text("+819011112222")).to_have_count(0)
    await page.get_by_role("button", name="高橋 一郎").click()
    await expect(page.get_by_role("link", name="+819011112222")).to_be_visible()
    await check(page)


async def listed(house: House) -> int:
    """Two who have not come for long: one has a chat, one a telephone only. The first's id."""
    async with house.database.transaction() as tx:
        await install(tx)
    patient = await house.patient("田中 花子", chart="1001")
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1', language = 'ja'")
    caller = await house.patient("高橋 一郎", chart="1002", phone="+819011112222")
    for one in (patient, caller):
        await house.rows(
            """insert into patient_summary (patient_id, last_visit_on, visit_count)
               values ($1, current_date - 200, 3)""",
            one,
        )
        await house.rows(
            """insert into lapse (patient_id, group_id, state, last_visit_on, expected_on,
                 at_risk_on, lapsed_on, reason)
               select $1, id, 'lapsed', current_date - 200, current_date - 140,
                 current_date - 130, current_date - 80, '{"key": "months", "months": 2}'
               from care_group where code = 'cpap'""",
            one,
        )
    return patient
