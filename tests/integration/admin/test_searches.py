"""What is typed to find a patient is posted: no address, no history, no log of addresses holds it.

A page is walked as a browser would ask for it: every row of the table, every template.
"""

import re
from pathlib import Path

import pytest

import admin
from admin.routes import ROUTES
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.test_matrix import STREAMS, THEIRS, filled, send, world

FOLDER = Path(admin.__file__).parent
FORM = re.compile(r"<form\b(?P<head>[^>]*)>(?P<body>.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<(?:input|textarea)\b[^>]*>", re.DOTALL)
NO_WORDS = re.compile(r'type="(?:hidden|radio|checkbox|date|number|month|time)"')
NAME = re.compile(r'name="([^"]*)"')
# Typed into an address all the same, and why no patient's name is there.
ALLOWED = {
    ("audit/templates/audit.html", "chart"): "a chart number, which is an id",
    ("audit/templates/audit.html", "action"): "a word of ours",
    ("segments/templates/builder.html", "{{ name }}.value"): "codes and tags",
    ("triage/templates/list.html", "q"): "words of rules, which are about nobody",
}
SEARCHES = (
    "/patients",
    "/walk-in/find",
    "/calendar/book/find",
    "/waitlist/add/find",
    "/merges/find",
    "/conversations/find",
    "/palette",
)


def typed_into_addresses() -> set[tuple[str, str]]:
    """Each field with words whose form, or whose script, asks by an address: template, name."""
    found = set()
    for file in sorted(FOLDER.rglob("*.html")):
        text, where = file.read_text("utf-8"), file.relative_to(FOLDER).as_posix()
        fields = [
            field
            for form in FORM.finditer(text)
            if 'method="post"' not in form["head"] and "data-passkey" not in form["head"]
            for field in FIELD.findall(form["body"])
        ]
        fields += [field for field in FIELD.findall(text) if "hx-get" in field]
        for field in fields:
            name = NAME.search(field)
            if name and not NO_WORDS.search(field):
                found.add((where, name[1]))
    return found


def test_no_template_puts_typed_words_into_an_address() -> None:
    assert typed_into_addresses() == set(ALLOWED)


def test_the_walk_sees_a_search_that_asks_by_its_address() -> None:
    old = '<form action="/x" role="search"><input type="search" name="q" hx-get="/x"></form>'
    form = FORM.search(old)
    assert form is not None
    assert 'method="post"' not in form["head"]
    assert not NO_WORDS.search(FIELD.findall(form["body"])[0])


async def test_no_page_finds_a_patient_by_words_in_its_address(
    house: House, sign_in: SignIn
) -> None:
    ids = await world(house, THEIRS, None)
    await house.rows("update patient set kana = 'タナカ ハナコ'")
    looked, browser = 0, await sign_in(await house.staff("山田", Role.ADMIN))
    for row in ROUTES:
        if row.method != "GET" or row.roles is None or row.path in STREAMS:
            continue
        # A telephone's own address: its system cannot post. A search of rules, not of people.
        if row.path in ("/lookup", "/triage"):
            continue
        path = filled(row, ids)
        _, before = await send(browser, row, path)
        _, after = await send(
            browser, row, f"{path}?q=タナカ&words=タナカ&search=タナカ&name=タナカ"
        )
        assert after.count("よその") <= before.count("よその"), row.path
        assert 'value="タナカ"' not in after, row.path
        looked += 1
    assert looked > 100


@pytest.mark.parametrize("path", SEARCHES)
async def test_a_posted_search_finds_the_patient(house: House, desk: Browser, path: str) -> None:
    patient = await house.patient("田中 花子", kana="タナカ ハナコ", chart="1001")
    await house.conversation(patient, said="hello")
    await house.patient("佐藤 次郎", kana="サトウ ジロウ")
    page = await (await desk.post(path, q="タナカ")).text()
    assert "田中 花子" in page
    assert "佐藤 次郎" not in page


async def test_a_posted_search_shows_a_doctor_nobody_elses_patient(
    house: House, sign_in: SignIn
) -> None:
    patient = await house.patient("他人 花子", chart="1001")
    await house.conversation(patient, said="hello")
    browser = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    for row in ROUTES:
        if row.path in SEARCHES and row.method == "POST" and Role.DOCTOR in (row.roles or ()):
            for words in ("他人", "1001"):
                assert "花子" not in await (await browser.post(row.path, q=words)).text(), row.path
