"""The chat page, its files, and the headers under which all of the web chat is served."""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.webchat.types import PageSettings
from clinic.errors import KayoiError

HERE = Path(__file__).parent
TYPES = {".js": "text/javascript", ".css": "text/css"}
SHUT = (
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": SHUT,
}

_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?", re.ASCII | re.IGNORECASE)
_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


class Page:
    """Serves the page and the files it needs; all of them are read once, here."""

    def __init__(self, settings: Callable[[], PageSettings]) -> None:
        """`settings` are asked for at each look, since staff may change the clinic's name while
        it runs; only who may show the page in a frame is fixed.

        Raises KayoiError if `allowed_origins` holds anything but origins.
        """
        self._settings = settings
        self._template = _TEMPLATES.get_template("chat.html")
        self._policy = _policy(settings().allowed_origins)
        self._files = {
            file.name: (file.read_bytes(), TYPES[file.suffix])
            for file in sorted((HERE / "static").iterdir())
            if file.suffix in TYPES
        }

    async def show(self, request: web.Request) -> web.Response:
        """The page, in the language of `?lang=` or the browser's."""
        settings = self._settings()
        asked = request.query.get("lang", "")
        language = choose_language(
            (asked, *accepted(request.headers.get("Accept-Language", ""))),
            settings.languages,
        )
        html = self._template.render(
            settings=settings,
            language=language,
            languages=" ".join(settings.languages),
        )
        headers = COMMON | {
            "Content-Security-Policy": self._policy,
            "Cache-Control": "no-cache",
            "Vary": "Accept-Language",
        }
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def file(self, request: web.Request) -> web.Response:
        """One of the page's files."""
        return self._send(request, request.match_info["name"])

    async def embed(self, request: web.Request) -> web.Response:
        """The script by which a clinic's own site shows the chat; that site has another origin."""
        response = self._send(request, "embed.js")
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def _send(self, request: web.Request, name: str) -> web.Response:
        if name not in self._files:
            return web.Response(status=404, text="not found", headers=COMMON)
        content, kind = self._files[name]
        tag = hashlib.sha256(content).hexdigest()[:32]
        # Always asked for anew: a page and a script of two versions must never meet.
        headers = COMMON | {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}
        known = request.if_none_match or ()
        if any(tag == etag.value for etag in known):
            return web.Response(status=304, headers=headers)
        return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)


def choose_language(wanted: Iterable[str], offered: tuple[str, ...]) -> str:
    """The first wanted language (BCP 47) that is offered, else the first of the offered."""
    for tag in wanted:
        subtags = tag.lower().split("-")
        if subtags[0] == "zh":
            traditional = {"hant", "tw", "hk", "mo"} & set(subtags) and "hans" not in subtags
            tag = "zh-Hant" if traditional else "zh-Hans"
        for language in offered:
            if language == tag or language == subtags[0]:
                return language
    return offered[0]


def accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, best first; a quality that is none counts 0."""
    ranked = []
    for part in header[:500].split(","):
        tag, _, quality = part.partition(";")
        number = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", quality)
        rank = 1.0 if not quality else float(number[1]) if number else 0.0
        ranked.append((-rank, tag.strip()))
    return [tag for rank, tag in sorted(ranked, key=lambda pair: pair[0]) if rank < 0]


def _policy(allowed_origins: tuple[str, ...]) -> str:
    for origin in allowed_origins:
        if not _ORIGIN.fullmatch(origin):
            raise KayoiError(f"channels.webchat.allowed_origins: {origin!r} is no origin")
    # With no origin named, any site may show the chat; a frame's storage is still its own there.
    ancestors = " ".join(("'self'", *allowed_origins)) if allowed_origins else "*"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data: blob:; base-uri 'none'; object-src 'none'; form-action 'none'; "
        f"require-trusted-types-for 'script'; frame-ancestors {ancestors}"
    )
