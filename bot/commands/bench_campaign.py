"""`kayoi bench campaign`: a campaign from its start to its last message, against a raw loop."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from pydantic import SecretStr

from bot import start
from bot.commands.bench_house import environment, process
from bot.commands.bench_load import BenchFailed
from bot.commands.bench_scratch import scratch
from bot.commands.bench_watch import Watch
from bot.environment import Environment
from bot.local.ports import free_port
from bot.outbox import Sender
from bot.outbox_lanes import CALLS, Lanes
from clinic.campaign import service
from clinic.campaign.types import Campaign, Draft
from clinic.config import Channels, Settings
from clinic.config import Line as LineSettings
from clinic.ids import new_key, new_secret
from scheduler.campaigns import Campaigns

RECIPIENTS = 100_000
PERSONAL = 20  # one of so many recipients gets texts of their own too
MOST_PERSONAL = 10_000
ALIKE = {"texts": {"ja": "月曜日は休診です。"}}
OWN = {"texts": {"ja": "{name}様、お元気ですか。"}}
ONCE = {"kind": "once", "at": "2026-01-05T09:00", "late": "send"}
WITHIN = 900.0  # s
GLANCE = 0.05  # s
SLICE = 5_000
# Nothing is held back: the same patients get one message after the other.
POLICY = {
    "KAYOI_POLICY__QUIET_HOURS": '["03:00", "03:00"]',
    "KAYOI_POLICY__PER_DAY": "99",
    "KAYOI_POLICY__PER_WEEK__CARE": "99",
}
_ACCOUNTS = """
  insert into chat_account (id, channel, address_index, address, language, consent_version)
  select id, 'line', index, address, 'ja', '2.1'
  from unnest($1::bigint[], $2::text[], $3::bytea[]) n (id, index, address)
"""
_PEOPLE = (
    """insert into patient (id, key, name)
       select n, gen_random_uuid(), 'Patient ' || n from generate_series(1, $1::bigint) n""",
    """insert into link (account_id, patient_id, relation, proof)
       select n, n, 'self', 'code' from generate_series(1, $1::bigint) n""",
)


@dataclass(frozen=True, slots=True)
class OtherLine:
    """The simulator's process."""

    url: str
    secret: str
    token: str
    session: aiohttp.ClientSession

    async def received(self) -> int:
        """How many messages patients got so far."""
        async with self.session.post(f"{self.url}/_control/stats", data=b"{}") as answer:
            return int((await answer.json())["received"])


@dataclass(slots=True)
class _Took:
    """Seconds that each part of a campaign took."""

    materialise: float = 0.0
    release: float = 0.0
    send: float = 0.0


async def campaign(size: int | None) -> dict[str, Any]:
    """Send one text to `size` patients (default RECIPIENTS), and to some texts of their own.

    LINE is a simulator in a process of its own, which does not look into messages here. Raises
    KayoiError if a store does not come up, BenchFailed if somebody got nothing or something twice.
    """
    count = max(RECIPIENTS if size is None else size, PERSONAL)
    own = list(range(1, min(count // PERSONAL, MOST_PERSONAL) + 1))
    some = {"patients": own}
    async with scratch() as (fresh, folder), other_line(folder) as line:
        settings = _settings(fresh, line)
        env = await start.environment(settings)
        try:
            await _seed(env, count)
            alike = await _send(env, line, {"filter": {"and": []}}, ALIKE, count)
            personal = await _send(env, line, some, OWN, len(own))
            raw = await raw_pushes(line, len(own))
            again = await _send(env, line, some, OWN, len(own))
            one, two = [await _by_workers(env, line, folder, some, len(own), n) for n in (1, 2)]
        finally:
            await start.close(env)
    best = min(personal.send, again.send)
    return {
        "bench": "campaign",
        "recipients": count,
        "materialise_s": round(alike.materialise, 2),
        "release_per_second": round(count / alike.release),
        "multicast_per_second": round(count / alike.send),
        "personal": len(own),
        "personal_release_per_second": round(len(own) / personal.release),
        "push_per_second": round(len(own) / best),
        "raw_push_per_second": round(len(own) / raw),
        "ratio": round(raw / best, 3),
        "one_worker": one,
        "two_workers": two,
    }


@asynccontextmanager
async def other_line(folder: Path) -> AsyncIterator[OtherLine]:
    """A simulated LINE in a process of its own, which does not look into messages."""
    port, secret, token = free_port(), new_secret(), new_secret()
    url = f"http://127.0.0.1:{port}"
    argv = ["-m", "bot.local.simulators.line", "--port", str(port), "--loose", "--anyone"]
    argv += [f"--secret={secret}", f"--token={token}"]
    told = {"PYTHONPATH": str(Path(__file__).parents[2])}
    async with (
        process("line", argv, f"{url}/_control/stats", folder, told),
        aiohttp.ClientSession() as session,
    ):
        yield OtherLine(url, secret, token, session)


def _settings(fresh: Settings, line: OtherLine) -> Settings:
    channel = LineSettings(
        channel_secret=SecretStr(line.secret),
        channel_access_token=SecretStr(line.token),
        api_base=line.url,
    )
    policy = fresh.policy.model_copy(
        update={
            "quiet_hours": ("03:00", "03:00"),
            "per_day": 99,
            "per_week": fresh.policy.per_week.model_copy(update={"care": 99}),
            "approval_above": sys.maxsize,
            "undo_seconds": 0,
        }
    )
    return fresh.model_copy(update={"channels": Channels(line=channel), "policy": policy})


async def _seed(env: Environment, count: int) -> None:
    """Patients with a chat each, who agreed to the notice."""
    for numbers in _sliced(count):
        indexes = [env.keys.index("address", f"line:{_user(n)}") for n in numbers]
        sealed = [
            env.keys.seal(_user(n).encode(), "chat_account.address", index)
            for n, index in zip(numbers, indexes, strict=True)
        ]
        async with env.database.transaction() as tx:
            await tx.execute(_ACCOUNTS, list(numbers), indexes, sealed)
    async with env.database.transaction() as tx:
        for statement in _PEOPLE:
            await tx.execute(statement, count)
    async with env.database.transaction() as tx:
        await tx.execute("analyze")


async def start_campaign(
    env: Environment, audience: dict[str, Any], content: dict[str, Any]
) -> Campaign:
    """A campaign that runs."""
    async with env.database.transaction() as tx:
        made = await service.create(tx, Draft("Bench", "notice", audience, ONCE, content), None)
        if isinstance(made, Campaign):
            made = await service.start(tx, env.keys, env.settings, made.id, made.version, None)
    if not isinstance(made, Campaign):
        raise BenchFailed(f"the campaign does not start: {made}")
    return made


async def _send(
    env: Environment, line: OtherLine, audience: dict[str, Any], content: dict[str, Any], count: int
) -> _Took:
    """A whole campaign in this process, one part after the other."""
    before = await line.received()
    begun = await start_campaign(env, audience, content)
    sender = Sender(env)
    engine, lanes, took = Campaigns(env), Lanes(env, sender), _Took()
    began = time.perf_counter()
    await engine.make()
    took.materialise = time.perf_counter() - began
    while True:
        began, released = time.perf_counter(), 0
        while more := await engine.release():  # until the outbox holds as much as it may
            released += more
        took.release += time.perf_counter() - began
        if not released:
            break
        began = time.perf_counter()
        lanes.wake()
        while await _queued(env, begun.id):
            if not await lanes.sweep():
                await asyncio.sleep(GLANCE / 10)
        await lanes.finish()
        took.send += time.perf_counter() - began
    await check(env, line, begun.id, count, before)
    return took


async def _queued(env: Environment, campaign_id: int) -> bool:
    async with env.database.transaction() as tx:
        found: bool = await tx.fetchval(
            "select exists (select from recipient where campaign_id = $1 and state = 'queued')",
            campaign_id,
        )
        return found


async def check(
    env: Environment, line: OtherLine, campaign_id: int, count: int, before: int
) -> None:
    """See that everybody got it once, by both ledgers; else raise BenchFailed."""
    async with env.database.transaction() as tx:
        states = await tx.fetch(
            "select state, count(*) from recipient where campaign_id = $1 group by state",
            campaign_id,
        )
    ended, received = {row[0]: row[1] for row in states}, await line.received() - before
    if ended != {"sent": count} or received != count:
        raise BenchFailed(f"{count} recipients ended as {ended}, and {received} got it")


async def raw_pushes(line: OtherLine, count: int) -> float:
    """Seconds for as many pushes by aiohttp alone, as many at once as the product has."""
    left, url = iter(range(1, count + 1)), f"{line.url}/v2/bot/message/push"
    kept = {"Authorization": f"Bearer {line.token}", "Content-Type": "application/json"}

    async def push(session: aiohttp.ClientSession) -> None:
        for n in left:
            said = [{"type": "text", "text": f"Patient {n}様、お元気ですか。"}]
            headers = {**kept, "X-Line-Retry-Key": str(new_key())}
            while True:
                body = orjson.dumps({"to": _user(n), "messages": said})
                async with session.post(url, data=body, headers=headers) as answer:
                    await answer.read()
                if answer.status == 200:
                    break
                await asyncio.sleep(GLANCE)  # beyond LINE's rate

    async with aiohttp.ClientSession() as session:
        began = time.perf_counter()
        await asyncio.gather(*(push(session) for _ in range(CALLS)))
        return time.perf_counter() - began


async def _by_workers(
    env: Environment,
    line: OtherLine,
    folder: Path,
    audience: dict[str, Any],
    count: int,
    workers: int,
) -> dict[str, Any]:
    """From the first message to the last where so many workers do everything."""
    before = await line.received()
    told = environment(env.settings) | POLICY
    url = f"{line.url}/_control/stats"
    async with AsyncExitStack() as running:
        children = [
            await running.enter_async_context(
                process(f"worker{workers}{n}", ["-m", "bot", "worker"], url, folder, told)
            )
            for n in range(workers)
        ]
        begun = await start_campaign(env, audience, OWN)
        watch: Watch | None = None
        deadline = time.perf_counter() + WITHIN
        while (received := await line.received() - before) < count:
            if watch is None and received:
                watch = Watch(env.database, children)
            if watch is not None:
                await watch.look()
            if time.perf_counter() > deadline:
                raise BenchFailed(f"only {received} of {count} were sent by workers")
            await asyncio.sleep(GLANCE)
        figures = (watch or Watch(env.database, children)).end(count)
        while await _queued(env, begun.id):  # noqa: ASYNC110  # it waits for others
            await asyncio.sleep(GLANCE)
    await check(env, line, begun.id, count, before)
    return figures


def _user(number: int) -> str:
    return f"U{number:032x}"


def _sliced(count: int) -> Iterator[range]:
    return (range(n, min(n + SLICE, count + 1)) for n in range(1, count + 1, SLICE))
