"""Free TCP ports of the loopback interface."""

import errno
import socket


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on right now.

    Somebody else may take it before you do, so bind it soon, and treat a taken port as an error.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def taken(host: str, port: int) -> bool:
    """Whether somebody already listens on `port` of `host`.

    Raises OSError where nobody can: `host` is not of this machine, `port` is another user's.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not yet forgotten is free
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
        return False
