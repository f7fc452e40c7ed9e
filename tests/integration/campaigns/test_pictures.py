"""A picture of a campaign, from a file to what platforms are given and fetch."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from bot.picture_pages import routes
from clinic.campaign import service
from clinic.campaign.types import Draft, Fault
from clinic.message.codec import load_message
from clinic.message.types import Message, Picture
from clinic.picture import service as pictures
from clinic.picture.making import make
from clinic.picture.types import Made, Stored
from tests.integration.campaigns.clinic import ONCE, Clinic

pytestmark = pytest.mark.server
ADDRESS = "https://chat.clinic.example"


def made(colour: str = "red") -> Made:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(file, "PNG")
    found = make(file.getvalue())
    assert isinstance(found, Made)
    return found


async def kept(clinic: Clinic, colour: str = "red") -> Stored:
    async with clinic.env.database.transaction() as tx:
        return await pictures.keep(tx, clinic.env.keys, made(colour), None)


def content(stored: Stored, **more: Any) -> dict[str, Any]:
    picture = {"name": stored.name, "width": stored.width, "height": stored.height}
    return {
        "texts": {"ja": "予防接種のお知らせです。", "en": "Flu shots from Monday."},
        "picture": {**picture, "alt": {"ja": "注射", "en": "A flu shot"}},
        **more,
    }


def at(stored: Stored, base: str = ADDRESS, alt: str = "注射") -> Picture:
    here = f"{base}/pictures/{stored.name}"
    return Picture(f"{here}.jpg", f"{here}-small.jpg", alt, 640, 480)


@pytest.fixture
async def public(clinic: Clinic) -> Clinic:
    """The clinic, where its public address is known."""
    settings = clinic.env.settings
    server = settings.server.model_copy(update={"public_url": ADDRESS})
    return Clinic(replace(clinic.env, settings=settings.model_copy(update={"server": server})))


@pytest.fixture
async def pages(clinic: Clinic) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application()
    app.router.add_routes(routes(clinic.env))
    async with TestClient(TestServer(app)) as client:
        yield client


async def chunk_message(clinic: Clinic) -> Message:
    [(key, sealed)] = await clinic.rows("select key, content from chunk")
    return load_message(clinic.env.keys.open(sealed, "chunk.content", key))


async def test_the_same_picture_still_goes_to_many_in_one_call(public: Clinic) -> None:
    stored = await kept(public)
    for _ in range(5):
        await public.patient(channel="line")
    await public.begin(content=content(stored))
    await public.work()
    assert await public.value("select array_agg(members) from chunk") == [5]
    assert (await chunk_message(public)).picture == at(stored)


async def test_each_language_has_its_own_words_for_the_picture(public: Clinic) -> None:
    stored = await kept(public)
    patient = await public.patient(language="en")
    await public.begin(content=content(stored))
    await public.work()
    (message,) = await public.messages(patient)
    assert message.picture == at(stored, alt="A flu shot")


async def test_without_a_public_address_the_picture_is_a_path_for_our_own_page(
    clinic: Clinic,
) -> None:
    stored = await kept(clinic)
    patient = await clinic.patient()
    await clinic.begin(content=content(stored))
    await clinic.work()
    (message,) = await clinic.messages(patient)
    assert message.picture == at(stored, base="")


async def test_a_picture_that_is_not_kept_here_cannot_be_saved(clinic: Clinic) -> None:
    stored = await kept(clinic)
    for wrong in (replace(stored, name="0" * 64), replace(stored, width=641)):
        draft = Draft("Flu", "notice", {"filter": {"and": []}}, ONCE, content(wrong))
        async with clinic.env.database.transaction() as tx:
            found = await service.create(tx, draft, None)
        assert found == (Fault("content.picture", "no_picture"),)


async def test_a_campaign_with_an_undescribed_picture_does_not_start(clinic: Clinic) -> None:
    stored = await kept(clinic)
    said = content(stored)
    del said["picture"]["alt"]["en"]
    campaign = await clinic.create(content=said)
    async with clinic.env.database.transaction() as tx:
        found = await service.start(
            tx, clinic.env.keys, clinic.env.settings, campaign.id, campaign.version, None
        )
    assert found == (Fault("content.picture.alt.en", "no_alt"),)


async def test_the_same_picture_is_kept_once_under_a_name_that_needs_our_key(
    clinic: Clinic,
) -> None:
    one, two, other = await kept(clinic), await kept(clinic), await kept(clinic, "blue")
    assert one == two
    assert one.name != other.name
    assert await clinic.value("select count(*) from campaign_picture") == 2


async def test_a_picture_is_served_to_whoever_knows_its_name(
    clinic: Clinic, pages: TestClient[Any, Any]
) -> None:
    stored = await kept(clinic)
    for suffix, file in (("", made().content), ("-small", made().preview)):
        answer = await pages.get(f"/pictures/{stored.name}{suffix}.jpg")
        assert answer.status == 200
        assert await answer.read() == file
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert (await pages.get(f"/pictures/{stored.name}{suffix}.jpg", headers=tag)).status == 304


@pytest.mark.parametrize(
    "path", ["0" * 64 + ".jpg", "x.jpg", "../healthz", "0" * 64 + ".png", "0" * 63 + ".jpg", ""]
)
async def test_nothing_else_is_served(pages: TestClient[Any, Any], path: str) -> None:
    assert (await pages.get(f"/pictures/{path}")).status == 404
