"""What the pages about the clinic's parts share: the form as texts, and what is still missing."""

from typing import Any

from aiohttp import web

from admin.keys import KEYS, SETTINGS
from admin.page import page, speech_of, staff_of
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.setup import gaps
from clinic.booking.setup_rules import missing
from clinic.db import Tx

LISTS = frozenset({"reminders", "resources"})  # fields that a form may hold several of


async def posted(request: web.Request) -> dict[str, str]:
    """The form's fields; of those that may come several times, the values between commas."""
    form = await request.post()
    found: dict[str, str] = {}
    for name, value in form.items():
        if isinstance(value, str):
            many = name in LISTS and name in found
            found[name] = f"{found[name]},{value}" if many else value
    return found


def actor_of(request: web.Request) -> Actor:
    """The staff member as booking knows one."""
    language = speech_of(request).language
    return Actor("staff", staff_of(request).id, language, request.app[SETTINGS], request.app[KEYS])


async def setup_page(
    request: web.Request, tx: Tx, template: str, here: str, *, status: int = 200, **values: Any
) -> web.Response:
    """A page of the clinic's parts, with its tabs and what is still missing for booking."""
    speech, settings = speech_of(request), request.app[SETTINGS]
    return await page(
        request,
        tx,
        f"settings/templates/{template}.html",
        "hours" if here == "holidays" else here,
        status=status,
        here_tab=here,
        gaps=await gaps(tx),
        named=lambda words: in_language(words, speech.language),
        missing=lambda words: missing(words, settings.clinic.languages),
        spoken=settings.clinic.languages,
        saved="saved" in request.query,
        **values,
    )


def number(request: web.Request, name: str) -> int:
    """A parameter of the route."""
    return int(request.match_info[name])
