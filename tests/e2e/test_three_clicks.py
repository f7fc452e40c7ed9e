"""From Today to the form of each screen's main task it is three clicks at most, and each task is
then done to its end, which stands in the store.

What counts: every press of a link, a button, a row to be ticked or a menu to be unfolded, and every
choice in a list of choices. What does not: typing, and the keys that would spare clicks (`g` and a
letter, `/`). `MOST` is for the way to the form; filling it in and sending it is counted too, and
said with each way.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Error, Page

from clinic.staff.types import Role
from tests.e2e.browser import watch
from tests.e2e.furnished import furnished, open_monday
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser
MOST = 3
LONG = 30_000  # ms; a busy machine draws a page as slowly as that
NOTHING = "select true"  # who reads leaves nothing
# Groups of the menu that may be unfolded still.
PEOPLE, FORMS = (
    f"details:not([open]):has(a[href='{one}']) > summary" for one in ("/lapse", "/quality")
)
# A click on what a CSS selector finds, or what is typed into it, or chosen in it.
Step = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """A screen's main task. {name} in steps and in `done` stands for an id of the house.

    `to`: from Today to where `form` is. `then`: from there until `after` is to be seen. `done`:
    asks the store whether it is done. `clicks`: of all.
    """

    screen: int
    task: str
    to: tuple[Step, ...]
    form: str
    clicks: int
    done: str
    then: tuple[Step, ...] = ()
    after: str = field(default="main h1")


WAYS = (
    Way(
        1,
        "check somebody in",
        to=(),
        form="#visit-{booked}-arrived",
        then=("#visit-{booked}-arrived",),
        after="#visit-{booked}-undo",
        done="select status = 'arrived' from appointment where id = {booked}",
        clicks=1,
    ),
    Way(
        1,
        "take an emergency on",
        to=("a[href='/escalations/{escalation}']",),
        form="#acknowledge",
        then=("#acknowledge",),
        after="form[action='/escalations/{escalation}/close']",
        done="select state = 'acknowledged' from escalation where id = {escalation}",
        clicks=2,
    ),
    Way(
        2,
        "book a visit by hand",
        to=("a[href='/calendar']", "a[href^='/calendar/book']"),
        form="#book button.btn-primary",
        then=(
            ("#q", "10002"),
            "#found input[type='radio']",
            ("select#service", "Follow-up visit (15 min)"),
            ("select#practitioner", "Dr. Ken Ito"),
            ("#date", "{monday}"),
            ("#time", "10:00"),
            "#book button.btn-primary",
        ),
        after=".calendar-done",
        done="""select count(*) = 1 from appointment a join patient p on p.id = a.patient_id
                where p.chart = '10002' and a.status = 'booked'
                  and (starts_at at time zone 'Asia/Tokyo') = '{monday} 10:00'""",
        clicks=6,
    ),
    Way(
        3,
        "answer who waits",
        to=("a[href='/conversations']", "#take-{conversation}"),
        form="#answer textarea",
        then=(("#answer textarea", "Good morning"), "#answer .answer-tools button"),
        after=".message.is-staff",
        done="""select exists (select from outbox o join conversation c using (account_id)
                where c.id = {conversation} and o.purpose = 'staff')""",
        clicks=3,
    ),
    Way(
        4,
        "open a patient's record",
        to=(PEOPLE, "a[href='/patients']", ("#q", "10001"), "#found a[href='/patients/{patient}']"),
        form="a[href='/patients/{patient}/edit']",
        done="""select exists (select from audit where action = 'staff:patient:record'
                and subject_id = {patient})""",
        clicks=3,
    ),
    Way(
        5,
        "write to somebody who has not come for long",
        to=(PEOPLE, "a[href='/lapse']", "main a[href='/lapse/{group}']"),
        form="#ticks button.btn-primary",
        then=(
            "input[form='ticks'][value='{lapsed}']",
            "#ticks button.btn-primary",
            "button[value='start']",
        ),
        after="button[value='undo']",
        done="""select count(*) = 1 from campaign
                where state = 'running' and audience->'patients' = '[{lapsed}]'""",
        clicks=6,
    ),
    Way(
        6,
        "start a campaign from a template",
        to=(
            "[data-palette-opens]",
            ("#palette input", "campaign"),
            "#palette a[href='/campaigns/new']",
            "main form:has(input[value='moved']) button",
        ),
        form="#composer button.btn-primary",
        then=(
            ("#text-a-ja", "移転しました。"),
            *((f"#text-a-{other}", "") for other in ("en", "zh-Hant", "zh-Hans", "ru")),
            "#composer button.btn-primary",
            "button[value='start']",
        ),
        after="button[value='undo']",
        done="""select count(*) = 1 from campaign
                where state = 'running' and content @@ '$.**.ja == "移転しました。"'""",
        clicks=5,
    ),
    Way(
        7,
        "read a questionnaire's results",
        to=(
            FORMS,
            "a[href='/questionnaires']",
            "a[href='/questionnaires/{questionnaire}/results']",
        ),
        form="main a[href='/questionnaires/responses/{response}']",
        done=NOTHING,
        clicks=3,
    ),
    Way(
        7,
        "ask a patient to fill a questionnaire in",
        to=(FORMS, "a[href='/questionnaires']", "a[href='/questionnaires/{questionnaire}/ask']"),
        form="#q",
        then=(("#q", "10001"), "#found input[type='radio']", "#found button.btn-primary"),
        done="""select count(*) = 1 from questionnaire_request
                where patient_id = {patient} and questionnaire_id = {questionnaire}""",
        after="main .alert, main .lines",
        clicks=5,
    ),
    Way(
        8,
        "write a document for who comes today",
        to=(
            "#visit-{booked} a[href='/patients/{patient}']",
            "main a[href='/patients/{patient}/documents']",
            "main a[href='/patients/{patient}/documents/new/{template}']",
        ),
        form="button[value='issue']",
        then=(
            ("select#practitioner", "佐藤 太郎"),
            *((f"#place-{name}", "words") for name in ("procedure", "benefit", "risks")),
            ("#place-alternatives", "words"),
            "button[value='issue']",
        ),
        after="main a[href$='/document.pdf']",
        done="""select count(*) = 1 from document
                where patient_id = {patient} and id > {document}""",
        clicks=5,
    ),
    Way(
        9,
        "read the figures",
        to=("a[href='/figures']",),
        form="main canvas, main table",
        done=NOTHING,
        clicks=1,
    ),
    Way(
        10,
        "set somebody's hours",
        to=(
            "a[href='/settings']",
            "main a[href='/settings/hours']",
            "main a[href='/settings/hours/{resource}']",
        ),
        form=".week-form button.btn-primary",
        then=(("[name='day.0']", "9:00-12:30"), ".week-form button.btn-primary"),
        done="select count(*) = 1 from schedule where resource_id = {resource} and weekday = 0",
        after="#block-2",
        clicks=4,
    ),
)


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page.set_default_timeout(LONG)
    faults = watch(page)
    yield page
    await page.close()
    assert faults == []


async def take(page: Page, step: Step, ids: Mapping[str, int | str]) -> int:
    """Take a step; how many clicks it was. Raises playwright's TimeoutError where it cannot be."""
    if isinstance(step, tuple):
        found = page.locator(step[0].format_map(ids)).first
        words = step[1].format_map(ids)
        if step[0].startswith("select"):
            await found.select_option(label=words)
            return 1
        await page.wait_for_load_state()  # what searches while one types is there
        await found.fill(words)
        return 0
    if step in (PEOPLE, FORMS) and not await page.locator(step).count():
        return 1  # unfolded by an earlier way; somebody's first time is counted
    await page.locator(step.format_map(ids)).locator("visible=true").first.click()
    return 1


async def carried_out(page: Page, way: Way, ids: Mapping[str, int | str]) -> tuple[int, int]:
    """How many clicks it took to the form, and in all."""
    to_form = sum([await take(page, step, ids) for step in way.to])
    await page.locator(way.form.format_map(ids)).locator("visible=true").first.wait_for()
    rest = sum([await take(page, step, ids) for step in way.then])
    await page.locator(way.after.format_map(ids)).locator("visible=true").first.wait_for()
    return to_form, to_form + rest


async def test_the_form_of_each_main_task_is_three_clicks_from_today_and_does_it(
    page: Page, house: House, address: str
) -> None:
    there = await furnished(house, await house.staff("Sato", Role.DOCTOR))
    ids = {**there, "monday": str(await open_monday(house))}
    await sign_in(page, house, address, Role.ADMIN)
    failed = []
    for way in WAYS:
        done = way.done.format_map(ids)
        if way.done != NOTHING:
            assert not await house.value(done), way.task
        await page.goto(f"{address}/today")
        try:
            to_form, clicks = await carried_out(page, way, ids)
        except Error as error:
            failed.append(f"{way.task}: {page.url} {str(error).splitlines()[:3]}")
            continue
        if to_form > MOST or clicks != way.clicks:
            failed.append(f"{way.task}: {to_form} clicks to the form, {clicks} in all")
        if not await house.value(done):
            failed.append(f"{way.task}: not done")
    assert not failed, "\n".join(failed)


def test_each_screen_has_a_main_task() -> None:
    assert {way.screen for way in WAYS} == set(range(1, 11))
