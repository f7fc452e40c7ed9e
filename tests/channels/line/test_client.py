"""How every sending to LINE can end, against the simulator."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import aiohttp
import pytest

from bot.channels.channel import (
    Followed,
    Inbound,
    NotSent,
    Quota,
    Refused,
    Reply,
    Sent,
    TextReceived,
    TokenDead,
    Unknown,
)
from bot.channels.line import client
from bot.channels.line.client import LineChannel
from bot.local.simulators.line import LineSimulator
from clinic.message.types import Button, Message
from tests.channels.line.conftest import PATIENT, Requests

KEY = UUID("6b1ee6a2-3f0d-5d44-9a51-1f1f4f6b0a01")
HELLO = Message("こんにちは", "ja")
NOW = datetime(2026, 9, 1, tzinfo=UTC)


def reply_token(line: LineSimulator) -> str:
    """The token of a message that the patient just wrote."""
    return str(line.platform.text(PATIENT, "予約したい")["replyToken"])


def calls(line: LineSimulator) -> list[str]:
    """How the accepted messages came, oldest first."""
    return [entry["call"] for entry in line.ledger.entries]


async def test_a_push_carries_its_key_and_tells_the_message_id(
    line: LineSimulator, channel: LineChannel, requests: Requests
) -> None:
    outcome = await channel.send(PATIENT, HELLO, key=KEY)
    assert isinstance(outcome, Sent)
    assert outcome.message_id
    [entry] = line.ledger.entries
    assert (entry["call"], entry["chat"], entry["retry_key"]) == ("push", PATIENT, str(KEY))
    assert requests.last == {"to": PATIENT, "messages": [{"type": "text", "text": "こんにちは"}]}


async def test_a_second_push_with_the_same_key_is_sent_and_arrives_once(
    line: LineSimulator, channel: LineChannel
) -> None:
    first = await channel.send(PATIENT, HELLO, key=KEY)
    assert await channel.send(PATIENT, HELLO, key=KEY) == first
    assert line.calls["push 409"] == 1
    assert calls(line) == ["push"]


@pytest.mark.parametrize("fault", ["accept_then_500", "accept_then_reset", "accept_then_silence"])
async def test_a_push_that_arrived_unheard_is_unknown_and_sent_when_resent(
    line: LineSimulator, channel: LineChannel, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.faults.once(fault)
    with monkeypatch.context() as patched:
        patched.setattr(client, "SENDING", aiohttp.ClientTimeout(total=0.3))
        assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Unknown)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Sent)
    assert calls(line) == ["push"]


@pytest.mark.parametrize("fault", ["500", "reset"])
async def test_a_push_that_fell_on_the_way_is_unknown_and_arrives_when_resent(
    line: LineSimulator, channel: LineChannel, fault: str
) -> None:
    line.faults.once(fault)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Unknown)
    assert calls(line) == []
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Sent)
    assert calls(line) == ["push"]


async def test_the_rate_limit_stops_the_whole_channel_for_a_while(
    line: LineSimulator, channel: LineChannel
) -> None:
    line.faults.once("429")
    outcome = await channel.send(PATIENT, HELLO, key=KEY)
    assert outcome == NotSent("rate limit", 1.0, whole_channel=True)
    assert calls(line) == []


async def test_a_spent_quota_is_told_from_the_rate_limit(
    line: LineSimulator, channel: LineChannel
) -> None:
    line.platform.quota = 1
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Sent)
    outcome = await channel.send(PATIENT, HELLO, key=UUID(int=2))
    assert outcome == NotSent("monthly quota", client.QUOTA_PAUSE, quota=True)
    assert await channel.quota() == Quota(limit=1, used=1)


@pytest.mark.parametrize(("used", "quota"), [(200, True), (199, False)])
async def test_the_quota_is_judged_by_its_figures_whatever_the_429_says(
    line: LineSimulator, channel: LineChannel, used: int, quota: bool
) -> None:
    line.platform.quota, line.platform.used = 200, used
    line.faults.once("429")
    outcome = await channel.send(PATIENT, HELLO, key=KEY)
    assert isinstance(outcome, NotSent)
    assert (outcome.quota, outcome.whole_channel) == (quota, not quota)


async def test_a_reply_is_free_of_a_spent_quota(line: LineSimulator, channel: LineChannel) -> None:
    line.platform.quota = 0
    reply = Reply(reply_token(line), age=1)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY, reply=reply), Sent)


async def test_without_a_connection_nothing_was_sent(line: LineSimulator) -> None:
    base = line.base
    await line.stop()
    channel = LineChannel("secret", "token", base)
    outcome = await channel.send(PATIENT, HELLO, key=KEY)
    assert isinstance(outcome, NotSent)
    assert not outcome.whole_channel
    assert await channel.profile(PATIENT) == {}
    await channel.close()


async def test_without_a_free_connection_nothing_was_sent(
    line: LineSimulator, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SENDING", aiohttp.ClientTimeout(total=5, connect=0.2))
    monkeypatch.setattr(client, "CONNECTIONS", 1)
    channel = LineChannel(line.channel_secret, line.channel_access_token, line.base)
    line.faults.once("delay")
    delayed = asyncio.create_task(channel.send(PATIENT, HELLO, key=KEY))
    await requests.arrived.wait()
    outcome = await channel.send(PATIENT, HELLO, key=UUID(int=2))
    assert outcome == NotSent("no connection: ConnectionTimeoutError")
    line.time.advance(1)
    assert isinstance(await delayed, Sent)
    await channel.close()


async def test_a_user_nobody_knows_is_gone(line: LineSimulator, channel: LineChannel) -> None:
    outcome = await channel.send("U" + "9" * 32, HELLO, key=KEY)
    assert isinstance(outcome, Refused)
    assert outcome.gone


async def test_a_message_line_does_not_take_is_refused_but_the_patient_is_not_gone(
    line: LineSimulator, channel: LineChannel, requests: Requests
) -> None:
    too_long = Message("?", "en", buttons=(Button("A", "t" * 301),))
    outcome = await channel.send(PATIENT, too_long, key=KEY)
    assert isinstance(outcome, Refused)
    assert not outcome.gone
    requests.problems.clear()  # the OpenAPI does not like it either


async def test_a_wrong_access_token_is_unauthorised(line: LineSimulator) -> None:
    channel = LineChannel(line.channel_secret, "wrong", line.base)
    assert await channel.send(PATIENT, HELLO, key=KEY) == Refused("unauthorised")
    assert await channel.own_name() is None
    await channel.close()


async def test_a_patient_who_blocked_us_counts_as_sent_and_receives_nothing(
    line: LineSimulator, channel: LineChannel
) -> None:
    line.platform.unfollow(PATIENT)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Sent)
    assert line.platform.received(PATIENT) == []
    assert await channel.profile(PATIENT) == {}


async def test_a_reply_goes_by_its_token_and_never_with_a_retry_key(
    line: LineSimulator, channel: LineChannel, requests: Requests
) -> None:
    token = reply_token(line)
    outcome = await channel.send(PATIENT, HELLO, key=KEY, reply=Reply(token, age=1))
    assert isinstance(outcome, Sent)
    assert outcome.message_id
    [entry] = line.ledger.entries
    assert (entry["call"], entry["chat"], entry["retry_key"]) == ("reply", PATIENT, None)
    assert requests.last["replyToken"] == token
    assert line.platform.used == 0


@pytest.mark.parametrize("age", [5, 90])
async def test_a_dead_reply_token_is_told_and_nothing_goes_out(
    line: LineSimulator, channel: LineChannel, age: float
) -> None:
    token = reply_token(line)
    line.time.advance(61)
    outcome = await channel.send(PATIENT, HELLO, key=KEY, reply=Reply(token, age))
    assert outcome == TokenDead()
    assert calls(line) == []
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), Sent)
    assert line.ledger.entries[0]["retry_key"] == str(KEY)


@pytest.mark.parametrize("fault", ["accept_then_500", "accept_then_reset", "accept_then_silence"])
async def test_a_reply_that_arrived_unheard_is_known_by_its_used_token(
    line: LineSimulator, channel: LineChannel, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = reply_token(line)
    line.faults.once(fault)
    with monkeypatch.context() as patched:
        patched.setattr(client, "SENDING", aiohttp.ClientTimeout(total=0.3))
        first = await channel.send(PATIENT, HELLO, key=KEY, reply=Reply(token, age=1))
    assert isinstance(first, Unknown)
    again = await channel.send(PATIENT, HELLO, key=KEY, reply=Reply(token, age=9, tried=True))
    assert again == Sent()
    assert calls(line) == ["reply"]


async def test_a_reply_that_fell_on_the_way_arrives_by_the_same_token(
    line: LineSimulator, channel: LineChannel
) -> None:
    token = reply_token(line)
    line.faults.once("500", "500")
    assert isinstance(
        await channel.send(PATIENT, HELLO, key=KEY, reply=Reply(token, age=1)), Unknown
    )
    tried = Reply(token, age=9, tried=True)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY, reply=tried), Unknown)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY, reply=tried), Sent)
    assert calls(line) == ["reply"]


async def test_an_old_reply_token_that_was_tried_is_not_asked_again(
    line: LineSimulator, channel: LineChannel, requests: Requests
) -> None:
    token = reply_token(line)
    tried = Reply(token, age=50, tried=True)
    assert await channel.send(PATIENT, HELLO, key=KEY, reply=tried) == TokenDead()
    assert requests.seen == []


async def test_a_late_reply_was_sent_twice_when_its_end_stayed_unknown_beyond_the_tokens_life(
    line: LineSimulator, channel: LineChannel, requests: Requests
) -> None:
    late = Reply(reply_token(line), age=client.REPLY_BY)
    assert await channel.send(PATIENT, HELLO, key=KEY, reply=late) == TokenDead()
    assert requests.seen == []


async def test_a_late_reply_uses_its_token_when_the_quota_is_spent(
    line: LineSimulator, channel: LineChannel
) -> None:
    line.platform.quota = 0
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY), NotSent)
    late = Reply(reply_token(line), age=client.REPLY_BY)
    assert isinstance(await channel.send(PATIENT, HELLO, key=KEY, reply=late), Sent)
    assert calls(line) == ["reply"]


async def test_the_profile_tells_language_and_name(
    line: LineSimulator, channel: LineChannel
) -> None:
    assert await channel.profile(PATIENT) == {"display_name": "Patient 0001"}
    line.platform.languages[PATIENT] = "zh-TW"
    assert (await channel.profile(PATIENT))["language"] == "zh-TW"
    assert await channel.profile("U" + "9" * 32) == {}


async def test_the_loading_animation_shows_for_words_and_not_for_a_follow(
    line: LineSimulator, channel: LineChannel
) -> None:
    await channel.acknowledge(Inbound(Followed(), NOW), PATIENT)
    await channel.acknowledge(Inbound(TextReceived("痛い"), NOW), PATIENT)
    await asyncio.gather(*channel._hints)
    assert line.platform.loading == [PATIENT]


async def test_acknowledging_never_raises_and_never_waits(line: LineSimulator) -> None:
    base = line.base
    await line.stop()
    channel = LineChannel("secret", "token", base)
    for _ in range(2 * client.LOADING_AT_ONCE):
        await channel.acknowledge(Inbound(TextReceived("痛い"), NOW), PATIENT)
    assert len(channel._hints) == client.LOADING_AT_ONCE
    await channel.close()


async def test_first_sendings_at_the_same_time_share_one_client(
    line: LineSimulator, channel: LineChannel
) -> None:
    outcomes = await asyncio.gather(
        *(channel.send(PATIENT, HELLO, key=UUID(int=n)) for n in range(1, 9))
    )
    assert len({outcome.message_id for outcome in outcomes if isinstance(outcome, Sent)}) == 8


async def test_the_account_and_its_webhook_can_be_checked(
    line: LineSimulator, channel: LineChannel
) -> None:
    assert await channel.own_name() == "@000simul"
    assert await channel.quota() == Quota(limit=None, used=0)
    assert await channel.set_webhook("ftp://clinic") == "LINE did not take the webhook address"
    closed = f"{line.base.rpartition(':')[0]}:1/webhooks/line"
    assert await channel.set_webhook(closed) == "the webhook answered LINE with: REQUEST_TIMEOUT"
    assert line.webhooks.url == closed
    state = await channel.webhook_state()
    assert state is not None
    assert (state.url, state.fault is None) == (closed, False)
