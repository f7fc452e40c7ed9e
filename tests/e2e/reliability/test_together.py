"""R5 and R6 where every patient has two messages due at once, which go out in one call."""

import asyncio
from collections import Counter

from bot.channels.telegram.render import BETWEEN
from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.books import campaign_faults
from tests.e2e.reliability.campaign_rows import add_patients, start_campaign
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.test_outbound import BAD_ANSWERS, SLOW, TELEGRAM_BAD_ANSWERS
from tests.e2e.reliability.waiting import until

NAMES = ("One", "Two")  # more than two a day the policy puts off


@sizes(Size(patients=40, kills=4), Size(patients=2000, kills=40))
async def test_two_at_once_arrive_once_each_while_workers_are_killed_and_platforms_lie(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig:
        slow = 1 - sum(BAD_ANSWERS.values())
        await rig.line.control(
            "faults", rates={**BAD_ANSWERS, "delay": slow}, delay=SLOW, silence=1.0
        )
        await rig.telegram.control("faults", rates=TELEGRAM_BAD_ANSWERS)
        half = size.patients // 2
        patients = await add_patients(rig, "line", range(half))
        patients += await add_patients(rig, "telegram", range(half))
        for name in NAMES:
            await start_campaign(rig, patients, alike=False, name=name)
        for _ in range(2):
            await rig.worker()
        for n in range(size.kills):
            await asyncio.sleep(0.6 + chance(seed, "pause", n))
            alive = [one for one in rig.children if one.alive]
            await rig.kill(alive[n % len(alive)])
            await rig.worker()
        took = await until(rig.settled, 120 + size.patients / 5, "everything is sent")
        delivered, together = _delivered(rig)
        ends = {
            (row["channel"], row["state"]): row["count"]
            for row in await rig.rows(
                """select a.channel, r.state, count(*) from recipient r
                   join chat_account a on a.id = r.account_id group by 1, 2"""
            )
        }
        note(
            "together",
            seed=seed,
            kills=rig.kills,
            settled=round(took, 1),
            ends={" ".join(one): count for one, count in ends.items()},
            calls_of_several=together,
        )
        assert max(delivered.values()) == 1
        assert together > half // 2
        assert {one for one in ends if one[0] == "line"} == {("line", "sent")}
        assert {one[1] for one in ends} <= {"sent", "unknown"}
        assert await _said_but_not_delivered(rig, delivered) == []
        assert await campaign_faults(rig, len(NAMES) * 2 * half) == []
        assert (await rig.line.stats())["changed_retries"] == []
        assert rig.complaints() == []


def _delivered(rig: Rig) -> tuple[Counter[str], int]:
    """How often each text arrived, by the platforms' own books, and how many calls had several."""
    calls = [[one["text"] for one in entry["body"]] for entry in rig.line.ledger()]
    calls += [
        entry["text"].split(BETWEEN)
        for entry in rig.telegram.ledger()
        if entry["method"] == "sendMessage"
    ]
    return Counter(text for call in calls for text in call), sum(len(call) > 1 for call in calls)


async def _said_but_not_delivered(rig: Rig, delivered: Counter[str]) -> list[str]:
    """Who we say got a message that did not arrive: every text names its patient."""
    rows = await rig.rows(
        """select c.name || ', dear ' || p.name || '.' as text from recipient r
           join campaign c on c.id = r.campaign_id join patient p on p.id = r.patient_id
           where r.state = 'sent'"""
    )
    return [row["text"] for row in rows if not delivered[row["text"]]]
