"""What waits for one chat goes out in one call, each message judged and ended by itself."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.channel import NotSent, Outcome, Refused
from bot.channels.line.client import LineChannel
from bot.outbox_claims import claim_lane, open_claimed
from bot.outbox_store import Settlement, release_lapsed, settle
from bot.outbox_together import begin, one_of_each_chat
from clinic.ids import new_key
from clinic.message.bulk import enqueue_many
from clinic.message.service import WITHDRAWN, Outgoing
from clinic.message.types import DeliveryClass, Message
from tests.integration.sending.clinic import USEFUL
from tests.integration.sending.conftest import KEYS, House, user
from tests.integration.sending.test_lanes import LEASE

pytestmark = pytest.mark.server
A, B, C = ("care", "plan"), ("education", "greeting"), ("marketing", "marketing")


class Chat:
    """One patient with a chat on LINE, and campaigns that write to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.patient = self.account = 0
        self.campaigns: list[int] = []

    async def said(self, *texts: str, of: tuple[str, str] = A, number: int = 1) -> list[int]:
        """A recipient of a campaign of its own for each text, and its message; outbox ids."""
        found = []
        for text in texts:
            campaign = await self.house.campaign()
            self.campaigns.append(campaign)
            [recipient] = await self.house.people(campaign, range(number, number + 1))
            row = await self.house.value(
                "select array[patient_id, account_id] from recipient where id = $1", recipient
            )
            self.patient, self.account = self.patient or row[0], row[1]
            await self.house.execute(
                "update recipient set patient_id = $2 where id = $1", recipient, self.patient
            )
            found.append(await self._write(recipient, text, of))
        return found

    async def _write(self, recipient: int, text: str, of: tuple[str, str]) -> int:
        purpose: Any = of[0]
        async with self.house.env.database.transaction() as tx:
            [outbox] = await enqueue_many(
                tx,
                KEYS,
                [
                    Outgoing(
                        account_id=self.account,
                        message=Message(text, "en"),
                        dedup_key=f"recipient:{recipient}",
                        purpose=of[1],
                        delivery_class=DeliveryClass.CAMPAIGN,
                        useful_for=USEFUL,
                        link_version=0,
                        consent_purpose=purpose,
                        patient_id=self.patient,
                    )
                ],
            )
            await tx.execute(
                "update recipient set state = 'queued', outbox_id = $2 where id = $1",
                recipient,
                outbox,
            )
            await tx.execute(
                """insert into consent (account_id, purpose, notice_version, given)
                   values ($1, $2, '2.1', true)""",
                self.account,
                purpose,
            )
        assert outbox is not None
        return outbox

    async def pushes(self) -> list[list[str]]:
        """What arrived: the texts of each push."""
        return [[one["text"] for one in entry["body"]] for entry in self.house.line.ledger.entries]

    async def ends(self) -> list[str]:
        """States of the recipients, in the order of their campaigns."""
        found: list[str] = await self.house.value(
            "select array_agg(state order by campaign_id) from recipient"
        )
        return found

    async def rows(self) -> list[str]:
        """States of the messages, in order."""
        found: list[str] = await self.house.value("select array_agg(state order by id) from outbox")
        return found

    async def die_in_the_call(self, *, taken: bool) -> None:
        """A process begins to send and is killed: before LINE took the call, or after."""
        house, lease = self.house, new_key()
        channel: Any = house.env.channels["line"]
        async with house.env.database.transaction() as tx:
            rows = await one_of_each_chat(tx, await claim_lane(tx, "line", lease, LEASE, 10), lease)
            begun = await begin(tx, house.env, channel, rows, lease, LEASE)
        for row in rows if taken else ():
            said = open_claimed(KEYS, row).message, *begun.along.get(row.id, ())
            await channel.send_together(user(1), said, key=row.key)
        await house.execute(
            """update outbox set lease_until = now() - interval '1 second'
               where state = 'inflight' and lease_until < 'infinity'"""
        )
        await house.sender.sweep()  # whose part it is to judge those whose process died


@pytest.fixture
def chat(house: House) -> Chat:
    return Chat(house)


@pytest.mark.parametrize("purposes", [(A, A), (A, B), (C, A), (B, C)])
async def test_two_of_one_morning_come_as_one_push_that_counts_once(
    house: House, chat: Chat, purposes: tuple[tuple[str, str], ...]
) -> None:
    house.line.platform.quota = 500
    first, second = purposes
    await chat.said("One", of=first)
    await chat.said("Two", of=second)
    await chat.said("To somebody else", number=2)
    await house.sweep()
    assert sorted(map(sorted, await chat.pushes())) == [["One", "Two"], ["To somebody else"]]
    assert await chat.ends() == ["sent"] * 3
    assert await chat.rows() == ["sent"] * 3
    assert house.line.platform.used == 2
    assert house.line.calls["push 200"] == 2
    await house.sweep()
    assert len(await chat.pushes()) == 2


async def test_more_than_a_push_takes_go_in_two(house: House, chat: Chat) -> None:
    await chat.said(*"ABCDE", of=A)
    await chat.said(*"FG", of=C)
    await house.sweep()
    assert await chat.pushes() == [list("ABCDE"), list("FG")]
    assert await chat.ends() == ["sent"] * 7


async def test_what_waits_for_a_later_hour_does_not_come_along(house: House, chat: Chat) -> None:
    await chat.said("Now")
    [later] = await chat.said("Later")
    await house.execute(
        "update outbox set send_at = now() + interval '1 hour' where id = $1", later
    )
    await house.sweep()
    assert await chat.pushes() == [["Now"]]
    assert await chat.rows() == ["sent", "pending"]


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(
    ("change", "state"),
    [
        (
            """insert into consent (account_id, purpose, notice_version, given)
               select account_id, consent_purpose, '2.1', false from outbox where id = $1""",
            "skipped",
        ),
        ("update outbox set useful_until = now() where id = $1", "expired"),
        (
            """update campaign set state = 'cancelled' from recipient r
               where r.campaign_id = campaign.id and r.outbox_id = $1""",
            "cancelled",
        ),
        (
            """update campaign set state = 'paused' from recipient r
               where r.campaign_id = campaign.id and r.outbox_id = $1""",
            "queued",
        ),
    ],
    ids=["consent", "late", "cancelled", "paused"],
)
async def test_who_does_not_want_one_of_them_gets_the_others(
    house: House, chat: Chat, number: int, change: str, state: str
) -> None:
    ids = [(await chat.said(text, of=of))[0] for text, of in zip("ABC", (A, B, C), strict=True)]
    await house.execute(change, ids[number])
    await house.sweep()
    [push] = await chat.pushes()
    assert sorted(push) == sorted("ABC".replace("ABC"[number], ""))
    assert await chat.ends() == [state if n == number else "sent" for n in range(3)]
    await house.execute("update campaign set state = 'running' where state = 'paused'")
    await house.execute("update outbox set send_at = now() where state = 'pending'")
    await house.sweep()
    if state == "queued":
        assert (await chat.pushes())[1:] == [["ABC"[number]]]
        assert await chat.ends() == ["sent"] * 3


async def test_what_went_in_the_same_call_counts_for_the_week(house: House, chat: Chat) -> None:
    """Two workers released one each, neither of which saw the other's."""
    policy = house.env.settings.policy
    once = policy.per_week.model_copy(update={"marketing": 1})
    policy = policy.model_copy(update={"per_week": once})
    settings = house.env.settings.model_copy(update={"policy": policy})
    house.sender._env = house.lanes._env = replace(house.env, settings=settings)
    await chat.said("One", "Two", of=C)
    await house.sweep()
    assert await chat.pushes() == [["One"]]
    assert (await chat.ends()).count("sent") == 1


async def test_a_second_try_is_the_same_push(house: House, chat: Chat) -> None:
    await chat.said("One", "Two")
    house.line.faults.once("accept_then_500")
    await house.look_once()
    assert await chat.ends() == ["queued", "queued"]
    assert await chat.rows() == ["unknown", "inflight"]
    await chat.said("Three")  # came later, and is no part of that call
    await house.look_once()
    await house.execute("update outbox set send_at = now() where state = 'unknown'")
    await house.sweep()
    assert house.line.calls["push 409"] == 1
    assert await chat.pushes() == [["One", "Two"], ["Three"]]
    assert await chat.ends() == ["sent"] * 3


@pytest.mark.parametrize("taken", [False, True])
async def test_who_dies_in_the_call_leaves_one_that_is_known(
    house: House, chat: Chat, taken: bool
) -> None:
    await chat.said("One", "Two", "Three")
    await chat.die_in_the_call(taken=taken)
    assert await chat.rows() == ["unknown", "inflight", "inflight"]
    await house.sweep()
    assert await chat.pushes() == [["One", "Two", "Three"]]
    assert await chat.ends() == ["sent"] * 3
    assert await chat.rows() == ["sent"] * 3


async def test_one_that_may_not_go_out_any_more_leaves_the_whole_call_unknown(
    house: House, chat: Chat
) -> None:
    await chat.said("One", of=A)
    await chat.said("Two", of=C)
    await chat.die_in_the_call(taken=False)
    await house.execute(
        """insert into consent (account_id, purpose, notice_version, given)
           values ($1, 'marketing', '2.1', false)""",
        chat.account,
    )
    await house.sweep()
    assert await chat.pushes() == []
    assert await chat.rows() == ["unknown", "unknown"]
    assert await chat.ends() == ["unknown", "unknown"]


async def test_while_one_of_their_campaigns_is_paused_the_whole_call_waits(
    house: House, chat: Chat
) -> None:
    await chat.said("One", "Two")
    await chat.die_in_the_call(taken=True)
    await house.execute("update campaign set state = 'paused' where id = $1", chat.campaigns[1])
    await house.sweep()
    assert await chat.rows() == ["pending", "inflight"]
    await house.execute("update campaign set state = 'running'")
    await house.execute("update outbox set send_at = now() where state = 'pending'")
    await house.sweep()
    assert await chat.pushes() == [["One", "Two"]]
    assert await chat.ends() == ["sent", "sent"]
    assert await chat.rows() == ["sent", "sent"]


async def test_what_surely_did_not_go_out_comes_together_the_next_time(
    house: House, chat: Chat
) -> None:
    await chat.said("One", "Two")
    house.line.faults.once("429")
    await house.look_once()
    assert await chat.rows() == ["pending", "pending"]
    assert await house.value("select count(carrier_id) from outbox") == 0
    await house.execute("update outbox set send_at = now()")
    await house.env.redis.flushdb()
    house.env.limiter._local._blocked.clear()
    await house.sweep()
    assert await chat.pushes() == [["One", "Two"]]
    assert await chat.ends() == ["sent", "sent"]


async def test_after_a_refusal_each_is_tried_alone(
    house: House, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.said("One", "Two", "Three")
    push = LineChannel._push

    async def fussy(self: LineChannel, address: str, messages: Any, key: Any) -> Outcome:
        if "Two" in [message["text"] for message in messages]:
            return Refused("status 400: a message is invalid")
        return await push(self, address, messages, key)

    monkeypatch.setattr(LineChannel, "_push", fussy)
    await house.sweep()
    assert await chat.pushes() == [["One"], ["Three"]]
    assert await chat.ends() == ["sent", "refused", "sent"]
    assert await chat.rows() == ["sent", "refused", "sent"]


async def test_a_refusal_of_a_second_try_tells_nothing_of_the_first(
    house: House, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.said("One", "Two")
    await chat.die_in_the_call(taken=False)

    async def no(*_: Any) -> Outcome:
        return Refused("status 400")

    monkeypatch.setattr(LineChannel, "_push", no)
    await house.sweep()
    assert await chat.ends() == ["refused", "refused"]
    # That is what keeps staff from trying either once more.
    assert await house.value("select min(unknowns) from outbox") == 1


async def test_who_takes_no_message_at_all_is_left_alone_after_the_second(
    house: House, chat: Chat
) -> None:
    house.line.platform.anyone = False
    await chat.said("One", "Two", "Three")
    await house.sweep()
    assert house.line.calls["push 400"] == 2
    assert await chat.rows() == ["refused", "skipped", "skipped"]
    assert await chat.ends() == ["refused", "skipped", "skipped"]


async def test_one_that_does_not_open_keeps_nobody_from_the_others(
    house: House, chat: Chat
) -> None:
    ids = await chat.said("One", "Two", "Three")
    for number in (0, 2):
        await house.execute("update outbox set content = 'x' where id = $1", ids[number])
    await house.sweep()
    assert await chat.pushes() == [["Two"]]
    assert await chat.rows() == ["refused", "sent", "refused"]


async def test_a_call_that_was_ended_by_others_ends_what_went_along(
    house: House, chat: Chat
) -> None:
    first, _ = await chat.said("One", "Two")
    await chat.die_in_the_call(taken=True)
    await house.execute("update outbox set unknowns = 1, state = 'unknown' where id = $1", first)
    async with house.env.database.transaction() as tx:  # as when a patient died, or was erased
        await tx.execute(f"update outbox o set {WITHDRAWN} where o.id = $1", first, "deceased")
    async with house.env.database.transaction() as tx:
        await release_lapsed(tx, house.env)
        await release_lapsed(tx, house.env)
    assert await chat.rows() == ["unknown", "unknown"]
    assert (await chat.ends())[1] == "unknown"


async def test_whoever_has_one_of_a_call_in_hand_is_waited_for_when_it_ends(
    house: House, chat: Chat
) -> None:
    await chat.said("One", "Two")
    lease = new_key()
    channel: Any = house.env.channels["line"]
    async with house.env.database.transaction() as tx:
        claimed = await claim_lane(tx, "line", lease, LEASE, 10)
        rows = await one_of_each_chat(tx, claimed, lease)
        await begin(tx, house.env, channel, rows, lease, LEASE)
    async with asyncio.timeout(10), house.env.database.transaction() as merge:
        await merge.execute("select from outbox where id <> $1 for update", rows[0].id)
        ended = Settlement(rows[0].id, lease, NotSent("down", 0.0), bulk=True, carries=True)
        settling = asyncio.create_task(settle(house.env, house.sender._lane, [ended]))
        while not await merge.fetchval("select exists (select from pg_locks where not granted)"):
            assert not settling.done()
    await settling
    assert await chat.rows() == ["pending", "pending"]


async def test_what_is_in_a_doubtful_call_keeps_no_other_message_back(
    house: House, chat: Chat
) -> None:
    await chat.said("One", "Two", of=A)
    house.line.faults.once("accept_then_500")
    await house.look_once()
    await house.execute(
        "update outbox set send_at = now() + interval '1 hour' where state = 'unknown'"
    )
    await chat.said("Three", of=C)
    await house.sweep()
    assert await chat.pushes() == [["One", "Two"], ["Three"]]
