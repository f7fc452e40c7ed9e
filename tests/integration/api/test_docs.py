"""docs/api.md: every example in it works as it stands there, and no route is left out."""

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest

from bot.api.fhir.table import ROUTES as FHIR
from bot.api.problem import CODES
from bot.api.table import ROUTES
from clinic.api_key.types import Scope
from clinic.campaign.service import create
from clinic.campaign.types import Campaign, Draft
from clinic.segment.read import read as read_filter
from clinic.segment.service import save
from clinic.segment.types import Saved
from tests.integration.api.house import House
from tests.integration.api.test_calendar import feed

pytestmark = pytest.mark.server
WORDS = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", WORDS, re.DOTALL)


async def places(house: House) -> dict[str, str]:
    """What the examples name."""
    visit = await house.booked()
    patient = await house.reachable()
    sent = await house.good("POST", "/messages", {"patient": patient, "text": "Hello"})
    tree = read_filter({"and": []})
    assert not isinstance(tree, tuple)
    draft = Draft(
        "Greeting",
        "notice",
        {"filter": {"and": []}},
        {"kind": "once", "at": "2027-01-01T09:00", "late": "skip"},
        {"texts": {"en": "Hello"}},
    )
    async with house.env.database.transaction() as tx:
        segment = await save(tx, "Everybody", tree, None)
        campaign = await create(tx, draft, None)
    assert isinstance(segment, Saved)
    assert isinstance(campaign, Campaign)
    _, path = await feed(house)
    return {
        "KAYOI": str(house.client.make_url("/")).rstrip("/"),
        "KEY": (await house.key()).secret,
        "PATIENT": patient,
        "VISIT": visit["id"],
        "MESSAGE": sent["id"],
        "SEGMENT": segment.key,
        "CAMPAIGN": str(campaign.key),
        "DAY": house.clinic.day(3).isoformat(),
        "STARTS_AT": (await house.slot(3))["starts_at"],
        "LATER": (await house.slot(5))["starts_at"],
        "FEED": path.removeprefix("/calendar/").removesuffix(".ics"),
    }


async def test_every_example_works(house: House) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl (Debian: apt-get install curl)")
    there = {"PATH": os.environ["PATH"], **await places(house)}
    assert len(BLOCKS) >= 7
    for block in BLOCKS:
        running = await asyncio.create_subprocess_exec(
            *("bash", "-ec", block),
            env=there,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(running.communicate(), 30)
        assert running.returncode == 0, f"{block}\n{told.decode()[-2000:]}"


def test_every_scope_code_and_resource_is_told_of() -> None:
    for word in (*Scope, *CODES, *{route.path.split("/")[1] for route in FHIR}):
        assert f"`{word}`" in WORDS or f"| {word} |" in WORDS, word
    for route in ROUTES:
        assert f"/api/v1/{route.path.split('/')[1]}" in WORDS, route.path
