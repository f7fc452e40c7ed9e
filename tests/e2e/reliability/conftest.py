"""Stores and processes for the reliability runs, made once a session; each run has its own rig."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.reliability.figures import LINES
from tests.e2e.reliability.hatchery import Hatchery
from tests.e2e.reliability.rig import Rigs
from tests.e2e.reliability.stores import Stores


@pytest.fixture(scope="session")
def reliability_folder() -> Iterator[Path]:
    """A folder to which the stores' own users can walk."""
    folder = Path(tempfile.mkdtemp(prefix="kayoi-reliability-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def hatchery() -> AsyncIterator[Hatchery]:
    """Starts the product's processes quickly."""
    async with Hatchery() as hatchery:
        yield hatchery


@pytest.fixture(scope="session")
async def own_stores(reliability_folder: Path) -> AsyncIterator[Stores]:
    """Embedded stores, which may be killed."""
    async with Stores(reliability_folder, None, None) as stores:
        yield stores


@pytest.fixture(scope="session")
async def stores(reliability_folder: Path) -> AsyncIterator[Stores]:
    """The servers of KAYOI_DATABASE_URL and KAYOI_REDIS_URL, or the embedded ones."""
    given = os.environ.get("KAYOI_DATABASE_URL"), os.environ.get("KAYOI_REDIS_URL")
    async with Stores(reliability_folder, *given) as stores:
        yield stores


@pytest.fixture
def rigs(hatchery: Hatchery, stores: Stores, tmp_path: Path) -> Rigs:
    """Opens rigs on any stores."""
    return Rigs(hatchery, stores, tmp_path)


@pytest.fixture
def own_rigs(hatchery: Hatchery, own_stores: Stores, tmp_path: Path) -> Rigs:
    """Opens rigs on stores that may be killed."""
    return Rigs(hatchery, own_stores, tmp_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("reliability")
        for line in LINES:
            terminalreporter.line(line)
