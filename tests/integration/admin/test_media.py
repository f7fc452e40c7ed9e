"""Pictures, voice and files of patients in the panel."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.security import PLAIN_COOKIE
from bot.channels.channel import MediaReceived, NoMedia
from bot.channels.line.client import LineChannel
from bot.channels.media import LARGEST, kind_of
from bot.channels.telegram.client import TelegramChannel
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.telegram import TelegramSimulator
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, SETTINGS, House

JPEG = b"\xff\xd8\xff\xe0 a picture"
FILES = {
    "picture": (JPEG, "image/jpeg", None),
    "page": (b"<html><script>alert(1)</script>", "application/octet-stream", "bin"),
    "svg": (b"<svg onload='alert(1)'/>", "application/octet-stream", "bin"),
    "pdf": (b"%PDF-1.7 ...", "application/octet-stream", "pdf"),
    "voice": (b"\x00\x00\x00\x20ftypM4A ....", "audio/mp4", None),
}


@pytest.fixture
async def line() -> AsyncIterator[LineSimulator]:
    simulator = LineSimulator()
    await simulator.start()
    for name, (content, _, _) in FILES.items():
        simulator.platform.media[name] = content
    yield simulator
    await simulator.stop()


@pytest.fixture
async def panel(
    database: Database, house: House, line: LineSimulator
) -> AsyncIterator[dict[str, Browser]]:
    """The panel with LINE, as the desk and a doctor see it."""
    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    app = create_app(database, KEYS, SETTINGS, channels={"line": channel})
    async with TestServer(app) as server:
        browsers = {}
        sessions = []
        for role in (Role.STAFF, Role.DOCTOR):
            token = await house.session(await house.staff(f"somebody {role}", role))
            jar = CookieJar(unsafe=True)
            sessions.append(ClientSession(cookies={PLAIN_COOKIE: token}, cookie_jar=jar))
            browsers[role.value] = Browser(sessions[-1], server, "")
        yield browsers
        for session in sessions:
            await session.close()
    await channel.close()


@pytest.mark.parametrize("name", FILES)
async def test_what_a_browser_could_run_is_saved_and_never_shown(
    house: House, panel: dict[str, Browser], name: str
) -> None:
    _, kind, saved = FILES[name]
    content = FILES[name][0]
    inbound = await house.picture(await house.conversation(said="look"), name)
    answer = await panel["staff"].get(f"/media/{inbound}")
    assert answer.status == 200
    assert await answer.read() == content
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    disposition = answer.headers.get("Content-Disposition")
    assert disposition == (f'attachment; filename="message-{inbound}.{saved}"' if saved else None)
    assert await house.value("select count(*) from audit where action = 'staff:message:media'") == 1


async def test_the_thread_offers_each_kind_and_shows_none_by_itself(
    house: House, panel: dict[str, Browser], line: LineSimulator
) -> None:
    talk = await house.conversation(said="look")
    for kind in ("image", "audio", "video", "file", "sticker"):
        await house.picture(talk, "picture", kind)
    page = await panel["staff"].read(f"/conversations/{talk}")
    assert page.count('href="/media/') == 3  # the picture, the video and the file
    assert '<audio controls preload="none" src="/media/' in page
    assert await house.value("select count(*) from audit where action = 'staff:message:media'") == 0


async def test_what_the_platform_no_longer_has_is_said_in_words(
    house: House, panel: dict[str, Browser]
) -> None:
    talk = await house.conversation(said="look")
    for name, channel in (("gone", "line"), ("picture", "telegram")):
        inbound = await house.picture(talk, name, channel=channel)
        answer = await panel["staff"].get(f"/media/{inbound}")
        assert answer.headers["Location"] == f"/conversations/{talk}?problem=media"


async def test_nobody_sees_a_strangers_picture_or_one_taken_back(
    house: House, panel: dict[str, Browser]
) -> None:
    inbound = await house.picture(await house.conversation(said="look"), "picture")
    assert (await panel["doctor"].get(f"/media/{inbound}")).status == 404
    await house.rows("update inbound set payload = null, text = null")
    assert (await panel["staff"].get(f"/media/{inbound}")).status == 404
    assert await house.value("select count(*) from audit where action = 'staff:message:media'") == 0


async def test_a_file_that_is_too_large_is_not_read_to_its_end(line: LineSimulator) -> None:
    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    line.platform.media["large"] = bytes(300_000)
    assert isinstance(await channel.fetch(MediaReceived("file", "large"), 200_000), NoMedia)
    assert await channel.fetch(MediaReceived("image", "picture"), LARGEST) == JPEG
    await channel.close()


async def test_a_picture_of_another_providers_address_is_never_called() -> None:
    channel = LineChannel("s", "t", "http://127.0.0.1:9")
    payload = b"""{"type": "message", "message": {"type": "image", "id": "1", "contentProvider":
      {"type": "external", "originalContentUrl": "http://169.254.169.254/"}},
      "source": {"type": "user", "userId": "U1"}}"""
    assert channel.media_of(payload) is None
    await channel.close()


async def test_telegram_gives_a_file_by_its_id_and_captions_hide_none() -> None:
    async with TelegramSimulator() as telegram:
        channel = TelegramChannel(telegram.token, "secret", telegram.url)
        telegram.api.files["photo-1"] = JPEG
        update = b"""{"update_id": 1, "message": {"message_id": 1, "date": 1, "caption": "rash",
          "chat": {"id": 7, "type": "private"}, "from": {"id": 7},
          "photo": [{"file_id": "small"}, {"file_id": "photo-1"}]}}"""
        media = channel.media_of(update)
        assert media == MediaReceived("image", "photo-1")
        assert await channel.fetch(media, LARGEST) == JPEG
        assert isinstance(await channel.fetch(media, 4), NoMedia)
        gone = await channel.fetch(MediaReceived("image", "none"), LARGEST)
        assert isinstance(gone, NoMedia)
        assert telegram.token not in gone.reason
        await channel.close()


def test_a_file_is_known_by_its_first_bytes_and_not_by_its_name() -> None:
    assert kind_of(b"") is None
    assert kind_of(b"RIFF....WEBP....") == "image/webp"
    assert kind_of(b"RIFF....WAVE....") is None
