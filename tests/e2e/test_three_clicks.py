"""From Today to the main task of each screen it is three clicks at most; typing is no click."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from clinic.staff.types import Role
from tests.e2e.browser import watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House

pytestmark = pytest.mark.browser
MOST = 3
PEOPLE, FORMS = (
    f"details:not([open]):has(a[href='{one}']) > summary" for one in ("/lapse", "/quality")
)
TYPED = re.compile(r"([^=\[]+)=(\w+)")


@dataclass(frozen=True, slots=True)
class Way:
    """A screen's main task: what is clicked (or typed: "field=words"), and what is there then.

    Steps are CSS selectors; {name} stands for an id of the house.
    """

    screen: int
    task: str
    steps: tuple[str, ...]
    there: str


WAYS = (
    Way(1, "check somebody in", ("#visit-{visit} form[action$='/status'] button",), ".strip"),
    Way(1, "answer an escalation", ("a[href='/escalations/{case}']",), "form[action$='called']"),
    Way(
        2,
        "book a visit by hand",
        ("a[href='/calendar']", "a[href^='/calendar/book']"),
        "form#book button.btn-primary",
    ),
    Way(
        3,
        "answer who waits",
        ("a[href='/conversations']", "#take-{talk}"),
        "form[action='/conversations/{talk}/answer'] textarea",
    ),
    Way(
        4,
        "open a patient's record",
        (PEOPLE, "a[href='/patients']", "#q=Tanaka", "#found a[href='/patients/{patient}']"),
        "a[href='/patients/{patient}/edit']",
    ),
    Way(
        5,
        "see the groups of those who lapsed",
        (PEOPLE, "a[href='/lapse']"),
        "main h1",
    ),
    Way(
        6,
        "begin a campaign from a template",
        (
            "[data-palette-opens]",
            "#palette input=campaign",
            "#palette a[href='/campaigns/new']",
            "main form button",
        ),
        "main h1",
    ),
    Way(
        7,
        "read a questionnaire's results",
        (FORMS, "a[href='/questionnaires']", "main a[href='/questionnaires/{form}/results']"),
        "main h1",
    ),
    Way(
        8,
        "write a document for a patient",
        ("a[href='/documents']", "main a.btn-primary, main a[href*='documents']"),
        "main h1",
    ),
    Way(9, "read the figures", ("a[href='/figures']",), "main canvas, main table"),
    Way(
        10,
        "change the clinic's hours",
        ("a[href='/settings']", "main a[href='/settings/hours']"),
        "main h1",
    ),
)


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
    faults = watch(page)
    yield page
    await page.close()
    assert faults == []


async def carried_out(page: Page, way: Way, ids: dict[str, int]) -> int:
    """How many clicks it took. Raises playwright's TimeoutError where there is no such way."""
    clicks = 0
    for step in way.steps:
        typed = TYPED.fullmatch(step)
        if typed:
            await page.locator(typed[1]).fill(typed[2])
        elif step not in (PEOPLE, FORMS) or await page.locator(step).count():  # open still
            await page.locator(step.format(**ids)).locator("visible=true").first.click(timeout=9000)
            clicks += 1
    await page.locator(way.there.format(**ids)).first.wait_for(timeout=9000)
    return clicks


async def test_the_main_task_of_each_screen_is_three_clicks_from_today(
    page: Page, house: House, address: str
) -> None:
    forms = await house.forms()
    patient = await house.patient("Tanaka Hanako", chart="1001")
    visit = await house.visit(patient, await house.practitioner("Sato"), at="00:00")
    talk = await house.conversation(patient, said="hello", owner="queue", waiting=5)
    case = await house.escalation(talk, said="chest pain", patient=patient)
    await house.rows(
        """insert into care_group (code, name, definition, mode)
           values ('g', '{"en": "Diabetes"}', '{"any": []}', 'fixed')"""
    )
    ids = {"patient": patient, "visit": visit, "talk": talk, "case": case, "form": forms["gad_7"]}
    await sign_in(page, house, address, Role.ADMIN)
    failed = []
    for way in WAYS:
        await page.goto(f"{address}/today")
        try:
            clicks = await carried_out(page, way, ids)
        except Exception as error:
            failed.append(f"{way.screen} {way.task}: {page.url} {str(error).splitlines()[0]}")
            continue
        if clicks > MOST:
            failed.append(f"{way.screen} {way.task}: {clicks} clicks")
    assert not failed, "\n".join(failed)
    assert {way.screen for way in WAYS} == set(range(1, 11))
