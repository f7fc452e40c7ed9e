"""What goes in bulk, and what does not wait for it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import outbox_claims
from bot.outbox_gate import start
from clinic.campaign.company import HELD_FOR
from clinic.campaign.settle import follow
from clinic.conversation.service import account_of
from clinic.ids import new_key
from clinic.message.bulk import enqueue_many
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from tests.integration.sending.conftest import KEYS, House, user

pytestmark = pytest.mark.server
LEASE = timedelta(seconds=10)


async def test_every_recipient_gets_the_text_of_their_own_once(house: House) -> None:
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(700)))
    await house.sweep()
    assert sorted(house.received()) == sorted(user(n) for n in range(700))
    texts = {entry["body"][0]["text"] for entry in house.line.ledger.entries}
    assert len(texts) == 700
    assert await house.states(campaign) == {"sent": 700}
    await house.sweep()
    assert len(house.received()) == 700


async def test_messages_written_together_are_as_those_written_alone(house: House) -> None:
    async with house.env.database.transaction() as tx:
        account = (await account_of(tx, KEYS, "line", user(1))).account_id
        one = Outgoing(account, Message("A", "en"), "one", "greeting", ahead=True)
        now = await tx.fetchval("select now()")
        many = [replace(one, dedup_key="many", at=now), replace(one, dedup_key="one")]
        assert await enqueue(tx, KEYS, one) is not None
        written, there = await enqueue_many(tx, KEYS, many)
        assert there is None
        assert await enqueue_many(tx, KEYS, [replace(one, dedup_key="x")] * 2) != [None, None]
        alike = await tx.fetchval(
            """select count(distinct (to_jsonb(o) - 'id' - 'key' - 'dedup_key' - 'content'))
               from outbox o"""
        )
        assert (await tx.fetchval("select count(*) from outbox"), alike) == (3, 1)
        row = await tx.fetchrow("select key, content from outbox where id = $1", written)
    assert KEYS.open(row["content"], "outbox.content", row["key"])


async def test_a_reply_goes_before_everything_that_waits_for_the_same_chat(house: House) -> None:
    campaign = await house.campaign()
    [greeting] = await house.queue(await house.people(campaign, range(1)))
    async with house.env.database.transaction() as tx:
        account = await tx.fetchval("select account_id from outbox where id = $1", greeting)
        await enqueue(tx, KEYS, Outgoing(account, Message("Yes?", "en"), "r", "dialogue"))
    assert await house.sender.sweep() == 1
    [entry] = house.line.ledger.entries
    assert entry["body"][0]["text"] == "Yes?"


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ("update campaign set state = 'cancelled'", "cancelled", "campaign_cancelled"),
        ("update chat_account set opted_out_at = now()", "skipped", "opted_out"),
        ("update chat_account set link_version = 9", "skipped", "link_changed"),
        ("update patient set deceased_on = '2026-01-01'", "skipped", "deceased"),
        ("update outbox set useful_until = now()", "expired", "too_late"),
    ],
)
async def test_what_changed_since_it_was_written_is_looked_at_when_it_is_sent(
    house: House, change: str, state: str, reason: str
) -> None:
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(30)))
    await house.execute(change)
    await house.sweep()
    assert house.received() == []
    assert await house.states(campaign) == {state: 30}
    assert await house.reasons(campaign) == {reason: 30}


async def test_a_paused_campaign_sends_nothing_and_goes_on_with_all(house: House) -> None:
    campaign = await house.campaign("paused")
    await house.queue(await house.people(campaign, range(30)))
    await house.sweep()
    assert house.received() == []
    assert await house.states(campaign) == {"queued": 30}
    await house.execute("update campaign set state = 'running'")
    await house.execute("update outbox set send_at = now()")
    await house.sweep()
    assert await house.states(campaign) == {"sent": 30}


async def test_who_cannot_be_reached_and_has_another_chat_waits_for_it(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(2))
    async with house.env.database.transaction() as tx:
        other = (await account_of(tx, KEYS, "telegram", "77")).account_id
        await tx.execute("update chat_account set consent_version = '2.1' where id = $1", other)
        await tx.execute(
            """insert into link (account_id, patient_id, relation, proof)
               select $1, patient_id, 'self', 'code' from recipient where id = $2""",
            other,
            recipients[0],
        )
    await house.queue(recipients)
    await house.execute("update chat_account set unreachable_at = now() where channel = 'line'")
    await house.sweep()
    assert await house.states(campaign) == {"pending": 1, "skipped": 1}
    async with house.env.database.transaction() as tx:
        row = await tx.fetchrow("select * from recipient where state = 'pending'")
    assert len(row["tried"]) == 1
    assert row["outbox_id"] is None


async def test_too_many_refusals_pause_the_campaign_and_tell_staff(house: House) -> None:
    house.line.platform.anyone = False
    campaign = await house.campaign()
    house.line.platform.users.update(user(n) for n in range(100, 400))
    await house.queue(await house.people(campaign, range(400)))
    await house.sweep()
    assert await house.value("select state || reason from campaign") == "pausedrefused"
    assert await house.value("select count(*) from task where kind = 'campaign'") == 1
    assert (await house.states(campaign))["refused"] >= 11


async def test_a_wrong_key_of_ours_costs_nobody_the_message(house: House) -> None:
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(5)))
    house.line.channel_access_token, right = "another", house.line.channel_access_token
    await house.sweep()
    assert await house.value("select state || reason from campaign") == "pausedunauthorised"
    assert await house.states(campaign) == {"queued": 5}
    house.line.channel_access_token = right
    await house.execute("update campaign set state = 'running'")
    await house.execute("update outbox set send_at = now()")
    await house.sweep()
    assert await house.states(campaign) == {"sent": 5}


async def test_a_lease_that_is_lost_starts_nothing(house: House) -> None:
    campaign = await house.campaign()
    ids = await house.queue(await house.people(campaign, range(3)))
    async with house.env.database.transaction() as tx:
        claimed = await outbox_claims.claim_lane(tx, "line", new_key(), LEASE, 10)
        assert [row.id for row in claimed] == ids
        stopped = await start(tx, house.env, ids, new_key(), LEASE)
    assert stopped == dict.fromkeys(ids, "lease_lost")


async def test_following_twice_changes_nothing(house: House) -> None:
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(3)))
    await house.execute(
        """update outbox set state = 'refused', reason = 'x', settled_at = now(),
             send_at = 'infinity'"""
    )
    async with house.env.database.transaction() as tx:
        assert await follow(tx) == 3
        assert await follow(tx) == 0
    assert await house.states(campaign) == {"refused": 3}


CROWD = """
  insert into outbox (key, dedup_key, account_id, purpose, priority, delivery_class, lane, content,
                      send_at, useful_until)
  select gen_random_uuid(), 'crowd:' || n, a.id, 'greeting', 4, 'campaign', 'line', '',
         now() - interval '1 min', now() + interval '1 day'
  from generate_series(1, 100000) n join chat_account a on a.address_index = n::text
"""


async def test_a_hundred_thousand_waiting_messages_slow_no_claim(house: House) -> None:
    await house.execute(
        """insert into chat_account (channel, address_index, address)
           select 'line', n::text, '' from generate_series(1, 100000) n"""
    )
    await house.execute(CROWD)
    await house.execute("analyze")
    async with house.env.database.transaction() as tx:
        account = (await account_of(tx, KEYS, "line", user(1))).account_id
        await enqueue(tx, KEYS, Outgoing(account, Message("Yes?", "en"), "r", "dialogue"))
    values: list[object] = [20, new_key(), LEASE]
    assert await _rows_read(house, outbox_claims._ONE_BY_ONE, values) < 100
    bulk = [300, *values[1:], "line", HELD_FOR]
    assert await _rows_read(house, outbox_claims._IN_BULK, bulk) < 5_000


async def _rows_read(house: House, statement: str, values: list[object]) -> int:
    """How many rows of the outbox a claim reads; every one by an index."""
    async with house.env.database.transaction() as tx:
        plan = await tx.fetchval(f"explain (analyze, format json) {statement}", *values)
    read = 0

    def walk(node: dict[str, Any]) -> None:
        nonlocal read
        if node.get("Relation Name") == "outbox" and "Scan" in node["Node Type"]:
            assert node["Node Type"] != "Seq Scan", node
            removed = node.get("Rows Removed by Filter", 0)
            read += (node["Actual Rows"] + removed) * node["Actual Loops"]
        for child in node.get("Plans", ()):
            walk(child)

    walk(json.loads(plan)[0]["Plan"])
    return int(read)
