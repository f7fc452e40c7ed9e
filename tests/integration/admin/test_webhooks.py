"""Where other systems are told what happens: the panel's pages for admins."""

import html
import re

import pytest

from clinic.staff.types import Role
from clinic.webhook.types import Kind
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

pytestmark = pytest.mark.server

AT = "/settings/webhooks"
SHEET = {"name": "Sheet", "url": "https://example.com/in?key=canary", "kind": "appointment.booked"}


async def added(house: House, chief: Browser, **fields: str) -> int:
    answer = await chief.post(AT, **{**SHEET, **fields})
    assert answer.status == 200, await answer.text()
    endpoint: int = await house.value("select max(id) from webhook_endpoint")
    return endpoint


async def test_an_admin_adds_an_endpoint_and_sees_its_secret_once(
    house: House, chief: Browser
) -> None:
    assert "No system is told yet" in await chief.read(AT, headers={"Accept-Language": "en"})
    answer = await chief.post(AT, **SHEET)
    shown = re.search(r'value="(whsec_[^"]+)"', await answer.text())
    assert shown
    endpoint = await house.value("select id from webhook_endpoint")
    for page in (AT, f"{AT}/{endpoint}"):
        assert html.unescape(shown[1]) not in await chief.read(page)
    listed = await chief.read(AT)
    assert "Sheet" in listed
    assert "canary" not in listed  # the list tells the host alone
    assert "canary" in await chief.read(f"{AT}/{endpoint}")
    rows = await house.rows("select action, detail::text from audit where action like '%webhook%'")
    assert [row["action"] for row in rows] == ["staff:webhook:add"]
    assert "canary" not in rows[0]["detail"]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", " ", "up to 80 characters"),
        ("url", "https://127.0.0.1/in", "inside a network"),
        ("url", "https://user:word@example.com/", "no address we can use"),
        ("url", "http://example.com/", "Please use https"),
        ("url", "https://example.com:5432/", "443 or 8443"),
        ("kind", "patient.deleted", "at least one event"),
    ],
)
async def test_what_cannot_be_told_is_refused_with_the_reason(
    house: House, chief: Browser, field: str, value: str, problem: str
) -> None:
    await house.rows("update staff set language = 'en'")
    answer = await chief.post(AT, **{**SHEET, field: value})
    assert answer.status == 422
    assert problem in await answer.text()
    endpoint = await added(house, chief)
    answer = await chief.post(f"{AT}/{endpoint}", **{**SHEET, field: value})
    assert answer.status == 422
    assert problem in await answer.text()
    assert await house.value("select count(*) from webhook_endpoint") == 1


async def test_an_endpoint_is_changed_tested_paused_resumed_and_gets_a_new_secret(
    house: House, chief: Browser
) -> None:
    endpoint = await added(house, chief)
    answer = await chief.post(
        f"{AT}/{endpoint}", name="Table", url="https://example.org/", kind="campaign.started"
    )
    assert answer.status == 303
    shown = await chief.read(f"{AT}/{endpoint}")
    assert "Table" in shown
    assert "https://example.org/" in shown
    assert (await chief.post(f"{AT}/{endpoint}/act", act="test")).status == 303
    assert await house.value("select kind from webhook_event") == "webhook.tested"
    for act, state in (("pause", "paused"), ("resume", "active")):
        assert (await chief.post(f"{AT}/{endpoint}/act", act=act)).status == 303
        assert await house.value("select state from webhook_endpoint") == state
    answer = await chief.post(f"{AT}/{endpoint}/act", act="rotate")
    assert "whsec_" in await answer.text()
    assert await house.value("select old_secret_until > now() from webhook_endpoint")
    assert (await chief.post(f"{AT}/{endpoint}/act", act="explode")).status == 422
    assert (await chief.post(f"{AT}/{endpoint}/act", act="resume")).status == 409
    assert (await chief.post(f"{AT}/999999/act", act="rotate")).status == 404


async def test_a_removed_endpoint_can_be_brought_back(house: House, chief: Browser) -> None:
    endpoint = await added(house, chief)
    await chief.post(f"{AT}/{endpoint}/act", act="test")
    answer = await chief.post(f"{AT}/{endpoint}/act", act="remove")
    listed = await chief.read(answer.headers["Location"])
    assert "Sheet" not in listed
    assert 'value="restore"' in listed
    assert await house.value("select state from webhook_delivery") == "dropped"
    assert (await chief.post(f"{AT}/{endpoint}", **SHEET)).status == 422
    assert (await chief.post(f"{AT}/{endpoint}/act", act="restore")).status == 303
    assert await house.value("select state from webhook_endpoint") == "paused"


async def test_dead_letters_are_shown_and_sent_again_one_or_all(
    house: House, chief: Browser
) -> None:
    await house.rows("update staff set language = 'en'")
    endpoint = await added(house, chief)
    for _ in range(3):
        await chief.post(f"{AT}/{endpoint}/act", act="test")
    await house.rows(
        """update webhook_delivery set state = 'dead', attempts = 9, reason = 'status',
             answered = 500, settled_at = now(), send_at = 'infinity'
           where id < (select max(id) from webhook_delivery)"""
    )
    await house.task("webhook_dead", detail={"webhook": endpoint})
    assert f'href="{AT}/{endpoint}"' in await chief.read("/tasks")
    dead = await chief.read(f"{AT}/{endpoint}?show=dead")
    assert len(re.findall(r'id="delivery-\d+"', dead)) == 2
    assert "answered with an error (500)" in " ".join(dead.split())
    waiting = await chief.read(f"{AT}/{endpoint}?show=waiting")
    assert len(re.findall(r'id="delivery-\d+"', waiting)) == 1
    first = await house.value("select min(id) from webhook_delivery")
    assert (await chief.post(f"{AT}/{endpoint}/deliveries/{first}")).status == 303
    assert (await chief.post(f"{AT}/{endpoint}/deliveries/{first}")).status == 409
    assert (await chief.post(f"{AT}/{endpoint}/act", act="redeliver")).status == 303
    assert await house.value("select count(*) from webhook_delivery where state = 'pending'") == 3


async def test_nobody_but_an_admin_comes_near_endpoints(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    endpoint = await added(house, chief)
    for role in (Role.STAFF, Role.DOCTOR):
        browser = await sign_in(await house.staff(f"one {role}", role))
        for path in (AT, f"{AT}/{endpoint}"):
            assert (await browser.get(path)).status == 403
            assert (await browser.post(path, **SHEET)).status == 403
        assert (await browser.post(f"{AT}/{endpoint}/act", act="rotate")).status == 403
        assert (await browser.post(f"{AT}/{endpoint}/deliveries/1")).status == 403


async def test_every_kind_of_event_can_be_chosen(chief: Browser) -> None:
    page = await chief.read(AT)
    for kind in Kind:
        assert f'value="{kind}"' in page
