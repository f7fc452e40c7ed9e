"""Quiet hours once more when a message is begun: by the clock of where the patient lives."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.sending.conftest import House, user

pytestmark = pytest.mark.server
NEW_YORK = ZoneInfo("America/New_York")


async def night_there(house: House) -> datetime:
    """Make it night in New York, now, and day at the clinic; when that night ends."""
    now: datetime = (await house.value("select now()")).astimezone(NEW_YORK)
    begins, ends = now - timedelta(hours=2), now + timedelta(hours=2)
    quiet: Any = (f"{begins:%H:%M}", f"{ends:%H:%M}")
    policy = house.env.settings.policy.model_copy(update={"quiet_hours": quiet})
    env = replace(house.env, settings=house.env.settings.model_copy(update={"policy": policy}))
    house.sender._env = house.lanes._env = env
    return ends.replace(second=0, microsecond=0)


@pytest.mark.parametrize("in_chunks", [False, True])
async def test_at_their_night_it_waits_for_their_morning(house: House, in_chunks: bool) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(4))
    await (house.chunk(recipients) if in_chunks else house.queue(recipients))
    zones = {
        recipients[0]: "America/New_York",
        recipients[1]: "Nowhere",
        recipients[2]: "Asia/Seoul",
    }
    for recipient, zone in zones.items():
        await house.execute(
            """update patient set zone = $2
               where id = (select patient_id from recipient where id = $1)""",
            recipient,
            zone,
        )
    morning = await night_there(house)
    await house.sweep()
    assert sorted(house.received()) == sorted(user(n) for n in (1, 2, 3))
    until = (
        "select due_at from recipient where state = 'pending' and reason = 'quiet_hours'"
        if in_chunks
        else "select send_at from outbox where state = 'pending' and reason = 'quiet_hours'"
    )
    assert await house.value(until) == morning
