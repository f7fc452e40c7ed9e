"""Folders for the tests of stores and supervisor."""

import secrets
from pathlib import Path

import pytest


@pytest.fixture
def folder(data_dir: Path) -> Path:
    """A data folder of the test's own, not made yet, which the stores' user can reach."""
    return data_dir / secrets.token_hex(4)
