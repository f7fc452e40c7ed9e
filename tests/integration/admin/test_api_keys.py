"""Keys of the API and calendar feeds, as the panel makes and ends them."""

import html
import re

import pytest

from clinic.api_key.service import recognise
from clinic.api_key.types import Scope
from clinic.calendar_feed.service import feed_file
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

pytestmark = pytest.mark.server
KEYS = "/settings/api-keys"
FEEDS = "/settings/calendar-feeds"
_SECRET = re.compile(r'value="(kayoi_[\w-]{43})"')
_TOKEN = re.compile(r"/calendar/([\w-]{43})\.ics")


async def test_an_admin_makes_a_key_sees_it_once_and_ends_it(house: House, chief: Browser) -> None:
    fields = {"csrf": chief.csrf, "name": " Front  desk tablet ", "rate": "60"}
    answer = await chief.send(KEYS, {**fields, "scope": "patients:read"})
    page = await answer.text()
    assert answer.status == 200, page
    secret = _SECRET.findall(page)[0]
    assert answer.headers["Cache-Control"] == "no-store"
    async with house.database.transaction() as tx:
        key = await recognise(tx, secret)
    assert key is not None
    assert (key.name, key.scopes, key.rate) == ("Front desk tablet", {Scope.PATIENTS_READ}, 60)
    listed = await chief.read(KEYS)
    assert "Front desk tablet" in listed
    assert secret not in listed
    assert (await chief.post(f"{KEYS}/{key.id}/revoke")).status == 303
    assert (await chief.post(f"{KEYS}/{key.id}/revoke")).status == 409
    async with house.database.transaction() as tx:
        assert await recognise(tx, secret) is None
    actions = await house.rows("select action from audit where action like '%api_key%' order by id")
    assert [row["action"] for row in actions] == ["staff:api_key:add", "staff:api_key:revoke"]


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scope": "everything"}, {"rate": "0"}, {"rate": "many"}]
)
async def test_a_key_that_says_nothing_good_is_not_made(
    house: House, chief: Browser, wrong: dict[str, str]
) -> None:
    fields = {"name": "A", "rate": "60", "scope": "fhir:read", **wrong}
    answer = await chief.post(KEYS, **fields)
    assert answer.status == 422
    assert await house.value("select count(*) from api_key") == 0


async def test_nobody_but_an_admin_sees_or_makes_keys(desk: Browser) -> None:
    assert (await desk.get(KEYS)).status == 403
    answer = await desk.post(KEYS, name="A", rate="60", scope="fhir:read")
    assert answer.status == 403


async def test_a_doctor_makes_a_feed_of_the_own_calendar_and_of_no_other(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    own = await house.practitioner("佐藤", doctor)
    other = await house.practitioner("高橋")
    browser = await sign_in(doctor)
    page = await browser.read(FEEDS)
    assert "佐藤" in page
    assert "高橋" not in page
    answer = await browser.post(f"{FEEDS}/practitioners/{own}")
    token = _TOKEN.findall(html.unescape(await answer.text()))[0]
    assert (await browser.post(f"{FEEDS}/practitioners/{other}")).status == 404
    assert token not in await browser.read(FEEDS)
    assert token not in str(await house.rows("select * from calendar_feed"))
    async with house.database.transaction() as tx:
        assert await feed_file(tx, token) is not None
    feed = await house.value("select id from calendar_feed")
    stranger = await sign_in(await house.staff("別の 医師", Role.DOCTOR))
    assert (await stranger.post(f"{FEEDS}/{feed}/revoke")).status == 404
    assert (await browser.post(f"{FEEDS}/{feed}/revoke")).status == 303
    async with house.database.transaction() as tx:
        assert await feed_file(tx, token) is None


async def test_a_feed_ends_with_the_account_of_its_practitioner(
    house: House, chief: Browser
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    own = await house.practitioner("佐藤", doctor)
    answer = await chief.post(f"{FEEDS}/practitioners/{own}", initials="yes")
    token = _TOKEN.findall(html.unescape(await answer.text()))[0]
    await house.rows("update staff set disabled_at = now() where id = $1 returning id", doctor.id)
    async with house.database.transaction() as tx:
        assert await feed_file(tx, token) is None
