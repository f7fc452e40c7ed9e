"""The sender, where sending is interrupted, refused for now, or one row is not like the others."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from redis.asyncio import Redis

from bot import outbox
from bot.channels.channel import Inbound, NotSent, Outcome, Reply, Sent, Unknown
from bot.channels.rate_limit import RateLimiter
from bot.environment import Environment
from bot.outbox import AT_ONCE, Ready, Sender
from clinic.config import Settings
from clinic.conversation.service import account_of
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from nlu.embedded import Embedded

pytestmark = pytest.mark.server
KEYS = KeyRing({1: b"k" * 32})


class Platform:
    """A channel that writes down what it is given, and ends as told."""

    name = "line"
    rate: float | None = None
    rate_per_chat: float | None = None
    burst = 1.0
    resends_safely = True
    acknowledge_after = 0.5

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.outcomes: list[Outcome] = []
        self.open = asyncio.Event()  # calls wait for it
        self.open.set()
        self.called = asyncio.Event()
        self.silent_about: set[str] = set()  # texts that wait for it; none named: all do

    async def send(
        self, address: str, message: Message, *, key: UUID, reply: Reply | None = None
    ) -> Outcome:
        self.called.set()
        if message.text in self.silent_about or not self.silent_about:
            await self.open.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else Sent()
        if isinstance(outcome, Sent):
            self.taken.append(message.text)
        return outcome

    def split(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    def parse(self, payload: bytes) -> Inbound:
        raise NotImplementedError

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        raise NotImplementedError

    async def profile(self, address: str) -> Mapping[str, Any]:
        return {}

    async def own_name(self) -> str | None:
        return None

    async def set_webhook(self, url: str) -> str | None:
        return None

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def env(database_url: str, platform: Platform, tmp_path: Path) -> AsyncIterator[Environment]:
    database = await Database.open(database_url, connections=4)
    yield Environment(
        database=database,
        keys=KEYS,
        settings=Settings(data_dir=tmp_path),
        channels={platform.name: platform},
        redis=Redis(),
        limiter=RateLimiter(None),
        interpreter=Embedded(),
    )
    await database.close()


async def _write(env: Environment, *texts: str, chat: str = "") -> list[int]:
    """Messages in the outbox, each to a chat of its own or all to `chat`; their ids."""
    found = []
    async with env.database.transaction() as tx:
        for text in texts:
            account = await account_of(tx, KEYS, "line", chat or f"U {text}")
            said = Outgoing(account.account_id, Message(text, "en"), f"test:{text}", "dialogue")
            found.append(await enqueue(tx, KEYS, said))
    return [id for id in found if id is not None]


async def _states(env: Environment) -> list[str]:
    async with env.database.transaction() as tx:
        return [row["state"] for row in await tx.fetch("select state from outbox order by id")]


async def test_a_row_that_does_not_open_is_refused_and_takes_no_other_with_it(
    env: Environment, platform: Platform
) -> None:
    ids = await _write(env, "a", "b", "c")
    async with env.database.transaction() as tx:
        await tx.execute("update outbox set content = 'rubbish' where id = $1", ids[1])
    await Sender(env).sweep()
    assert sorted(platform.taken) == ["a", "c"]
    assert await _states(env) == ["sent", "refused", "sent"]
    async with env.database.transaction() as tx:
        assert await tx.fetchval("select kind from task where key like 'undelivered:%'")


async def test_a_sweep_that_is_cut_off_finishes_its_calls(
    env: Environment, platform: Platform
) -> None:
    await _write(env, *(f"message {n}" for n in range(30)))
    platform.open.clear()
    sweep = asyncio.create_task(Sender(env).sweep())
    await platform.called.wait()
    sweep.cancel()
    await asyncio.sleep(0)
    platform.open.set()
    with pytest.raises(asyncio.CancelledError):
        await sweep
    states = await _states(env)
    assert set(states) == {"sent", "pending"}
    assert states.count("sent") == len(platform.taken) == AT_ONCE


async def test_a_platform_that_is_silent_about_one_message_holds_up_no_other(
    env: Environment, platform: Platform
) -> None:
    sender = Sender(env)
    platform.silent_about.add("silent")
    platform.open.clear()
    await _write(env, "silent", "other")
    assert await sender.sweep(patience=0.01) == 2
    while "other" not in platform.taken:
        assert not await sender.sweep(patience=0.01)
    await _write(env, "later")
    assert await sender.sweep(patience=0.01) == 1
    while "later" not in platform.taken:
        assert not await sender.sweep(patience=0.01)
    assert platform.taken == ["other", "later"]
    platform.open.set()
    await sender.finish()
    assert await _states(env) == ["sent", "sent", "sent"]


async def test_the_rest_of_a_turn_waits_for_its_first_message(
    env: Environment, platform: Platform
) -> None:
    await _write(env, "first", "second", chat="U0")
    lease = new_key()
    ready: list[Ready] = []
    async with env.database.transaction() as tx:
        await tx.execute(
            """update outbox set state = 'inflight', attempts = 1, lease_token = $1,
                 lease_until = now() + interval '10 s'""",
            lease,
        )
        for row in await tx.fetch("select id, key, account_id from outbox order by id"):
            text = "first" if not ready else "second"
            ready.append(
                Ready(
                    *(row["id"], row["key"], row["account_id"], "line", "U0"),
                    message=Message(text, "en"),
                    lease=lease,
                )
            )
    platform.outcomes = [NotSent("rate limit", retry_after=0.1)]
    sender = Sender(env)
    await sender.deliver(ready)
    assert platform.taken == []
    assert await _states(env) == ["pending", "pending"]
    async with env.database.transaction() as tx:
        await tx.execute("update outbox set send_at = now()")
    while await sender.sweep():
        pass
    assert platform.taken == ["first", "second"]


async def test_a_message_that_waited_for_its_place_in_the_rate_is_not_put_off_for_longer(
    env: Environment, platform: Platform
) -> None:
    await _write(env, "patient")
    full = RateLimiter(None)
    await full.block("line", 60)
    blocked = Sender(replace(env, limiter=full))
    for _ in range(6):
        await blocked.sweep()
        async with env.database.transaction() as tx:
            await tx.execute("update outbox set send_at = now()")
    platform.outcomes = [NotSent("rate limit", retry_after=1.0)]
    await Sender(env).sweep()
    async with env.database.transaction() as tx:
        row = await tx.fetchrow("select attempts, send_at - now() as delay from outbox")
    assert row["attempts"] == 1
    assert row["delay"].total_seconds() < 2


async def test_a_crowd_put_off_behind_its_predecessors_does_not_stop_the_outbox_for_good(
    env: Environment, platform: Platform
) -> None:
    crowd = 4 * AT_ONCE + 1
    for n in range(crowd):
        await _write(env, f"first {n}", f"second {n}", chat=f"U{n}")
    async with env.database.transaction() as tx:  # as a 429 does with what was claimed
        await tx.execute(
            """update outbox set send_at = now() - interval '1 s'
               where id in (select min(id) from outbox group by account_id)"""
        )
    async with env.database.transaction() as tx:
        await tx.execute(
            """update outbox set send_at = now() - interval '2 s'
               where id in (select max(id) from outbox group by account_id)"""
        )
    assert await Sender(env).sweep() == AT_ONCE
    assert all(text.startswith("first") for text in platform.taken)


@pytest.mark.parametrize("step", ["start", "settle"])
async def test_one_locked_row_left_the_outcomes_of_all_that_were_sent_with_it_unknown(
    env: Environment, platform: Platform, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real, tries = getattr(outbox, step), []

    async def collides(*given: Any) -> Any:
        tries.append(given)
        if len(tries) == 1:
            raise asyncpg.LockNotAvailableError("canceling statement due to lock timeout")
        return await real(*given)

    monkeypatch.setattr(outbox, step, collides)
    await _write(env, "a", "b", "c")
    sender = Sender(env)
    await sender.sweep()
    await sender.finish()
    assert sorted(platform.taken) == ["a", "b", "c"]
    assert await _states(env) == ["sent"] * 3
    assert len(tries) > 1


# A reply that was tried in vain, to words of so many seconds ago.
_TRIED = """
  update outbox set state = 'unknown', unknowns = 4, attempts = 4, send_at = now(),
    reply_token = $2, reply_since = now() - $3::int * interval '1 s' where id = $1
"""


async def _wait(
    env: Environment, platform: Platform, outcome: Outcome, seconds: int = 20
) -> tuple[str, float]:
    """The state, and the seconds until the next try, of a reply to words of so long ago."""
    [row] = await _write(env, "a")
    async with env.database.transaction() as tx:
        key = await tx.fetchval("select key from outbox where id = $1", row)
        token = KEYS.seal(b"token", "outbox.reply_token", key)
        await tx.execute(_TRIED, row, token, seconds)
    platform.outcomes = [outcome]
    await Sender(env).sweep()
    async with env.database.transaction() as tx:
        found = await tx.fetchrow(
            """select state, extract(epoch from send_at - now())::float8 as wait,
                      unknowns + attempts as tries from outbox"""
        )
    assert found["tries"] >= 9
    return found["state"], found["wait"]


async def test_an_unknown_reply_is_tried_again_within_seconds(
    env: Environment, platform: Platform
) -> None:
    state, wait = await _wait(env, platform, Unknown("timeout"))
    assert (state, wait <= 3) == ("unknown", True)


async def test_a_refusal_for_now_does_not_carry_a_doubtful_reply_beyond_its_minute(
    env: Environment, platform: Platform
) -> None:
    state, wait = await _wait(env, platform, NotSent("rate limit", retry_after=1.0))
    assert (state, wait <= 3) == ("pending", True)


async def test_an_old_reply_waits_as_long_as_everything_else(
    env: Environment, platform: Platform
) -> None:
    state, wait = await _wait(env, platform, Unknown("timeout"), seconds=61)
    assert (state, wait > 20) == ("unknown", True)


async def test_replies_of_unknown_end_come_before_greetings_of_unknown_end(
    env: Environment, platform: Platform
) -> None:
    ids = await _write(env, *(f"greeting {n}" for n in range(5)), "reply")
    async with env.database.transaction() as tx:
        await tx.execute(
            """update outbox set state = 'unknown', unknowns = 1,
                 priority = case when id = $1 then priority else 4 end,
                 send_at = now() - case when id = $1 then interval '1 s' else interval '9 s' end""",
            ids[-1],
        )
    await Sender(env).sweep(1)
    assert platform.taken == ["reply"]
