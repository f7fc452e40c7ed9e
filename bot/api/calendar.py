"""Calendar feeds: a practitioner's visits for a calendar program, at an address nobody can guess.

The token stands in the address, since calendar programs know no other way; no address is logged.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.channels.rate_limit import MICROSECONDS, Bucket, LocalLimiter
from bot.environment import Environment
from clinic.calendar_feed.service import feed_file

# From one source: a clinic's programs share an address.
RATE, BURST = 1.0, 60.0
HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex",
    "Content-Disposition": 'inline; filename="visits.ics"',
}


def handler(env: Environment) -> Callable[[web.Request], Awaitable[web.Response]]:
    """GET /calendar/TOKEN.ics. What has not changed is not sent again (ETag)."""
    limiter = LocalLimiter()

    async def handle(request: web.Request) -> web.Response:
        bucket = Bucket(f"from {request.remote}", RATE, BURST)
        if wait := limiter.take("calendar", (bucket,), time.monotonic() * MICROSECONDS):
            retry = {"Retry-After": str(int(wait / MICROSECONDS) + 1)}
            return web.Response(status=429, headers=retry)
        async with env.database.transaction() as tx:
            file = await feed_file(tx, request.match_info["token"])
        if file is None:
            raise web.HTTPNotFound
        mark = hashlib.sha256(file).hexdigest()[:32]
        headers = {**HEADERS, "ETag": f'"{mark}"'}
        known = request.if_none_match or ()
        if any(one.value in (mark, "*") for one in known):
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=file, content_type="text/calendar", charset="utf-8", headers=headers
        )

    return handle
