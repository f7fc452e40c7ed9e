"""A store of our own: PostgreSQL or Valkey, started by whoever needs it first.

The first user posts a guard (see guard.py), all others find it and share the server; the last one
to leave, in order or by a crash, takes the server down with it.
"""

import contextlib
import fcntl
import os
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from bot.local import guard
from bot.local.guard import Duty
from bot.local.place import StoreFailed, make_data_dir

_START_WITHIN = 60.0  # seconds; crash recovery may need them
_GLANCE = 0.05  # seconds between two tries
_LONGEST_LOG = 10_000_000  # bytes, then it is moved aside once


class Store(ABC):
    """One embedded store under a data folder. All calls block: use a thread in async code."""

    name: ClassVar[str]

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._held: int | None = None
        self._busy = threading.Lock()  # one thread starts, checks or stops at a time
        self._stopping = threading.Event()

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients, once started. It may hold a password: never log it."""

    @abstractmethod
    def _duty(self) -> Duty:
        """Make the store's files where they are missing, and say what its guard has to run."""

    @abstractmethod
    def _trouble(self) -> str | None:
        """Why a client cannot work with the server at this moment, by trying; None if it can.

        Raises StoreFailed where waiting cannot help.
        """

    def start(self, within: float = _START_WITHIN) -> None:
        """Use the store: share the running server, or have one started. Returns once it answers.

        Raises StoreFailed with the reason and the end of the server's log after `within` seconds.
        """
        deadline = time.monotonic() + within
        with self._busy:
            make_data_dir(self.data_dir)
            self._held = self._held if self._held is not None else self._join(deadline)
            try:
                self._await_answer(deadline)
            except BaseException:
                self._leave()
                raise

    def ensure(self, within: float = _START_WITHIN) -> None:
        """See that the store in use has its guard and answers, after either may have been killed.

        Raises StoreFailed as `start` does, or if the store is not in use.
        """
        with self._busy:
            if self._held is None:
                raise StoreFailed(f"{self.name} is not in use")
            self._await_answer(time.monotonic() + within)

    def guarded(self) -> bool:
        """Whether a guard watches over the server; it restarts the server by itself."""
        lock = _open(self._file("lock"))
        try:
            return not _locked(lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)

    def stop(self, within: float = 10.0) -> bool:
        """Use the store no longer; True once its server is down, False if it goes on.

        It goes on while others use it. After `within` seconds it is left to the guard. A start
        that is under way in another thread fails at once.
        """
        if not self.data_dir.exists():  # never started
            return True
        deadline = time.monotonic() + within
        self._stopping.set()
        with self._busy:
            self._stopping.clear()
            self._leave()
            return self._await_end(deadline)

    def _await_end(self, deadline: float) -> bool:
        users = _open(self._file("users"))
        try:
            while self.guarded() and time.monotonic() < deadline:
                # Neither the guard (stopping) nor nobody (about to be noticed) but other users:
                if not _locked(users, fcntl.LOCK_EX) and _locked(users, fcntl.LOCK_SH):
                    return False
                fcntl.flock(users, fcntl.LOCK_UN)
                time.sleep(_GLANCE)
        finally:
            os.close(users)
        return not self.guarded()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _join(self, deadline: float) -> int:
        users = _open(self._file("users"))
        while not _locked(users, fcntl.LOCK_SH):  # a guard is just taking the server down
            if time.monotonic() > deadline or self._stopping.is_set():
                os.close(users)
                raise StoreFailed(f"{self.name} is being stopped and has not ended yet")
            time.sleep(_GLANCE)
        return users

    def _leave(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _await_answer(self, deadline: float) -> None:
        while True:
            self._post_guard_if_none()
            trouble = self._trouble()
            if trouble is None:
                return
            if time.monotonic() > deadline or self._stopping.is_set():
                raise StoreFailed(f"{self.name} does not answer: {trouble}\n{self._log_end()}")
            time.sleep(_GLANCE)

    def _post_guard_if_none(self) -> None:
        lock = _open(self._file("lock"))
        try:
            if _locked(lock, fcntl.LOCK_EX):
                guard.post(self._duty(), lock, log := self._open_log())
                os.close(log)
        except OSError as error:
            raise StoreFailed(f"cannot start {self.name}: {error}") from error
        finally:
            os.close(lock)

    def _file(self, suffix: str) -> Path:
        return self.data_dir / f"{self.name}.{suffix}"

    def _open_log(self) -> int:
        log = self._file("log")
        with contextlib.suppress(FileNotFoundError):
            if log.stat().st_size > _LONGEST_LOG:
                log.rename(self._file("log.1"))
        return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _log_end(self) -> str:
        try:
            return "\n".join(self._file("log").read_text(errors="replace").splitlines()[-5:])
        except FileNotFoundError:
            return ""


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
