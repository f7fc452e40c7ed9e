"""Who may be written to by SMS and e-mail, and what ends that."""

import pytest

from clinic.contact.service import contacts, ensure_account, follow_addresses, withdraw
from clinic.contact.types import Contact
from clinic.record.edit import write_fields
from scheduler.reminders import fire_due
from tests.integration.contact.house import MARIA, House

pytestmark = pytest.mark.server
LINKS = "select count(*) from link where ended_at is null"


async def test_an_sms_needs_a_mobile_number(house: House) -> None:
    patient = await house.patient(phone="+81312345678")
    async with house.env.database.transaction() as tx:
        keys, settings = house.env.keys, house.env.settings
        assert await contacts(tx, keys, patient) == (
            Contact("sms", has_address=False),
            Contact("email", has_address=False),
        )
        assert await ensure_account(tx, keys, settings, patient, "sms") is None
    assert await house.value(LINKS) == 0


async def test_an_agreement_may_be_written_down_twice(house: House) -> None:
    patient = await house.patient(phone=MARIA)
    assert await house.allow(patient, "sms") == await house.allow(patient, "sms")
    assert await house.value(LINKS) == 1
    rows = await house.rows("select consent_version, language, link_version from chat_account")
    assert rows == [(house.env.settings.clinic.notice_in_force, "en", 0)]
    assert await house.rows("select action, subject_id from audit") == [
        ("system:contact:allow", patient)
    ]
    assert await house.rows("select purpose, given from consent") == [("messages", True)]


async def test_after_a_stop_from_the_telephone_the_desk_cannot_start_again(house: House) -> None:
    patient = await house.patient(phone=MARIA)
    account = await house.allow(patient, "sms")
    await house.execute("update chat_account set opted_out_at = now()")
    async with house.env.database.transaction() as tx:
        await withdraw(tx, patient, "sms")
    assert await house.allow(patient, "sms") == account
    async with house.env.database.transaction() as tx:
        shown, _ = await contacts(tx, house.env.keys, patient)
    assert (shown.since is not None, shown.opted_out) == (True, True)


async def test_what_waits_does_not_go_out_after_the_agreement_ended(house: House) -> None:
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await fire_due(house.env)
    async with house.env.database.transaction() as tx:
        assert await withdraw(tx, patient, "sms")
        assert not await withdraw(tx, patient, "sms")
    await house.sender.sweep()
    assert house.sms.texts(MARIA) == []
    rows = await house.rows("select state, reason from outbox")
    assert rows == [("skipped", "link_changed")]


async def test_an_agreement_for_one_number_says_nothing_of_the_next(house: House) -> None:
    patient = await house.patient(phone=MARIA, email="maria@home.example")
    await house.allow(patient, "sms")
    await house.allow(patient, "email")
    async with house.env.database.transaction() as tx:
        assert await follow_addresses(tx, [patient]) == 0
        await write_fields(tx, house.env.keys, patient, {"phone": "+819099999999"})
        assert await follow_addresses(tx, [patient]) == 1
        shown = await contacts(tx, house.env.keys, patient)
    assert [(one.channel, one.since is not None) for one in shown] == [
        ("sms", False),
        ("email", True),
    ]


async def test_adding_a_second_patient_takes_nothing_from_the_first(house: House) -> None:
    maria = await house.patient(phone=MARIA)
    account = await house.allow(maria, "sms")
    await house.visit(maria)
    await fire_due(house.env)
    assert await house.allow(await house.patient("Taro Ito", phone=MARIA), "sms") == account
    await house.sender.sweep()
    assert len(house.sms.texts(MARIA)) == 1
    async with house.env.database.transaction() as tx:
        shown, _ = await contacts(tx, house.env.keys, maria)
    assert shown.others == 1
