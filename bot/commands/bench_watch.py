"""What the machine did while something was measured: how busy it was, and who waited for what.

A figure of one worker and of two can only be compared where cores were left, and waiting for each
other shows in PostgreSQL: `Lock` are rows and advisory locks, `LWLock` its own insides, `IO` the
disk.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

from clinic.db import Database

_WAITING = """
  select wait_event_type, count(*) as sessions from pg_stat_activity
  where datname = current_database() and state = 'active'
    and wait_event_type in ('Lock', 'LWLock', 'IO') group by 1
"""


@dataclass(slots=True)
class Watch:
    """Begins with its making. `processes`: those whose CPU time counts as the product's."""

    database: Database
    processes: Sequence[psutil.Process]
    _began: float = field(default_factory=time.perf_counter)
    _machine: tuple[float, float] = field(default_factory=lambda: _busy_and_all())
    _own: float = 0.0
    _looks: int = 0
    _waiting: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._own = sum(map(_cpu, self.processes))

    async def look(self) -> None:
        """See who waits now."""
        async with self.database.transaction() as tx:
            rows = await tx.fetch(_WAITING)
        self._looks += 1
        self._waiting.update({row["wait_event_type"]: row["sessions"] for row in rows})

    def end(self, count: int) -> dict[str, Any]:
        """What came of `count` messages: a second, `busy` of all cores (1: no core was left), CPU
        time of the product's processes, and sessions that waited for each thing on average."""
        took = time.perf_counter() - self._began
        busy, every = (now - then for now, then in zip(_busy_and_all(), self._machine, strict=True))
        own = sum(map(_cpu, self.processes)) - self._own
        looks = max(self._looks, 1)
        return {
            "per_second": round(count / took),
            "busy": round(busy / every, 2) if every else 0.0,
            "cpu_ms_per_message": round(1000 * own / count, 2),
            "waiting": {kind: round(n / looks, 2) for kind, n in sorted(self._waiting.items())},
        }


def _busy_and_all() -> tuple[float, float]:
    """CPU time of all cores since the machine's start: at work, and at all."""
    times = psutil.cpu_times()
    # guest times are in user and nice already
    every = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return every - times.idle - getattr(times, "iowait", 0.0), every


def _cpu(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)
