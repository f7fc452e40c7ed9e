"""The project's own files, as the architecture tests read them."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("bot", "flows", "nlu", "scheduler", "admin", "clinic")
_BINARY = {".png", ".ico", ".jpg", ".woff", ".woff2", ".mo", ".pyc", ".xlsx", ".gz"}
_NOT_OURS = {"__pycache__", ".git", ".kayoi"}  # and .venv*, caches


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project: what git has, or would take."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        found = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # a copy without git
        found = [path for path in ROOT.rglob("*") if _ours(path.relative_to(ROOT))]
    return tuple(sorted(path for path in found if path.is_file()))


def _ours(path: Path) -> bool:
    return not any(
        part in _NOT_OURS or part.startswith(".venv") or part.endswith(("_cache", ".egg-info"))
        for part in path.parts
    )


def modules(*packages: str) -> list[Path]:
    """The Python files of some packages, or of the whole project."""
    tops = packages or None
    return [
        path
        for path in files()
        if path.suffix == ".py" and (tops is None or path.relative_to(ROOT).parts[0] in tops)
    ]


def texts() -> list[tuple[str, str]]:
    """Name and content of every text file."""
    return [
        (str(path.relative_to(ROOT)), path.read_text())
        for path in files()
        if path.suffix not in _BINARY
    ]
