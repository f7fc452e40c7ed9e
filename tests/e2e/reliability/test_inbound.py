"""What patients send: nothing is lost, nothing has an effect twice, everything keeps its order."""

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Sequence

from bot.crash import POINTS
from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import add_accounts, add_greetings
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import (
    Event,
    line_event,
    line_user,
    telegram_event,
    telegram_user,
)
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.sizes import SAYINGS, Size, sizes
from tests.e2e.reliability.waiting import until

# R2 -----------------------------------------------------------------------------------------------


@sizes(Size(40, 400, 5), Size(200, 10_000, 20))
async def test_no_event_is_lost_or_handled_twice_while_web_processes_are_killed(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed, webs=2, workers=1) as rig:
        waiting = iter(range(size.events))
        for number in range(size.patients):
            await rig.telegram.control("start", user_id=telegram_user(number))

        async def speak() -> None:
            for n in waiting:
                patient = int(chance(seed, "who", n) * size.patients)
                text = SAYINGS[n % len(SAYINGS)]
                if n % 5:
                    await rig.line.act("say", line_user(patient), text=text)
                else:
                    await rig.telegram.control("say", user_id=telegram_user(patient), text=text)

        async def kill() -> None:
            for n in range(size.kills):
                await asyncio.sleep(0.3 + chance(seed, "pause", n) * 0.6)
                alive = [one for one in rig.children if one.name == "web" and one.alive]
                await rig.kill(alive[n % len(alive)])
                await rig.web()

        speaking = asyncio.gather(*(speak() for _ in range(8)))
        await kill()
        await speaking
        within = 60 + size.events / 50
        took = await until(rig.taken_and_settled, within, "everything is handled and sent")

        said = size.events - (size.events + 4) // 5
        telegram = size.events - said + size.patients
        stats = await rig.line.stats()
        count = "select count(*) from inbound where channel = $1"
        books = await close_books(rig)
        note(
            "R2",
            seed=seed,
            kills=rig.kills,
            settled=took,
            webhooks=stats["webhooks"],
            **books.figures(),
        )
        assert stats["untaken"] == []
        assert await rig.value(count, "line") == said
        assert await rig.value(count, "telegram") == telegram
        assert await inbound_faults(rig, {}) == []
        assert books.faults == []
        assert rig.complaints() == []


async def test_a_process_killed_at_any_named_point_loses_and_doubles_nothing(rigs: Rigs) -> None:
    in_web = ("inbound_stored", "turn_committed", "inflight_committed", "platform_called")
    in_worker = ("outbox_claimed", "inflight_committed", "platform_called", "before_settling")
    assert {*in_web, *in_worker, "alert_written"} == POINTS  # the last one: test_escalations
    async with rigs.open(seed=1, webs=1) as rig:
        for n, point in enumerate(in_web, 1):
            doomed = await rig.web(n, KAYOI_CRASH_AT=point)
            await rig.line.control("webhook", url=rig.webhook("line", n), redelivery_after=1.0)
            await rig.line.act("say", line_user(n), text="hello")
            assert await asyncio.wait_for(doomed.ended, 15) == -signal.SIGKILL, point
            rig.kills += 1
        await rig.line.control("webhook", url=rig.webhook("line"), redelivery_after=1.0)
        for n, point in enumerate(in_worker, 1):
            await add_greetings(rig, "line", [n * 100 + i for i in range(5)])
            await add_greetings(rig, "telegram", [n * 100 + i for i in range(2)])
            doomed = await rig.worker(KAYOI_CRASH_AT=point)
            assert await asyncio.wait_for(doomed.ended, 15) == -signal.SIGKILL, point
            rig.kills += 1
        await rig.worker()
        await until(rig.settled, 40, "everything is handled and sent")
        books = await close_books(rig)
        note("R2 named points", hit=rig.kills, **books.figures())
        assert await inbound_faults(rig, {}) == []
        assert books.faults == []
        assert await rig.value("select count(*) from inbound where channel = 'line'") == len(in_web)


# R3 -----------------------------------------------------------------------------------------------


@sizes(Size(40, 400), Size(400, 10_000))
async def test_repeated_simultaneous_and_late_events_have_their_effect_once(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed, workers=1) as rig:
        for number in range(2):
            await rig.web(number)
        events = [_event(seed, n, size) for n in range(size.events)]
        await add_accounts(rig, "telegram", range(size.patients))
        half = len(events) // 2
        slowest = await _stream(rig, events[:half])
        await rig.stores.flush()
        slowest = max(slowest, await _stream(rig, events[half:]))
        await until(rig.settled, 60 + size.events / 20, "everything is handled and sent")
        await rig.rows("update inbound set received_at = received_at - interval '48 hours'")
        late = [event for n, event in enumerate(events) if chance(seed, "late", n) < 0.02]
        for event in late:
            assert await event.post(rig.line.session, rig.webhook(event.channel)) == 200
        await until(rig.settled, 20, "late repeats change nothing")

        taken: dict[str, set[str]] = defaultdict(set)
        for event in events:
            taken[event.channel].add(event.event_id)
        books = await close_books(rig)
        note("R3", seed=seed, late=len(late), slowest_webhook=round(slowest, 3), **books.figures())
        assert await rig.value("select count(*) from inbound") == size.events
        assert await inbound_faults(rig, taken) == []
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert slowest < 2.0
        assert rig.complaints() == []


async def _stream(rig: Rig, events: Sequence[Event]) -> float:
    """Send them in bursts to both processes: 20 % again later, 5 % to both at the same instant.

    The slowest answer but one, in seconds: the machine itself may stand still once.
    """
    times = []

    async def post(event: Event, number: int) -> None:
        url = rig.webhook(event.channel, number)
        began = time.monotonic()
        # What a platform hears nothing of it sends again.
        status = await event.post(rig.line.session, url) or await event.post(rig.line.session, url)
        assert status == 200, status
        times.append(time.monotonic() - began)

    again: list[Event] = []
    for first in range(0, len(events), 25):
        burst = []
        for event in events[first : first + 25]:
            draw = chance(rig.seed, "repeat", event.event_id)
            burst.append(post(event, int(draw * 100) % 2))
            if draw < 0.05:
                burst.append(post(event, 1 - int(draw * 100) % 2))
            elif draw < 0.25:
                again.append(event)
        repeats = [post(again.pop(0), n % 2) for n in range(min(len(again), 5))]
        # The same events in another order at the other process: as two batches that cross.
        await asyncio.gather(*burst, *repeats)
    await asyncio.gather(*(post(event, 0) for event in again))
    return sorted(times)[-2]


def _event(seed: int, n: int, size: Size) -> Event:
    patient = int(chance(seed, "who", n) * size.patients)
    text, at = SAYINGS[n % len(SAYINGS)], time.time()
    if n % 10:
        return line_event(n, line_user(patient), at, text)
    return telegram_event(n, telegram_user(patient), at, text)


async def test_a_batch_without_events_is_answered_200(rigs: Rigs) -> None:
    async with rigs.open(seed=1, webs=1) as rig:
        answer = await rig.line.session.post(
            f"{rig.line.url}/v2/bot/channel/webhook/test",
            json={},
            headers={"Authorization": f"Bearer {rig.line.token}"},
        )
        assert (await answer.json())["success"] is True
