"""Staff pause a campaign that is under way, go on with it and cancel it, and workers follow."""

import asyncio

from clinic.campaign import service
from clinic.campaign.types import Campaign
from tests.e2e.reliability.books import campaign_faults, close_books
from tests.e2e.reliability.campaign_rows import add_patients, start_campaign
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.waiting import Condition, until

# Telegram's pace keeps its campaign under way for 20 s, so that it is surely stopped in its middle.
ON_LINE, ALIKE, ON_TELEGRAM = 1200, 60, 600
SLOW = 0.4  # s that LINE takes for an answer
BEGUN = 20  # messages
STANDS_WITHIN = 15.0  # s
STILL = 3.0  # s; each worker looks every second
GOES_ON_WITHIN = 20.0  # s; a row that waits for its campaign is looked at every minute by itself


async def test_a_campaign_stands_still_goes_on_and_ends_when_staff_say_so(rigs: Rigs) -> None:
    async with rigs.open(seed=1) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=SLOW)
        own = await add_patients(rig, "line", range(ON_LINE))
        alike = await add_patients(rig, "line", range(ON_LINE, ON_LINE + ALIKE))
        far = await add_patients(rig, "telegram", range(ON_TELEGRAM))
        going = [
            await start_campaign(rig, own, alike=False, name="Own"),
            await start_campaign(rig, far, alike=False, name="Far"),
        ]
        await rig.worker()
        await until(_more(rig, BEGUN), 60, "both are under way")

        for campaign in going:
            await _press(rig, "pause", campaign)
        still = await until(_nothing_under_way(rig), 60, "nothing is at a platform any more")
        # What begins while it is paused does not leave either.
        late = await start_campaign(rig, alike, alike=True, name="Alike")
        await _press(rig, "pause", late)
        stood = _left(rig)
        await rig.worker()
        await asyncio.sleep(STILL)
        left_meanwhile = [now - then for now, then in zip(_left(rig), stood, strict=True)]

        for campaign in (*going, late):
            await _press(rig, "resume", campaign)
        again = await until(_more_than(rig, stood, BEGUN), 120, "both go on")
        await _press(rig, "cancel", going[1])
        ended = await until(_ended(rig, going[1]), 60, "the cancelled one has ended")
        await until(rig.settled, 120, "the others are sent")
        books = await close_books(rig)
        ends = {row["ends"]: row["count"] for row in await rig.rows(_ENDS, going[1])}
        note(
            "campaign paused, resumed, cancelled",
            stands_after=round(still, 2),
            at_pause=stood,
            goes_on_after=round(again, 2),
            ended_after=round(ended, 2),
            ends=ends,
            **books.figures(),
        )
        assert left_meanwhile == [0, 0]
        assert stood[1] < ON_TELEGRAM
        assert still <= STANDS_WITHIN
        assert again <= GOES_ON_WITHIN
        assert ended <= STANDS_WITHIN
        assert ends.keys() == {"others sent", "cancelled one sent", "cancelled one cancelled"}
        assert ends["others sent"] == ON_LINE + ALIKE
        assert sum(ends.values()) == ON_LINE + ALIKE + ON_TELEGRAM
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert await campaign_faults(rig, ON_LINE + ALIKE + ON_TELEGRAM) == []
        assert rig.complaints() == []


_ENDS = """
  select case when campaign_id = $1 then 'cancelled one ' else 'others ' end || state as ends,
         count(*)
  from recipient group by 1
"""


async def _press(rig: Rig, deed: str, campaign: int) -> None:
    """What the button of that name does."""
    does = {"pause": service.pause, "resume": service.resume, "cancel": service.cancel}[deed]
    async with rig.database.transaction() as tx:
        done = await does(tx, campaign, None)
    assert isinstance(done, Campaign), done


def _left(rig: Rig) -> list[int]:
    """How many messages the platforms have delivered: LINE, Telegram."""
    sent = [entry for entry in rig.telegram.ledger() if entry["method"] == "sendMessage"]
    return [len(rig.line.ledger()), len(sent)]


def _more(rig: Rig, count: int) -> Condition:
    return _more_than(rig, [0, 0], count)


def _more_than(rig: Rig, before: list[int], count: int) -> Condition:
    """Whether so many more have left since then, if there were as many."""

    def more() -> bool:
        line, telegram = _left(rig)
        return line >= min(before[0] + count, ON_LINE) and telegram >= before[1] + count

    return more


def _nothing_under_way(rig: Rig) -> Condition:
    async def stands() -> bool:
        return not await rig.value("select count(*) from outbox where state = 'inflight'")

    return stands


def _ended(rig: Rig, campaign: int) -> Condition:
    async def over() -> bool:
        query = """select not exists (select from recipient
                     where campaign_id = $1 and state in ('pending', 'queued'))"""
        return bool(await rig.value(query, campaign))

    return over
