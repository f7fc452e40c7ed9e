"""What no file of the project may be or hold."""

import re

import pytest

from tests.architecture.repository import PRODUCT, ROOT, files, modules, texts

LONGEST_MODULE = 400  # lines
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
# Folders of one machine. Written so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.*-])/(?:root|work|tmp|home/\w+|Users/\w+)(?=/|\b)(?!\w)")
# Lock files and sources name packages, never the place they come from.
DOWNLOAD = re.compile(
    r"(?:https?|file)://\S*(?:pypi|pythonhosted|npmjs|/simple\b|\.whl|\.tgz|\.tar\.gz|\.deb)"
    r"|^\s*--(?:extra-)?(?:index-url|find-links)",
    re.MULTILINE,
)
VENDORED = re.compile(r"(^|/)static/vendor/")


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if "migrations" not in path.parts
        and (lines := path.read_text().count("\n")) > LONGEST_MODULE
    }
    assert long == {}


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    vague = {
        str(path.relative_to(ROOT))
        for path in modules()
        if FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    }
    assert vague == set()


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = [
        f"{name}: {match[0]}"
        for name, text in texts()
        if not VENDORED.search(name)
        for match in [MACHINE_PATH.search(text)]
        if match
    ]
    assert found == []


def test_no_file_names_the_address_of_a_registry_or_a_download() -> None:
    found = [
        f"{name}: {match[0].strip()}"
        for name, text in texts()
        if name != "tests/architecture/test_files.py" and not VENDORED.search(name)
        for match in [DOWNLOAD.search(text)]
        if match
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text", "seen"),
    [
        (MACHINE_PATH, 'open("/' + 'root/x")', True),
        (MACHINE_PATH, "cd /" + "work && make", True),
        (MACHINE_PATH, "/" + "tmp", True),
        (MACHINE_PATH, "https://clinic.example/work/hours", False),
        (MACHINE_PATH, "a /workers page", False),
        (DOWNLOAD, "--index-url https://mirror.example/" + "simple", True),
        (DOWNLOAD, "https://mirror.example/a-1.0" + ".whl", True),
        (DOWNLOAD, "aiohttp==3.14.5", False),
    ],
)
def test_the_patterns_find_what_they_are_for(
    pattern: re.Pattern[str], text: str, seen: bool
) -> None:
    assert bool(pattern.search(text)) is seen


def test_every_package_folder_of_the_product_is_a_package() -> None:
    folders = {path.parent for path in modules(*PRODUCT)}
    assert [
        str(folder) for folder in sorted(folders) if folder / "__init__.py" not in files()
    ] == []
