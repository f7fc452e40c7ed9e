"""A picture's whole way: from the web chat's page to the panel, the export, and its end."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from admin.app import create_app as create_panel
from admin.security import PLAIN_COOKIE
from bot import start
from bot.app import create_app
from bot.channels.channel import KeepsMedia, MediaReceived, NoMedia
from bot.channels.media import LARGEST
from bot.environment import Environment
from clinic.config import Settings
from clinic.record.erasure import erase
from clinic.record.export import read_export
from clinic.staff.types import Role
from tests.channels.webchat.caller import ADDRESS, MINE, SECRET
from tests.channels.webchat.files import HTML, jpeg, png
from tests.integration.admin.house import House
from tests.integration.local.watch import eventually_async

pytestmark = pytest.mark.server
Caller = TestClient[web.Request, web.Application]


@pytest.fixture
async def env(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Environment]:
    settings = Settings(
        database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), data_dir=tmp_path
    )
    env = await start.environment(settings)
    yield env
    await start.close(env)


@pytest.fixture
async def client(env: Environment) -> AsyncIterator[Caller]:
    async with TestClient(TestServer(create_app(env)), auto_decompress=False) as client:
        yield client


async def send(client: Caller, content: bytes, number: int = 1, secret: str = SECRET) -> int:
    answer = await client.post(
        "/chat/api/media",
        data=content,
        headers={
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/octet-stream",
            "X-Kayoi-Event": str(UUID(int=number)),
            "X-Kayoi-Language": "ja",
        },
    )
    return answer.status


async def panel(env: Environment, house: House, path: str) -> tuple[int, dict[str, str], bytes]:
    """What the desk gets from the panel."""
    app = create_panel(env.database, env.keys, env.settings, channels=env.channels)
    token = await house.session(await house.staff(path, Role.STAFF))
    async with (
        TestServer(app) as server,
        ClientSession(server.make_url("/"), cookies={PLAIN_COOKIE: token}) as session,
        session.get(path) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.read()


async def test_a_picture_of_the_web_chat_is_seen_in_the_inbox(
    env: Environment, client: Caller
) -> None:
    house = House(env.database)
    assert await send(client, jpeg(comment=HTML)) == 202
    row = (await house.rows("select id, account_id from inbound"))[0]
    talk = await house.value("select id from conversation")

    async def taken_up() -> bool:
        return bool(await house.value("select state <> 'new' from inbound"))

    await eventually_async(taken_up, "the picture is taken up")
    _, _, page = await panel(env, house, f"/conversations/{talk}")
    assert f'href="/media/{row["id"]}'.encode() in page
    status, headers, content = await panel(env, house, f"/media/{row['id']}")
    assert (status, content) == (200, jpeg(comment=HTML))
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in headers["Content-Security-Policy"]


async def test_a_picture_is_encrypted_where_it_lies(env: Environment, client: Caller) -> None:
    await send(client, png())
    house = House(env.database)
    stored = await house.value("select content from chat_media")
    assert b"PNG" not in stored
    key = await house.value("select key from chat_media")
    assert env.keys.open(stored, "chat_media.content", key) == png()


async def test_a_picture_sent_twice_is_stored_once(env: Environment, client: Caller) -> None:
    house = House(env.database)
    assert [await send(client, png()) for _ in range(3)] == [202, 202, 202]
    assert await house.value("select count(*) from chat_media") == 1
    assert await house.value("select count(*) from inbound") == 1
    # The same id in another conversation is another event, of another file.
    assert await send(client, jpeg(), secret="x" * 43) == 202
    assert await house.value("select count(distinct account_id) from chat_media") == 2


async def test_what_is_too_large_or_could_run_leaves_no_row(
    env: Environment, client: Caller
) -> None:
    assert await send(client, HTML) == 415
    house = House(env.database)
    for table in ("chat_media", "inbound", "chat_account"):
        assert await house.value(f"select count(*) from {table}") == 0


async def test_a_picture_is_in_the_export_and_gone_after_the_erasure(
    env: Environment, client: Caller
) -> None:
    house = House(env.database)
    patient = await house.patient("山田 花子", chart="7")
    await send(client, png())
    account = await house.value("select id from chat_account")
    await house.rows(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        account,
        patient,
    )
    async with env.database.transaction() as tx:
        export = await read_export(tx, env.keys, env.settings, patient)
    assert export is not None
    (chat,) = json.loads(export.as_json())["messages"]
    (file,) = chat["files"]
    assert (file["content_type"], file["size"]) == ("image/png", len(png()))
    assert base64.b64decode(file["content"]) == png()
    media = MediaReceived("image", str(await house.value("select key from chat_media")))
    channel = env.channels["webchat"]
    assert isinstance(channel, KeepsMedia)
    assert await channel.fetch(media, LARGEST) == png()
    assert await channel.fetch(media, 4) == NoMedia("too large")
    async with env.database.transaction() as tx:
        assert await erase(tx, env.keys, patient, None) is None
    assert await house.value("select count(*) from chat_media") == 0
    assert await channel.fetch(media, LARGEST) == NoMedia("erased")
    history = await (await client.get("/chat/api/history", headers=MINE)).json()
    assert history["lines"] == []
    assert ADDRESS not in str(await house.rows("select * from chat_account"))
