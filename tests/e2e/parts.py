"""Parts of the panel that are looked at by themselves: renewed now, or kept waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route


class Held:
    """An answer that is held back until `let_go` is called. `made`: the server has given it."""

    def __init__(self) -> None:
        self.made = asyncio.Event()
        self.given = asyncio.Event()
        self._free = asyncio.Event()

    def let_go(self) -> None:
        self._free.set()

    async def wait(self, route: Route) -> None:
        """Answer a route, late."""
        answer = await route.fetch(max_redirects=0)
        self.made.set()
        await self._free.wait()
        try:
            await route.fulfill(response=answer)
        finally:
            self.given.set()


@asynccontextmanager
async def held(page: Page, url: str) -> AsyncIterator[Held]:
    """Hold the next answer to an address back; those after it come as they come."""
    answer = Held()
    await page.route(url, answer.wait, times=1)
    try:
        yield answer
    finally:
        answer.let_go()
        if answer.made.is_set():
            await answer.given.wait()


async def ask(page: Page, part: str) -> None:
    """Have a part looked at, whatever is known of it: the server tells all of it."""
    await page.evaluate(
        """id => {
             const part = document.getElementById(id);
             const path = part.getAttribute("hx-get").replace(/seen=[^&]*/, "seen=");
             part.setAttribute("hx-get", path);
             part.dispatchEvent(new Event("live"));
           }""",
        part,
    )


async def replaced(page: Page, part: str) -> None:
    """Have a part replaced by what the server says now."""
    old = await page.evaluate_handle("id => document.getElementById(id)", part)
    await ask(page, part)
    await page.wait_for_function(
        """([id, old]) => {
             const now = document.getElementById(id);
             return now !== old && !now.matches(".htmx-added");
           }""",
        arg=[part, old],
    )


async def only_when_told(page: Page) -> None:
    """From now on the page asks for nothing merely because time passes."""
    await page.evaluate(
        'addEventListener("every", event => event.stopImmediatePropagation(), true)'
    )


async def note_answers(page: Page) -> None:
    """Count the answers to what the parts ask, in `window.answers` by the id of the part."""
    await page.evaluate(
        """() => {
             window.answers = {};
             for (const kind of ["htmx:finally:request", "htmx:before:settle"]) {
               document.addEventListener(kind, ({ detail }) => {
                 const id = (detail.ctx ?? detail.task).sourceElement.id;
                 window.answers[id] = (window.answers[id] ?? 0) + 1;
               });
             }
           }"""
    )


async def answered(page: Page, part: str) -> None:
    """The answer to what a part asked has come, and was shown or thrown away."""
    await page.wait_for_function("id => window.answers[id] > 0", arg=part, polling=20)
