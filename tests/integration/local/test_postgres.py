"""The embedded PostgreSQL: closed to others, shared by those who use it, whole after any crash."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import pytest

from bot.local import place
from bot.local.place import StoreFailed, find
from bot.local.postgres import Postgres
from tests.integration.local.watch import ended, eventually, eventually_async, server_of

REPOSITORY = Path(__file__).parents[3]
NOBODY = 65534
OTHERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # where Debian installs them
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as another user")
# Starts a PostgreSQL in the folder given, says so, and stays until it is told or killed.
USER_OF_A_STORE = """
import sys, pathlib
from bot.local.postgres import Postgres
postgres = Postgres(pathlib.Path(sys.argv[1]))
postgres.start()
print("up", flush=True)
sys.stdin.read()
postgres.stop()
"""


@pytest.fixture(scope="module")
def postgres(data_dir: Path) -> Iterator[Postgres]:
    with Postgres(data_dir / "postgres-tests") as postgres:
        yield postgres


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def answers(url: str) -> bool:
    try:
        return await fetch(url, "SELECT 1") == 1
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


async def test_it_speaks_utf8_and_utc_and_knows_the_letters_of_all_scripts(
    postgres: Postgres,
) -> None:
    assert await fetch(postgres.url, "SELECT current_database()") == "kayoi"
    assert await fetch(postgres.url, "SHOW timezone") == "UTC"
    assert await fetch(postgres.url, "SELECT lower('ИВАНОВА')") == "иванова"
    assert await fetch(postgres.url, "SHOW fsync") == "on"


async def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    password = (postgres.data_dir / "postgres.password").read_text()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url.replace(password, "guess"))


def test_its_socket_password_and_files_are_for_their_owners_alone(postgres: Postgres) -> None:
    where = find(postgres.data_dir, "postgres")
    for private in (where.data, where.socket, where.socket / ".s.PGSQL.5432"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    for name in ("postgres.password", "postgres.log"):
        assert stat.S_IMODE((postgres.data_dir / name).stat().st_mode) == 0o600


@AS_ROOT
def test_another_user_cannot_reach_the_socket(postgres: Postgres) -> None:
    socket = find(postgres.data_dir, "postgres").socket / ".s.PGSQL.5432"
    seen = subprocess.run(
        ["test", "-w", socket], user=NOBODY, group=NOBODY, extra_groups=[], check=False
    )
    assert seen.returncode == 1


@AS_ROOT
def test_under_root_the_server_runs_as_a_user_of_its_own(postgres: Postgres) -> None:
    assert server_of(postgres).uids().real == 61000


def test_it_listens_on_no_port(postgres: Postgres) -> None:
    assert server_of(postgres).net_connections("inet") == []


async def test_what_was_committed_outlives_kill_9_and_the_server_comes_back(
    postgres: Postgres,
) -> None:
    await fetch(postgres.url, "CREATE TABLE kept AS SELECT 7 AS seven")
    killed = server_of(postgres)
    killed.kill()
    await eventually_async(lambda: answers(postgres.url), "PostgreSQL is back", within=10)
    assert await fetch(postgres.url, "SELECT seven FROM kept") == 7
    assert server_of(postgres) != killed


async def test_a_killed_guard_takes_the_server_along_and_is_replaced(postgres: Postgres) -> None:
    server = server_of(postgres)
    guard = server.parent()
    assert guard is not None
    guard.kill()
    eventually(lambda: ended(server), "the server ended with its guard")
    assert not postgres.guarded()
    await asyncio.to_thread(postgres.ensure)
    assert await answers(postgres.url)


async def test_starters_at_the_same_time_share_one_server_and_the_last_takes_it_down(
    folder: Path,
) -> None:
    users = [Postgres(folder) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Postgres.start, users))
    server = server_of(users[0])
    for user in users[:-1]:
        assert user.stop() is False
        assert await answers(users[-1].url)
    assert users[-1].stop() is True
    assert ended(server)


def test_a_killed_user_leaves_no_server_behind(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_A_STORE, str(folder)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"up\n"
        server = server_of(Postgres(folder))
        user.kill()
    eventually(lambda: ended(server), "the server ended after its only user")


def test_a_stale_pid_file_naming_a_living_stranger_does_not_block_a_start(folder: Path) -> None:
    postgres = Postgres(folder)
    postgres.start()
    user = server_of(postgres).uids().real
    running = find(folder, "postgres").data / "postmaster.pid"
    lines = running.read_text().splitlines()
    postgres.stop()
    with subprocess.Popen(["sleep", "60"], user=user if os.geteuid() == 0 else None) as stranger:
        running.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        os.chown(running, user, -1)
        postgres.start(within=20)
        assert stranger.poll() is None
        postgres.stop()
        stranger.kill()


def test_a_server_that_lost_its_guard_is_ended_before_another_starts(folder: Path) -> None:
    postgres = Postgres(folder)
    postgres.start()
    server, guard = server_of(postgres), server_of(postgres).parent()
    assert guard is not None
    server.send_signal(signal.SIGSTOP)  # it cannot follow its guard
    guard.kill()
    eventually(lambda: not postgres.guarded(), "the guard is gone")
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(postgres.ensure)
        server.send_signal(signal.SIGCONT)
        again.result(60)
    assert server_of(postgres) != server
    assert ended(server)
    postgres.stop()


def test_a_start_that_cannot_succeed_says_why(folder: Path) -> None:
    with Postgres(folder):
        pass
    (folder / "postgres.password").write_text("another")
    with pytest.raises(StoreFailed, match="refuses the password"):
        Postgres(folder).start()
    Postgres(folder).stop()  # that is: wait for the end
    (find(folder, "postgres").data / "PG_VERSION").write_text("16\n")
    with pytest.raises(StoreFailed, match="made by PostgreSQL 16, the programs are of 18"):
        Postgres(folder).start()


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    place.make_data_dir(folder)
    torn = place.prepare(folder, "postgres").home / "data.new"
    torn.mkdir()
    (torn / "PG_VERSION").write_text("18\n")
    with Postgres(folder) as postgres:
        assert postgres.guarded()


@AS_ROOT
async def test_programs_that_the_servers_user_cannot_reach_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "reachable", lambda step: "site-packages" not in step.parts)
    postgres = Postgres(folder)
    await asyncio.to_thread(postgres.start)
    assert Path(server_of(postgres).exe()).is_relative_to(folder)
    assert await answers(postgres.url)
    postgres.stop()


async def test_another_postgresql_15_or_newer_can_be_used(folder: Path) -> None:
    if not OTHERS:
        pytest.skip("there is no other PostgreSQL (Debian: apt-get install postgresql)")
    postgres = Postgres(folder, bin_dir=OTHERS[0])
    await asyncio.to_thread(postgres.start)
    assert await fetch(postgres.url, "SELECT lower('ИВАНОВА')") == "иванова"
    major = int(str(await fetch(postgres.url, "SHOW server_version_num"))) // 10000
    assert OTHERS[0].parent.name == str(major)
    await asyncio.to_thread(postgres.stop)


def test_an_ordinary_user_runs_it_as_himself(folder: Path) -> None:
    """Under root, in a user namespace: there we are an ordinary user who owns root's files."""
    command = [sys.executable, "-c", USER_OF_A_STORE, str(folder)]
    if os.geteuid() == 0:
        if shutil.which("unshare") is None:
            pytest.skip("there is no unshare to become an ordinary user")
        command = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", *command]
    done = subprocess.run(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, b"up\n"), done.stderr.decode()
    assert (folder / "postgres").stat().st_uid == os.geteuid()
    assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
    assert [process for process in psutil.process_iter() if _lives_in(process, folder)] == []


def _lives_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except psutil.Error:
        return False
