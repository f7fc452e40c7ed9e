"""The channels: whether they work, how patients find them, and trying them out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from admin.keys import ACCOUNTS, CHANNELS, DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, part, speech_of, staff_of
from admin.patients.deep_links import picture
from bot.channels.channel import CalledBack, Metered
from clinic.config import Settings
from clinic.staff.access.channels import (
    Traffic,
    access_own_chats,
    access_test_message,
    access_test_state,
    access_traffic,
)

PATIENCE = 8.0  # s that a platform has for an answer
NAMES = ("line", "telegram", "webchat", "email", "sms")
HOOKED = ("line", "telegram", "sms")  # their platform calls us
NEEDED = {  # what must be set, as the environment names it
    "line": ("KAYOI_CHANNELS__LINE__CHANNEL_SECRET", "KAYOI_CHANNELS__LINE__CHANNEL_ACCESS_TOKEN"),
    "telegram": ("KAYOI_CHANNELS__TELEGRAM__TOKEN", "KAYOI_CHANNELS__TELEGRAM__WEBHOOK_SECRET"),
    "webchat": ("KAYOI_CHANNELS__WEBCHAT__ENABLED",),
    "email": ("KAYOI_CHANNELS__EMAIL__SMTP_URL", "KAYOI_CHANNELS__EMAIL__SENDER"),
    "sms": (
        "KAYOI_CHANNELS__SMS__ACCOUNT",
        "KAYOI_CHANNELS__SMS__TOKEN",
        "KAYOI_CHANNELS__SMS__SENDER",
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One channel. `add`: the address by which patients find it, `code` its picture."""

    name: str
    ready: bool
    webhook: str | None
    metered: bool
    calls_back: bool
    add: str | None
    code: str | None
    traffic: Traffic
    needed: tuple[str, ...]


async def show(request: web.Request) -> web.Response:
    """All channels as they stand."""
    tested = request.query.get("tested", "")
    channels = request.app[CHANNELS]
    async with request.app[DATABASE].transaction() as tx:
        traffic = await access_traffic(tx)
        state = None
        if tested.isdecimal() and len(tested) < 19:
            state = await access_test_state(tx, int(tested))
        return await page(
            request,
            tx,
            "settings/templates/channels.html",
            "settings_channels",
            channels=[_shown(request, name, traffic) for name in NAMES],
            public=request.app[SETTINGS].server.public_url,
            own=await access_own_chats(tx, staff_of(request), list(channels)),
            tested=tested if state else None,
            state=state,
            nowhere="nowhere" in request.query,
        )


async def quota(request: web.Request) -> web.Response:
    """How much of the month's messages is used, asked of the platform now."""
    channel = request.app[CHANNELS].get(request.match_info["topic"])
    if not isinstance(channel, Metered):
        raise web.HTTPNotFound
    try:
        async with asyncio.timeout(PATIENCE):
            found = await channel.quota()
    except TimeoutError:
        found = None
    return part(request, "settings/templates/quota.html", quota=found)


async def probe(request: web.Request) -> web.Response:
    """Have the platform try our webhook out."""
    return await _tell_state(request, set_first=False)


async def hook(request: web.Request) -> web.Response:
    """Tell the platform our webhook's address, then try it out."""
    return await _tell_state(request, set_first=True)


async def send_test(request: web.Request) -> web.StreamResponse:
    """A message to the own chat of who asks."""
    t, clinic = speech_of(request), request.app[SETTINGS].clinic
    words, channels = t("channels.test.words", clinic=clinic.name), request.app[CHANNELS]
    async with request.app[DATABASE].transaction() as tx:
        made = await access_test_message(
            tx,
            request.app[KEYS],
            staff_of(request),
            list(channels),
            words,
            t.language,
        )
    return go_to(f"/settings/channels?{'nowhere=1' if made is None else f'tested={made}'}#test")


async def test_state(request: web.Request) -> web.Response:
    """How the test message stands."""
    async with request.app[DATABASE].transaction() as tx:
        state = await access_test_state(tx, int(request.match_info["message"]))
    if state is None:
        raise web.HTTPNotFound
    return part(
        request, "settings/templates/tested.html", state=state, tested=request.match_info["message"]
    )


def add_address(settings: Settings, accounts: Mapping[str, str], name: str) -> str | None:
    """The address by which patients find the clinic on a channel; None where there is none.

    LINE: https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/
    """
    if name == "line" and accounts.get("line"):
        return f"https://line.me/R/ti/p/{quote(accounts['line'], safe='')}"
    if name == "telegram" and accounts.get("telegram"):
        return f"https://t.me/{quote(accounts['telegram'], safe='')}"
    base = settings.server.public_url
    return f"{base.rstrip('/')}/chat" if name == "webchat" and base else None


async def _tell_state(request: web.Request, *, set_first: bool) -> web.Response:
    name = request.match_info["topic"]
    channel, base = request.app[CHANNELS].get(name), request.app[SETTINGS].server.public_url
    if not isinstance(channel, CalledBack) or base is None:
        raise web.HTTPNotFound
    wanted, state, refused = _webhook(base, name), None, None
    try:
        async with asyncio.timeout(PATIENCE):
            refused = await channel.set_webhook(wanted) if set_first else None
            state = await channel.webhook_state()
    except TimeoutError:
        pass
    return part(
        request,
        "settings/templates/probed.html",
        state=state,
        wanted=wanted,
        refused=refused,
        name=name,
    )


def _shown(request: web.Request, name: str, traffic: Mapping[str, Traffic]) -> Shown:
    settings, channel = request.app[SETTINGS], request.app[CHANNELS].get(name)
    base = settings.server.public_url
    kind = getattr(settings.channels, name)
    add = add_address(settings, request.app[ACCOUNTS], name)
    return Shown(
        name,
        bool(kind.enabled if name == "webchat" else kind.ready),
        _webhook(base, name) if base and name in HOOKED else None,
        isinstance(channel, Metered),
        isinstance(channel, CalledBack),
        add,
        picture(add) if add else None,
        traffic.get(name, Traffic()),
        NEEDED[name],
    )


def _webhook(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/webhooks/{name}"
