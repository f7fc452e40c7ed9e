"""What passed an endpoint while it was paused, and how it catches up: each event once."""

from datetime import timedelta

import pytest

from bot.environment import Environment
from clinic.webhook import catching_up, service
from clinic.webhook.types import Kind
from tests.integration.webhooks.receiver import Receiver, Teller

pytestmark = pytest.mark.server
DAY = timedelta(days=1)


@pytest.fixture
def teller(env: Environment) -> Teller:
    return Teller(env)


async def paused(teller: Teller, receiver: Receiver) -> int:
    endpoint, _ = await teller.add(receiver.url, (Kind.CAMPAIGN_STARTED,))
    await turned(teller, endpoint, "paused")
    return endpoint


async def turned(teller: Teller, endpoint: int, state: str) -> None:
    async with teller.env.database.transaction() as tx:
        assert await service.turn(tx, endpoint, state)  # type: ignore[arg-type]  # one of three


async def passed(teller: Teller, endpoint: int, within: timedelta = DAY) -> int:
    async with teller.env.database.transaction() as tx:
        return await catching_up.passed(tx, endpoint, within)


async def caught_up(teller: Teller, endpoint: int, within: timedelta = DAY) -> int:
    async with teller.env.database.transaction() as tx:
        return await catching_up.catch_up(tx, endpoint, within)


async def test_what_passed_is_counted_and_delivered_once_in_order_when_it_goes_on(
    teller: Teller, receiver: Receiver
) -> None:
    endpoint = await paused(teller, receiver)
    for number in (1, 2, 3):
        await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": number})
    await teller.say(Kind.APPOINTMENT_BOOKED, {"appointment_id": 7})  # it does not want that
    assert await passed(teller, endpoint) == 3
    assert await teller.states() == []
    assert await caught_up(teller, endpoint) == 3
    assert await passed(teller, endpoint) == 0
    assert await caught_up(teller, endpoint) == 0
    assert await teller.deliver() == 0  # it is still paused
    await turned(teller, endpoint, "active")
    while await teller.deliver():
        pass
    assert sorted(one.said["data"]["campaign_id"] for one in receiver.heard) == [1, 2, 3]


async def test_it_catches_up_from_a_time_and_not_before(teller: Teller, receiver: Receiver) -> None:
    endpoint = await paused(teller, receiver)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    async with teller.env.database.transaction() as tx:
        await tx.execute("update webhook_endpoint set created_at = now() - interval '9 days'")
        await tx.execute("update webhook_event set created_at = now() - interval '2 days'")
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 2})
    assert await passed(teller, endpoint) == 1
    assert await passed(teller, endpoint, 3 * DAY) == 2
    assert await caught_up(teller, endpoint) == 1


async def test_nothing_of_before_it_was_added_passed_it(teller: Teller, receiver: Receiver) -> None:
    await paused(teller, receiver)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    later, _ = await teller.add(receiver.url, (Kind.CAMPAIGN_STARTED,))
    assert await passed(teller, later) == 0


async def test_what_was_removed_does_not_catch_up(teller: Teller, receiver: Receiver) -> None:
    endpoint = await paused(teller, receiver)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    await turned(teller, endpoint, "removed")
    assert await passed(teller, endpoint) == 0
    assert await caught_up(teller, endpoint) == 0
