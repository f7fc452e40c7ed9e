"""Where a store keeps its files: folders that only its own process can enter.

PostgreSQL refuses to run as root, so under root a store runs as a user id of its own that has no
account. That user must be able to walk to the folders, and changing the rights of folders above
our own is out of the question: where the way is barred, the store's home is made elsewhere, and
the data folder holds a symbolic link to it.
"""

import hashlib
import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# systemd's UIDS-GIDS document leaves 60578 to 61183 unused by systems and distributions.
_OWN_USERS = range(61000, 61184)
_SYSTEM_HOME = Path("/var/lib/kayoi")
# sockaddr_un holds 108 bytes with the closing zero (104 on macOS); `.s.PGSQL.5432` follows.
_LONGEST_SOCKET_FOLDER = 88
# PostgreSQL reads commas and quotes in the path as its own, addresses give `%`, `?`, `#` a meaning.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


class StoreFailed(Exception):
    """An embedded store cannot be made, started or reached; the text says why, for an operator."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one store. `user` is whom it runs as; None is ourselves."""

    home: Path
    data: Path
    socket: Path
    user: int | None


def make_data_dir(data_dir: Path) -> None:
    """Create the data folder and the folders above it, closed to listing by others.

    Root's own lets others through, not in: the stores' user must reach the folders in it.
    """
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def find(data_dir: Path, name: str) -> Place:
    """The place of the store `name` under `data_dir`, made or not."""
    home = (data_dir / name).resolve()
    data = home / "data"
    user = None
    if os.geteuid() == 0 and data.exists():
        user = data.stat().st_uid
    return Place(home, data, (home / "socket").resolve(), user)


def prepare(data_dir: Path, name: str) -> Place:
    """Make what is missing of a place, `data` excepted. The caller is the only one doing so.

    Raises StoreFailed where root may not give folders to another user.
    """
    home = data_dir / name
    user = _user_of(home) if os.geteuid() == 0 else None
    if not home.exists():
        _make_home(home)
    socket = home / "socket"
    if not socket.exists():
        folder = socket
        if _fits(home.resolve() / "socket"):
            socket.mkdir(mode=0o700)
        else:
            folder = Path(tempfile.mkdtemp(prefix="kayoi-"))
            _link(socket, folder)
        give(folder, user)
    return Place(home.resolve(), home.resolve() / "data", socket.resolve(), user)


def give(folder: Path, user: int | None) -> None:
    """Hand a folder with all that is in it to `user`; None leaves it with us."""
    if user is None:
        return
    try:
        os.chown(folder, user, user)
        for _, folders, files, at in os.fwalk(folder):
            for entry in folders + files:
                os.chown(entry, user, user, dir_fd=at, follow_symlinks=False)
    except OSError as error:
        raise StoreFailed(
            f"cannot give {folder} to user id {user} ({error.strerror}); run Kayoi as an "
            "ordinary user instead of root"
        ) from error


def within_reach(root: Path, parts: Sequence[str], place: Place, version: str) -> Path:
    """`root`, or a copy of its `parts` in the place's home if the place's user cannot get there."""
    if place.user is None or all(reachable(root / part) for part in parts):
        return root
    copy = place.home / f"programs-{version}"
    if not copy.exists():
        unfinished = place.home / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in parts:
            shutil.copytree(
                root / part, unfinished / part, ignore=shutil.ignore_patterns("*.a", "include")
            )
        unfinished.rename(copy)
    return copy


def reachable(folder: Path) -> bool:
    """Whether everybody may pass through `folder` and all folders above it."""
    resolved = folder.resolve()
    return all(step.stat().st_mode & 0o001 for step in (resolved, *resolved.parents))


def _user_of(home: Path) -> int:
    if (home / "data").exists():
        return (home / "data").stat().st_uid
    taken = {account.pw_uid for account in pwd.getpwall()}
    return next(user for user in _OWN_USERS if user not in taken)


def _make_home(home: Path) -> None:
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
    elif reachable(home.parent):
        home.mkdir(mode=0o711)
    else:
        temporary = Path(tempfile.gettempdir()).resolve()
        shelter = temporary if temporary in home.resolve().parents else _SYSTEM_HOME
        shelter.mkdir(mode=0o711, parents=True, exist_ok=True)
        owner = hashlib.sha256(os.fsencode(home.parent.resolve())).hexdigest()[:8]
        folder = Path(tempfile.mkdtemp(prefix=f"kayoi-{home.name}-{owner}-", dir=shelter))
        folder.chmod(0o711)
        _link(home, folder)


def _link(link: Path, folder: Path) -> None:
    link.unlink(missing_ok=True)  # one that points to a folder that is gone
    link.symlink_to(folder, target_is_directory=True)


def _fits(folder: Path) -> bool:
    text = str(folder)
    return _PLAIN.fullmatch(text) is not None and len(text) <= _LONGEST_SOCKET_FOLDER
