"""Pictures of campaigns: brought with the form, and shown to staff."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from admin.keys import DATABASE
from admin.page import staff_of
from clinic.picture.making import Wrong, make
from clinic.picture.types import Made
from clinic.staff.access.composing import access_picture

FIELD = "picture-file"


async def brought(posted: Mapping[str, Any]) -> Made | Wrong:
    """The picture that came with a form, as it will be sent; or what is wrong with it."""
    field = posted.get(FIELD)
    if not isinstance(field, web.FileField):
        return "no_picture"
    try:
        content = await asyncio.to_thread(field.file.read)
    finally:
        field.file.close()
    return await asyncio.to_thread(make, content)


async def show(request: web.Request) -> web.Response:
    """A preview, on the panel's own port."""
    async with request.app[DATABASE].transaction() as tx:
        file = await access_picture(tx, staff_of(request), request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return web.Response(body=file, content_type="image/jpeg")
