"""Ties a process to its parent: when the parent dies, however it dies, so does the process.

Run as a program (`python -I leash.py PARENT SIGNAL COMMAND...`) it ties itself and becomes COMMAND,
so that a parent with threads needs no code between fork and exec. It imports nothing of Kayoi.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int, number: int) -> None:
    """Have the kernel send signal `number` to this process when process `parent` ends.

    To be called after any change of user, which would undo it. Outside Linux it does nothing.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - our supervisor's own argument list
