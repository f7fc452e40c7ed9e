"""A copy of the clinic's database sends nothing by any way until somebody releases it."""

from pathlib import Path

import pytest

from bot.outbox import Sender
from bot.outbox_lanes import Lanes
from clinic.conversation.service import account_of
from clinic.ids import new_key
from clinic.installation.service import mute, muted, recognise, release
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind
from scheduler.webhooks import Webhooks
from tests.integration.sending.conftest import KEYS, House, user

pytestmark = pytest.mark.server


async def write(house: House, number: int, name: str) -> int | None:
    async with house.env.database.transaction() as tx:
        account = (await account_of(tx, KEYS, "line", user(number))).account_id
        return await enqueue(tx, KEYS, Outgoing(account, Message(name, "en"), name, "emergency"))


async def silence(house: House, folder: Path) -> None:
    async with house.env.database.transaction() as tx:
        await recognise(tx, folder)
        await mute(tx, "restored")


async def test_nothing_leaves_a_muted_copy_and_what_was_due_is_left_as_unknown(
    house: House, tmp_path: Path
) -> None:
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(10, 20)))
    await house.chunk(await house.people(campaign, range(20, 30)))
    closed = await house.chunk(await house.people(campaign, range(30, 40)))
    await house.execute("update chunk set closed = true where id = any ($1)", closed)
    await write(house, 1, "emergency")
    await house.execute("update outbox set useful_until = now() - interval '1 s' where id = 1")
    await silence(house, tmp_path)
    assert await house.value("select state from campaign where id = $1", campaign) == "paused"
    await house.execute("update campaign set state = 'running'")  # and if somebody resumes it
    await house.sweep()
    await house.sender.sweep()
    await house.sender.finish()  # whose lanes are at rest from now on
    assert house.received() == []
    assert await house.value("select count(*) from outbox where state <> 'pending'") == 0
    assert await house.value("select count(*) from outbox where reason = 'muted'") == 11
    assert await house.value("select count(*) from chunk where reason = 'muted'") == 2
    async with house.env.database.transaction() as tx:
        freed = await release(tx, tmp_path, None)
        assert await release(tx, tmp_path, None) is None
    assert freed is not None
    assert freed.messages == 13
    sender = Sender(house.env)
    lanes = Lanes(house.env, sender)
    await sender.sweep()
    while await lanes.sweep():
        await lanes.finish()
    assert house.received() == []
    assert await house.states(campaign) == {"unknown": 30}
    await write(house, 1, "afterwards")
    await sender.sweep()
    await sender.finish()
    assert house.received() == [user(1)]


async def test_a_muted_copy_tells_no_other_system(house: House, tmp_path: Path) -> None:
    key = new_key()
    await house.execute(
        """insert into webhook_endpoint (key, name, url, kinds, secret)
           values ($1, 'x', $2, $3, $4)""",
        key,
        KEYS.seal(b"https://example.invalid/", "webhook_endpoint.url", key),
        [str(Kind.CAMPAIGN_PAUSED)],
        KEYS.seal(b"s" * 32, "webhook_endpoint.secret", key),
    )
    async with house.env.database.transaction() as tx:
        await announce(tx, Kind.CAMPAIGN_PAUSED, {"campaign_id": 1})
    await silence(house, tmp_path)
    webhooks = Webhooks(house.env)
    assert await webhooks.deliver() == 0
    assert await house.value("select state from webhook_delivery") == "pending"
    async with house.env.database.transaction() as tx:
        assert await muted(tx) is not None
        await release(tx, tmp_path, None)
    assert await webhooks.deliver() == 1
    await webhooks.finish()
