"""Answers that are kept back, so that a race ends the same way every time."""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from playwright.async_api import Error, Page, Request, Route

PATIENCE = 20  # s


class Held:
    """An answer that the server has given and the page has not got.

    `given`: the server answered. `gone`: the page may have it. `ended`: it got it, or does not
    want it any more.
    """

    def __init__(self) -> None:
        self.given, self.gone, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def asked(self) -> None:
        """Wait until the server has answered."""
        async with asyncio.timeout(PATIENCE):
            await self.given.wait()

    async def let_go(self) -> None:
        """Let the page have it, and do whatever it does then."""
        self.gone.set()
        async with asyncio.timeout(PATIENCE):
            await self.ended.wait()


async def hold(page: Page, path: str | re.Pattern[str], words: str = "") -> Held:
    """Keep the first answer of a path back, to a request that holds these words."""
    held = Held()
    mine: list[Request] = []

    async def late(route: Route) -> None:
        request = route.request
        if mine or words not in f"{request.url} {request.post_data or ''}":
            await route.fallback()
            return
        mine.append(request)
        answer = await route.fetch(max_redirects=0)  # the browser goes where it is led
        held.given.set()
        await held.gone.wait()
        await route.fulfill(response=answer)

    async def end(request: Request) -> None:
        if request in mine:
            with suppress(Error):  # the answer led the page elsewhere
                await settled(page)
            held.ended.set()

    page.on("requestfinished", end)
    page.on("requestfailed", end)
    await page.route(path, late)
    return held


async def settled(page: Page) -> None:
    """What had arrived has been dealt with: a message to itself came through after it."""
    await page.evaluate(
        """() => new Promise(done => {
             const { port1, port2 } = new MessageChannel();
             let left = 5;
             port1.onmessage = () => (--left ? port2.postMessage("") : done());
             port2.postMessage("");
           })"""
    )


async def stop_the_clock(page: Page) -> None:
    """Time passes for the page only where a test says so."""
    await page.clock.install()
    await page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))


async def pause_after(page: Page, field: str, words: str) -> None:
    """Write into a field, and pause as somebody does who thinks."""
    await page.locator(field).fill(words)
    await page.clock.run_for(1000)
