"""Stores and processes for the reliability runs, made once a session; each run has its own rig."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

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
    stores = Stores(reliability_folder / "stores", None, None)
    await stores.start()
    yield stores
    await stores.stop()


@pytest.fixture(scope="session")
async def stores(request: pytest.FixtureRequest, reliability_folder: Path) -> AsyncIterator[Stores]:
    """The servers of KAYOI_DATABASE_URL and KAYOI_REDIS_URL, or embedded ones."""
    given = os.environ.get("KAYOI_DATABASE_URL"), os.environ.get("KAYOI_REDIS_URL")
    if not any(given):
        yield await request.getfixturevalue("own_stores")
        return
    stores = Stores(reliability_folder / "given", *given)
    await stores.start()
    yield stores
    await stores.stop()


@pytest.fixture
def rigs(hatchery: Hatchery, stores: Stores, tmp_path: Path) -> Rigs:
    """Opens rigs on any stores."""
    return Rigs(hatchery, stores, tmp_path)


@pytest.fixture
def own_rigs(hatchery: Hatchery, own_stores: Stores, tmp_path: Path) -> Rigs:
    """Opens rigs on stores that may be killed."""
    return Rigs(hatchery, own_stores, tmp_path)
