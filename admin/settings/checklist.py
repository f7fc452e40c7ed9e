"""What a new clinic has still to do: on Today until it is done or put away, and on the settings."""

import asyncio

from aiohttp import web

from admin.keys import CHANNELS, DATABASE, SETTINGS
from admin.page import go_to, part, staff_of
from bot.channels.channel import Metered
from clinic.setting.checklist import read_checklist
from clinic.setting.service import write
from clinic.setting.types import DISMISSED, NOTICE_READ

PATIENCE = 2.0  # s that a platform has to tell its quota


async def show(request: web.Request) -> web.Response:
    """The list as a part of another page; nothing once it is done or was put away.

    With `all` it comes until everything is done.
    """
    told = await _quota_read(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await read_checklist(tx, request.app[SETTINGS], staff_of(request), quota_read=told)
    if found.complete or (found.dismissed and "all" not in request.query):
        return web.Response(text="", content_type="text/html")
    return part(
        request, "settings/templates/checklist.html", list=found, always="all" in request.query
    )


async def dismiss(request: web.Request) -> web.StreamResponse:
    """Put the list away; it stays on the settings."""
    async with request.app[DATABASE].transaction() as tx:
        await write(tx, staff_of(request), DISMISSED, [True])
    return go_to("/today")


async def confirm_notice(request: web.Request) -> web.StreamResponse:
    """The privacy notice in force is right for this clinic, says an admin."""
    version = request.app[SETTINGS].clinic.notice_in_force
    async with request.app[DATABASE].transaction() as tx:
        await write(tx, staff_of(request), NOTICE_READ, [version])
    return go_to("/settings/texts?confirmed=1")


async def _quota_read(request: web.Request) -> bool | None:
    metered = [one for one in request.app[CHANNELS].values() if isinstance(one, Metered)]
    if not metered:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            return any([await one.quota() is not None for one in metered])
    except TimeoutError:
        return False
