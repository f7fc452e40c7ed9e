"""What patients are sent: LINE exactly once, Telegram as its class says, whatever dies or lies."""

import asyncio
import time

from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import Visit, add_greetings, add_visits
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import line_event, line_user
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.talk import talking
from tests.e2e.reliability.waiting import until

# Of R6. What is not drawn goes well, but slowly enough to be under way when something dies.
BAD_ANSWERS = {
    "accept_then_500": 0.03,
    "accept_then_silence": 0.03,
    "500": 0.03,
    "429": 0.03,
    "reset": 0.02,
}
# A silence of Telegram's lasts as long as our patience, so here it breaks off instead.
TELEGRAM_BAD_ANSWERS = {
    {"accept_then_silence": "accept_then_reset"}.get(kind, kind): rate
    for kind, rate in BAD_ANSWERS.items()
}
AMBIGUOUS = ("accept_then_500", "accept_then_silence", "accept_then_reset", "500", "reset")
SLOW = 0.15  # s


@sizes(Size(patients=80, kills=7), Size(patients=2500, kills=45))
async def test_messages_arrive_once_while_workers_are_killed(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed, webs=1, workers=2) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=SLOW)
        async with talking(rig):
            for n in range(size.kills):
                first, last = (part * size.patients // size.kills for part in (n, n + 1))
                await _add_messages(rig, range(first, last))
                await asyncio.sleep(0.6 + chance(seed, "pause", n))
                alive = [one for one in rig.children if one.name == "worker" and one.alive]
                await rig.kill(alive[n % len(alive)])
                await rig.worker()
        took = await until(rig.settled, 60 + size.patients / 10, "everything is sent")
        books = await close_books(rig)
        note("R5", seed=seed, kills=rig.kills, settled=round(took, 1), **books.figures())
        assert books.faults == []
        assert await inbound_faults(rig, {}) == []
        assert rig.complaints() == []


# Some 9,000 messages at full length. Each 429 silences Telegram for 2 s, so one in 33 calls does.
@sizes(Size(patients=36, kills=1), Size(patients=1200, kills=20))
async def test_messages_arrive_once_when_platforms_answer_badly(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed, webs=1, workers=2) as rig:
        slow = 1 - sum(BAD_ANSWERS.values())
        await rig.line.control(
            "faults", rates={**BAD_ANSWERS, "delay": slow}, delay=SLOW, silence=1.0
        )
        await rig.telegram.control("faults", rates=TELEGRAM_BAD_ANSWERS)
        async with talking(rig):
            for n in range(size.kills):
                first, last = (part * size.patients // size.kills for part in (n, n + 1))
                await _add_messages(rig, range(first, last))
                await asyncio.sleep(1.5)
                await rig.kill(rig.children[-1])
                await rig.worker()
        took = await until(rig.settled, 90 + size.patients / 2, "everything is sent")
        line, telegram = (await rig.line.stats())["faults"], (await rig.telegram.stats())["faults"]
        ambiguous = sum(faults.get(kind, 0) for faults in (line, telegram) for kind in AMBIGUOUS)
        books = await close_books(rig, ambiguous=ambiguous)
        note(
            "R6",
            seed=seed,
            kills=rig.kills,
            settled=round(took, 1),
            bad_answers={"line": _bad(line), "telegram": _bad(telegram)},
            **books.figures(),
        )
        assert books.faults == []
        assert await inbound_faults(rig, {}) == []
        assert rig.complaints() == []


async def test_a_push_that_failed_after_a_dead_reply_token_is_not_taken_for_delivered(
    rigs: Rigs,
) -> None:
    async with rigs.open(seed=1, webs=1, workers=1) as rig:
        await rig.line.control("faults", once=["", "reset"])  # the reply is refused, the push lost
        event = line_event(1, line_user(1), time.time(), "hello", reply_token="0" * 32)
        assert await event.post(rig.line.session, rig.webhook("line")) == 200
        await until(rig.settled, 20, "the answer has its end")
        books = await close_books(rig, ambiguous=1)
        assert books.faults == []


def _bad(faults: dict[str, int]) -> int:
    return sum(number for kind, number in faults.items() if kind != "delay")


async def _add_messages(rig: Rig, numbers: range) -> None:
    """Reminders (must arrive) and greetings (campaign) on both channels."""
    await add_visits(rig, "line", [Visit(n) for n in numbers])
    await add_visits(rig, "telegram", [Visit(n) for n in numbers[::2]])
    await add_greetings(rig, "line", [100_000 + n for n in numbers[::2]])
    await add_greetings(rig, "telegram", [100_000 + n for n in numbers])
