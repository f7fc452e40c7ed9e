"""With the real sender: pauses and cancels hold for what waits in the outbox already."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.outbox import Sender
from bot.outbox_lanes import Lanes
from clinic.campaign import service
from scheduler.worker import SchedulerWorker
from tests.integration.campaigns.clinic import Clinic

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
