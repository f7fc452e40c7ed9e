"""`kayoi bench webhooks`: how soon signed events are answered at a steady rate, against raw, and
while a campaign is being sent."""

import asyncio
from typing import Any

import asyncpg

from bot.commands.bench_beside import sending
from bot.commands.bench_house import House, house, raw, web
from bot.commands.bench_load import BenchFailed, Pace, Times, milliseconds
from clinic.db import connect_arguments

RATE = 200.0  # events a second
SECONDS = 20
WARM = 200  # events before the clock runs: new connections to the database are slow at first
PATIENTS = 1000  # who write in turn
HANDLED_WITHIN = 60.0  # s until the turns of the last events are done


async def webhooks(size: int | None) -> dict[str, Any]:
    """Send RATE events a second for `size` seconds (default SECONDS), to both sides in turn.

    Then again to the product, while a worker sends campaigns to a LINE of its own. Every event is
    a patient's message that the bot answers. Raises BenchFailed if one got lost, or if the
    campaigns were not under way all the time.
    """
    seconds = SECONDS if size is None else size
    count = int(RATE * seconds)
    async with house(PATIENTS) as place, web(place) as process, raw(place, []):
        loop = asyncio.get_running_loop()
        place.to_raw("store")
        await _send(place, WARM)
        limit = await _send(place, count)
        place.to_product()
        await _send(place, WARM)
        await _handled(place, WARM)
        began = loop.time()
        ours = await _send(place, count)
        sent_for = loop.time() - began
        behind = await _handled(place, WARM + count)
        async with sending(place, seconds) as campaign:
            await campaign.begun()
            beside = await _send(place, count)
            sent = await campaign.sent()
        await _handled(place, WARM + 2 * count)
        memory = process.memory_info().rss
        statuses = place.line.statuses
    answer, raw_answer = milliseconds(ours.answers), milliseconds(limit.answers)
    during = {"answer_ms": milliseconds(beside.answers), "campaign_messages": sent}
    return {
        "bench": "webhooks",
        "seconds": seconds,
        "events": count,
        "events_per_second": round(count / sent_for, 1),
        "not_2xx": sum(n for status, n in statuses.items() if not 200 <= status < 300),
        "answer_ms": answer,
        "raw_answer_ms": raw_answer,
        "ratio": round(raw_answer["p99"] / answer["p99"], 3),
        "during_campaign": during,
        "handled_after_seconds": round(behind, 1),
        "web_rss_mb": round(memory / 2**20, 1),
    }


async def _send(place: House, count: int) -> Times:
    """Send so many events at RATE, whether earlier ones are answered or not."""
    times, pace, line = Times(), Pace(RATE), place.line
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            user = place.patients[number % len(place.patients)].user
            since = await pace.place()
            event = line.simulator.platform.text(user, "hello")
            group.create_task(line.post(event, times, since))
    return times


async def _handled(place: House, count: int) -> float:
    """Wait until every event has had its turn; seconds. Raises BenchFailed if one is missing."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    connection = await asyncpg.connect(**connect_arguments(place.url))
    try:
        async with asyncio.timeout(HANDLED_WITHIN):
            while await connection.fetchval("select count(*) from inbound where state = 'new'"):  # noqa: ASYNC110  # it waits for others
                await asyncio.sleep(0.1)
        waited = loop.time() - began
        stored = await connection.fetchval("select count(*) from inbound where state = 'done'")
    except TimeoutError:
        raise BenchFailed("some events were never handled") from None
    finally:
        await connection.close()
    if stored != count:
        raise BenchFailed(f"{count} events were sent, {stored} are in the ledger")
    return waited
