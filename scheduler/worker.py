"""The worker process: sweeps by PostgreSQL's clock, hurried along by arq's bell."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from arq.worker import Worker, func
from redis.exceptions import RedisError

from bot.bell import QUEUE, dumps, redis_settings
from bot.environment import Environment
from bot.outbox import Sender
from bot.outbox_lanes import Lanes
from bot.runner import Runner
from clinic.errors import DatabaseDown
from scheduler.campaigns import Campaigns
from scheduler.sweeps import Sweeps
from scheduler.webhooks import Webhooks

log = logging.getLogger(__name__)
EVERY = {  # s
    "inbox": 1.0,
    "outbox": 1.0,
    "bulk": 1.0,
    "timers": 1.0,
    "escalations": 1.0,
    "reminders": 5.0,
    "forms": 5.0,
    "check_ins": 5.0,
    "plans": 5.0,
    "campaigns": 1.0,
    "recipients": 1.0,
    "waitlist": 5.0,
    "suspicions": 60.0,
    "cohorts": 60.0,
    "imports": 2.0,
    "lists": 3600.0,
    "figures": 60.0,
    "phone_ends": 30.0,
    "housekeeping": 5.0,
    "webhooks": 1.0,
    "webhook_memory": 3600.0,
    "retention": 86400.0,
}
WRITING = frozenset(  # into the outbox
    {
        "timers",
        "escalations",
        "reminders",
        "forms",
        "check_ins",
        "plans",
        "inbox",
        "recipients",
        "waitlist",
    }
)
DOWN_PAUSE = 1.0  # s between looks while a store is down
STOP_TIME = 8.0  # s for what is under way at a stop


@dataclass(frozen=True, slots=True)
class Also:
    """Another sweep: what it does, and the seconds between two of its looks."""

    job: Callable[[], Awaitable[int]]
    every: float


class SchedulerWorker:
    """Runs the sweeps until told to stop. Any number of processes may do so."""

    def __init__(self, env: Environment, also: Mapping[str, Also] | None = None) -> None:
        """Sweep in this environment. `also`: what else is to be looked at, by name."""
        self._env = env
        self._sender = Sender(env)
        self._lanes = Lanes(env, self._sender)
        self._webhooks = Webhooks(env)
        sweeps, campaigns = Sweeps(env, Runner(env, self._sender), self._sender), Campaigns(env)
        self._jobs: dict[str, Callable[[], Awaitable[int]]] = {
            "inbox": sweeps.inbox,
            "outbox": sweeps.outbox,
            "bulk": self._lanes.sweep,
            "timers": sweeps.timers,
            "escalations": sweeps.escalations,
            "reminders": sweeps.reminders,
            "forms": sweeps.forms,
            "check_ins": sweeps.check_ins,
            "plans": sweeps.plans,
            "campaigns": campaigns.make,
            "recipients": campaigns.release,
            "waitlist": sweeps.waitlist,
            "suspicions": sweeps.suspicions,
            "cohorts": sweeps.cohorts,
            "imports": sweeps.imports,
            "lists": sweeps.lists,
            "figures": sweeps.figures,
            "phone_ends": sweeps.phone_ends,
            "housekeeping": sweeps.housekeeping,
            "webhooks": self._webhooks.deliver,
            "webhook_memory": self._webhooks.tidy,
            "retention": sweeps.retention,
        }
        self._every = dict(EVERY)
        for name, one in (also or {}).items():
            self._every[name], self._jobs[name] = one.every, one.job
        self._bells = {name: asyncio.Event() for name in self._jobs}
        self._looked: dict[str, float] = {}  # when each sweep last came through, by the loop's time
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`; then finish what is under way and hand back the rest."""
        loops = [asyncio.create_task(self._loop(name, job)) for name, job in self._jobs.items()]
        arq = asyncio.create_task(self._hear())
        await self._stopping.wait()
        arq.cancel()
        for bell in self._bells.values():
            bell.set()
        finishing = (self._sender.finish, self._lanes.finish, self._webhooks.finish)
        sent = [asyncio.create_task(finish()) for finish in finishing]
        _, late = await asyncio.wait([*loops, *sent], timeout=STOP_TIME)
        for task in late:
            task.cancel()
        await asyncio.gather(arq, *loops, *sent, return_exceptions=True)

    def lateness(self) -> dict[str, object]:
        """Seconds by which each sweep is behind its time; None: it has not come through yet."""
        now = asyncio.get_running_loop().time()
        return {
            name: round(max(0.0, now - self._looked[name] - self._every[name]), 1)
            if name in self._looked
            else None
            for name in self._jobs
        }

    def stop(self) -> None:
        """Begin to stop."""
        self._stopping.set()

    async def _loop(self, name: str, job: Callable[[], Awaitable[int]]) -> None:
        bell = self._bells[name]
        while not self._stopping.is_set():
            bell.clear()
            pause = self._every[name]
            # A fresh task each time: one whose connection broke is never used again.
            (found,) = await asyncio.gather(asyncio.ensure_future(job()), return_exceptions=True)
            if isinstance(found, DatabaseDown):
                pause = DOWN_PAUSE
            elif isinstance(found, BaseException):
                log.error("sweep %s failed: %s", name, type(found).__name__)
            else:
                self._looked[name] = asyncio.get_running_loop().time()
            if isinstance(found, int) and found:
                if name in WRITING:
                    self._bells["outbox"].set()
                    self._bells["bulk"].set()
                    self._lanes.wake()
                continue
            try:
                async with asyncio.timeout(pause):
                    await bell.wait()
            except TimeoutError:
                pass

    async def _hear(self) -> None:
        """Listen to arq's bell; without Redis the sweeps go on by themselves."""

        async def ring(ctx: dict[Any, Any], *works: str) -> None:  # noqa: ARG001  # arq's form
            for work in works:
                if work in self._bells:
                    self._bells[work].set()

        while True:
            worker = Worker(
                functions=[func(ring, name="ring", keep_result=0, max_tries=100)],
                queue_name=QUEUE,
                redis_settings=redis_settings(self._env.settings),
                handle_signals=False,
                job_timeout=10,
                keep_result=0,
                max_tries=100,
                poll_delay=0.1,
                health_check_interval=15,
                job_completion_wait=5,
                log_results=False,
                job_serializer=dumps,
                job_deserializer=orjson.loads,
            )
            try:
                await worker.async_run()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bell out of reach: %s", type(error).__name__)
            finally:
                with contextlib.suppress(RedisError, OSError, TimeoutError):
                    await worker.close()
            await asyncio.sleep(DOWN_PAUSE)
