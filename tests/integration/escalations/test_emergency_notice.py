"""A doctor opens somebody else's record: the admins hear of it in their own chats, namelessly."""

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.security import PLAIN_COOKIE
from clinic.staff.types import Role
from tests.integration.admin.house import House
from tests.integration.escalations.ward import Ward

pytestmark = pytest.mark.server
WHY = "Unconscious at the desk, allergies of Hanako Tanaka"


async def test_emergency_access_is_told_to_every_admins_own_chat_without_the_patient(
    ward: Ward,
) -> None:
    env, house = ward.env, House(ward.env.database)
    chief = await ward.doctor("Ms. Suzuki", Role.ADMIN)
    colleague = await ward.doctor("Dr. Ito")
    await ward.staff("Mr. Kato", Role.ADMIN)  # has linked no chat
    sato = await ward.staff("Dr. Sato")
    patient = await house.patient("Hanako Tanaka", chart="1001")
    cookies = {PLAIN_COOKIE: await house.session(sato)}
    csrf = await house.value("select csrf_token from staff_session order by id desc limit 1")
    app = create_app(env.database, env.keys, env.settings, channels=env.channels)
    async with TestServer(app) as server, ClientSession(cookies=cookies) as browser:
        fields = {"csrf": csrf, "chart": "1001", "reason": WHY}
        answer = await browser.post(
            server.make_url("/emergency"), data=fields, allow_redirects=False
        )
        assert answer.headers["Location"] == f"/patients/{patient}"
    await ward.sweep()
    (told,) = await chief.inbox()
    assert "Dr. Sato" in told.text
    for word in ("Tanaka", "Hanako", "1001", "Unconscious"):
        assert word not in told.text
    assert await colleague.inbox() == []
    states = await ward.rows("select state from outbox where dedup_key like 'emergency:%'")
    assert [tuple(row) for row in states] == [("sent",)]
    assert await ward.value("select told_at is not null from emergency_access")
