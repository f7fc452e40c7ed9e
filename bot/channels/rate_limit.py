"""The platforms' limits on calls, shared by all processes.

GCRA (the generic cell rate algorithm): one number a bucket, the instant at which it would be empty
again. A call is allowed if that instant lies at most `burst` calls ahead of now. The script runs in
Redis/Valkey by its own clock. While that is out of reach each process keeps to the limit for
itself, which may exceed it in sum; the platform's 429 is then the last wall.
"""

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

MICROSECONDS = 1_000_000
REDIS_TIMEOUT = 0.5  # seconds until a silent Redis counts as gone
REDIS_PAUSE = 1.0  # seconds until it is asked again
# From a bucket of so many calls a second a process takes several at once: asking for each would
# cost a tenth of what a message costs. They lapse soon, since a block that another process set is
# heard of with the next question.
AHEAD_FROM = 500.0
AHEAD_MOST = 32
AHEAD_LIFE = 0.1  # seconds
LOCAL_BUCKETS = 10_000  # full buckets are forgotten beyond this many

# KEYS: the block, then the buckets. ARGV: now in microseconds (-1: Redis's own), then period, burst
# and reserve of each bucket. All buckets are taken, or none. Returns microseconds to wait. An
# instant further ahead than the burst allows comes from a clock that was set back, and is cut.
TAKE = """
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local wait = redis.call('PTTL', KEYS[1]) * 1000
if wait > 0 then return wait end
wait = 0
local emptied = {}
for i = 2, #KEYS do
  local period = tonumber(ARGV[3 * i - 4])
  local room, kept = period * tonumber(ARGV[3 * i - 3]), period * tonumber(ARGV[3 * i - 2])
  local at = tonumber(redis.call('GET', KEYS[i]) or now)
  emptied[i] = math.min(math.max(at, now), now + room) + period
  wait = math.max(wait, emptied[i] - room + kept - now)
end
if wait > 0 then return math.ceil(wait) end
for i = 2, #KEYS do
  local life = math.ceil((emptied[i] - now) / 1000) + 1000
  redis.call('SET', KEYS[i], string.format('%.0f', emptied[i]), 'PX', life)
end
return 0
"""
BLOCK = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit: `rate` calls a second, of which `burst` may come at once.

    `reserve` of them this caller leaves to others, so that who is in a hurry need not wait.
    """

    key: str
    rate: float
    burst: float = 1.0
    reserve: float = 0.0

    @property
    def period(self) -> float:
        """Microseconds between two calls at the full rate."""
        return MICROSECONDS / self.rate

    def of(self, size: int) -> "Bucket":
        """The same limit where a call takes as much as `size` calls."""
        return Bucket(self.key, self.rate / size, self.burst / size, self.reserve / size)


class LocalLimiter:
    """The same arithmetic in this process alone. Times in microseconds of any steady clock."""

    def __init__(self) -> None:
        self._emptied: dict[str, float] = {}
        self._blocked: dict[str, float] = {}

    def take(self, channel: str, buckets: Iterable[Bucket], now: float) -> float:
        """Microseconds to wait; 0 means that a call was taken from every bucket."""
        wait = self.blocked(channel, now)
        if wait > 0:
            return wait
        emptied = {}
        for bucket in buckets:
            room = bucket.period * bucket.burst
            at = min(max(self._emptied.get(bucket.key, now), now), now + room) + bucket.period
            emptied[bucket.key] = at
            wait = max(wait, at - room + bucket.period * bucket.reserve - now)
        if wait > 0:
            return wait
        self._emptied.update(emptied)
        if len(self._emptied) > LOCAL_BUCKETS:
            self._emptied = {key: at for key, at in self._emptied.items() if at > now}
        return 0.0

    def block(self, channel: str, duration: float, now: float) -> None:
        """Let nothing pass for `duration`; a longer block stays."""
        self._blocked[channel] = max(self._blocked.get(channel, now), now + duration)

    def blocked(self, channel: str, now: float) -> float:
        """Microseconds until the block ends, or 0."""
        return max(self._blocked.get(channel, now) - now, 0.0)


@dataclass(slots=True)
class _Ahead:
    """Calls of a bucket that are taken and not made yet; they lapse at `until`."""

    size: int = 1  # how many were taken at once
    left: int = 0
    used: int = 0  # since they were taken
    until: float = -math.inf


@dataclass(slots=True)
class _Free:
    """When a channel was last seen without a block; who asks, asks for all that wait."""

    since: float = -math.inf
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimiter:
    """Limits over all processes that share `redis`; over this one without it.

    `clock`: steady seconds, for the limits of this process.
    """

    def __init__(self, redis: Redis | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._clock = clock
        self._local = LocalLimiter()
        self._ahead: dict[str, _Ahead] = {}
        self._free: dict[str, _Free] = {}
        self._absent_until = -math.inf
        self._absent = False

    async def take(self, channel: str, *buckets: Bucket, now: float | None = None) -> float:
        """Seconds until a call may be made; 0 means it is taken from every bucket, and allowed.

        Nothing is taken while `channel` is blocked or one bucket is empty. `now`: seconds, in
        tests.
        """
        local_block = self._local.blocked(channel, self._clock() * MICROSECONDS)
        if local_block:
            return local_block / MICROSECONDS
        match buckets:
            case (only,) if now is None and only.rate >= AHEAD_FROM:
                return await self._take_ahead(channel, only)
        return await self._take(channel, buckets, now)

    async def _take(self, channel: str, buckets: Sequence[Bucket], now: float | None) -> float:
        keys = [_key("block", channel), *(_key("rate", bucket.key) for bucket in buckets)]
        arguments: list[float] = [-1 if now is None else round(now * MICROSECONDS)]
        for bucket in buckets:
            arguments += [bucket.period, bucket.burst, bucket.reserve]
        wait: float | None = await self._ask(TAKE, keys, arguments)
        if wait is None:
            instant = self._clock() if now is None else now
            wait = self._local.take(channel, buckets, instant * MICROSECONDS)
        return wait / MICROSECONDS

    async def _take_ahead(self, channel: str, bucket: Bucket) -> float:
        """Take from a fast bucket as many calls at once as the last AHEAD_LIFE needed."""
        ahead = self._ahead.setdefault(bucket.key, _Ahead())
        if self._clock() < ahead.until:
            ahead.used += 1
            if ahead.left:
                ahead.left -= 1
                return 0.0
        else:
            ahead.size, ahead.used = min(max(ahead.used, 1), AHEAD_MOST), 1
        size = ahead.size
        wait = await self._take(channel, (bucket.of(size),), None)
        if wait:
            return await self._take(channel, (bucket,), None) if size > 1 else wait
        ahead.left, ahead.until = ahead.left + size - 1, self._clock() + AHEAD_LIFE
        return 0.0

    async def wait_time(
        self, key: str, rate: float, burst: float = 1.0, now: float | None = None
    ) -> float:
        """Seconds until a call may be made under one limit; 0 means it is taken."""
        return await self.take("", Bucket(key, rate, burst), now=now)

    async def block(self, channel: str, seconds: float) -> None:
        """After a 429: no process takes anything of `channel` for `seconds`."""
        self._local.block(channel, seconds * MICROSECONDS, self._clock() * MICROSECONDS)
        self._ahead.clear()
        self._free.pop(channel, None)
        await self._ask(BLOCK, [_key("block", channel)], [math.ceil(seconds * 1000)])

    async def blocked(self, channel: str) -> float:
        """Seconds until the block of `channel` ends, whichever process set it; 0 without one.

        Another process's block is heard of within AHEAD_LIFE.
        """
        free, wait = self._free.setdefault(channel, _Free()), 0.0
        async with free.asking:
            if self._clock() >= free.since + AHEAD_LIFE:
                asked_at = self._clock()
                wait = await self._ask(TAKE, [_key("block", channel)], [-1]) or 0.0
                if not wait:
                    free.since = asked_at
        here = self._local.blocked(channel, self._clock() * MICROSECONDS)
        return max(wait, here) / MICROSECONDS

    async def _ask(
        self, script: str, keys: Sequence[str], arguments: Sequence[float]
    ) -> int | None:
        """What the script answers, or None while Redis is out of reach."""
        if self._redis is None or self._clock() < self._absent_until:
            return None
        try:
            async with asyncio.timeout(REDIS_TIMEOUT):
                answer = int(await self._redis.register_script(script)(keys, arguments))
        except (RedisError, OSError) as error:
            self._absent_until = self._clock() + REDIS_PAUSE
            if not self._absent:
                log.warning("rate limits are this process's own: %s", type(error).__name__)
            self._absent = True
            return None
        if self._absent:
            log.info("rate limits are shared again")
        self._absent = False
        return answer


def _key(kind: str, name: str) -> str:
    """A Redis key without the chat address in it."""
    digest = hashlib.blake2b(name.encode(), digest_size=12).hexdigest()
    return f"kayoi:{kind}:{digest}"
