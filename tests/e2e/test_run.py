"""`kayoi run --demo`, as somebody who has just cloned it meets it."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession
from playwright.async_api import Locator, Page, expect

from bot.local.ports import free_port
from tests.e2e.browser import opened, violations, watch

READY_WITHIN = 10.0  # s, on a machine that does nothing else; the suite's other processes are gone
PATIENCE = 60.0  # s before a run that never comes up is given up
STOP_WITHIN = 10.0  # s
LARGEST = 200 * 1024 * 1024  # bytes resident, of web and of worker
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("KAYOI_")}


@dataclass
class Running:
    """A running installation."""

    process: asyncio.subprocess.Process
    chat: str
    admin: str
    took: float

    def part(self, name: str) -> psutil.Process:
        """One of its processes."""
        (found,) = [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if child.cmdline()[-1:] == [name]
        ]
        return found

    async def stop(self) -> float:
        """Stop it as Ctrl-C does; the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        await asyncio.wait_for(self.process.wait(), PATIENCE)
        return time.monotonic() - began


async def begin(folder: Path) -> Running:
    """Run the demo clinic on free ports and wait until it says that it is ready."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--demo", "--data-dir", str(folder)),
        *("--port", str(free_port()), "--admin-port", str(free_port())),
        stdout=asyncio.subprocess.PIPE,
        env=CLEAN,
    )
    assert process.stdout is not None
    said: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            name, _, value = line.decode().strip().partition(": ")
            said[name] = value
            if name == "ready":
                break
    took = time.monotonic() - began
    return Running(process, said["Patient chat"], said["Admin panel"], took)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kayoi-run-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def running(folder: Path) -> AsyncIterator[Running]:
    running = await begin(folder)
    yield running
    if running.process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            await running.stop()


@pytest.fixture
async def page(running: Running, chromium: str) -> AsyncIterator[Page]:
    async with opened(chromium) as browser:
        context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
        page = await context.new_page()
        await page.goto(f"{running.chat}?lang=en")
        yield page


def choice(page: Page, label: str | re.Pattern[str]) -> Locator:
    """A button of the question that is not yet answered."""
    return page.get_by_role("log").get_by_role("button", name=label, disabled=False).last


async def book(page: Page) -> None:
    """Book the soonest first visit, as a new patient."""
    await page.get_by_role("button", name="Start", exact=True).click()
    for label in ("I agree", "Book a visit", "First visit", "Myself"):
        await choice(page, label).click()
    await expect(page.get_by_text("What is your full name?")).to_be_visible()
    await page.get_by_role("textbox").last.fill("Mary Smith")
    await page.keyboard.press("Enter")
    await choice(page, "Skip").click()
    await choice(page, "Soonest time").click()
    await choice(page, re.compile(r"\d+:\d\d")).first.click()


@pytest.mark.browser
async def test_a_stranger_books_a_visit_within_a_minute(page: Page, running: Running) -> None:
    faults = watch(page)
    began = time.monotonic()
    await book(page)
    await choice(page, "Nothing to add").click()
    await choice(page, "Yes, book it").click()
    await expect(page.get_by_role("log")).to_contain_text("Your visit is booked.")
    assert time.monotonic() - began < 60
    assert faults == []
    assert await violations(page) == []
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("Your visit is booked.")


@pytest.mark.browser
async def test_staff_see_the_day_by_the_printed_link(running: Running, chromium: str) -> None:
    async with opened(chromium) as browser:
        page = await browser.new_page()
        await page.goto(running.admin)
        await page.get_by_role("button").first.click()
        await expect(page).to_have_url(re.compile("/today"))


async def test_web_and_worker_are_small(running: Running) -> None:
    for name in ("web", "worker"):
        assert running.part(name).memory_info().rss < LARGEST, name


async def test_a_killed_process_comes_back(running: Running) -> None:
    killed = running.part("worker")
    killed.send_signal(signal.SIGKILL)
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(ValueError, psutil.NoSuchProcess, IndexError):
                if running.part("worker").pid != killed.pid:
                    return
            await asyncio.sleep(0.1)


async def test_metrics_of_all_processes_are_on_the_admin_port_only(running: Running) -> None:
    chat, admin = (url.split("/", 3)[2] for url in (running.chat, running.admin))
    async with ClientSession() as session:
        async with session.get(f"http://{admin}/metrics") as answer:
            text = await answer.text()
        assert "kayoi_turns_total" in text  # counted in the web process
        async with session.get(f"http://{chat}/metrics") as answer:
            assert answer.status == 404


async def test_it_stops_in_time_and_starts_again_with_what_was_there(
    running: Running, folder: Path
) -> None:
    assert await running.stop() < STOP_WITHIN
    assert running.process.returncode == 0
    again = await begin(folder)
    await again.stop()
    shared_by = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # others are at work too
    assert again.took < READY_WITHIN * shared_by
