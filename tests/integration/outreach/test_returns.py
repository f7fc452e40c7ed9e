"""Who came back after a sending, as imports and our own visits tell."""

import random
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from clinic.db import Database
from clinic.outreach import rules, service
from clinic.outreach.types import Drawn
from tests.integration.lapse.house import ZONE, House

pytestmark = pytest.mark.server

SENT = date(2026, 5, 10)
MAY = date(2026, 5, 1)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    database = await Database.open(database_url, connections=2)
    yield House(database)
    await database.close()


async def send(
    house: House, patients: list[int], share: int = 0, left_out: dict[int, str] | None = None
) -> Drawn:
    async with house.database.transaction() as tx:
        return await service.record(
            tx, UUID(int=5), "May recall", "recall", share, patients, left_out or {}, SENT
        )


async def noted(house: House, patients: list[int] | None = None) -> int:
    async with house.database.transaction() as tx:
        return await service.note_returns(tx, patients, ZONE)


async def visit(house: House, run: int, patient: int, on: date, setting: str = "outpatient") -> int:
    record = await house.record(run, patient, on.replace(day=1))
    await house.row("encounter", record_id=record, patient_id=patient, on_date=on, setting=setting)
    return record


async def returns(house: House) -> dict[int, date | None]:
    rows = await house.rows("select patient_id, returned_on from outreach_member")
    return {row["patient_id"]: row["returned_on"] for row in rows}


async def test_a_sending_sets_its_share_aside_among_those_who_can_be_reached(
    house: House,
) -> None:
    patients = [await house.patient() for _ in range(60)]
    drawn = await send(house, patients, 300, {patients[0]: "unreachable"})
    assert sorted((*drawn.send, *drawn.held_out)) == patients[1:]
    assert 10 < len(drawn.held_out) < 30
    rows = await house.rows("select * from outreach_member where held_out")
    assert {row["patient_id"] for row in rows} == set(drawn.held_out)


async def test_an_import_tells_who_came_back_and_undo_takes_it_back(house: House) -> None:
    here, away, held = [await house.patient() for _ in range(3)]
    await send(house, [here, away, held])
    await house.value("update outreach_member set held_out = true where patient_id = $1", held)
    run = await house.run(date(2026, 6, 1))
    for patient in (here, held):
        await visit(house, run, patient, SENT + timedelta(30))
        await visit(house, run, patient, SENT)  # not after it
    await visit(house, run, away, SENT + timedelta(9), "inpatient")
    assert await noted(house, [here, away, held]) == 2
    assert await noted(house) == 0
    async with house.database.transaction() as tx:
        told = await service.returned_by(tx, run)
    assert [(one.patient, one.held_out, one.returned_on) for one in told] == [
        (here, False, SENT + timedelta(30)),
        (held, True, SENT + timedelta(30)),
    ]
    await house.value("update source_record set replaced_by_id = $1", run)
    assert await noted(house, [here, away, held]) == 0
    assert set((await returns(house)).values()) == {None}


async def test_a_visit_of_our_own_counts_before_any_import_tells_of_it(house: House) -> None:
    patient = await house.patient()
    await send(house, [patient])
    await house.booking(patient, SENT + timedelta(20), "noshow")
    await house.booking(patient, SENT + timedelta(21), "fulfilled")
    assert await noted(house) == 1
    run = await house.run(date(2026, 5, 1))
    await visit(house, run, patient, SENT + timedelta(21))
    assert await noted(house) == 0
    async with house.database.transaction() as tx:
        assert await service.returned_by(tx, run) == []


async def test_sql_and_rules_agree_on_returns(house: House) -> None:
    dice = random.Random(3)
    run = await house.run(date(2026, 8, 1))
    wanted: dict[int, date | None] = {}
    async with house.writing():
        for _ in range(60):
            patient = await house.patient()
            visits = [SENT + timedelta(dice.randrange(-20, 130)) for _ in range(dice.randrange(3))]
            visits += [SENT + timedelta(day) for day in (0, 90, 91) if dice.random() < 0.2]
            for on in visits:
                if dice.random() < 0.5:
                    await visit(house, run, patient, on)
                else:
                    await house.booking(patient, on, "fulfilled")
            wanted[patient] = rules.returned_on(SENT, visits)
    await send(house, list(wanted))
    assert await noted(house) == sum(on is not None for on in wanted.values())
    assert await returns(house) == wanted


async def test_the_months_report_says_how_many_more_came(house: House) -> None:
    async with house.writing():
        patients = [await house.patient() for _ in range(160)]
    drawn = await send(house, patients, 250)
    run = await house.run(date(2026, 6, 1))
    came = [*drawn.send[: len(drawn.send) // 2], *drawn.held_out[: len(drawn.held_out) // 4]]
    async with house.writing():
        for patient in came:
            await visit(house, run, patient, SENT + timedelta(20))
    await noted(house)
    async with house.database.transaction() as tx:
        found = await service.report(tx, MAY, SENT + timedelta(51))
        assert (await service.report(tx, date(2026, 6, 1), SENT)).sendings == ()
    (one,) = found.sendings
    assert (one.label, one.sent_on, one.complete) == ("May recall", SENT, False)
    counts = one.effect.counts
    assert counts.sent == len(drawn.send)
    assert counts.held_returned == len(drawn.held_out) // 4
    expected = counts.sent * counts.held_returned / counts.held
    assert one.effect.more == pytest.approx(counts.sent_returned - expected)
    assert not one.effect.too_small
    assert found.together == one.effect
