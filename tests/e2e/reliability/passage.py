"""A passage between Kayoi and a platform that notes when each call came and how it was answered."""

import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its path, when it came and was answered (monotonic seconds), and the status.

    `retry_after` in seconds, as Telegram tells it; 1 where a 429 tells none.
    """

    path: str
    came_at: float
    answered_at: float
    status: int
    retry_after: float


class Passage:
    """Use as `async with Passage(platform.url) as passage`; `url` then stands for the platform."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.calls: list[Call] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner
        assert self._session
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        assert self._session
        came_at, body = time.monotonic(), await request.read()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host",)}
        async with self._session.request(
            request.method, self._platform + request.path_qs, data=body, headers=headers
        ) as answer:
            said = await answer.read()
        told = json.loads(said).get("parameters", {}) if answer.status == 429 else {}
        retry_after = float(told.get("retry_after", 1))
        answered_at = time.monotonic()
        self.calls.append(Call(request.path, came_at, answered_at, answer.status, retry_after))
        passed = {k: v for k, v in answer.headers.items() if k.lower().startswith("x-line")}
        return web.Response(
            status=answer.status,
            body=said,
            headers={"Content-Type": answer.headers["Content-Type"], **passed},
        )
