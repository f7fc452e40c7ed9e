"""A receptionist's morning in a real browser."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from clinic.staff.types import Role
from tests.e2e.browser import violations, watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser
XSS = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
SCREENS = (
    *("/today", "/today?by=room", "/conversations", "/tasks", "/patients", "/staff"),
    *("/escalations", "/on-call"),
)


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    faults = watch(page)
    yield page
    await context.close()
    assert faults == []


async def test_from_the_link_to_an_answered_conversation(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    await house.visit(patient, await house.practitioner("Sato"), at="00:00")
    talk = await house.conversation(patient, said="Can I come at ten?", owner="queue", waiting=12)
    await sign_in(page, house, address)
    await expect(page.get_by_role("link", name="田中 花子", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Arrived").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_focused()
    assert await house.value("select status from appointment") == "arrived"

    await page.locator("#menu-conversations").click()
    await expect(page.get_by_text("12 min")).to_be_visible()
    await page.get_by_role("button", name="Answer: 田中 花子").click()
    await page.wait_for_url(f"**/conversations/{talk}")
    box = page.get_by_label("Your answer to the patient")
    await expect(box).to_be_focused()
    await box.fill("Yes, ten is free.")
    await box.press("Control+Enter")
    await expect(page.get_by_text("Waiting to be sent")).to_be_visible()

    # The patient writes again: it comes by itself, and what is being typed stays.
    await box.fill("And bring")
    await house.say(talk, "Thank you!")
    await house.rows("update conversation set last_patient_at = now() where id = $1", talk)
    await expect(page.get_by_text("Thank you!")).to_be_visible()
    assert await box.input_value() == "And bring"
    await house.rows("update outbox set state = 'sent'")
    await expect(page.locator(".is-sent")).to_have_text("Sent")

    await page.get_by_role("button", name="Hand back to the bot").click()
    await page.wait_for_url("**/conversations?done=handed_back*")
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    assert await house.value("select count(*) from outbox") == 1
    assert await house.value("select owner from conversation") == "bot"


async def test_a_new_patient_in_the_queue_appears_and_is_announced(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address)
    await page.goto(f"{address}/conversations")
    await house.conversation(await house.patient("王 小明"), said="hello", owner="queue")
    await expect(page.get_by_role("link", name="王 小明")).to_be_visible(timeout=15_000)
    await expect(page).to_have_title("(1) Conversations · さくら内科クリニック", timeout=15_000)
    await expect(page.locator("#news")).to_have_text("1 patient is waiting for an answer")


async def test_a_screen_left_alone_shows_no_patient_once_the_session_is_over(
    page: Page, house: House, address: str
) -> None:
    talk = await house.conversation(await house.patient("田中 花子"), said="secret")
    await sign_in(page, house, address)
    await page.goto(f"{address}/conversations/{talk}")
    await expect(page.get_by_text("secret")).to_be_visible()
    await house.rows("update staff_session set seen_at = now() - interval '15 minutes'")
    # Several parts of the page find that out at once, and each goes there.
    await expect(page).to_have_url(re.compile("/sign-in$"), timeout=15_000)
    await expect(page.get_by_label("Password")).to_be_visible()
    await expect(page.get_by_text("secret")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_every_screen_is_accessible_and_fits(
    page: Page, house: House, address: str, theme: str, width: int
) -> None:
    patient = await house.patient(
        "Иванова Мария Александровна", chart="1001", phone="+819012345678"
    )
    talk = await house.conversation(patient, said="hello", owner="queue", waiting=70)
    for state, reason in (("sent", None), ("refused", "status 400"), ("pending", None)):
        await house.tell(talk, "text", state, reason)
    room = await house.room("Room 1")
    sato = await house.practitioner("Sato")
    for hour, status in enumerate(("booked", "arrived", "fulfilled", "noshow", "cancelled")):
        await house.visit(patient, sato, room, at=f"0{hour}:00", status=status)
    for kind in ("call", "flow_error", "undelivered"):
        await house.task(kind, patient=patient, conversation=talk)
    case = await house.escalation(talk, patient=patient, said="胸が痛い")
    doctor = await house.staff("Dr. Константинопольский")
    await house.rows(
        """insert into on_call (staff_id, weekday, since, until, position)
           select $1, g, '18:00', '08:00', 0 from generate_series(0, 6) g returning id""",
        doctor.id,
    )
    task = await house.task("link_request", conversation=talk, note={"name": "Иванова"})
    await page.set_viewport_size({"width": width, "height": 844})
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await sign_in(page, house, address, Role.ADMIN)
    known = (f"/conversations/{talk}", f"/escalations/{case}", f"/tasks/{task}/link")
    for path in (*SCREENS, *known, "/sign-in", "/nowhere"):
        await page.goto(address + path)
        assert await page.get_attribute("html", "data-bs-theme") == theme
        assert await violations(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await page.goto(f"{address}/patients")
    await page.locator("#q").fill("1001")
    await page.get_by_role("button", name="Make a code").click()
    await expect(page.locator("#code")).to_be_visible()
    assert await violations(page) == []


async def test_names_and_messages_that_are_scripts_do_nothing(
    page: Page, house: House, address: str
) -> None:
    patient = await house.patient(XSS, kana=XSS, chart="1001")
    talk = await house.conversation(patient, said=XSS, owner="queue", display_name=XSS)
    await house.tell(talk, XSS, "refused", XSS[:60])
    await house.visit(patient, await house.practitioner(XSS), await house.room(XSS))
    await house.task("call", patient=patient, conversation=talk, note={"words": XSS})
    await sign_in(page, house, address, Role.ADMIN)
    case = await house.escalation(talk, patient=patient, said=XSS, rule=XSS[:48])
    for path in (*SCREENS, f"/conversations/{talk}", f"/escalations/{case}"):
        await page.goto(address + path)
        assert await page.title() != "run", path
        assert await page.locator("img[src=x]").count() == 0, path
    await page.goto(f"{address}/patients")
    await page.get_by_label("Name, reading, chart number").fill("onerror")
    await expect(page.get_by_role("button", name="Make a code")).to_be_visible()
    assert await page.title() != "run"


async def test_the_language_is_chosen_once_and_stays(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address)
    await page.locator("details.me summary").click()
    await page.get_by_label("Language").select_option("ru")
    await expect(page.get_by_role("link", name="Диалоги")).to_be_visible()
    await page.goto(f"{address}/tasks")
    await expect(page.get_by_text("Задач нет")).to_be_visible()
    assert await page.get_attribute("html", "lang") == "ru"


async def test_the_day_prints_without_what_one_clicks(
    page: Page, house: House, address: str
) -> None:
    await house.visit(
        await house.patient("田中 花子"), await house.practitioner("Sato"), at="00:00"
    )
    await sign_in(page, house, address)
    await page.emulate_media(media="print")
    await expect(page.get_by_text("田中 花子")).to_be_visible()
    for hidden in (".bar", ".tools", ".visit-steps"):
        await expect(page.locator(hidden).first).to_be_hidden()


async def test_the_panel_works_without_any_script(
    browser: Browser, house: House, address: str
) -> None:
    talk = await house.conversation(await house.patient("田中"), said="hello", owner="queue")
    context = await browser.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await sign_in(page, house, address)
    await page.goto(f"{address}/conversations")
    await page.get_by_role("button", name="Answer: 田中").click()
    await page.get_by_label("Your answer to the patient").fill("Good morning")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Good morning")).to_be_visible()
    await page.get_by_role("button", name="Hand back to the bot").click()
    await page.wait_for_url("**/conversations?done=handed_back*")
    assert await house.value("select owner from conversation where id = $1", talk) == "bot"
    await context.close()
