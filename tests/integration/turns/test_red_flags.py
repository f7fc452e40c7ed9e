"""An emergency is answered wherever the conversation stands, with the NLU and Valkey dead (R30)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot import start
from bot.local.ports import free_port
from clinic.config import Settings
from nlu import red_flags
from tests.integration.booking.clinic import make
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server

LIMIT = 3.0  # s
CRIES = {
    "en": "help, crushing chest pain and I can't breathe",
    "ja": "胸が締めつけられるように痛くて息ができません",
    "zh-Hant": "胸口像被壓住一樣劇痛，喘不過氣",
    "zh-Hans": "胸口像被压住一样剧痛，喘不过气",
    "ru": "сильная давящая боль в груди, не могу дышать",
}
State = Callable[[Patient], Awaitable[object]]


async def booking(patient: Patient, answers: int) -> None:
    """Be so many answers into a booking."""
    await patient.says("menu")
    await patient.presses("Book")
    for _ in range(answers):
        if [button for button in patient.shown[-1].buttons if button.role != "navigation"]:
            await patient.presses_first()
        else:
            await patient.says("Maria Ito")


async def pressed(patient: Patient, label: str) -> None:
    """Have opened an entry of the menu."""
    await patient.says("menu")
    await patient.presses(label)


async def to_staff(patient: Patient, owner: str) -> None:
    """Wait for staff, or have one of them answer."""
    await patient.rig.execute(
        "update conversation set owner = $2 where account_id = $1", patient.account_id, owner
    )


async def opted_out(patient: Patient) -> None:
    """Want no messages."""
    await patient.says("stop")


async def nowhere(patient: Patient) -> None:
    """Have said nothing since the greeting."""


STATES: dict[str, State] = {
    "greeted": nowhere,
    **{f"booking, {n} answers in": partial(booking, answers=n) for n in range(8)},
    **{
        label: partial(pressed, label=label)
        for label in (
            "My visits",
            "My family",
            "Link",
            "Questionnaires",
            "Language",
            "Help",
            "Talk to",
        )
    },
    "queue": partial(to_staff, owner="queue"),
    "staff": partial(to_staff, owner="staff"),
    "opted out": opted_out,
}


@pytest.fixture
async def dead(database_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    """A clinic whose NLU server hears everything and answers nothing, and whose Valkey is gone."""
    asked: list[str] = []

    async def silent(request: web.Request) -> web.Response:
        asked.append(request.path)
        await asyncio.sleep(60)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", silent)
    server = web.AppRunner(app, shutdown_timeout=0.1)
    await server.setup()
    port = free_port()
    await web.TCPSite(server, "127.0.0.1", port).start()
    settings = Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(f"redis://127.0.0.1:{free_port()}"),
        data_dir=tmp_path,
    )
    nlu = settings.nlu.model_copy(
        update={"backend": "rasa", "rasa_url": f"http://127.0.0.1:{port}"}
    )
    env = await start.environment(settings.model_copy(update={"nlu": nlu}))
    await make(env.database, patients=0, minimum_notice=0)
    red_flags.load()  # as every process does before it serves anybody
    yield Rig(env)
    await start.close(env)
    await server.cleanup()


async def test_emergency_text_comes_in_three_seconds_in_every_state_and_language(
    dead: Rig,
) -> None:
    seconds: list[float] = []
    for number, (name, reach) in enumerate(STATES.items()):
        patient = dead.patient(f"{number:02x}f")
        await patient.comes_in()
        # Whatever is typed on the way waits for the NLU, as it must; what is pressed does not.
        await reach(patient)
        language = list(CRIES)[number % len(CRIES)]
        await dead.execute(
            "update chat_account set language = $2 where id = $1", patient.account_id, language
        )
        began = time.perf_counter()
        await patient.says(CRIES[language])
        seconds.append(time.perf_counter() - began)
        (message,) = [it for it in patient.shown if "119" in it.text]
        assert message.urgent, name
        assert message.language == language, name
        rows = await dead.rows(
            """select e.level, e.state, o.state, o.created_at = e.created_at,
                      e.next_alert_at <= e.created_at + interval '10 seconds'
               from escalation e join conversation c on c.id = e.conversation_id
               join outbox o on o.account_id = c.account_id and o.purpose = 'emergency'
               where c.account_id = $1""",
            patient.account_id,
        )
        # One transaction has one now(): the row is written with the text.
        assert rows == [(4, "open", "sent", True, True)], name
    assert sorted(seconds)[-2] < LIMIT, seconds  # the machine itself may stand still once


async def test_before_the_notice_was_agreed_to_an_emergency_is_answered_too(dead: Rig) -> None:
    patient = dead.patient()
    await patient.starts()
    assert "119" in await patient.says(CRIES["en"])
