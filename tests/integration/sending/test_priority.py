"""What goes out first: a reply, safety, visits, plans, greetings, marketing; whatever was written
first."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from bot import outbox_lanes
from bot.channels.channel import Channel, Outcome, Reply
from clinic.conversation.service import account_of
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import PRIORITIES, DeliveryClass, Message
from tests.integration.sending.clinic import Rows
from tests.integration.sending.conftest import KEYS, House, user

pytestmark = pytest.mark.server
CLASSES = (
    {"dialogue", "staff"},
    {"emergency", "alert", "on_call"},
    {"queue", "reminder", "offer"},
    {"form", "check_in", "question", "plan"},
    {"greeting", "education"},
    {"marketing"},
)
# Alerts go to a chat of somebody's on the staff, and while their escalation is open.
_ON_CALL = """
  with s as (insert into staff (name, role) values ($2, 'doctor') returning id)
  insert into staff_account (staff_id, account_id) select id, $1 from s
"""
_OPEN = """
  insert into escalation (key, conversation_id, source, level, rule, state)
  select gen_random_uuid(), id, 'red_flag', 4, 'chest_pain', 'open' from conversation
  where account_id = $1 returning id
"""
MANY = 200
BEGUN = 10  # of a campaign, when somebody writes


async def _write(house: House, purpose: str, number: int, *, of_campaign: bool = False) -> None:
    """A message to a chat of its own, with its purpose as its text."""
    async with house.env.database.transaction() as tx:
        account = (await account_of(tx, KEYS, "line", user(number))).account_id
        kind = DeliveryClass.CAMPAIGN if of_campaign else DeliveryClass.MUST_ARRIVE
        one = Outgoing(account, Message(purpose, "en"), f"{number}", purpose, kind)
        if purpose in ("alert", "on_call"):
            await tx.execute(_ON_CALL, account, f"Dr. {number}")
            one = replace(one, escalation_id=await tx.fetchval(_OPEN, account))
        assert await enqueue(tx, KEYS, one)


def _said(house: House) -> list[str]:
    return [entry["body"][0]["text"] for entry in house.line.ledger.entries]


def test_there_are_six_classes_and_every_purpose_is_in_one() -> None:
    found = [{one for one, n in PRIORITIES.items() if n == place} for place in range(6)]
    assert found == list(CLASSES)
    assert set(PRIORITIES.values()) == set(range(6))


async def test_what_was_written_last_goes_first_if_it_is_more_urgent(house: House) -> None:
    backwards = [purpose for of in reversed(CLASSES) for purpose in sorted(of)]
    for number, purpose in enumerate(backwards):
        await _write(house, purpose, number)
    while await house.sender.sweep(1):  # one at a time, so that the ledger tells their order
        pass
    order = [PRIORITIES[said] for said in _said(house)]
    assert sorted(_said(house)) == sorted(backwards)
    assert order == sorted(order)


async def test_in_bulk_a_plan_goes_before_a_greeting_and_a_greeting_before_marketing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_lanes, "BATCH", 1)
    wrong = ["marketing", "greeting", "marketing", "education", "plan"]
    for number, purpose in enumerate(wrong):
        await _write(house, purpose, number, of_campaign=True)
    for _ in wrong:
        await house.look_once()
    assert _said(house) == ["plan", "greeting", "education", "marketing", "marketing"]


async def test_one_text_for_many_goes_by_its_class_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_lanes, "CHUNKS", 1)
    campaign = await house.campaign()
    for number, purpose in enumerate(("marketing", "greeting", "plan")):
        people = await house.people(campaign, range(2 * number, 2 * number + 2))
        async with house.env.database.transaction() as tx:
            await Rows(KEYS, purpose).chunk(tx, people, purpose)
    for _ in range(3):
        await house.look_once()
    assert _said(house)[::2] == ["plan", "greeting", "marketing"]


class _Slow:
    """The channel, on which a campaign's messages come to a standstill after the first few."""

    def __init__(self, channel: Channel) -> None:
        self.channel, self.begun = channel, 0
        self.standing, self.goes_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.channel, name)

    async def send(
        self, address: str, message: Message, *, key: UUID, reply: Reply | None = None
    ) -> Outcome:
        if message.text.startswith("Come again"):
            self.begun += 1
            if self.begun > BEGUN:
                self.standing.set()
                await self.goes_on.wait()
        return await self.channel.send(address, message, key=key, reply=reply)


async def test_a_reply_in_the_middle_of_a_campaign_goes_next(house: House) -> None:
    slow = _Slow(house.env.channels["line"])
    channels: Mapping[str, Any] = {"line": slow}
    assert isinstance(house.env.channels, dict)
    house.env.channels.update(channels)
    campaign = await house.campaign()
    await house.queue(await house.people(campaign, range(MANY)))
    sending = asyncio.create_task(house.sweep())
    async with asyncio.timeout(60):
        await slow.standing.wait()
        while len(_said(house)) < BEGUN:  # noqa: ASYNC110  # those that are let through arrive
            await asyncio.sleep(0.01)
        await _write(house, "reminder", MANY)
        await _write(house, "dialogue", MANY + 1)
        assert await house.sender.sweep(1) == 1
        assert _said(house)[BEGUN:] == ["dialogue"]  # nobody waited for the campaign
        assert await house.sender.sweep(1) == 1
        assert _said(house)[BEGUN:] == ["dialogue", "reminder"]
        slow.goes_on.set()
        await sending
    assert len(_said(house)) == MANY + 2
    assert await house.states(campaign) == {"sent": MANY}
