"""Named points at which a test can kill the process, to prove that nothing is lost there."""

import os
import signal

POINTS = frozenset(
    {
        "inbound_stored",
        "turn_committed",
        "outbox_claimed",
        "inflight_committed",
        "platform_called",
        "before_settling",
        "alert_written",
    }
)


def crash_point(name: str) -> None:
    """Die here at once, as by `kill -9`, if KAYOI_CRASH_AT names this point."""
    assert name in POINTS
    if os.environ.get("KAYOI_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
