"""Wakes the workers after what staff did: their words leave at once, not within a second."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.bell import Bell

BELL = web.AppKey("bell", Bell)


@web.middleware
async def ring(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ring after whatever staff changed. Nobody waits for it, and nothing depends on it."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        _after(request, answer.status)
        raise
    _after(request, response.status)
    return response


def _after(request: web.Request, status: int) -> None:
    bell = request.app.get(BELL)
    if bell is None or request.method != "POST" or status >= 400:
        return
    ringing = asyncio.create_task(
        bell.ring("inbox", "outbox", "escalations", "campaigns", "imports")
    )
    _under_way.add(ringing)
    ringing.add_done_callback(_under_way.discard)


_under_way: set[asyncio.Task[None]] = set()  # or the loop forgets them
