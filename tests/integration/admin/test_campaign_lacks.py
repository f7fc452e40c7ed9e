"""Placeholders without a value: the clinic's own keep a campaign from being started, a patient's
leave that patient out, and the preview tells how many."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from clinic.config import Settings
from clinic.db import Database
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, House
from tests.integration.admin.test_campaigns import agreed, fields, taken


@pytest.fixture
async def server(database: Database) -> AsyncIterator[TestServer]:
    """A clinic that has not told its telephone yet."""
    settings = Settings(clinic={"name": "さくら内科クリニック"})
    async with TestServer(create_app(database, KEYS, settings)) as server:
        yield server


async def test_a_telephone_that_is_not_set_keeps_it_from_being_started(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")  # its text has {phone}
    page = await desk.read(f"{path}/preview")
    assert "クリニックの電話番号が設定されていません" in page
    assert 'value="start"' not in page
    answer = await desk.post(f"{path}/act", act="start", version="1")
    assert answer.status == 409
    assert "クリニックの電話番号が設定されていません" in await answer.text()
    assert await house.value("select state from campaign") == "draft"


async def test_the_preview_tells_how_many_lack_what(house: House, desk: Browser) -> None:
    for name in ("田中 花子", "シェール", "プリンス"):
        await agreed(house, await house.patient(name))
    path = await taken(desk, "message")
    said = await fields(desk, path, **{"text-a-ja": "{family_name}様"})
    for language in ("en", "zh-Hant", "zh-Hans", "ru"):
        said[f"text-a-{language}"] = ""
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    page = await desk.read(f"{path}/preview")
    assert "今後30日に送る件数：1" in page
    assert "差し込む内容がない項目 <code>{family_name}</code>: 2" in page
    assert 'value="start"' in page
