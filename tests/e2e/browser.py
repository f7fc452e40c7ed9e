"""Debian's Chromium, driven for tests of pages."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

VENDOR = Path(__file__).parent / "vendor"
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
    await page.wait_for_load_state()
    await page.evaluate(axe())
    found: list[dict[str, Any]] = await page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{fault['id']}: {fault['help']}: {node['html']} {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]
