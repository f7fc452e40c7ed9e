"""Whatever a patient says in one conversation is one escalation, which only rises."""

import asyncio

import pytest

from clinic.escalation import service
from clinic.escalation.types import Mine, Raised
from tests.integration.escalations.test_unheard import CHEST, comes_in, raises, speaks_for
from tests.integration.escalations.ward import Ward

pytestmark = pytest.mark.server
FEVER = Raised(0, "triage", "fever_adult", 3, reasons=("one",), said="I am hot")
FLAG = Raised(0, "red_flag", "chest_pain", 4, said=CHEST)


async def test_a_red_flag_beside_an_open_escalation_of_level_3_looked_like_a_second_patient(
    ward: Ward,
) -> None:
    first, second, third = [await ward.doctor(name) for name in "ABC"]
    await ward.on_call(first, second)
    patient = await comes_in(ward)
    one = await raises(ward, patient, FEVER)
    await ward.sweep()
    await ward.minutes_pass(4)  # the first is alerted, and has not answered
    assert [row[:2] for row in await ward.alerts()] == [(0, "A")]
    assert await raises(ward, patient, FLAG) == one
    rows = await ward.rows("select level, rule, detail -> 'reasons', state from escalation")
    assert rows == [(4, "chest_pain", ["+fever_adult/one"], "open")]
    await ward.sweep()
    assert [row[:2] for row in await ward.alerts()] == [(0, "A"), (1, "A"), (1, "B"), (1, "C")]
    text = (await third.inbox())[-1].text
    assert text.startswith("EMERGENCY NOW (level 4)\nChest pain + Fever")
    assert f"{CHEST} / I am hot" in text
    assert "Nobody has answered" not in text  # of this nobody has heard before
    await ward.minutes_pass(5)
    assert [row[:2] for row in await ward.alerts()][-3:] == [(2, "A"), (2, "B"), (2, "C")]
    assert await ward.value("select count(*) from escalation") == 1


async def test_what_had_an_owner_is_everybodys_again_when_it_rises(ward: Ward) -> None:
    doctor, other = await ward.doctor("A"), await ward.doctor("B")
    patient = await comes_in(ward)
    await raises(ward, patient, FEVER)
    await ward.sweep()
    await doctor.answers("I take it")
    await ward.sweep()
    await raises(ward, patient, FLAG)
    assert await ward.rows("select state, owner_id from escalation") == [("open", None)]
    await ward.sweep()
    for one in (doctor, other):
        assert "level 4" in (await one.inbox())[-1].text
    escalation = await ward.value("select id from escalation")

    async def answer(staff_id: int) -> object:
        async with ward.env.database.transaction() as tx:
            return await service.own(tx, staff_id, escalation)

    staff = [await ward.staff(f"Dr {n}") for n in range(20)]
    outcomes = await asyncio.gather(*(answer(one.id) for one in staff))
    assert outcomes.count(Mine(fresh=True)) == 1


@pytest.mark.parametrize("owned", [False, True])
async def test_a_lesser_sign_never_lowers_a_level_and_is_told(ward: Ward, owned: bool) -> None:
    doctor = await ward.doctor("A")
    patient = await comes_in(ward)
    one = await raises(ward, patient, FLAG)
    await ward.sweep()
    if owned:
        await doctor.answers("I take it")
        await ward.sweep()
    before = len(await doctor.inbox())
    assert await raises(ward, patient, FEVER) == one
    rows = await ward.rows("select level, rule, source, detail -> 'reasons', state from escalation")
    state = "acknowledged" if owned else "open"
    assert rows == [(4, "chest_pain", "red_flag", ["+fever_adult/one"], state)]
    await ward.sweep()
    assert len(await doctor.inbox()) == before + 1
    text = (await doctor.inbox())[-1].text
    assert f"I am hot / {CHEST}" in text
    assert "Fever" in text
    assert await raises(ward, patient, FEVER) in (None, one)
    await ward.sweep()
    assert len(await doctor.inbox()) == before + 1  # the same once more is nothing new


async def test_a_lesser_level_that_nobody_was_alerted_of_begins_the_ladder_when_it_rises(
    ward: Ward,
) -> None:
    first, second = await ward.doctor("A"), await ward.doctor("B")
    await ward.on_call(first, second)
    patient = await comes_in(ward)
    await raises(ward, patient, Raised(0, "triage", "back_pain", 2))
    await ward.minutes_pass(3)
    await raises(ward, patient, FLAG)
    await ward.sweep()
    assert [row[:2] for row in await ward.alerts()] == [(0, "A")]


async def test_whom_it_is_about_is_taken_in_where_it_can_be_nobody_else(ward: Ward) -> None:
    patient = await comes_in(ward)
    person = await speaks_for(ward, patient, "Hana", "child")
    one = await raises(ward, patient, FLAG)
    about = Raised(0, "triage", "fever_adult", 4, patient_id=person)
    assert await raises(ward, patient, about) == one
    assert await ward.rows("select patient_id from escalation") == [(person,)]
    await speaks_for(ward, patient, "Ken", "child")
    assert await raises(ward, patient, FLAG) != one  # now it may be the other child


async def test_what_was_closed_stays_closed(ward: Ward) -> None:
    doctor = await ward.doctor("A")
    patient = await comes_in(ward)
    one = await raises(ward, patient, FEVER)
    async with ward.env.database.transaction() as tx:
        assert one is not None
        await service.close(tx, ward.env.keys, doctor.staff.id, one, "advice")
    assert await raises(ward, patient, FLAG) != one


async def test_whoever_writes_with_the_patient_goes_on_reading_when_it_rises(ward: Ward) -> None:
    doctor = await ward.doctor("A")
    patient = await comes_in(ward)
    await raises(ward, patient, FEVER)
    await ward.sweep()
    await doctor.answers("Take over the chat")
    await raises(ward, patient, FLAG)
    await patient.says("it hurts more")
    await ward.sweep()
    assert any("it hurts more" in one.text for one in await doctor.inbox())
