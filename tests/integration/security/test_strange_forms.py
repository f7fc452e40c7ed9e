"""What no form of ours sends is refused, and is no fault of ours."""

from collections.abc import AsyncIterator

import pytest

from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn, desk, house, server, sign_in
from tests.integration.admin.conftest import chief as chief
from tests.integration.admin.house import House
from tests.integration.admin.test_matrix import MINE, world

__all__ = ["desk", "house", "server", "sign_in"]
HUGE = "9" * 30  # no bigint
ENDLESS = "9" * 5_000  # no int of Python's
# Path, field: what once ended in a fault when its number or date was none.
NUMBERS = (
    ("/visits/{visit}/status", "version"),
    ("/settings/holidays/call", "visits"),
    ("/settings/practitioners", "kind"),
    ("/tasks/{task}/link", "patient"),
    ("/waitlist/groups/{service}", "group"),
    ("/waitlist/add/{patient}", "what"),
    ("/care-plans/{plan}/anchor", "on"),
)
GOOD = {
    "status": "arrived",
    "relation": "self",
    "part": "any",
    "from": "2026-12-01",
    "until": "2026-12-02",
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture
async def there(house: House) -> dict[str, int]:
    found = await world(house, MINE, None)
    return found | {"service": await house.value("select min(id) from service")}


@pytest.mark.parametrize(("path", "field"), NUMBERS)
@pytest.mark.parametrize("strange", [HUGE, ENDLESS, "-1", "9999-12-31"])
async def test_a_number_or_a_day_past_every_end_once_ended_in_a_fault(
    chief: Browser, there: dict[str, int], path: str, field: str, strange: str
) -> None:
    answer = await chief.post(path.format(**there), **{**GOOD, field: strange})
    assert answer.status < 500


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/settings/tags/rename", "words"),
        ("/settings/canned", "ja"),
        ("/settings/canned", "shortcut"),
        ("/cohorts", "name"),
        ("/settings/clinic", "clinic.name"),
    ],
)
async def test_a_zero_in_a_form_once_ended_in_a_fault(
    chief: Browser, path: str, field: str
) -> None:
    assert (await chief.post(path, **{field: "a\0b"})).status == 400


@pytest.mark.parametrize("path", ["/audit", "/audit/list.csv", "/patients", "/today"])
async def test_a_zero_in_an_address_once_ended_in_a_fault(chief: Browser, path: str) -> None:
    answer = await chief.get(path, params={"q": "a\0b", "chart": "a\0b"})
    assert answer.status == 400


@pytest.mark.parametrize(
    "answer",
    ["[" * 100_000, '{"id": "a\\u0000b"}', '{"response": {"clientDataJSON": "\\ud800"}}', "null"],
)
async def test_an_answer_of_a_passkey_that_is_none_is_refused(sign_in: SignIn, answer: str) -> None:
    stranger = await sign_in(None)
    got = await stranger.send("/sign-in/passkey", {"answer": answer})
    assert got.status in (401, 404)


async def test_a_search_by_wildcards_finds_nobody(house: House, desk: Browser) -> None:
    await house.patient("田中 花子", chart="1001", phone="+819011112222")
    for words in ("%", "_", "%%", "__", "\\", "1__1", "田%"):
        found = await desk.post("/palette", q=words + words)
        assert "田中" not in await found.text(), words


async def test_a_role_nobody_has_is_no_role(house: House, chief: Browser) -> None:
    """Mass assignment: fields that a form does not have are not read."""
    await chief.post("/staff", name="高橋", role="owner")
    await chief.post(
        "/staff", name="高橋 二", role="doctor", id="1", password_hash="x", clinic_id="2"
    )
    rows = await house.rows("select name, role, password_hash from staff where name like '高橋%'")
    assert [tuple(row.values()) for row in rows] == [("高橋 二", Role.DOCTOR, None)]
