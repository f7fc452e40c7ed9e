"""What happened in the clinic reaches another system, once for each try, whatever breaks."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.environment import Environment
from clinic.ids import new_key
from clinic.webhook import rules, service
from clinic.webhook.announce import announce
from clinic.webhook.types import Arrived, Kind
from scheduler.webhooks import LEASE, Webhooks
from tests.integration.webhooks.receiver import Receiver, Teller

pytestmark = pytest.mark.server


@pytest.fixture
def teller(env: Environment) -> Teller:
    return Teller(env)


async def test_an_event_reaches_who_wants_it_signed_with_its_secret(
    teller: Teller, receiver: Receiver
) -> None:
    _, secret = await teller.add(receiver.url)
    await teller.say(Kind.APPOINTMENT_BOOKED, {"appointment_id": 7, "patient_id": 3})
    assert await teller.deliver() == 1
    (heard,) = receiver.heard
    assert heard.said["type"] == "appointment.booked"
    assert heard.said["data"] == {"appointment_id": 7, "patient_id": 3}
    assert heard.said["id"] == heard.headers["webhook-id"]
    assert heard.headers["content-type"] == "application/json"
    assert heard.signed_by(secret)
    assert not heard.signed_by(rules.shown_secret(b"x" * 32))
    assert await teller.states() == [("delivered", 1)]
    assert await teller.deliver() == 0


async def test_nothing_is_written_while_nobody_wants_to_hear_of_it(
    teller: Teller, receiver: Receiver
) -> None:
    endpoint, _ = await teller.add(receiver.url, (Kind.CAMPAIGN_STARTED,))
    await teller.say(Kind.APPOINTMENT_BOOKED, {"appointment_id": 7})
    async with teller.env.database.transaction() as tx:
        assert await service.turn(tx, endpoint, "removed")
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    assert await teller.rows("select id from webhook_event") == []


async def test_a_change_that_is_undone_is_told_to_nobody(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver.url)

    class Undone(Exception):
        pass

    async def change() -> None:
        async with teller.env.database.transaction() as tx:
            await announce(tx, Kind.APPOINTMENT_BOOKED, {"appointment_id": 7})
            raise Undone

    with pytest.raises(Undone):
        await change()
    assert await teller.deliver() == 0


async def test_each_endpoint_gets_its_own_delivery_of_the_same_event(
    teller: Teller, receiver: Receiver
) -> None:
    _, first = await teller.add(receiver.url)
    _, second = await teller.add(receiver.url)
    await teller.say(Kind.WAITLIST_RESCUED, {"rescue_id": 1})
    assert await teller.deliver() == 2
    assert len(set(receiver.ids)) == 1
    assert sorted((one.signed_by(first), one.signed_by(second)) for one in receiver.heard) == [
        (False, True),
        (True, False),
    ]


async def test_for_a_day_after_a_rotation_old_and_new_secret_sign(
    teller: Teller, receiver: Receiver
) -> None:
    endpoint, old = await teller.add(receiver.url)
    async with teller.env.database.transaction() as tx:
        new = await service.rotate(tx, teller.env.keys, endpoint)
    assert new is not None
    assert new != old
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    await teller.deliver()
    assert receiver.heard[0].signed_by(old)
    assert receiver.heard[0].signed_by(new)
    await teller.rows("update webhook_endpoint set old_secret_until = now()")
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 2})
    await teller.deliver()
    assert not receiver.heard[1].signed_by(old)
    assert receiver.heard[1].signed_by(new)


@pytest.mark.parametrize("status", [500, 404, 429, 302])
async def test_what_is_not_taken_is_told_again_later_under_the_same_id(
    teller: Teller, receiver: Receiver, status: int
) -> None:
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    receiver.status = status
    assert await teller.deliver() == 1
    assert await teller.deliver() == 0
    receiver.status = 204
    await teller.pass_time("10 seconds")
    assert await teller.deliver() == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    assert receiver.heard[0].body == receiver.heard[1].body
    assert await teller.states() == [("delivered", 2)]
    (row,) = await teller.rows("select failing_since from webhook_endpoint")
    assert row["failing_since"] is None


async def test_what_never_arrives_becomes_a_dead_letter_and_a_task_and_can_be_sent_again(
    teller: Teller, receiver: Receiver
) -> None:
    endpoint, _ = await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    receiver.status = 500
    for wait in (*rules.RETRIES, timedelta(0)):
        assert await teller.deliver() == 1
        await teller.rows(
            "update webhook_delivery set send_at = send_at - $1::interval where state = 'pending'",
            wait,
        )
    assert len(receiver.heard) == 9
    assert await teller.states() == [("dead", 9)]
    (task,) = await teller.rows("select kind, state, detail from task")
    assert (task["kind"], task["state"]) == ("webhook_dead", "open")
    receiver.status = 200
    async with teller.env.database.transaction() as tx:
        assert await service.redeliver(tx, endpoint) == 1
    assert await teller.deliver() == 1
    assert len(set(receiver.ids)) == 1
    assert await teller.states() == [("delivered", 1)]
    (task,) = await teller.rows("select state from task")
    assert task["state"] == "closed"


async def test_an_endpoint_at_which_nothing_arrives_for_days_is_paused_with_a_task(
    teller: Teller, receiver: Receiver
) -> None:
    endpoint, _ = await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    receiver.status = 503
    await teller.deliver()
    await teller.rows("update webhook_endpoint set failing_since = now() - interval '3 days'")
    await teller.pass_time("1 minute")
    await teller.deliver()
    (row,) = await teller.rows("select state, reason from webhook_endpoint")
    assert (row["state"], row["reason"]) == ("paused", "failing")
    assert [row["kind"] for row in await teller.rows("select kind from task")] == ["webhook_paused"]
    await teller.pass_time("1 hour")
    assert await teller.deliver() == 0
    receiver.status = 200
    async with teller.env.database.transaction() as tx:
        assert await service.turn(tx, endpoint, "active")
    assert await teller.deliver() == 1
    assert await teller.states() == [("delivered", 3)]
    assert {row["state"] for row in await teller.rows("select state from task")} == {"closed"}


async def test_a_receiver_that_says_gone_is_asked_no_more(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    receiver.status = 410
    await teller.deliver()
    (row,) = await teller.rows("select state, reason from webhook_endpoint")
    assert (row["state"], row["reason"]) == ("paused", "gone")


async def test_two_workers_at_once_deliver_each_event_once(
    teller: Teller, receiver: Receiver
) -> None:
    for _ in range(3):
        await teller.add(receiver.url)
    subjects = [{"campaign_id": number} for number in range(30)]
    await teller.say(Kind.CAMPAIGN_STARTED, *subjects)
    workers = [teller.worker() for _ in range(2)]
    while any(await asyncio.gather(*(one.deliver() for one in workers))):
        pass
    for one in workers:
        await one.finish()
    assert len(receiver.heard) == 90
    assert sorted(receiver.ids) == sorted([*set(receiver.ids)] * 3)
    assert set(await teller.states()) == {("delivered", 1)}


async def test_a_worker_that_was_killed_in_the_middle_is_followed_by_another(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    await teller.crash_in_the_middle()
    assert await teller.deliver() == 0
    await teller.pass_time("60 seconds")
    assert await teller.deliver() == 1
    assert await teller.states() == [("delivered", 2)]
    (event,) = await teller.rows("select key::text from webhook_event")
    assert receiver.ids == [event["key"]]


async def test_a_worker_that_slept_through_its_lease_does_not_overwrite_the_next(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    env, slept = teller.env, new_key()
    async with env.database.transaction() as tx:
        (due,) = await service.claim(tx, env.keys, (), slept, most=9, lasts=LEASE)
    await teller.pass_time("60 seconds")
    receiver.status = 500
    await teller.deliver()
    async with env.database.transaction() as tx:
        assert not await service.settle(tx, due.id, slept, Arrived(200))
    assert await teller.states() == [("pending", 2)]


async def test_a_receiver_that_hangs_keeps_nobody_else_waiting(
    teller: Teller, receiver: Receiver
) -> None:
    receiver.hold = asyncio.Event()
    slow, _ = await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    worker = Webhooks(teller.env)
    first = asyncio.create_task(worker.deliver())
    await receiver.arrived.wait()
    await first
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 2})
    # Of the two new deliveries only the one to the other endpoint is begun.
    second = asyncio.create_task(worker.deliver())
    assert await second == 1
    receiver.hold.set()
    await worker.finish()
    rows = await teller.rows("select endpoint_id, state from webhook_delivery order by id")
    assert {row["state"] for row in rows if row["endpoint_id"] != slow} == {"delivered"}


async def test_a_huge_or_packed_answer_is_not_read_to_its_end(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    receiver.answer = b"x" * 20_000_000
    await teller.deliver()
    assert await teller.states() == [("delivered", 1)]


async def test_neither_logs_nor_the_database_tell_secrets_and_addresses(
    teller: Teller, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="scheduler")
    canary = "canary-in-the-url"
    _, secret = await teller.add(f"{receiver.url}?key={canary}")
    receiver.status = 500
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    await teller.deliver()
    assert receiver.heard
    assert canary not in caplog.text
    assert secret not in caplog.text
    for table in ("webhook_endpoint", "webhook_event", "webhook_delivery", "task", "audit"):
        for row in await teller.rows(f"select t::text as words from {table} t"):
            assert canary not in row["words"]
            assert canary.encode().hex() not in row["words"]


async def test_a_secret_moved_to_another_endpoint_does_not_open(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver.url)
    other, _ = await teller.add(receiver.url)
    await teller.rows(
        """update webhook_endpoint set secret = (select secret from webhook_endpoint
           where id <> $1) where id = $1""",
        other,
    )
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    await teller.deliver()
    assert len(receiver.heard) == 1
    assert sorted(await teller.states()) == [("dead", 1), ("delivered", 1)]


async def test_what_was_told_long_ago_is_forgotten(teller: Teller, receiver: Receiver) -> None:
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1}, {"campaign_id": 2})
    await teller.deliver()
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 3})
    await teller.rows(
        """update webhook_event set created_at = now() - interval '61 days'
           where data <> '{"campaign_id": 2}'"""
    )
    assert await Webhooks(teller.env).tidy() == 1
    left = await teller.rows("select data from webhook_event order by id")
    assert [row["data"]["campaign_id"] for row in left] == [2, 3]  # 3 is still to be told
