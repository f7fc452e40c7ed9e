"""The file of the master keys: one a line, `id:hex`, and `index:hex` once the first key is gone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.crypto import KeyRing, index_key
from clinic.errors import KayoiError

LAST = 255  # the largest id


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file holds. `index`: of the blind indexes, if the first key is gone."""

    masters: Mapping[int, bytes]
    index: bytes | None = None

    @property
    def newest(self) -> int:
        """The id of the key that encrypts."""
        return max(self.masters)


def make(path: Path) -> None:
    """A file with a first key, mode 0600, unless somebody made one meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"1:{os.urandom(32).hex()}\n")
    except FileExistsError:
        pass


def read(path: Path) -> Keys:
    """The keys. Raises KayoiError if it is no such file."""
    try:
        pairs = dict(line.split(":") for line in path.read_text().split())
        index = pairs.pop("index", None)
        keys = Keys(
            {int(n): bytes.fromhex(key) for n, key in pairs.items()},
            bytes.fromhex(index) if index is not None else None,
        )
        KeyRing(keys.masters, keys.index)
    except OSError as error:
        raise KayoiError(f"master key file {path}: {error.strerror}") from None
    except ValueError:  # its words could hold a key
        raise KayoiError(f"master key file {path} is not one id:hex a line") from None
    return keys


def ring(path: Path) -> KeyRing:
    """The keys to work with; they follow the file. Raises KayoiError as `read`."""

    def again() -> tuple[Mapping[int, bytes], bytes | None]:
        keys = read(path)
        return keys.masters, keys.index

    return KeyRing(*again(), again=again)


def add_key(path: Path) -> Keys:
    """Add a key by which everything is encrypted from now on. Raises KayoiError, OSError."""
    keys = read(path)
    if keys.newest >= LAST:
        raise KayoiError(f"master key file {path} has no id left")
    return _write(path, Keys({**keys.masters, keys.newest + 1: os.urandom(32)}, keys.index))


def remove_key(path: Path, key_id: int) -> Keys:
    """Take a key away; what the blind indexes need of the first one stays. Raises KayoiError,
    OSError."""
    keys = read(path)
    if key_id not in keys.masters or key_id == keys.newest:
        raise KayoiError(f"key {key_id} is in use, or there is none")
    index = keys.index or index_key(keys.masters[min(keys.masters)])
    left = {n: key for n, key in keys.masters.items() if n != key_id}
    return _write(path, Keys(left, index))


def _write(path: Path, keys: Keys) -> Keys:
    """Whole or not at all, for the same users as before."""
    lines = [f"{n}:{key.hex()}" for n, key in sorted(keys.masters.items())]
    if keys.index is not None:
        lines.insert(0, f"index:{keys.index.hex()}")
    before, new = path.stat(), path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write("\n".join(lines) + "\n")
            out.flush()
            os.fchmod(out.fileno(), before.st_mode & 0o777)
            if os.geteuid() == 0:
                os.fchown(out.fileno(), before.st_uid, before.st_gid)
            os.fsync(out.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return keys
