"""The shared inbox in a real browser: from Today to an answer, by keyboard, two people at once."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from clinic.canned.service import add_shipped
from clinic.record.edit import add_note
from clinic.staff.types import Staff
from tests.e2e.browser import check
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, House

pytestmark = pytest.mark.browser
XSS = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
LANGUAGES = ("ja", "en", "zh-Hant", "zh-Hans", "ru")


@pytest.fixture
async def staff(house: House) -> Staff:
    return await house.staff("Yamada")


@pytest.fixture
async def talk(house: House, staff: Staff) -> int:
    """A patient who waits, of whom the clinic knows something."""
    patient = await house.patient("田中 花子", chart="1001", phone="+819012345678")
    await house.visit(
        patient, await house.practitioner("Sato"), on=(datetime.now(UTC) + timedelta(3)).date()
    )
    async with house.database.transaction() as tx:
        await add_note(tx, KEYS, patient, "allergy", "Penicillin", staff.id)
        await add_shipped(tx, staff, LANGUAGES)
    talk = await house.conversation(
        patient, said="10時でいいですか", owner="queue", waiting=12, display_name="hana"
    )
    await house.picture(talk)
    return talk


def is_wide(page: Page) -> bool:
    return bool(page.viewport_size and page.viewport_size["width"] > 600)


async def test_three_clicks_from_today_to_an_answer_in_the_patients_language(
    page: Page, house: House, address: str, staff: Staff, talk: int
) -> None:
    await sign_in(page, house, address, staff)
    await page.locator('a[href="/conversations"]:visible').first.click()
    await check(page)
    await page.get_by_role("button", name="Answer: 田中 花子").click()
    await page.wait_for_url(f"**/conversations/{talk}")
    await check(page)
    box = page.get_by_label("Your answer to the patient")
    await expect(box).to_be_focused()
    await box.press_sequentially("/nex")
    await expect(page.locator("[data-canned]:visible")).to_have_count(1)
    await expect(page.locator(".canned-beside:visible")).to_contain_text("your next visit")
    await check(page)
    await box.press("Enter")
    assert (await box.input_value()).startswith("田中 花子様の次回のご予約は")
    await box.press("Control+Enter")
    await expect(page.locator(".is-staff")).to_contain_text("田中 花子様の次回のご予約")
    await expect(page.locator(".is-staff .delivery")).to_have_text("Waiting to be sent")
    await house.rows("update outbox set state = 'refused', reason = 'status 400'")
    await page.get_by_role("button", name="Send again").click()
    await expect(page.locator(".is-staff")).to_have_count(2)
    if not is_wide(page):
        await page.get_by_role("link", name="Patient", exact=True).click()
        await expect(page.locator("#messages")).to_be_hidden()
    await expect(page.get_by_text("Penicillin")).to_be_visible()
    await expect(page.locator(".patient-card")).not_to_contain_text("9012345678")
    await page.get_by_role("button", name="Show: Telephone").click()
    await expect(page.locator(".patient-card")).to_contain_text("9012345678")
    await check(page)


async def test_what_a_patient_writes_is_on_the_screen_within_a_second(
    page: Page, house: House, address: str, staff: Staff, talk: int
) -> None:
    other = await house.conversation(await house.patient("王 小明"), said="hello")
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations/{talk}")
    await page.wait_for_selector("html[data-live=yes]")
    await page.wait_for_timeout(300)  # the first look after the stream began
    took = []
    for n in range(4):
        await house.say(talk, f"line {n}")
        began = time.monotonic()
        await house.rows(
            "update conversation set turn = turn + 1, last_patient_at = now() where id = $1", talk
        )
        await page.wait_for_function(
            f"() => document.querySelector('#messages').textContent.includes('line {n}')",
            polling=20,
        )
        took.append(time.monotonic() - began)
    began = time.monotonic()
    await house.rows(
        "update conversation set owner = 'queue', queued_at = now() where id = $1", other
    )
    await page.wait_for_function(
        f"""() => document.querySelector('#talk-{other}')
                  && document.querySelector('#menu').dataset.queued === '2'""",
        polling=20,
    )
    took.append(time.monotonic() - began)
    assert statistics.median(took) < 1.0, took  # the machine itself may stand still once


async def test_without_a_stream_the_page_polls(
    page: Page, house: House, address: str, staff: Staff, talk: int
) -> None:
    await page.route("**/live/events*", lambda route: route.abort())
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations/{talk}")
    await house.say(talk, "are you there?")
    await house.rows("update conversation set last_patient_at = now()")
    await expect(page.get_by_text("are you there?").first).to_be_attached(timeout=10_000)
    assert await page.get_attribute("html", "data-live") is None


async def test_a_colleague_is_seen_and_a_late_answer_is_held_back(
    page: Page, browser: Browser, house: House, address: str, staff: Staff, talk: int
) -> None:
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations/{talk}")
    await page.get_by_role("button", name="Take over and answer").click()
    context = await browser.new_context(locale="en-GB")
    theirs = await context.new_page()
    colleague = await house.staff("Suzuki")
    await sign_in(theirs, house, address, colleague)
    await theirs.goto(f"{address}/conversations/{talk}")
    await expect(page.get_by_text("Suzuki has this open.")).to_be_visible()
    box = page.get_by_label("Your answer to the patient")
    await box.fill("Ten is fine")
    await expect(theirs.get_by_text("Yamada is writing…")).to_be_visible()
    await house.say(talk, "better at eleven")
    await house.rows("update conversation set turn = turn + 1, last_patient_at = now()")
    await expect(page.get_by_text("Something new came in")).to_be_visible()
    await box.press("Control+Enter")
    await expect(page.get_by_text("Not sent yet: somebody wrote")).to_be_visible()
    assert await box.input_value() == "Ten is fine"
    await check(page)
    await box.fill("Eleven is fine")
    await box.press("Control+Enter")
    await expect(page.locator(".is-staff")).to_contain_text("Eleven is fine")
    await theirs.goto(f"{address}/today")
    await page.get_by_text("Give to").first.click()
    await page.get_by_label("Who should answer?").select_option(str(colleague.id))
    await check(page)
    await page.locator("#assign button").click()
    await expect(page.get_by_text("Given to your colleague")).to_be_visible()
    await expect(theirs.get_by_text("Yamada gave you a conversation")).to_be_attached()
    await context.close()


async def test_the_keyboard_is_enough(
    page: Page, house: House, address: str, staff: Staff, talk: int
) -> None:
    second = await house.conversation(await house.patient("王 小明"), said="hi", owner="queue")
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations")
    await page.keyboard.press("j")
    await expect(page.locator(f"#talk-{talk}")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(f"#talk-{second}")).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/conversations/{talk}")
    async with page.expect_navigation():
        await page.keyboard.press("r")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("s")
    await expect(page.get_by_role("button", name="1 hour")).to_be_focused()
    await check(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Put off. It comes back by itself.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await page.wait_for_url(f"**/conversations/{talk}")
    await page.locator("h1").click()
    await page.keyboard.press("e")
    await expect(page.get_by_text("The bot answers again.")).to_be_visible()
    assert await house.value("select owner from conversation where id = $1", talk) == "bot"


async def test_news_do_not_put_the_focus_back_into_an_answer_that_was_left_by_escape(
    page: Page, house: House, address: str, staff: Staff, talk: int
) -> None:
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations/{talk}")
    await page.get_by_role("button", name="Take over and answer").click()
    await expect(page.locator("#text")).to_be_focused()
    await renewed(page, "menu")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.press("Escape")
    await renewed(page, "menu")
    await expect(page.locator("#text")).not_to_be_focused()
    await page.keyboard.press("s")
    await expect(page.get_by_role("button", name="1 hour")).to_be_focused()


async def test_news_do_not_end_what_was_just_pressed(
    page: Page, house: House, address: str, staff: Staff, talk: int
) -> None:
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/conversations/{talk}")

    # A page that waits for its next one evaluates nothing: it says by itself that news came.
    await page.evaluate(
        """() => document.addEventListener("htmx:after:swap", () => {
             if (document.getElementById("thread").dataset.mine === "yes") console.debug("news");
           })"""
    )

    async def slowly(route: Route) -> None:
        async with page.expect_console_message(lambda message: message.text == "news"):
            answer = await route.fetch(max_redirects=0)
        await route.fulfill(response=answer)

    ended: list[str] = []
    page.on("requestfailed", lambda request: ended.append(request.url))
    await page.route("**/take-over", slowly)
    async with page.expect_navigation():
        await page.keyboard.press("r")
    await expect(page.locator("#text")).to_be_focused()
    assert [url for url in ended if url.endswith("/take-over")] == []


async def renewed(page: Page, part: str) -> None:
    """What the page looks at by itself was looked at now."""
    await page.evaluate(
        """part => new Promise(done => {
             document.addEventListener("htmx:after:swap", () => setTimeout(done), { once: true });
             document.getElementById(part).dispatchEvent(new Event("live"));
           })""",
        part,
    )


async def test_words_that_are_scripts_do_nothing_in_the_inbox(
    page: Page, house: House, address: str, staff: Staff
) -> None:
    patient = await house.patient(XSS, kana=XSS, chart="1001")
    talk = await house.conversation(patient, said=XSS, owner="queue", display_name=XSS)
    await house.picture(talk, XSS[:90])
    await house.tell(talk, XSS, "refused", XSS[:60])
    await house.visit(patient, await house.practitioner(XSS))
    evil = await house.staff(XSS[:60])
    await sign_in(page, house, address, staff)
    async with house.database.transaction() as tx:
        await add_note(tx, KEYS, patient, "allergy", XSS, staff.id)
        await tx.execute(
            "insert into canned_answer (shortcut, texts) values ('x', $1)", {"en": XSS, "ja": XSS}
        )
        await tx.execute(
            """insert into staff_notice (staff_id, kind, conversation_id, by_id)
               values ($1, 'assigned', $2, $3)""",
            staff.id,
            talk,
            evil.id,
        )
        await tx.execute(
            """insert into conversation_event (conversation_id, kind, staff_id, colleague_id)
               values ($1, 'assigned', $2, $2)""",
            talk,
            evil.id,
        )
    await page.goto(f"{address}/conversations")
    await expect(page.locator("#notices")).to_contain_text("onerror")
    await page.locator(f"#talk-{talk}").click()
    await page.locator("#take-over").click()
    await page.locator("#canned summary").click()
    await page.locator("[data-canned]").click()
    assert await page.locator("#text").input_value() == XSS
    paths = ("?tab=mine", f"/{talk}", f"/{talk}?tab=%3Cimg%20src=x%3E")
    for path in paths:
        await page.goto(f"{address}/conversations{path}")
        assert await page.title() != "run", path
        assert await page.locator("img[src=x]").count() == 0, path
    for path in ("/settings/canned", "/lookup?tel=%3Cscript%3E"):
        await page.goto(address + path)
        assert await page.title() != "run", path


async def test_ready_answers_and_callers_are_pages_for_everybody(
    page: Page, house: House, address: str, staff: Staff
) -> None:
    await sign_in(page, house, address, staff)
    await page.goto(f"{address}/settings/canned")
    await check(page)
    await page.get_by_role("button", name="Add ready-made answers").click()
    await page.locator("summary", has_text="/thanks").click()
    await check(page)
    await page.get_by_role("button", name="Remove: /thanks").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("summary", has_text="/thanks")).to_be_visible()
    patient = await house.patient("田中 花子", chart="1001")
    await house.value(
        "update patient set phone_index = $2 where id = $1 returning id",
        patient,
        KEYS.index("phone", "+819012345678"),
    )
    for number in ("09012345678", "0312345678", "withheld"):
        await page.goto(f"{address}/lookup?tel={number}")
        await check(page)
