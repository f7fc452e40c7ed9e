"""Nothing that a patient or a file wrote runs in a real browser, on any page of the panel (R26)."""

import pytest
from playwright.async_api import Browser, Page

from admin.routes import ROUTES
from clinic.staff.types import Role
from tests.e2e.browser import watch
from tests.e2e.panel import sign_in
from tests.integration.admin.house import House
from tests.integration.security.evil import crowd, named_campaign, path_of, world
from tests.integration.security.payloads import POLYGLOTS

pytestmark = pytest.mark.browser
NO_PAGES = ("/healthz", "/metrics", "/favicon.ico", "/sign-in", "/", "/segments/words")
PAGES = [
    row
    for row in ROUTES
    if row.method == "GET"
    and row.path not in NO_PAGES
    and Role.ADMIN in (row.roles or ())
    and "." not in row.path.rsplit("/", 1)[-1]
    and row.by_person
    and "/static/" not in row.path
]
# Whatever a text could bring: a handler that fires needs to be looked at, and to be touched.
TOUCH = """async () => {
  for (const one of document.querySelectorAll("main *, [autofocus]")) {
    one.dispatchEvent(new Event("mouseover", { bubbles: true }));
    if (one.matches("details")) one.open = true;
  }
  await new Promise((done) => setTimeout(done, 0));
  return window.ran === undefined && !document.querySelector("img[src=x]")
    && ![...document.scripts].some((one) => one.textContent.includes("ran=1"));
}"""


async def harmless(page: Page, address: str, path: str) -> list[str]:
    """What is wrong with a page; a file that is saved is none."""
    try:
        answer = await page.goto(address + path, wait_until="load")
    except Exception as error:
        if "Download is starting" in str(error):
            return []
        raise
    if answer is None or answer.status >= 500:
        return [f"{path}: {answer and answer.status}"]
    return [] if await page.evaluate(TOUCH) else [f"{path}: something ran"]


@pytest.mark.parametrize("text", POLYGLOTS)
async def test_no_word_of_a_patient_or_a_file_runs_on_any_page(
    browser: Browser, house: House, address: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = await world(house, text, monkeypatch)
    page = await browser.new_page(locale="en-GB")
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    await house.rows("update staff_session set proved_at = now()")
    await page.goto(f"{address}/campaigns/new")
    await page.locator("main form button").first.click()
    await page.wait_for_url("**/campaigns/*/edit*")
    there["campaign"] = await named_campaign(house, text)
    found: list[str] = []
    for row in PAGES:
        found += await harmless(page, address, path_of(row, there))
    await page.close()
    assert len(PAGES) > 90
    assert found == []
    assert faults == []


async def test_no_name_of_the_corpus_runs_where_patients_are_listed_or_found(
    browser: Browser, house: House, address: str
) -> None:
    names = await crowd(house)
    page = await browser.new_page(locale="en-GB")
    faults = watch(page)
    await sign_in(page, house, address, Role.ADMIN)
    found: list[str] = []
    for path in ("/conversations", "/conversations?tab=open", "/today", "/tasks"):
        found += await harmless(page, address, path)
    await page.goto(f"{address}/patients")
    for number, name in enumerate(names):
        await page.locator("#q").fill(f"E{number}")
        await page.locator("#found").get_by_text(f"E{number}", exact=False).first.wait_for()
        if not await page.evaluate(TOUCH):
            found.append(name)
    await page.close()
    assert found == []
    assert faults == []
