"""The last readings as a picture beside the words: whose they are, and how long it is shown."""

import io

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from bot.trend_pages import routes
from clinic.message.types import Picture
from tests.integration.turns.rig import Patient, Rig
from tests.integration.turns.test_readings import known

pytestmark = pytest.mark.server


async def told_twice(rig: Rig, proof: str = "code") -> tuple[Patient, int, Picture]:
    patient, number = await known(rig, proof=proof)
    for said in ("125/80", "130/85"):
        await patient.says(said)
        await patient.presses("Yes")
    (picture,) = [it.picture for it in patient.shown if it.picture]
    return patient, number, picture


async def status(rig: Rig, picture: Picture) -> int:
    app = web.Application()
    app.router.add_routes(routes(rig.env))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get(picture.url)
        if answer.status == 200:
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert Image.open(io.BytesIO(await answer.read())).format == "PNG"
        return answer.status


async def test_the_readings_come_as_a_picture_with_the_same_words_beside_it(rig: Rig) -> None:
    patient, _, picture = await told_twice(rig)
    (message,) = [it for it in patient.shown if it.picture]
    assert "130/85" in message.text
    assert "blood pressure" in picture.alt.lower()
    assert await status(rig, picture) == 200


async def test_a_single_reading_makes_no_picture(rig: Rig) -> None:
    patient, _ = await known(rig)
    await patient.says("125/80")
    await patient.presses("Yes")
    assert [it.picture for it in patient.shown if it.picture] == []


async def test_what_is_struck_out_is_not_drawn_any_more(rig: Rig) -> None:
    _, number, picture = await told_twice(rig)
    await rig.execute(
        "update observation set status = 'entered-in-error' where patient_id = $1", number
    )
    assert await status(rig, picture) == 404


async def test_a_chat_that_is_not_proven_is_shown_its_own_readings_alone(rig: Rig) -> None:
    _, number, picture = await told_twice(rig, proof="none")
    assert await status(rig, picture) == 200
    await rig.execute("update observation set account_id = null where patient_id = $1", number)
    assert await status(rig, picture) == 404


@pytest.mark.parametrize("token", ["A" * 80, "x", "../healthz"])
async def test_a_guessed_address_shows_nothing(rig: Rig, token: str) -> None:
    picture = Picture(f"/trends/{token}.png", "", "", 1, 1)
    assert await status(rig, picture) == 404
