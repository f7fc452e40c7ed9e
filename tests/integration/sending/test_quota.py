"""A month has so many messages, and some of them stay for what must arrive."""

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.outbox_lanes import Lanes
from clinic.conversation.service import account_of
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from tests.integration.sending.conftest import KEYS, House, user

pytestmark = pytest.mark.server


async def test_campaigns_leave_a_tenth_of_the_month_and_are_paused(house: House) -> None:
    house.line.platform.quota = 500
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(700)))
    await house.sweep()
    assert len(house.received()) == 450
    assert await house.value("select state || reason from campaign") == "pausedquota_reserve"
    assert await house.states(campaign) == {"sent": 450, "queued": 250}
    assert house.line.calls["push 429"] == 0
    await _say(house, "Your visit is tomorrow.")
    assert await house.sender.sweep() == 1
    assert len(house.received()) == 451


async def test_a_chunk_goes_whole_or_not_at_all(house: House) -> None:
    house.line.platform.quota = 1000
    campaign = await house.campaign()
    await house.chunk(await house.people(campaign, range(1000)))
    await house.sweep()
    assert len(house.received()) in (0, 500)  # the second may pause it before the first begins
    assert await house.value("select state || reason from campaign") == "pausedquota_reserve"
    assert sum((await house.states(campaign)).values()) == 1000


async def test_a_month_that_is_used_up_pauses_the_campaign_within_one_batch(house: House) -> None:
    """The platform's figures lag behind: it is its refusal that tells."""
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(700)))
    await house.env.redis.set("kayoi:quota:line", 10_000)
    house.line.platform.quota = 20
    await house.sweep()
    assert len(house.received()) == 20
    assert await house.value("select state || reason from campaign") == "pausedquota"
    assert house.line.calls["push 429"] <= 450
    assert await house.states(campaign) == {"sent": 20, "queued": 680}
    assert await house.value("select count(*) from task where kind = 'quota'") == 1


async def test_the_channel_is_asked_once_a_minute_not_for_each_batch(house: House) -> None:
    house.line.platform.quota = 10_000
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(900)))
    await house.sweep()
    assert house.line.calls["/v2/bot/message/quota 200"] == 1
    assert int(await house.env.redis.get("kayoi:quota:line")) == 8_100
    assert 0 < await house.env.redis.ttl("kayoi:quota:line") <= 60


async def test_without_redis_each_batch_asks(house: House) -> None:
    house.line.platform.quota = 500
    house.lanes = Lanes(replace(house.env, redis=Redis(port=1)), house.sender)
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(500)))
    await house.sweep()
    assert len(house.received()) == 450
    assert house.line.calls["/v2/bot/message/quota 200"] == 2


async def _say(house: House, text: str) -> None:
    async with house.env.database.transaction() as tx:
        account = (await account_of(tx, KEYS, "line", user(9_000))).account_id
        await enqueue(tx, KEYS, Outgoing(account, Message(text, "en"), text, "reminder"))
