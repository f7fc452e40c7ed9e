"""What may have gone out once: it is not sent as a second message, and not called left out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.channels.channel import Outcome, Refused
from bot.outbox_chunks import claim_chunks, settle_chunk, start_chunk
from bot.outbox_store import heard_of
from clinic.ids import new_key
from clinic.record.edit import set_flag
from tests.integration.sending.conftest import House, user

pytestmark = pytest.mark.server
LEASE = timedelta(seconds=30)


async def doubted(house: House, people: int, *, in_chunks: bool) -> tuple[int, list[int]]:
    """A campaign and its recipients, whose messages LINE took without an answer."""
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(people))
    await (house.chunk(recipients) if in_chunks else house.queue(recipients))
    house.line.faults.once(*["accept_then_500"] * (1 if in_chunks else people))
    await house.look_once()
    assert await house.states(campaign) == {"queued": people}
    for table in ("outbox", "chunk"):
        await house.execute(f"update {table} set send_at = now() where state = 'unknown'")
    return campaign, recipients


async def quiet_now(house: House) -> None:
    """Make it night in the clinic."""
    now = house.env.local(await house.value("select now()"))
    hours: Any = (f"{now - timedelta(hours=2):%H:%M}", f"{now + timedelta(hours=2):%H:%M}")
    policy = house.env.settings.policy.model_copy(update={"quiet_hours": hours})
    env = replace(house.env, settings=house.env.settings.model_copy(update={"policy": policy}))
    house.sender._env = house.lanes._env = env


async def call_ends(house: House, outcome: Outcome, meanwhile: Sequence[str] = ()) -> None:
    """The one chunk is called, and LINE answers so; what happens during the call."""
    lease = new_key()
    async with house.env.database.transaction() as tx:
        [chunk] = await claim_chunks(tx, "line", lease, LEASE, 1)
        await start_chunk(tx, house.env, chunk, lease, LEASE)
    for statement in meanwhile:
        await house.execute(statement)
    async with house.env.database.transaction() as tx:
        await settle_chunk(tx, house.env, chunk.id, lease, outcome)


@pytest.mark.parametrize("in_chunks", [False, True])
async def test_once_line_has_forgotten_the_key_nobody_gets_it_a_second_time(
    house: House, in_chunks: bool
) -> None:
    campaign, _ = await doubted(house, 3, in_chunks=in_chunks)
    for table in ("outbox", "chunk"):
        await house.execute(f"update {table} set created_at = now() - interval '25 hours'")
    calls = dict(house.line.calls)
    await house.sweep()
    assert dict(house.line.calls) == calls
    assert await house.states(campaign) == {"unknown": 3}
    assert await house.reasons(campaign) == {"retry_key_dead": 3}


@pytest.mark.parametrize("in_chunks", [False, True])
async def test_a_second_try_waits_for_the_morning_too(house: House, in_chunks: bool) -> None:
    campaign, _ = await doubted(house, 3, in_chunks=in_chunks)
    await quiet_now(house)
    calls = dict(house.line.calls)
    await house.sweep()
    assert dict(house.line.calls) == calls
    assert await house.states(campaign) == {"queued": 3}
    table = "chunk" if in_chunks else "outbox"
    assert await house.value(f"select reason from {table} limit 1") == "quiet_hours"


async def test_what_was_refused_when_it_was_tried_again_was_refused_before(house: House) -> None:
    campaign = await house.campaign()
    await house.chunk(await house.people(campaign, range(3)))
    house.line.faults.once("500")
    await house.look_once()
    await house.execute("update chunk set send_at = now()")
    await call_ends(house, Refused("400"))
    await house.sweep()
    assert sorted(house.received()) == [user(0), user(1), user(2)]
    assert await house.states(campaign) == {"sent": 3}


@pytest.mark.parametrize("erased", ["address", "recipient"])
async def test_a_call_that_cannot_be_the_same_any_more_is_not_made_again(
    house: House, erased: str
) -> None:
    campaign, [one, *_] = await doubted(house, 3, in_chunks=True)
    account = await house.value("select account_id from recipient where id = $1", one)
    if erased == "address":
        index = await house.value("select address_index from chat_account where id = $1", account)
        blank = house.env.keys.seal(b"", "chat_account.address", index)
        await house.execute("update chat_account set address = $2 where id = $1", account, blank)
    else:
        await house.execute("delete from recipient where id = $1", one)
    calls = dict(house.line.calls)
    await house.sweep()
    assert dict(house.line.calls) == calls
    assert await house.states(campaign) == {"unknown": 3 if erased == "address" else 2}


async def test_who_was_unlinked_during_a_refused_call_gets_nothing_singly(house: House) -> None:
    campaign = await house.campaign()
    [first, *_] = await house.people(campaign, range(3))
    await house.chunk([first, first + 1, first + 2])
    ends = f"""update link set ended_at = now()
               where account_id = (select account_id from recipient where id = {first})"""
    await call_ends(house, Refused("400"), [ends])
    await house.sweep()
    assert sorted(house.received()) == [user(1), user(2)]
    assert await house.states(campaign) == {"sent": 2, "skipped": 1}


async def test_of_a_patient_who_died_what_may_have_gone_out_is_unknown(house: House) -> None:
    _, [one, two] = await doubted(house, 2, in_chunks=False)
    await house.execute("update outbox set state = 'pending', unknowns = 0 where id = 2")
    async with house.env.database.transaction() as tx:
        for recipient in (one, two):
            patient = await tx.fetchval("select patient_id from recipient where id = $1", recipient)
            await set_flag(tx, patient, "deceased", date(2026, 1, 1))
    assert await house.value("select array_agg(state order by id) from outbox") == [
        "unknown",
        "skipped",
    ]
    await house.sweep()
    assert len(house.received()) == 2  # of the first call of each


@pytest.mark.parametrize(("reason", "state"), [(None, "sent"), ("30005", "refused")])
async def test_what_a_gateway_tells_later_is_true_of_the_recipient_too(
    house: House, reason: str | None, state: str
) -> None:
    campaign, _ = await doubted(house, 1, in_chunks=False)
    await house.execute("update outbox set created_at = now() - interval '25 hours'")
    await house.sweep()
    assert await house.states(campaign) == {"unknown": 1}
    async with house.env.database.transaction() as tx:
        await heard_of(tx, await tx.fetchval("select key from outbox"), reason)
    assert await house.states(campaign) == {state: 1}
