"""What several campaigns and plans have to say to somebody in one morning comes as one message."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.channels.line.client import LineChannel
from bot.channels.telegram.client import TelegramChannel
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.telegram import TOKEN, TelegramSimulator
from bot.local.simulators.telegram_state import SimulatedTime
from bot.outbox import Sender
from bot.outbox_lanes import Lanes
from clinic.campaign import service
from clinic.campaign.types import Campaign
from clinic.consent.service import record
from scheduler import release
from tests.integration.campaigns.clinic import HELLO, Clinic
from tests.integration.plans.ward import Ward, step, words

pytestmark = pytest.mark.server
POLLEN = {"texts": {"ja": "{name}様、花粉の季節です。", "en": "Dear {name}, pollen."}}
CLOSED = {"texts": {"ja": "月曜は休診です。", "en": "Closed on Monday."}}
OPEN = {"texts": {"ja": "土曜も診療します。", "en": "Open on Saturdays."}}
GREETED, TOLD = "山田 花子様、お元気ですか。", "山田 花子様、花粉の季節です。"


@dataclass
class Morning:
    """A clinic on LINE and Telegram, and one worker."""

    clinic: Clinic
    line: LineSimulator
    telegram: TelegramSimulator
    lanes: Lanes

    async def on_line(self, number: int = 1) -> int:
        """A patient on LINE."""
        patient = await self.clinic.patient(channel=None)
        await self._at(await self.clinic.chat(patient, "line"), f"U{number:032x}")
        return patient

    async def on_telegram(self, number: int) -> int:
        """A patient on Telegram."""
        self.telegram.start(number)
        patient = await self.clinic.patient(channel=None)
        await self._at(await self.clinic.chat(patient, "telegram"), str(number))
        return patient

    async def _at(self, account: int, address: str) -> None:
        keys = self.clinic.env.keys
        index = await self.clinic.value(
            "select address_index from chat_account where id = $1", account
        )
        sealed = keys.seal(address.encode(), "chat_account.address", index)
        await self.clinic.value(
            "update chat_account set address = $2 where id = $1", account, sealed
        )

    async def send(self) -> None:
        """Send all that is due."""
        found = 1
        while found:
            self.lanes.wake()
            found = await self.lanes.sweep()
            await self.lanes.finish()

    async def passes(self) -> None:
        """Until nothing waits for company any more."""
        await self.clinic.value("update outbox set send_at = now() where state = 'pending'")
        await self.send()

    def pushes(self) -> list[list[str]]:
        """What arrived on LINE, by call to one."""
        return [
            [one.get("text", one["type"]) for one in entry["body"]]
            for entry in self.line.ledger.entries
        ]


@pytest.fixture
async def morning(clinic: Clinic) -> AsyncIterator[Morning]:
    line = LineSimulator(time=SimulatedTime(), anyone=True, quota=500)
    await line.start()
    async with TelegramSimulator(manual_time=True) as telegram:
        channels: dict[str, Any] = {
            "line": LineChannel(line.channel_secret, line.channel_access_token, line.base),
            "telegram": TelegramChannel(TOKEN, "s3cret", telegram.url),
        }
        clinic.env = replace(clinic.env, channels=channels)
        clinic.sweeps.env = clinic.env
        sender = Sender(clinic.env)
        yield Morning(clinic, line, telegram, Lanes(clinic.env, sender))
        for channel in channels.values():
            await channel.close()
    await line.stop()
    assert line.platform.changed_retries == []


async def begin(clinic: Clinic, *contents: dict[str, Any], **fields: Any) -> list[Campaign]:
    """Campaigns that are due now, one after the other."""
    begun = [await clinic.begin(content=one, **fields) for one in contents]
    while await clinic.sweeps.make():
        pass
    return begun


async def test_two_campaigns_of_one_morning_are_one_push_with_two_texts(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_line()
    greeting, pollen = await begin(clinic, HELLO, POLLEN)
    assert await clinic.sweeps.release() == 2
    await morning.send()
    assert [sorted(push) for push in morning.pushes()] == [sorted([GREETED, TOLD])]
    assert morning.line.platform.used == 1
    for one in (greeting, pollen):
        assert await clinic.ends(one) == {patient: ("sent", None)}
    await clinic.work()
    await morning.send()
    assert len(morning.pushes()) == 1
    assert [await clinic.state(one) for one in (greeting, pollen)] == ["finished", "finished"]


async def test_on_telegram_they_are_one_text(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_telegram(7)
    begun = await begin(clinic, HELLO, POLLEN)
    await clinic.sweeps.release()
    await morning.send()
    [text] = morning.telegram.received(7)
    assert sorted(text.split("\n\n———\n\n")) == sorted([GREETED, TOLD])
    for one in begun:
        assert await clinic.ends(one) == {patient: ("sent", None)}


async def test_who_agreed_to_one_of_the_purposes_gets_that_one(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_line()
    async with clinic.env.database.transaction() as tx:
        account = await tx.fetchval("select id from chat_account")
        await record(tx, account, "marketing", "1", given=True)
    [greeting] = await begin(clinic, HELLO)
    [offer] = await begin(clinic, POLLEN, kind="event")
    await clinic.sweeps.release()
    assert len(await clinic.messages(patient)) == 2
    async with clinic.env.database.transaction() as tx:
        await record(tx, account, "marketing", "1", given=False)  # before it is sent
    await morning.passes()
    assert morning.pushes() == [[GREETED]]
    assert await clinic.ends(greeting) == {patient: ("sent", None)}
    assert await clinic.ends(offer) == {patient: ("skipped", "no_consent")}


async def test_one_that_does_not_come_is_not_waited_for_long(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_line()
    greeting, pollen = await begin(clinic, HELLO, POLLEN)
    # Whoever would have released the other one died.
    await release.release(clinic.env, clinic.sweeps.setting, greeting.id)
    await morning.send()
    assert morning.pushes() == []
    waits = await clinic.value("select extract(epoch from send_at - now()) from outbox")
    assert 0 < waits <= 20
    await morning.passes()
    assert morning.pushes() == [[GREETED]]
    await clinic.sweeps.release()
    await morning.send()
    assert morning.pushes() == [[GREETED], [TOLD]]
    for one in (greeting, pollen):
        assert await clinic.ends(one) == {patient: ("sent", None)}


async def test_who_has_one_message_only_waits_for_nothing(morning: Morning) -> None:
    clinic = morning.clinic
    await morning.on_line()
    paused, _ = await begin(clinic, POLLEN, HELLO)
    await clinic.act(service.pause, paused)
    await clinic.sweeps.release()
    await morning.send()
    assert morning.pushes() == [[GREETED]]


async def test_who_gets_two_is_taken_out_of_the_calls_to_many(morning: Morning) -> None:
    clinic = morning.clinic
    both, others = await morning.on_line(1), [await morning.on_line(n) for n in (2, 3, 4)]
    [closed] = await begin(clinic, CLOSED)
    [opened] = await begin(clinic, OPEN, audience={"patients": [both]})
    await clinic.sweeps.release()
    await morning.send()
    assert morning.line.calls["multicast 200"] == 1
    assert morning.line.calls["push 200"] == 1
    assert sorted(map(len, morning.pushes())) == [1, 1, 1, 2]
    assert await clinic.ends(closed) == dict.fromkeys((both, *others), ("sent", None))
    assert await clinic.ends(opened) == {both: ("sent", None)}


async def test_a_step_of_a_plan_comes_along(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_line()
    ward = Ward(clinic.env)
    await ward.enrol(await ward.definition(step(asks=False, text=words("Rest."))), patient)
    [greeting] = await begin(clinic, HELLO)
    await clinic.sweeps.release()
    await morning.send()
    assert morning.pushes() == []  # it waits for the step
    await ward.sweep()
    await morning.send()
    assert [sorted(push) for push in morning.pushes()] == [sorted([GREETED, "Rest."])]
    assert await clinic.ends(greeting) == {patient: ("sent", None)}
    await ward.sweep()
    assert await clinic.rows("select state, reason from care_plan_activity") == [
        ("completed", "sent")
    ]


async def test_a_step_of_a_plan_waits_for_a_campaign(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_line()
    ward = Ward(clinic.env)
    [greeting] = await begin(clinic, HELLO)
    await ward.enrol(await ward.definition(step(asks=False, text=words("Rest."))), patient)
    await ward.sweep()
    await morning.send()
    assert morning.pushes() == []
    await clinic.sweeps.release()
    await morning.send()
    assert [sorted(push) for push in morning.pushes()] == [sorted([GREETED, "Rest."])]
    assert await clinic.ends(greeting) == {patient: ("sent", None)}


async def test_a_question_waits_for_nothing(morning: Morning) -> None:
    clinic, patient = morning.clinic, await morning.on_line()
    ward = Ward(clinic.env)
    await begin(clinic, HELLO)
    await ward.enrol(await ward.definition(step(asks=True)), patient)
    await ward.sweep()
    assert await clinic.value("select send_at <= now() from outbox where purpose = 'question'")
