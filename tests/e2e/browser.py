"""Debian's Chromium, driven for tests of pages."""

import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Error, Page, async_playwright

VENDOR = Path(__file__).parent / "vendor"
# The rules of WCAG 2.2 that axe leaves out unless it is asked for them.
ALSO = {"target-size": {"enabled": True}}
# The browser asks nobody but the page's own server.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def opened(executable: str) -> AsyncIterator[Browser]:
    """A browser with an empty profile. `executable`: the fixture `chromium`."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


def watch(page: Page) -> list[str]:
    """What goes wrong in the page from now on: exceptions, and everything the policy refused."""
    faults: list[str] = []
    # A page that is left while it looks for news gets no answer to that.
    page.on(
        "pageerror",
        lambda error: (
            None if str(error) == "Failed to fetch" else faults.append(f"exception: {error}")
        ),
    )
    page.on(
        "console",
        lambda message: (
            faults.append(f"policy: {message.text}")
            if "Content Security Policy" in message.text or "TrustedHTML" in message.text
            else None
        ),
    )
    return faults


def axe() -> str:
    """The source of axe-core. Raises ValueError if the file is not the one of the manifest."""
    manifest = json.loads((VENDOR / "manifest.json").read_text())["axe.min.js"]
    source = (VENDOR / "axe.min.js").read_bytes()
    if hashlib.sha256(source).hexdigest() != manifest["sha256"]:
        raise ValueError("axe.min.js is not the file of the manifest")
    return source.decode()


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong: WCAG 2.2 A and AA, and its best practices."""
    try:
        found = await _looked_at(page)
    except Error as error:
        if "Execution context was destroyed" not in str(error):
            raise
        found = await _looked_at(page)  # what was pressed last had only begun to lead elsewhere
    return [
        f"{fault['id']}: {fault['help']}: {node['html']} {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


async def _looked_at(page: Page) -> list[dict[str, Any]]:
    await page.wait_for_load_state()
    await page.evaluate(axe())
    found: list[dict[str, Any]] = await page.evaluate(
        "async rules => (await axe.run({ rules })).violations", ALSO
    )
    return found


async def check(page: Page) -> None:
    """Nothing is out of reach of anybody, or of a small screen."""
    assert await violations(page) == [], page.url
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def picture(page: Page, name: str) -> None:
    """A picture of the whole page in the folder of KAYOI_SCREENSHOTS, where somebody wants to look.

    Its file is called by `name`, the width and the look: figures-390-dark.png.
    """
    folder = os.environ.get("KAYOI_SCREENSHOTS")
    if not folder:
        return
    await page.evaluate("document.fonts.ready")
    width = await page.evaluate("innerWidth")
    look = await page.evaluate("document.documentElement.dataset.bsTheme ?? 'light'")
    await page.screenshot(path=f"{folder}/{name}-{width}-{look}.png", full_page=True)
