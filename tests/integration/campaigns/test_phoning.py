"""Whom no message reaches is telephoned, where treatment needs it: one task, told beforehand."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign import service
from clinic.campaign.consider import Setting
from clinic.campaign.phoning import said_by_phone
from flows import texts
from scheduler.campaigns import Campaigns
from tests.integration.campaigns.clinic import HELLO, Clinic

pytestmark = pytest.mark.server
RECALL: dict[str, Any] = {"kind": "follow_up"}


async def _with_phone(clinic: Clinic, **fields: Any) -> int:
    patient = await clinic.patient(**fields)
    await clinic.value(
        "update patient set phone = '\\x01', phone_index = 'n' || id where id = $1", patient
    )
    return patient


async def _tasks(clinic: Clinic) -> list[tuple[int, str]]:
    rows = await clinic.rows(
        """select patient_id, detail ->> 'reason' from task where kind = 'unreached' order by 1"""
    )
    return [(patient, reason) for patient, reason in rows]


async def test_who_has_no_chat_but_a_telephone_is_called(clinic: Clinic) -> None:
    none = await _with_phone(clinic, channel=None)
    await clinic.patient(channel=None)  # and no telephone
    silent = await _with_phone(clinic)
    await clinic.value("update chat_account set unreachable_at = now()")
    reached = await _with_phone(clinic)
    campaign = await clinic.create(**RECALL)
    assert (await clinic.preview(campaign)).by_telephone == 2
    await clinic.start(campaign)
    await clinic.work()
    assert await _tasks(clinic) == [(none, "no_chat"), (silent, "unreachable")]
    assert (await clinic.ends(campaign))[reached] == ("sent", None)
    assert (await clinic.ends(campaign))[none] == ("skipped", "no_chat")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "event"},
        {"kind": "notice"},
        {"kind": "birthday"},
        {"kind": "birthday", "purpose": "care"},
        {"kind": "follow_up", "purpose": "marketing"},
        {"kind": "survey", "purpose": "research"},
    ],
)
async def test_nobody_is_called_for_what_treatment_does_not_need(
    clinic: Clinic, fields: dict[str, Any]
) -> None:
    await _with_phone(clinic, channel=None)
    campaign = await clinic.create(**fields)
    assert (await clinic.preview(campaign)).by_telephone == 0
    await clinic.start(campaign)
    await clinic.work()
    assert await _tasks(clinic) == []


@pytest.mark.parametrize(
    "change",
    [
        "update chat_account set opted_out_at = now()",
        "update chat_account set consent_version = null",
        "update patient set deceased_on = '2026-01-01'",
        """insert into contact_preference (patient_id, wrong_phone)
           select id, phone_index from patient""",
    ],
)
async def test_who_said_stop_is_gone_or_has_another_number_is_not_called(
    clinic: Clinic, change: str
) -> None:
    await _with_phone(clinic, channel=None if "wrong_phone" in change else "webchat")
    await clinic.value(change)
    campaign = await clinic.create(**RECALL)
    assert (await clinic.preview(campaign)).by_telephone == 0
    await clinic.start(campaign)
    await clinic.work()
    assert await _tasks(clinic) == []


async def test_there_is_one_task_however_often_and_by_how_many_it_is_tried(clinic: Clinic) -> None:
    patient = await _with_phone(clinic, channel=None)
    campaign = await clinic.begin(**RECALL)
    await clinic.sweeps.make()
    await asyncio.gather(*(Campaigns(clinic.env).release() for _ in range(4)))
    await clinic.work()
    # Staff have it tried again: the one who telephones has it on the list already.
    await clinic.value("update recipient set state = 'pending', reason = null, attempt = 1")
    await clinic.value("update campaign set state = 'running', ended_at = null")
    await clinic.work()
    assert await clinic.state(campaign) == "finished"
    assert await _tasks(clinic) == [(patient, "no_chat")]


async def test_a_worker_that_dies_before_its_end_leaves_neither_task_nor_end(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _with_phone(clinic, channel=None)
    reached = await clinic.patient()
    campaign = await clinic.begin(**RECALL)
    await clinic.sweeps.make()

    async def dies(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("scheduler.release._one_by_one", dies)
        with pytest.raises(RuntimeError):
            await clinic.sweeps.release()
    assert await _tasks(clinic) == []
    assert (await clinic.ends(campaign))[reached] == ("pending", None)
    await clinic.work()
    assert len(await _tasks(clinic)) == 1


async def test_a_cancelled_campaign_calls_nobody(clinic: Clinic) -> None:
    await _with_phone(clinic, channel=None)
    campaign = await clinic.begin(**RECALL)
    await clinic.sweeps.make()
    await clinic.act(service.cancel, campaign)
    await clinic.work()
    assert await _tasks(clinic) == []


async def test_staff_read_out_what_the_message_would_have_said(clinic: Clinic) -> None:
    english = await clinic.patient(name="Anna Ito", language="en", channel=None)
    japanese = await clinic.patient(channel=None)
    nameless = await clinic.patient(name="シェール", channel=None)
    told = await clinic.create(**RECALL)
    family = await clinic.create(content={"texts": {"ja": "{family_name}様"}}, **RECALL)
    setting = Setting(clinic.env.settings, clinic.env.keys, texts.shown)
    assert setting.zone == ZoneInfo("Asia/Tokyo")
    calls = [(told.id, english), (told.id, japanese), (family.id, nameless), (9_999, english)]
    async with clinic.env.database.transaction() as tx:
        said = await said_by_phone(tx, setting, calls)
    assert {whom: one.text for whom, one in said.items()} == {
        (told.id, english): HELLO["texts"]["en"].format(name="Anna Ito"),
        (told.id, japanese): HELLO["texts"]["ja"].format(name="山田 花子"),
    }
    assert said[told.id, english].language == "en"
