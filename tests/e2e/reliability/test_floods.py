"""Wrongly signed webhooks by the thousand keep nobody out and leave nothing behind (R27)."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.commands.bench_load import Pace, milliseconds
from tests.e2e.reliability.books import inbound_faults
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import line_event, line_user
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.waiting import until

Told = dict[str, Any]
PATIENTS = 50
GOOD = 20.0  # rightly signed events a second
ANSWERED_WITHIN = 0.5  # s, 99 of 100
AT_THE_RATE = 1.1  # the flood may take so much longer than it was to: else it was none
MEMORY = 50 * 2**20  # bytes


async def flood(rig: Rig, rate: float, seconds: float) -> Told:
    """Of a process of its own; what it counted."""
    arguments = str(rig.ports[0]), str(rate), str(seconds)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.reliability.flooder", *arguments),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    told: Told = json.loads(out)
    return told


@dataclass(slots=True)
class Good:
    """What patients sent meanwhile."""

    taken: set[str] = field(default_factory=set)  # ids that were answered 200
    refused: list[int] = field(default_factory=list)  # other answers
    times: list[float] = field(default_factory=list)  # s to the answer

    async def send(self, rig: Rig, number: int) -> None:
        """One event."""
        event = line_event(number, line_user(number % PATIENTS), time.time(), "hello")
        began = time.monotonic()
        url = rig.webhook("line")
        # What a platform hears nothing of it sends again.
        status = await event.post(rig.line.session, url) or await event.post(rig.line.session, url)
        self.times.append(time.monotonic() - began)
        if status == 200:
            self.taken.add(event.event_id)
        else:
            self.refused.append(status)

    async def until(self, rig: Rig, flooding: asyncio.Task[Told]) -> None:
        """Events at a steady rate until the flood is over."""
        pace, number = Pace(GOOD), PATIENTS
        async with asyncio.TaskGroup() as group:
            while not flooding.done():
                await pace.place()
                group.create_task(self.send(rig, number))
                number += 1


@pytest.mark.parametrize(
    ("rate", "seconds", "timed"),
    [
        pytest.param(300, 3, False, id="short"),
        pytest.param(2_000, 30, True, id="full", marks=pytest.mark.long),
    ],
)
async def test_a_flood_of_wrong_signatures_keeps_no_patient_out_and_is_stored_nowhere(
    rigs: Rigs, rate: int, seconds: int, timed: bool
) -> None:
    async with rigs.open(seed=1, webs=1, workers=1) as rig:
        web = psutil.Process(rig.children[0].pid)
        good = Good()
        for number in range(PATIENTS):
            await good.send(rig, number)
        await until(rig.settled, 60, "the first events are handled")
        good.times.clear()
        before = web.memory_info().rss
        flooding = asyncio.create_task(flood(rig, rate, seconds))
        await good.until(rig, flooding)
        told = await flooding
        grown = web.memory_info().rss - before
        sent = len(good.times)
        await until(rig.settled, 60 + sent / 10, "the good ones are handled and answered")
        answers = milliseconds(good.times)
        note("R27", rate=rate, good=sent, answer_ms=answers, grown_mb=grown >> 20, **told)
        assert told["statuses"] == {"401": rate * seconds}
        assert good.refused == []
        assert sent >= GOOD * seconds * 0.9
        stored = "select count(*) from inbound"
        assert await rig.value(stored) == len(good.taken) == PATIENTS + sent
        assert await rig.value(f"{stored} where event_id like '%FLOOD%'") == 0
        assert await inbound_faults(rig, {"line": good.taken}) == []
        assert rig.complaints() == []
        assert grown <= MEMORY
        if timed:
            assert told["seconds"] <= seconds * AT_THE_RATE, "the machine could not send so many"
            assert answers["p99"] <= ANSWERED_WITHIN * 1000
