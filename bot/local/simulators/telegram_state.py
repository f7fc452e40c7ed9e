"""What the simulators of LINE and Telegram stand on: time, faults, limits and a ledger."""

import asyncio
import hashlib
import json
import os
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FAULTS = (
    "accept_then_500",
    "accept_then_silence",
    "accept_then_reset",
    "500",
    "429",
    "reset",
    "delay",
)
SENDING = "sendMessage"  # and whatever else a platform calls that which sends


class SimulatedTime:
    """Unix time that a test may move. `manual`: it stands still but for `advance`."""

    def __init__(self, manual: bool = False) -> None:
        self._manual = manual
        self._moved = 0.0
        self._start, self._began = time.time(), time.monotonic()
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Seconds since 1970."""
        passed = 0.0 if self._manual else time.monotonic() - self._began
        return self._start + self._moved + passed

    def advance(self, seconds: float) -> None:
        """Move the time on and wake who slept until then."""
        self._moved += seconds
        for until, sleeper in self._sleeping:
            if until <= self.now() and not sleeper.done():
                sleeper.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Sleep by this time."""
        sleeper = asyncio.get_running_loop().create_future()
        entry = (self.now() + seconds, sleeper)
        self._sleeping.append(entry)
        try:
            if self._manual:
                await sleeper
            else:
                await asyncio.wait((sleeper,), timeout=seconds)
        finally:
            self._sleeping.remove(entry)


def chance(seed: int, *names: object) -> float:
    """A number in [0, 1) that depends on nothing but its arguments."""
    text = ":".join(map(str, (seed, *names)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64


class Faults:
    """Which calls go wrong: those scripted by `once`, else by seeded rates (sendings only).

    Simulators of one seed go wrong independently if their `stream` differs.
    """

    def __init__(
        self, seed: int = 0, rates: Mapping[str, float] | None = None, stream: str = "call"
    ) -> None:
        self.seed = seed
        self.rates = dict(rates or {})
        self.delay = 0.5  # seconds of a "delay"
        self.silence = 30.0  # seconds until a silent connection is dropped
        self.injected: Counter[str] = Counter()
        self._stream = stream
        self._scripted: dict[str, deque[str]] = {}
        self._calls = 0

    def once(self, *kinds: str, method: str = SENDING) -> None:
        """The next calls of `method` go wrong in these ways, in this order; "" does not."""
        if unknown := set(kinds) - {*FAULTS, ""}:
            raise ValueError(f"no such fault: {unknown}")
        self._scripted.setdefault(method, deque()).extend(kinds)

    def next(self, method: str = SENDING) -> str:
        """The fault of this call, "" for none."""
        if scripted := self._scripted.get(method):
            kind = scripted.popleft()
        else:
            kind = self._drawn() if method == SENDING else ""
        if kind:
            self.injected[kind] += 1
        return kind

    def _drawn(self) -> str:
        if not self.rates:
            return ""
        self._calls += 1
        left = chance(self.seed, self._stream, self._calls)
        for kind, rate in self.rates.items():
            left -= rate
            if left < 0:
                return kind
        return ""


class Allowance:
    """A token bucket: `burst` calls at once, refilled at `rate` a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._level, self._at = burst, 0.0
        self.closed_until = 0.0

    def take(self, now: float) -> float:
        """0 if the call is allowed, else the seconds until one is."""
        self._level = min(self.burst, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self.rate


class Ledger:
    """What patients received, in order: the only judge of delivery. Nothing is ever removed."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self._file = path.open("a", encoding="utf-8") if path else None

    def append(self, entry: dict[str, Any]) -> None:
        """Add an entry; it is on the disk when this returns, where there is a file."""
        self.extend([entry])

    def extend(self, entries: Iterable[dict[str, Any]]) -> None:
        """Add entries of one call."""
        numbered = [{"n": n, **one} for n, one in enumerate(entries, len(self.entries) + 1)]
        self.entries += numbered
        if self._file:
            self._file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in numbered)
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None
