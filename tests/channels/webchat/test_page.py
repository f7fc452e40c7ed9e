"""The web chat's page, its files and its policy over real connections."""

from dataclasses import replace

import pytest
from aiohttp import ClientSession

from bot.channels.webchat import api
from bot.channels.webchat.page import choose_language
from clinic.errors import KayoiError
from tests.channels.webchat.backend import SETTINGS, MemoryBackend, serving

PATHS = [
    "/chat",
    "/chat?lang=ru&start=x%22%3E%3Cscript%3E",
    "/chat/embed.js",
    "/chat/static/chat.js",
    "/chat/static/chat.css",
    "/chat/static/nothing.js",
    "/chat/static/..%2Fapi.py",
    "/chat/api/history",
    "/chat/api/stream",
]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_its_policy(url: str, path: str) -> None:
    async with ClientSession(url) as client:
        answer = await client.get(path)
        await answer.read()
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        for part in ("base-uri 'none'", "object-src 'none'", "frame-ancestors"):
            assert part in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers


async def test_the_page_holds_no_script_or_style_of_its_own(url: str) -> None:
    async with ClientSession(url) as client:
        html = await (await client.get("/chat")).text()
    assert html.count("<script") == 1
    assert "<style" not in html
    assert "style=" not in html
    assert " on" not in html.replace(" only", "")


async def test_the_page_bore_the_clinics_old_name_until_a_restart(backend: MemoryBackend) -> None:
    async with serving(backend) as url, ClientSession(url) as client:
        backend.page = replace(SETTINGS, clinic_name="Aoba Clinic", languages=("en",))
        html = await (await client.get("/chat")).text()
    assert "<title>Aoba Clinic</title>" in html
    assert SETTINGS.clinic_name not in html


async def test_a_clinic_named_like_markup_is_only_a_name(backend: MemoryBackend) -> None:
    backend.page = replace(SETTINGS, clinic_name="</title><script>alert(1)</script>", phone='"><b>')
    async with serving(backend) as url, ClientSession(url) as client:
        html = await (await client.get("/chat")).text()
    assert "<script>alert" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("origins", "ancestors"),
    [
        ((), "frame-ancestors *"),
        (
            ("https://a.example", "http://b.example:81"),
            "'self' https://a.example http://b.example:81",
        ),
        (("https://*.example",), "'self' https://*.example"),
    ],
)
async def test_the_clinic_says_which_sites_may_show_the_chat(
    backend: MemoryBackend, origins: tuple[str, ...], ancestors: str
) -> None:
    backend.page = replace(SETTINGS, allowed_origins=origins)
    async with serving(backend) as url, ClientSession(url) as client:
        answer = await client.get("/chat")
        await answer.read()
        assert answer.headers["Content-Security-Policy"].endswith(ancestors)


@pytest.mark.parametrize("origin", ["*", "a.example", "https://a; script-src *", "https://a/b", ""])
def test_an_allowed_origin_that_is_none_is_a_fault_of_the_configuration(
    backend: MemoryBackend, origin: str
) -> None:
    backend.page = replace(SETTINGS, allowed_origins=(origin,))
    with pytest.raises(KayoiError):
        api.routes(backend)


async def test_a_file_that_has_not_changed_is_not_sent_again(url: str) -> None:
    async with ClientSession(url) as client:
        first = await client.get("/chat/static/chat.js")
        await first.read()
        again = await client.get(
            "/chat/static/chat.js", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (first.status, again.status) == (200, 304)
        assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["ru-RU"], "ru"),
        (["", "de", "en-GB"], "en"),
        (["zh-TW"], "zh-Hant"),
        (["zh-Hant-HK"], "zh-Hant"),
        (["zh-CN"], "zh-Hans"),
        (["zh"], "zh-Hans"),
        (["zh-Hans-HK"], "zh-Hans"),
        (["de"], "ja"),
        ([], "ja"),
    ],
)
def test_the_page_opens_in_a_language_of_the_clinic(wanted: list[str], chosen: str) -> None:
    assert choose_language(wanted, SETTINGS.languages) == chosen


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("?lang=en", "ru", "en"),
        ("?lang=xx", "ru;q=0.4, zh-TW;q=0.9", "zh-Hant"),
        ("", "en;q=0, ru;q=0.1", "ru"),
        ("", "en;q=rubbish", "ja"),
        ("", "", "ja"),
    ],
)
async def test_the_query_goes_before_the_browsers_languages(
    url: str, query: str, header: str, language: str
) -> None:
    async with ClientSession(url) as client:
        answer = await client.get(f"/chat{query}", headers={"Accept-Language": header})
        assert f'<html lang="{language}"' in await answer.text()
