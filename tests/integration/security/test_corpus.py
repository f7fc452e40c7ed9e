"""Words of patients and files are words: in every page, list, sheet and file of the panel (R26)."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from aiohttp import ClientResponse

from admin.routes import ROUTES
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn, house, server, sign_in
from tests.integration.admin.house import House
from tests.integration.admin.test_matrix import STREAMS
from tests.integration.security.evil import crowd, named_campaign, path_of, world
from tests.integration.security.payloads import EVALUATED, PAYLOADS, POLYGLOTS, RAN
from tests.integration.security.test_strange_forms import database

__all__ = ["database", "house", "server", "sign_in"]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
NEVER = frozenset({"object", "embed", "base", "marquee", "math"})


class Harm(HTMLParser):
    """Finds what would run or load in a page beside what is ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One of ours has no event handler, no inline script or style and no foreign address."""
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            address = name in ("href", "src", "action", "formaction", "data", "xlink:href")
            plain = "".join(sign for sign in value if sign > " ").lower()
            strange = plain.startswith(("javascript:", "//", "data:text"))
            if name.startswith("on") or name == "style" or (address and strange):
                self.found.append(f"<{tag} {name}={value!r}>")
            if name.startswith(("hx-on", "x-init")):
                self.found.append(f"<{tag} {name}>")
        ours = tag != "script" or given.get("src", "").startswith("/static/")
        if tag in NEVER or not ours or tag == "style" or "javascript" in given.get("content", ""):
            self.found.append(f"<{tag}>")


def harm(html: str) -> list[str]:
    """What is wrong with a page."""
    parser = Harm()
    parser.feed(html)
    return parser.found + (["a template was evaluated"] if EVALUATED in html else [])


def formulas(text: str) -> list[str]:
    """The cells of a list that a spreadsheet would reckon with. A number may be negative."""
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    return [
        cell
        for row in rows
        for cell in row
        if cell.startswith(FORMULA) and not cell.removeprefix("-").replace(".", "", 1).isdigit()
    ]


async def judged(answer: ClientResponse) -> list[str]:
    """What is wrong with an answer, by its kind."""
    kind, body = answer.content_type, await answer.read()
    if kind == "text/html":
        return harm(body.decode())
    if kind == "text/csv":
        return formulas(body.decode("utf-8-sig"))
    if kind in ("application/json", "application/fhir+json"):
        json.loads(body)
        return []
    if kind == "application/pdf":
        return [name for name in ("/JavaScript", "/Launch", "/OpenAction") if name.encode() in body]
    if kind == "text/event-stream" or answer.status in (204, 303):
        return []
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return []


def test_the_judge_sees_harm_that_is_not_made_harmless() -> None:
    seen = [one for one in PAYLOADS if one.startswith("<") and RAN in one]
    blind = [one for one in seen if not harm(f"<p>{one}</p>")]
    assert [one for one in blind if "<scr<" not in one] == []
    assert formulas("a,=1+1\n") == ["=1+1"]
    assert formulas("-1.5,'=1\n") == []
    assert len(PAYLOADS) > 200


async def walk(browser: Browser, there: dict[str, int], role: Role) -> set[str]:
    """Look at every route that a role may read; the paths that showed something."""
    shown, found = set(), []
    for row in ROUTES:
        if row.method != "GET" or role not in (row.roles or ()) or row.path in STREAMS:
            continue
        path = path_of(row, there)
        answer = await browser.get(path)
        if answer.status >= 500:
            found.append(f"{path}: {answer.status}")
        if answer.status == 200:
            shown.add(row.path)
        found += [f"{path}: {fault}" for fault in await judged(answer)]
    assert not found, "\n".join(found)
    return shown


@pytest.mark.parametrize("text", POLYGLOTS)
async def test_what_a_patient_or_a_file_wrote_is_words_in_every_answer_of_the_panel(
    house: House, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    there = await world(house, text, monkeypatch)
    await house.rows("update staff_session set proved_at = now()")
    browser = await sign_in(await house.staff("山田", Role.ADMIN))
    await house.rows("update staff_session set proved_at = now()")
    await browser.post("/campaigns", template="new_year")
    there["campaign"] = await named_campaign(house, text)
    shown = await walk(browser, there, Role.ADMIN)
    must = {one.path for one in ROUTES if one.path.endswith((".csv", ".pdf", ".json"))}
    assert len(shown) > 120
    assert len(must & shown) > 12, must - shown


async def test_every_name_of_the_corpus_is_words_in_lists_searches_and_files(
    house: House, sign_in: SignIn
) -> None:
    names = await crowd(house)
    browser = await sign_in(await house.staff("山田", Role.ADMIN))
    await house.rows("update staff_session set proved_at = now()")
    pages = ("/conversations", "/conversations?tab=open", "/today", "/tasks", "/patients")
    for path in pages:
        assert harm(await browser.read(path)) == [], path
    for number, name in enumerate(names):
        found = await (await browser.post("/patients", q=f"E{number}")).text()
        assert f"E{number}<" in found
        assert harm(found) == [], name
        if number % 12 == 0:  # the words themselves are shown again
            for path in ("/patients", "/conversations/find", "/palette"):
                assert harm(await (await browser.post(path, q=name)).text()) == [], (path, name)
