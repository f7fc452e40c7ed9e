"""With the real sender: pauses and cancels hold for what waits in the outbox already."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.outbox import Sender
from bot.outbox_lanes import Lanes
from clinic.campaign import service
from clinic.campaign.settle import PAUSING
from clinic.campaign.types import Campaign
from scheduler.worker import SchedulerWorker
from tests.integration.campaigns.clinic import HELLO, Clinic

pytestmark = pytest.mark.server


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(600):
        if await done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it takes too long")


async def sent(clinic: Clinic) -> int:
    """Let the sender do all it may; how many messages are out."""
    lanes = Lanes(clinic.env, Sender(clinic.env))
    while await lanes.sweep():
        pass
    await lanes.finish()
    await clinic.sweeps.make()
    return int(await clinic.value("select count(*) from outbox where state = 'sent'"))


async def test_what_waits_in_the_outbox_of_a_paused_campaign_goes_out_after_it(
    clinic: Clinic,
) -> None:
    for _ in range(3):
        await clinic.patient()
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.act(service.pause, campaign)
    assert await sent(clinic) == 0
    assert await clinic.state(campaign) == "paused"
    await clinic.act(service.resume, campaign)
    await clinic.value("update outbox set send_at = now()")
    assert await sent(clinic) == 3
    assert await clinic.state(campaign) == "finished"


async def test_what_waits_in_the_outbox_of_a_cancelled_campaign_never_goes_out(
    clinic: Clinic,
) -> None:
    patients = [await clinic.patient() for _ in range(3)]
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.act(service.cancel, campaign)
    assert await sent(clinic) == 0
    ends = await clinic.ends(campaign)
    assert {ends[it][0] for it in patients} == {"cancelled"}


ALIKE = {"texts": {"ja": "月曜日は休診です。"}}


@pytest.mark.parametrize("content", [HELLO, ALIKE], ids=["own", "alike"])
@pytest.mark.parametrize("why", PAUSING)
async def test_what_was_put_off_while_it_was_paused_goes_out_at_once_when_it_goes_on(
    clinic: Clinic, content: dict[str, Any], why: str
) -> None:
    other = await _queued(clinic, content)
    campaign = await _queued(clinic, content)
    for one in (other, campaign):
        await clinic.act(service.pause, one)
    await _put_off(clinic, why)
    assert await _due(clinic) == set()
    await clinic.act(service.resume, campaign)
    await clinic.sweeps.make()
    assert await _due(clinic) == {campaign.id}  # and the other still waits


@pytest.mark.parametrize("state", ["pending", "unknown"])
async def test_what_waits_for_something_else_is_not_hurried(clinic: Clinic, state: str) -> None:
    campaign = await _queued(clinic, HELLO)
    await clinic.act(service.pause, campaign)
    await _put_off(clinic, "rate" if state == "pending" else "timeout", state)
    await clinic.act(service.resume, campaign)
    await clinic.sweeps.make()
    assert await _due(clinic) == set()


@pytest.mark.parametrize("content", [HELLO, ALIKE], ids=["own", "alike"])
@pytest.mark.parametrize("why", ["campaign_paused", "quota_reserve", "quiet_hours"])
async def test_who_waits_ends_with_the_campaign_whatever_they_wait_for(
    clinic: Clinic, content: dict[str, Any], why: str
) -> None:
    other = await _queued(clinic, content)
    campaign = await _queued(clinic, content)
    await _put_off(clinic, why)
    await clinic.act(service.cancel, campaign)
    await clinic.sweeps.make()
    assert set((await clinic.ends(campaign)).values()) == {("cancelled", "campaign_cancelled")}
    assert {state for state, _ in (await clinic.ends(other)).values()} == {"queued"}


@pytest.mark.parametrize(
    ("content", "tried"),
    [(HELLO, "update outbox set unknowns = 1"), (ALIKE, "update chunk set closed = true")],
)
async def test_what_may_have_gone_out_is_not_called_cancelled(
    clinic: Clinic, content: dict[str, Any], tried: str
) -> None:
    campaign = await _queued(clinic, content)
    await clinic.value(tried)
    await clinic.act(service.cancel, campaign)
    await clinic.sweeps.make()
    assert {state for state, _ in (await clinic.ends(campaign)).values()} == {"queued"}


async def test_what_may_have_gone_out_before_the_cancel_ends_as_unknown(clinic: Clinic) -> None:
    for _ in range(3):
        await clinic.patient()
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.value("update outbox set state = 'unknown', unknowns = 1, send_at = now()")
    await clinic.act(service.cancel, campaign)
    assert await sent(clinic) == 0
    assert set((await clinic.ends(campaign)).values()) == {("unknown", "campaign_cancelled")}


async def _queued(clinic: Clinic, content: dict[str, Any]) -> Campaign:
    """A campaign to three people of its own on LINE, all of whose messages wait to be sent."""
    patients = [await clinic.patient(channel="line") for _ in range(3)]
    campaign = await clinic.begin(content=content, audience={"patients": patients})
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    return campaign


async def _put_off(clinic: Clinic, why: str, state: str = "pending") -> None:
    for table in ("outbox", "chunk"):
        await clinic.value(
            f"update {table} set state = $2, reason = $1, send_at = now() + interval '1 min'",
            why,
            state,
        )


async def _due(clinic: Clinic) -> set[int]:
    """The campaigns of what may be sent now."""
    rows = await clinic.rows(
        """select distinct r.campaign_id from recipient r left join outbox o on o.id = r.outbox_id
             left join chunk c on c.id = r.chunk_id
           where coalesce(o.send_at, c.send_at) <= now()"""
    )
    return {campaign for (campaign,) in rows}


async def test_two_workers_carry_a_campaign_to_its_end_by_themselves(clinic: Clinic) -> None:
    for _ in range(40):
        await clinic.patient()
    campaign = await clinic.begin()
    workers = [SchedulerWorker(clinic.env) for _ in range(2)]
    running = [asyncio.create_task(it.run()) for it in workers]

    async def finished() -> bool:
        return await clinic.state(campaign) == "finished"

    try:
        await until(finished)
    finally:
        for it in workers:
            it.stop()
        await asyncio.gather(*running)
    assert set((await clinic.ends(campaign)).values()) == {("sent", None)}
    assert await clinic.value("select count(*) from outbox") == 40
