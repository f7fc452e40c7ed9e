"""The real Rasa server with the model that was trained here. Run by `make test-rasa`."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot import start
from bot.local.ports import free_port
from clinic.config import Settings
from nlu.embedded import Embedded
from nlu.rasa import Rasa
from nlu.reading import INTENTS
from nlu.training.measure import independent
from tests.architecture.repository import ROOT
from tests.integration.booking.clinic import make
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.rasa
TOKEN = "a-token-of-this-test"
STARTS_WITHIN = 120.0  # s; TensorFlow alone takes ten


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    address = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "KAYOI_NLU__RASA_URL": address,
        "KAYOI_NLU__RASA_TOKEN": TOKEN,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "nlu", "serve"), cwd=ROOT, env=environment
    )
    try:
        await _answers(address, process)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(address: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as session:
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{address}/status", params={"token": TOKEN}) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.2)
    raise AssertionError("the server ended")


class Refusing:
    """Stands for the embedded model where Rasa must be the one that reads."""

    local = True

    async def read(self, text: str, language: str) -> None:
        raise AssertionError("Rasa did not answer")

    async def close(self) -> None: ...


@pytest.fixture(scope="module")
async def rasa(url: str) -> AsyncIterator[Rasa]:
    client = Rasa(url, TOKEN, Refusing())  # type: ignore[arg-type]  # it never returns
    await client.read("hello", "en")
    yield client
    await client.close()


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("en", "I need an appointment with a doctor next week", "book"),
        ("ja", "明日の予約をキャンセルしたいです", "cancel"),
        ("zh-Hant", "請問你們的地址在哪裡", "way"),
        ("zh-Hans", "你们几点关门", "opening_hours"),
        ("ru", "сколько стоит консультация терапевта", "price"),
    ],
)
async def test_rasa_reads_plain_wishes(rasa: Rasa, language: str, text: str, intent: str) -> None:
    assert (await rasa.read(text, language)).intent == intent


@pytest.mark.parametrize("text", ["", " ", "🙃", "a" * 5000, "\x00", "[book](intent)", "/book"])
async def test_any_text_has_a_reading(url: str, text: str) -> None:
    client = Rasa(url, TOKEN, Embedded())
    assert (await client.read(text, "en")).intent in INTENTS
    await client.close()


@pytest.mark.parametrize("language", ["en", "ja", "zh-Hant", "zh-Hans", "ru"])
async def test_independent_sentences_are_understood_by_rasa_too(rasa: Rasa, language: str) -> None:
    """Its figures stand in docs/nlu.md; here is a floor under them."""
    figures = await independent(rasa, language)
    assert figures.accuracy >= 0.9


async def test_a_whole_booking_is_made_in_words_that_rasa_reads(
    rasa: Rasa, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), data_dir=tmp_path
    )
    env = replace(await start.environment(settings), interpreter=rasa)
    try:
        rig = Rig(env)
        await make(env.database, patients=0)
        patient = rig.patient()
        await patient.comes_in()
        asked = await patient.says("I would like to see somebody about my knee, please")
        for _ in range(15):
            buttons = [b for b in patient.shown[-1].buttons if b.role != "navigation"]
            if not buttons:
                asked = await patient.says("Maria Ito")
            else:
                chosen = next((b for b in buttons if b.role == "primary"), buttons[0])
                asked = await patient.says(chosen.label)
            if await rig.value("select count(*) from appointment where status = 'booked'"):
                break
        else:
            raise AssertionError(asked)
        said = await patient.says("could you tell me when my next appointment is?")
        assert patient.shown[-1].card is not None or "visit" in said.lower()
    finally:
        await env.redis.aclose()
        await env.database.close()


async def test_without_the_token_nothing_is_told(url: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/model/parse", json={"text": "hello"}) as response,
    ):
        assert response.status == 401
