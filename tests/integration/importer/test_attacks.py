"""What hostile files and careless hands did to the patient base, once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, cast

import pytest

from clinic.db import Database, Tx
from clinic.importer import runs, service
from clinic.importer.commit import Commit
from clinic.importer.source import Survey, survey
from clinic.importer.undo import Undone
from clinic.lapse.service import horizon
from clinic.record import edit
from tests.integration.importer.house import HANA, YUKI, House, join
from tests.integration.importer.test_receipts import receipt, uke
from tests.unit.clinic.importer.uke.making import HO

pytestmark = pytest.mark.server


async def test_the_chart_of_a_record_that_was_joined_twice_stopped_every_import(
    house: House,
) -> None:
    await house.bring(uke(receipt(3), receipt(4, **HANA), receipt(5, **YUKI)))
    taro, hana, yuki = [row[0] for row in await house.rows("select id from patient order by chart")]
    await join(house, hana, yuki)
    await join(house, taro, hana)
    run = await house.bring(uke(receipt(6, **{**YUKI, "c3": "202608"}), claimed="202609"))
    assert run.state == "committed"
    assert run.report["patients"]["review"] + run.report["patients"]["updated"] == 1


async def test_a_decision_about_a_record_joined_twice_stopped_every_import(house: House) -> None:
    await house.bring(uke(receipt(3), receipt(4, **HANA), receipt(5, **YUKI)))
    taro, hana, yuki = [row[0] for row in await house.rows("select id from patient order by chart")]
    odd = {**YUKI, "c6": "19700115", "c3": "202608"}
    await house.bring(uke(receipt(3, **odd), claimed="202609"))
    (doubt,) = await house.doubts()
    assert await house.decide(doubt.id, "patient", yuki) is None
    await join(house, hana, yuki)
    await join(house, taro, hana)
    run = await house.bring(uke(receipt(6, **{**odd, "c3": "202609"}), claimed="202610"))
    assert run.state == "committed"


async def test_the_second_of_two_receipts_got_lost_when_the_first_was_claimed_again(
    house: House,
) -> None:
    await house.bring(uke(receipt(3), receipt(17, c1="2")))
    await house.bring(uke(receipt(4), receipt(17, c1="2"), claimed="202609"))
    rows = await house.rows(
        """select on_date from encounter e join source_record r on r.id = e.record_id
           where r.replaced_by_id is null order by 1"""
    )
    assert [row[0] for row in rows] == [date(2026, 7, 4), date(2026, 7, 17)]


class _Late:
    """The database of a worker that is held up before its second transaction."""

    def __init__(self, database: Database, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._database, self._meanwhile, self._begun = database, meanwhile, 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        self._begun += 1
        if self._begun == 2:
            await self._meanwhile()
        async with self._database.transaction() as tx:
            yield tx


async def test_a_worker_that_was_late_wrote_previewed_over_a_committed_import(
    house: House,
) -> None:
    run_id, _ = await house.upload(uke(receipt(3)))
    late = await house.run(run_id)
    source = runs.stored_source(house.database, house.keys, late, asyncio.get_running_loop())
    surveyed = await asyncio.to_thread(survey, source)
    assert isinstance(surveyed, Survey)

    async def meanwhile() -> None:
        await house.work(run_id)
        async with house.database.transaction() as tx:
            assert await runs.request_commit(tx, run_id, None)
        assert (await house.work(run_id)).state == "committed"

    database = cast(Database, _Late(house.database, meanwhile))
    state = await service.work(
        database, house.keys, house.settings, late, source, surveyed, _nothing
    )
    assert state == "committed"
    assert (await house.run(run_id)).committed_at is not None
    assert isinstance(await house.undo(run_id), Undone)


async def test_a_worker_that_was_late_brought_a_cancelled_file_back(house: House) -> None:
    run_id, _ = await house.upload(uke(receipt(3)))
    late = await house.run(run_id)
    source = runs.stored_source(house.database, house.keys, late, asyncio.get_running_loop())
    surveyed = await asyncio.to_thread(survey, source)
    assert isinstance(surveyed, Survey)

    async def meanwhile() -> None:
        async with house.database.transaction() as tx:
            assert await runs.cancel(tx, run_id, None)

    database = cast(Database, _Late(house.database, meanwhile))
    state = await service.work(
        database, house.keys, house.settings, late, source, surveyed, _nothing
    )
    assert state == "cancelled"
    assert (await house.run(run_id)).state == "cancelled"
    # And one that comes when the bytes are gone has nothing to do, rather than to fail.
    again = await service.carry_out(house.database, house.keys, house.settings, run_id)
    assert again == "cancelled"


async def _nothing(_: int) -> None:
    return None


async def test_a_chart_number_that_staff_gave_a_chat_patient_stopped_every_import(
    house: House,
) -> None:
    await house.rows(
        """insert into patient (key, name, chart, provisional)
           values (gen_random_uuid(), 'x', '00042', true)"""
    )
    run = await house.bring(uke(receipt(3)))
    assert run.state == "committed"
    rows = await house.rows("select chart, provisional from patient order by id")
    assert sum(row["chart"] == "00042" for row in rows) == 1


async def test_a_chart_number_taken_since_stopped_undo(house: House) -> None:
    await house.bring(uke(receipt(3, c13="42")))
    second = await house.bring(uke(receipt(3, c3="202608"), claimed="202609"))
    assert await house.value("select chart from patient") == "00042"
    await house.rows("insert into patient (key, name, chart) values (gen_random_uuid(), 'x', '42')")
    undone = await house.undo(second.id)
    assert not isinstance(undone, str)
    assert await house.value("select count(*) from patient where chart = '42'") == 1


async def test_endless_points_and_visits_stopped_every_import(house: House) -> None:
    huge = [
        receipt(3, c3=f"2026{month:02}").replace(
            HO, "HO,01130012,１２,３４,999999999,999999999,,,,,,,,,"
        )
        for month in range(1, 8)
    ]
    run = await house.bring(uke(*huge))
    assert run.state == "committed"


@pytest.mark.parametrize("month", ["999912", "205001"])
async def test_one_receipt_of_a_month_to_come_made_everybody_late(house: House, month: str) -> None:
    born = {"c6": f"{month}01", "c13": "99", "c4": "先　太", "c36": "サキ"}
    run = await house.bring(uke(receipt(3), receipt(4, **HANA), receipt(3, c3=month, **born)))
    assert run.state == "committed"
    assert run.report["patients"] | {"new": 2, "rejected": 1} == run.report["patients"]
    assert await house.value("select max(newest_month) from patient_summary") == date(2026, 7, 1)
    async with house.database.transaction() as tx:
        assert await horizon(tx, house.settings.clinic.time_zone) == date(2026, 7, 31)


async def test_what_staff_wrote_while_a_batch_was_worked_on_was_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.bring(uke(receipt(3)))
    patient = await house.value("select id from patient")
    original = Commit._verdict

    async def meanwhile(self: Any, like: Any) -> Any:
        async with house.database.transaction() as tx:
            await edit.write_fields(
                tx, house.keys, patient, {"phone": "+819012345678", "name": "見本 大郎"}
            )
        return await original(self, like)

    run_id, _ = await house.upload(
        uke(
            receipt(3, c3="202608", c13="00042", c36="ミホンタロオ", c4="見本　太朗"),
            claimed="202609",
        )
    )
    await house.work(run_id)
    async with house.database.transaction() as tx:
        await runs.request_commit(tx, run_id, None)
    monkeypatch.setattr(Commit, "_verdict", meanwhile)
    run = await house.work(run_id)
    assert run.state == "committed"
    row = (await house.rows("select * from patient"))[0]
    assert row["phone"] is not None
    assert row["name"] == "見本 大郎"
    assert row["field_sources"]["phone"] == "staff"
    assert row["kana"] == "ミホンタロオ"
