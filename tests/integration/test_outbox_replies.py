"""A reply whose end nobody knows is tried again while its token can still tell."""

import pytest

from bot.channels.channel import NotSent, Outcome, Unknown
from bot.environment import Environment
from bot.outbox import Sender
from tests.integration.test_outbox import KEYS, Platform, _write, env, platform

__all__ = ["env", "platform"]
pytestmark = pytest.mark.server
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
