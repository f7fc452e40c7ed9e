"""Patients who live elsewhere than the clinic."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.config import Policy
from tests.integration.campaigns.clinic import Clinic

pytestmark = pytest.mark.server
NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")


async def night_of(clinic: Clinic, zone: ZoneInfo) -> datetime:
    """Make it night there, now, and day in Tokyo; when that night ends."""
    now: datetime = (await clinic.value("select now()")).astimezone(zone)
    begins, ends = now - timedelta(hours=2), now + timedelta(hours=2)
    quiet: Any = (f"{begins:%H:%M}", f"{ends:%H:%M}")
    policy = Policy(quiet_hours=quiet, undo_seconds=0, approval_above=50)
    clinic.env = replace(
        clinic.env, settings=clinic.env.settings.model_copy(update={"policy": policy})
    )
    clinic.sweeps.env = clinic.env
    return ends.replace(second=0, microsecond=0)


async def living_in(clinic: Clinic, zone: str | None) -> int:
    patient = await clinic.patient()
    await clinic.value("update patient set zone = $2 where id = $1", patient, zone)
    return patient


async def test_a_campaign_comes_in_the_morning_of_where_somebody_lives(clinic: Clinic) -> None:
    morning = await night_of(clinic, NEW_YORK)
    there, here = await living_in(clinic, "America/New_York"), await living_in(clinic, None)
    nowhere = await living_in(clinic, "Nowhere/Land")
    campaign = await clinic.begin()
    seen = await clinic.preview(campaign)
    assert (seen.go, seen.later) == (2, {"quiet_hours": 1})
    assert seen.later_until["quiet_hours"] == morning
    await clinic.work()
    assert await clinic.ends(campaign) == {
        there: ("pending", "quiet_hours"),
        here: ("sent", None),
        nowhere: ("sent", None),
    }
    due_at = await clinic.value("select due_at from recipient where patient_id = $1", there)
    assert due_at == morning
    # Their morning came: a night of theirs that is over, and one of the clinic that has begun.
    await night_of(clinic, TOKYO)
    await clinic.value("update recipient set due_at = now() where patient_id = $1", there)
    await clinic.work()
    assert (await clinic.ends(campaign))[there] == ("sent", None)
