"""Real processes of Kayoi whose own clock is set, and set again, while they work.

The clock is libfaketime's (Debian: apt-get install libfaketime), so that nothing in the process can
look past it: not Python, not C, not the database's driver. Monotonic time goes on as it is.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.reliability.figures import note
from tests.e2e.reliability.rig import Rig

ROOT = Path(__file__).parents[3]
ANEW = "tests.e2e.reliability.exec_anew"


def library() -> Path | None:
    """Where libfaketime is: KAYOI_FAKETIME, or where Debian keeps it; None if it is nowhere."""
    told = os.environ.get("KAYOI_FAKETIME")
    places = [Path(told)] if told else sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so*"))
    return next((place for place in places if place.is_file()), None)


def needed() -> Path:
    """The library; where it is missing the test is skipped, and the figures say so."""
    found = library()
    if found is None:
        note("R11 clocks", skipped="no libfaketime: apt-get install libfaketime")
        pytest.skip("no libfaketime: apt-get install libfaketime")
    return found


@dataclass(frozen=True, slots=True)
class WrongClock:
    """The clock of processes that were started with `environment`."""

    library: Path
    file: Path

    @classmethod
    def of(cls, rig: Rig, at: str) -> "WrongClock":
        """A clock that shows `at`: "+1d", "-1h" from the right time, or "@2026-03-08 01:59:50"."""
        clock = cls(needed(), rig.folder / "clock")
        clock.jump(at)
        return clock

    def jump(self, at: str) -> None:
        """Set it, with all processes that have it in the middle of their work."""
        unread = self.file.with_suffix(".new")
        unread.write_text(f"{at}\n")
        unread.replace(self.file)

    def environment(self, **more: str) -> dict[str, str]:
        """What a process is started with, for `Rig.worker` and `Rig.web`."""
        return {
            "before": ANEW,
            "PYTHONPATH": str(ROOT),
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # s between two looks at the file
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            **more,
        }

    def is_in(self, pid: int) -> bool:
        """Whether a process has it."""
        return self.library.name.partition(".")[0] in Path(f"/proc/{pid}/maps").read_text()
