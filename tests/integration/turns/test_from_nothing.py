"""A clinic that is set up from nothing, by the panel's forms alone, can be booked in the chat."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.security import PLAIN_COOKIE
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House
from tests.integration.admin.test_setup import clinic
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


@pytest.fixture
async def chief(rig: Rig) -> AsyncIterator[Browser]:
    """The administrator's browser, at the panel of the same database as the chat."""
    house = House(rig.env.database)
    token = await house.session(await house.staff("鈴木 院長", Role.ADMIN))
    csrf = await house.value("select csrf_token from staff_session")
    jar = CookieJar(unsafe=True)
    app = create_app(rig.env.database, rig.env.keys, rig.env.settings)
    async with (
        TestServer(app) as server,
        ClientSession(cookies={PLAIN_COOKIE: token}, cookie_jar=jar) as http,
    ):
        yield Browser(http, server, csrf)


async def test_a_clinic_made_by_the_settings_alone_can_be_booked_in_the_chat(
    rig: Rig, chief: Browser
) -> None:
    assert await rig.value("select count(*) from site") == 0
    made = await clinic(House(rig.env.database), chief)
    patient = rig.patient()
    await patient.comes_in()
    visit = await patient.books()
    row = await rig.rows(
        """select service_id, practitioner_id, site_id, status from appointment where id = $1""",
        visit,
    )
    assert row == [(made["service"], made["doctor"], made["site"], "booked")]
    on = await rig.value(
        """select (starts_at at time zone 'Asia/Tokyo')::date from appointment where id = $1""",
        visit,
    )
    assert "Maria Ito" in await chief.read(f"/calendar?on={on}&view=list")


async def test_what_is_made_inactive_is_no_longer_offered_in_the_chat(
    rig: Rig, chief: Browser
) -> None:
    made = await clinic(House(rig.env.database), chief)
    site = {"name.ja": "本院", "time_zone": "Asia/Tokyo"}  # without its tick
    assert (await chief.post(f"/settings/sites/{made['site']}", **site)).status == 303
    patient = rig.patient()
    await patient.comes_in()
    with pytest.raises(AssertionError):
        await patient.books()
    assert await rig.value("select count(*) from appointment") == 0
