"""What staff did wakes the workers."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from admin.ringing import BELL, ring
from bot import bell as bell_module
from bot.bell import Bell
from clinic.message.service import write_staff_message
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from scheduler import worker as scheduler
from tests.integration.contact.house import until
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


async def test_nobody_rang_and_words_of_staff_waited_for_the_next_look(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell_module, "TIMEOUT", 10)
    patient = rig.patient()
    await patient.comes_in()
    talk = await rig.value("select id from conversation")
    for name in scheduler.EVERY:
        monkeypatch.setitem(scheduler.EVERY, name, 3600.0)
    worker, bell = scheduler.SchedulerWorker(rig.env), Bell(rig.env.settings)
    running = asyncio.create_task(worker.run())
    try:

        async def looked() -> bool:
            return None not in worker.lateness().values()

        await until(looked)
        async with rig.env.database.transaction() as tx:
            staff = await add_staff(tx, "Dr. Sato", Role.DOCTOR)
            assert isinstance(staff, Staff)
            await write_staff_message(tx, rig.env.keys, talk, staff.id, "How are you?")
        async with TestClient(TestServer(panel(bell))) as client:
            await client.post("/")

        async def sent() -> bool:
            return not await rig.value("select count(*) from outbox where state = 'pending'")

        await until(sent)
    finally:
        worker.stop()
        await running
        await bell.close()


def panel(bell: Bell) -> web.Application:
    async def done(_request: web.Request) -> web.Response:
        return web.Response(text="done")

    app = web.Application(middlewares=[ring])
    app[BELL] = bell
    app.router.add_post("/", done)
    return app
