"""The picture of a patient's last readings, behind a secret link that is good for some days."""

import asyncio
import time
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.channels.rate_limit import Bucket, LocalLimiter
from bot.environment import Environment
from clinic.observation.picture import draw
from clinic.observation.service import trend_for
from clinic.observation.trend_link import FOLDER, read

# Nobody between may keep it, and no page of another site may show it as its own.
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
MICROSECONDS = 1_000_000
RATE, BURST = 5.0, 60.0  # from one address: each is drawn anew


def routes(env: Environment) -> list[web.RouteDef]:
    """/trends/TOKEN.png"""
    return [web.get(FOLDER + r"/{token:[A-Za-z0-9_-]{40,400}}.png", Trends(env).show)]


class Trends:
    """The handler."""

    def __init__(self, env: Environment) -> None:
        self._env, self._limiter = env, LocalLimiter()

    async def show(self, request: web.Request) -> web.Response:
        """The readings as they stood when the link was made, without those struck out since."""
        bucket = Bucket(f"trend {request.remote}", RATE, BURST)
        if self._limiter.take("trends", (bucket,), time.monotonic() * MICROSECONDS):
            raise web.HTTPTooManyRequests
        env = self._env
        async with env.database.transaction() as tx:
            asked = read(env.keys, request.match_info["token"], await tx.fetchval("select now()"))
            zone = ZoneInfo(env.settings.clinic.time_zone)
            trend = None if asked is None else await trend_for(tx, zone, asked)
        if trend is None:
            raise web.HTTPNotFound
        file = await asyncio.to_thread(draw, trend)
        return web.Response(body=file, content_type="image/png", headers=HEADERS)
