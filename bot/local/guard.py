"""The guard of one embedded store: a small process that keeps its server running while it is used.

Every process that uses the store holds a shared lock on its `users` file. The kernel drops such a
lock when its holder ends, even by kill -9, so nothing has to be counted and nothing goes stale:
when the guard can take that lock for itself alone, nobody is left, and it stops the server.

The guard inherits a second lock, exclusive, from whoever started it and holds it for life: there
is never a second guard, and a store without a guard has no server, because the server is killed
with its guard. A server that dies is started again.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil

from bot.local.leash import die_with_parent

_GLANCE = 0.1  # seconds between two looks at the server and its users
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds before a dead server is started again
_SETTLED = 10.0  # seconds after which a server counts as well started


@dataclass(frozen=True, slots=True)
class Duty:
    """What a guard has to keep running. Folders and files are absolute paths.

    `pid_files`: files in which the server notes its process id, and which would keep a new one
    from starting. `stop_signal` ends the server in order, `give_up_signal` at once; both lose
    nothing that was acknowledged. `stop_within` is the time between them in seconds.
    """

    argv: Sequence[str]
    folder: str
    user: int | None
    environment: Mapping[str, str]
    users: str
    pid_files: Sequence[str]
    stop_signal: int
    give_up_signal: int
    stop_within: float


def post(duty: Duty, lock: int, log: int) -> None:
    """Start a guard in a session of its own. It takes over the locked file descriptor `lock`.

    What guard and server print goes to the file descriptor `log`.
    """
    package_root = str(Path(__file__).parents[2])
    subprocess.run(
        [sys.executable, "-m", "bot.local.guard", json.dumps(asdict(duty))],
        cwd="/",
        env={**os.environ, "PYTHONPATH": package_root},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=(lock,),
        start_new_session=True,
        check=True,
    )


class _Server:
    """The server process: started, started again with growing pauses, stopped."""

    def __init__(self, duty: Duty) -> None:
        self._duty = duty
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = _FIRST_PAUSE
        self._started = 0.0
        self._next = 0.0

    def keep(self) -> None:
        """Start the server if it is not running and its pause is over."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._process = None
            if now - self._started > _SETTLED:
                self._pause = _FIRST_PAUSE
            self._next = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        if now >= self._next:
            self._start()

    def _start(self) -> None:
        duty = self._duty
        for path in duty.pid_files:
            _sweep(Path(path), duty)
        # preexec_fn is safe here: a guard has one thread.
        self._process = subprocess.Popen(
            duty.argv,
            cwd=duty.folder,
            env=duty.environment,
            umask=0o077,
            user=duty.user,
            group=duty.user,
            extra_groups=None if duty.user is None else [],
            preexec_fn=partial(die_with_parent, os.getpid(), duty.stop_signal),
        )
        self._started = time.monotonic()

    def stop(self) -> None:
        """End the server, in order if it lets us."""
        if self._process is None:
            return
        for number in (self._duty.stop_signal, self._duty.give_up_signal, signal.SIGKILL):
            self._process.send_signal(number)
            try:
                self._process.wait(self._duty.stop_within)
            except subprocess.TimeoutExpired:
                continue
            return


def _sweep(pid_file: Path, duty: Duty) -> None:
    """Remove a stale pid file; stop the server it names if that is truly one on our folder.

    A number alone proves nothing: after a crash it may belong to any other program.
    """
    try:
        left = psutil.Process(abs(int(pid_file.read_text().split("\n", 1)[0])))
        if left.cwd() == os.path.realpath(duty.folder):
            left.send_signal(duty.stop_signal)
            if not _ended(left, duty.stop_within):
                left.kill()
                _ended(left, duty.stop_within)
    except (FileNotFoundError, ValueError, psutil.Error):
        pass
    pid_file.unlink(missing_ok=True)


def _ended(process: psutil.Process, within: float) -> bool:
    deadline = time.monotonic() + within
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(_GLANCE)
    return True


def _nobody_left(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main() -> None:
    """Keep the server until nobody uses it, or until SIGTERM."""
    duty = Duty(**json.loads(sys.argv[1]))
    if os.fork():  # so that nobody has to wait for us
        os._exit(0)
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.append(number))
    users = os.open(duty.users, os.O_RDWR)
    server = _Server(duty)
    while not told and not _nobody_left(users):
        server.keep()
        time.sleep(_GLANCE)
    server.stop()


if __name__ == "__main__":
    main()
