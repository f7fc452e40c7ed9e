"""Where the stores' files go, and what is never touched on the way there."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from bot.local import place

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another user")


def modes(folder: Path) -> dict[Path, int]:
    return {step: step.stat().st_mode for step in (folder, *folder.parents)}


@pytest.fixture
def barred(tmp_path: Path) -> Iterator[Path]:
    """A data folder that nobody but its owner may pass through."""
    tmp_path.chmod(0o700)
    yield tmp_path
    for link in tmp_path.iterdir():
        if link.is_symlink():
            rmtree(link.resolve())


@AS_ROOT
def test_under_root_the_folders_belong_to_a_user_without_account(folder: Path) -> None:
    place.make_data_dir(folder)
    made = place.prepare(folder, "valkey")
    assert made.user == made.socket.stat().st_uid == 61000
    assert stat.S_IMODE(made.socket.stat().st_mode) == 0o700
    assert made.home == folder / "valkey"


@AS_ROOT
def test_where_others_may_not_pass_the_home_is_elsewhere_and_no_rights_change(
    barred: Path,
) -> None:
    before = modes(barred)
    made = place.prepare(barred, "valkey")
    assert made.home == (barred / "valkey").readlink()
    assert place.reachable(made.home)
    assert modes(barred) == before


def test_a_place_is_found_again_where_it_was_made(folder: Path) -> None:
    place.make_data_dir(folder)
    made = place.prepare(folder, "valkey")
    assert place.prepare(folder, "valkey") == made
    found = place.find(folder, "valkey")
    assert (found.home, found.data, found.socket) == (made.home, made.data, made.socket)


@pytest.mark.parametrize("name", ["予約", "a, b", "deep/" * 20])
def test_a_socket_address_is_short_and_plain_however_the_folder_is_called(
    folder: Path, name: str
) -> None:
    place.make_data_dir(folder / name)
    made = place.prepare(folder / name, "valkey")
    assert made.home == folder / name / "valkey"
    assert len(bytes(made.socket / ".s.PGSQL.5432")) <= 103
    assert str(made.socket).isascii()
    assert not set(", %?#") & set(str(made.socket))
    assert stat.S_IMODE(made.socket.stat().st_mode) == 0o700
    made.socket.rmdir()


def test_a_socket_folder_lost_with_the_temporary_files_is_made_anew(folder: Path) -> None:
    place.make_data_dir(folder / "予約")
    lost = place.prepare(folder / "予約", "valkey").socket
    lost.rmdir()
    again = place.prepare(folder / "予約", "valkey").socket
    assert again.is_dir()
    again.rmdir()
