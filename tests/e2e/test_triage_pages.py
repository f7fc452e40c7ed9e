"""Results, trends, triage rules and replays in a real browser: at a desk and on a telephone, by day
and by night, within three clicks from Today."""

import pytest
from playwright.async_api import Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import picture, violations
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House
from tests.integration.admin.runs import newer, rules_of_tomorrow, run_of

pytestmark = pytest.mark.browser


async def check(page: Page, name: str) -> None:
    """Nothing is out of reach of anybody, or of a small screen; a picture where one wants it."""
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        assert await violations(page) == [], (page.url, scheme)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    await picture(page, name)


async def test_results_of_a_questionnaire_and_the_course_of_a_patient(
    page: Page, house: House, address: str
) -> None:
    form = (await house.forms())["phq_9"]
    patient = 0
    for number in range(9):
        patient = await house.patient(f"患者 {number}")
        for ago in (40, 3):
            marks = {"interest": number % 4, "mood": (number + ago) % 4, "sleep": 1}
            await house.response(patient, form, marks, days_ago=ago)
    await house.rows(
        """insert into observation (patient_id, kind, value, second, unit, source, measured_at)
           select $1, 'blood_pressure', 128 + n * 5 % 23, 80 + n % 7, 'mmHg', 'chat',
             now() - make_interval(days => n) from generate_series(0, 9) n""",
        patient,
    )
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/questionnaires")  # the menu: one click
    await page.locator(f'a[href="/questionnaires/{form}/figures"]').click()
    await expect(page.locator("canvas[data-figure]").first).to_be_visible()
    await page.wait_for_load_state()  # the scripts that draw have run
    drawn = await page.evaluate(
        """[...document.querySelectorAll('canvas[data-figure]')].map(
             one => Chart.getChart(one).data.datasets.length)"""
    )
    assert len(drawn) > 9
    assert all(drawn)
    await check(page, "form-figures")
    await page.goto(f"{address}/patients/{patient}")
    await page.get_by_role("link", name="Trends").click()
    await expect(page.get_by_text("Latest:").first).to_be_visible()
    await check(page, "trends")


async def test_a_doctor_reads_signs_and_replays(page: Page, house: House, address: str) -> None:
    doctor = await house.staff("Dr Ito", Role.DOCTOR)
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient)
    run = await run_of(
        house,
        talk,
        patient,
        first_check="no",
        breathless="no",
        blue="no",
        blood_chest="no",
        unwell="yes",
    )
    case = await house.escalation(talk, level=3)
    await house.rows("update triage_run set created_at = now()")
    await sign_in(page, house, address, doctor)
    await page.goto(f"{address}/triage")  # the menu: one click
    await check(page, "triage-list")
    await page.get_by_role("searchbox").fill("胸が痛い")
    await expect(page.get_by_role("link", name="2. Chest pain")).to_be_visible()
    await expect(page.get_by_role("link", name="36. ")).to_be_hidden()
    await page.get_by_role("link", name="2. Chest pain").click()
    await check(page, "triage-rule")
    await page.get_by_role("button", name="I have read it and sign it").click()
    await expect(page.get_by_text("Signed by Dr Ito")).to_be_visible()
    await page.goto(f"{address}/triage/rules/base?language=ja")
    await check(page, "triage-base")
    await page.goto(f"{address}/escalations/{case}")
    await page.get_by_role("link", name="See the questions and answers").click()
    await page.wait_for_url(f"**/triage/runs/{run}")
    await expect(page.get_by_text("Same result")).to_be_visible()
    await check(page, "triage-run")
    with rules_of_tomorrow(newer("cough", otherwise=2, care=None)):
        await page.reload()
        await expect(page.get_by_text("Today’s rules lead to the same result.")).to_be_visible()
        await check(page, "triage-run-changed")
    await page.goto(f"{address}/triage/runs")
    await check(page, "triage-runs")


async def test_an_admin_sets_a_limit_of_readings_and_is_told_what_is_nonsense(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/settings/readings")
    await check(page, "reading-limits")
    field = page.get_by_role("textbox", name="Upper pressure from, the same day")
    await field.fill("200")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Choose between 140 and 180.")).to_be_visible()
    await check(page, "reading-limits-wrong")
    await field.fill("160")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. A doctor has to sign the limits again.")).to_be_visible()
    await expect(page.get_by_text("No clinician has signed these limits yet.")).to_be_visible()
    await expect(field).to_have_value("160")
    await check(page, "reading-limits-changed")
    await page.get_by_role("button", name="Undo").click()
    await expect(field).to_have_value("180")


async def test_the_audit_is_a_list_of_work(page: Page, house: House, address: str) -> None:
    doctor = await house.staff("Dr Ito", Role.DOCTOR)
    for number in range(4):
        review = await house.review(await house.conversation(said="こんにちは"))
        rules = {"presentation:cough": str(number % 2 + 1)}
        await house.rows("update quality_review set rules = $2 where id = $1", review, rules)
    await house.rows(
        """update quality_review set score = 60 + id, reviewer_id = $1, reviewed_at = now()
           where id > (select min(id) + 1 from quality_review)""",
        doctor.id,
    )
    await sign_in(page, house, address, doctor)
    month = await house.value("select to_char(max(month), 'YYYY-MM') from quality_review")
    await page.goto(f"{address}/quality?month={month}")  # the menu: one click
    await page.get_by_role("button", name="Share out what nobody has").click()
    await expect(page.get_by_text("Dr Ito: 2 of 4")).to_be_visible()
    await check(page, "quality-work")
    await page.get_by_role("link", name="Mine", exact=True).click()
    await expect(page.get_by_role("link", name="Mine", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    await page.goto(f"{address}/quality/figures")
    await expect(page.locator("canvas[data-figure]")).to_have_count(1)
    await check(page, "quality-figures")
